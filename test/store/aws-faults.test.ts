import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { Json } from "../../src/domain/json.ts"
import type { Columns } from "../../src/domain/projection.ts"
import { emptyRow, encodeRow, type Row } from "../../src/domain/row.ts"
import { eventStore } from "../../src/store/aws/event-store.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { quarantine } from "../../src/store/aws/quarantine.ts"
import { settleQueue } from "../../src/store/aws/settle-queue.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { ProjectionStore, type RowWrite, rowKey } from "../../src/store/projection-store.ts"
import { Quarantine } from "../../src/store/quarantine.ts"
import { decodeSettlement, SettleQueue } from "../../src/store/settle-queue.ts"
import { BUCKET, EVENT_TABLE, makeEngine, QUEUE_URL, ROW_TABLES } from "./engine.ts"
import { ARRIVAL, noise, routingEvent } from "./events.ts"
import { faulty, type Mishap } from "./faulty.ts"
import { PRINCIPAL } from "./permissive.ts"

const stores = Layer.mergeAll(
  eventStore({ table: EVENT_TABLE, overflowBucket: BUCKET }),
  projectionStore(ROW_TABLES),
  settleQueue(QUEUE_URL),
  quarantine(BUCKET)
)

type Engine = Awaited<ReturnType<typeof makeEngine>>
type Plan = Readonly<Record<string, ReadonlyArray<Mishap>>>

/** Runs against all four AWS stores on a fresh engine whose calls meet the mishaps of `plan`. */
const under = <A, E>(
  plan: Plan,
  body: (engine: Engine, calls: Readonly<Record<string, number>>) => Effect.Effect<A, E, Layer.Success<typeof stores>>
) =>
  Effect.flatMap(Effect.promise(makeEngine), (engine) => {
    const { wrap, calls } = faulty(plan)
    return body(engine, calls).pipe(Effect.provide(stores.pipe(Layer.provide(engine.connect(wrap)), Layer.fresh)))
  })

const events = (count: number, prefix = "e") => Array.from({ length: count }, (_, i) => routingEvent(`${prefix}-${i}`))

const row = (registers: string, from?: RowWrite["from"]): RowWrite => ({
  projection: "agents-v2",
  entity: "e-1",
  row: "state",
  registers: new Map([["presence", { value: registers, stamp: { clock: 1, published: 2, eventId: "e" } }]]) as Row,
  columns: { presence: registers },
  asOf: ARRIVAL,
  from,
  counted: false
})

describe("the event store under faults", () => {
  it.live("[P2] retries only the statements that were refused, packed again", () =>
    under({ BatchExecuteStatement: ["partial", "partial", "throttled", "partial"] }, (_, calls) =>
      Effect.gen(function* () {
        const store = yield* EventStore
        const outcomes = yield* store.append(events(100))
        assert.isTrue(outcomes.every(({ _tag }) => _tag === "inserted"))
        // Four calls, then 12 + 12 + 25 + 12 refused statements in three.
        assert.strictEqual(calls.BatchExecuteStatement, 7)
        assert.strictEqual((yield* store.read(events(100).map(({ id }) => id))).size, 100)
      })
    )
  )

  it.live("[P2] reports its own write as inserted when the answer to it was lost", () =>
    under({ BatchExecuteStatement: ["lost"] }, () =>
      Effect.gen(function* () {
        const store = yield* EventStore
        const [first] = events(1)
        const again = { ...routingEvent("e-0"), received: ARRIVAL + 1 }
        assert.deepStrictEqual(yield* store.append([routingEvent("e-0"), again]), [
          { _tag: "inserted" },
          { _tag: "duplicate", received: ARRIVAL }
        ])
        assert.deepStrictEqual(yield* store.append([first ?? again]), [{ _tag: "duplicate", received: ARRIVAL }])
      })
    )
  )

  it.live("[P2] does not claim what another arrival or other content had stored before an answer was lost", () =>
    under({ BatchExecuteStatement: [] }, (engine) =>
      Effect.gen(function* () {
        yield* EventStore.use((store) => store.append([routingEvent("a"), routingEvent("b")]))
        const { wrap } = faulty({ BatchExecuteStatement: ["lost", "broken", "cut"] })
        const outcomes = yield* EventStore.use((store) =>
          store.append([{ ...routingEvent("a"), received: ARRIVAL + 7 }, routingEvent("b", { changed: 1 })])
        ).pipe(Effect.provide(stores.pipe(Layer.provide(engine.connect(wrap)), Layer.fresh)))
        assert.deepStrictEqual(outcomes, [{ _tag: "duplicate", received: ARRIVAL }, { _tag: "conflict" }])
      })
    )
  )

  it.live("[P2] reads all it must compare with, however little it gets at a time", () =>
    under({ BatchGetItem: ["partial", "throttled", "partial", "partial"] }, () =>
      Effect.gen(function* () {
        const store = yield* EventStore
        yield* store.append(events(230))
        const outcomes = yield* store.append(events(230))
        assert.isTrue(outcomes.every(({ _tag }) => _tag === "duplicate"))
      })
    )
  )

  it.live("[P2] stores no pointer to a body that was not stored", () =>
    under({ PUT: ["denied"] }, () =>
      Effect.gen(function* () {
        const store = yield* EventStore
        const batch = [routingEvent("large", { note: noise(600_000) }), routingEvent("small")]
        const [large, small] = yield* store.append(batch)
        assert.deepStrictEqual([large?._tag, small?._tag], ["failed", "inserted"])
        assert.deepStrictEqual([...(yield* store.read(["large", "small"])).keys()], ["small"])
        assert.deepStrictEqual((yield* store.append(batch))[0]?._tag, "inserted")
      })
    )
  )

  it.effect("[P2] gives up before the deadline and says which events failed", () =>
    under({ BatchExecuteStatement: ["partial", ...Array<Mishap>(500).fill("throttled")] }, () =>
      Effect.gen(function* () {
        const store = yield* EventStore
        const now = yield* Clock.currentTimeMillis
        const fiber = yield* store
          .append(events(10))
          .pipe(Effect.provideService(Deadline, now + 10_000), Effect.forkChild)
        // Virtual time moves only when the engine has answered.
        for (let i = 0; i < 2_000 && fiber.pollUnsafe() === undefined; i++) {
          yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
          yield* TestClock.adjust("20 millis")
        }
        const outcomes = yield* Fiber.join(fiber)
        const spent = (yield* Clock.currentTimeMillis) - now
        assert.isTrue(spent > 5_000 && spent <= 8_100, `gave up after ${spent} ms`)
        assert.deepStrictEqual(
          outcomes.map((outcome) => (outcome._tag === "failed" ? outcome.cause.reason : outcome._tag)),
          events(10).map((_, i) => (i % 2 === 0 ? "inserted" : "ProvisionedThroughputExceededException"))
        )
        assert.isTrue(outcomes.every((outcome) => outcome._tag !== "failed" || outcome.cause.retryable))
      })
    )
  )

  it.live("[P11] fails at once without permission, and says nothing that the service said", () =>
    under({ BatchExecuteStatement: ["denied"] }, (_, calls) =>
      Effect.gen(function* () {
        const [outcome] = yield* EventStore.use((store) => store.append(events(1)))
        assert.strictEqual(calls.BatchExecuteStatement, 1)
        if (outcome?._tag !== "failed") return assert.fail("it did not fail")
        assert.strictEqual(outcome.cause.message, "event store: append: AccessDeniedException")
        assert.isFalse(JSON.stringify(outcome.cause).includes("secret-value"))
      })
    )
  )

  it.live("[P10] appends with two actions on the table and one on the bucket", () =>
    under({}, ({ actions }) =>
      Effect.gen(function* () {
        const batch = [routingEvent("large", { note: noise(600_000) }), routingEvent("small")]
        const append = EventStore.use((store) => store.append(batch))
        yield* append
        yield* append
        assert.deepStrictEqual([...actions].sort(), ["dynamodb:BatchGetItem", "dynamodb:PartiQLInsert", "s3:PutObject"])
      })
    )
  )
})

describe("the projection store and what DynamoDB refuses", () => {
  const at = (entity: string, row = "state") => ({ projection: "agents-v2", entity, row })

  it.live("[P7] loads the rows beside a key that no table has", () =>
    under({}, () =>
      Effect.gen(function* () {
        const store = yield* ProjectionStore
        const good = Array.from({ length: 40 }, (_, i) => at(`e-${i}`))
        yield* store.save(good.map((key) => ({ ...row("A"), ...key })))
        const bad = [at("a".repeat(2_100)), at(""), at("e", "r".repeat(1_100))]
        const loaded = yield* store.load([...good.slice(0, 20), ...bad, ...good.slice(20)])
        for (const key of good) assert.strictEqual(loaded.get(rowKey(key))?.version, 1)
        for (const key of bad) assert.strictEqual(loaded.get(rowKey(key))?.unreadable?.reason, "RowRefused")
        const error = yield* Effect.flip(store.load(bad))
        assert.deepStrictEqual([error.reason, error.retryable], ["ValidationException", false])
      })
    )
  )

  it.live("[P7] saves the rows beside those that no table holds, and says why of each", () =>
    under({}, () =>
      Effect.gen(function* () {
        const store = yield* ProjectionStore
        const nested = (levels: number): Json => (levels === 0 ? 1 : [nested(levels - 1)])
        const bad = [
          { ...row("A"), ...at("e", "r".repeat(1_100)) },
          { ...row("A"), ...at("deep"), columns: { deep: nested(32) } },
          { ...row("A"), ...at("large"), columns: { text: noise(410_000) } },
          { ...row("A"), ...at("column"), columns: { registers: 1 } }
        ]
        const good = Array.from({ length: 40 }, (_, i) => ({ ...row("A"), ...at(`e-${i}`) }))
        const results = yield* store.save([...good.slice(0, 20), ...bad, ...good.slice(20)])
        assert.deepStrictEqual(
          results.map((result) => (typeof result === "string" ? result : result.reason)),
          [
            ...Array(20).fill("written"),
            ...["RowRefused", "RowRefused", "RowTooLarge", "ColumnReserved"],
            ...Array(20).fill("written")
          ]
        )
        const { reason } = yield* Effect.flip(store.save(bad.slice(0, 2)))
        assert.include(["ValidationException", "ValidationError"], reason)
      })
    )
  )

  it.live("[P7] tells a stored row that cannot be read from its neighbours", () =>
    under({}, (engine) =>
      Effect.gen(function* () {
        const store = yield* ProjectionStore
        yield* store.save([{ ...row("A"), ...at("good") }])
        const Item = { agentId: { S: "bad" }, row: { S: "state" }, version: { N: "1" }, registers: { S: "{" } }
        yield* Effect.promise(() =>
          engine.dynamodb.service("PutItem", { TableName: "rows-agents-v2", Item }, PRINCIPAL)
        )
        const loaded = yield* store.load([at("good"), at("bad")])
        assert.strictEqual(loaded.get(rowKey(at("good")))?.version, 1)
        assert.strictEqual(loaded.get(rowKey(at("bad")))?.unreadable?.reason, "RowUnreadable")
      })
    )
  )

  it.live("[P7] refuses a summary that no table holds", () =>
    under({}, () =>
      Effect.gen(function* () {
        const store = yield* ProjectionStore
        const seen = yield* store.summary("queues-v2", "q")
        const of = (columns: Columns) => store.summarise("queues-v2", "q", seen, { columns, asOf: ARRIVAL })
        assert.deepInclude(yield* of({ text: noise(410_000) }), { reason: "RowTooLarge" })
        assert.deepInclude(yield* of({ a: { "": 1 } }), { reason: "RowRefused" })
        assert.strictEqual(yield* of({ a: 1 }), "written")
      })
    )
  )
})

describe("the projection store under faults", () => {
  it.live("[P3] reports its own write as written when the answer to it was lost", () =>
    under({ BatchExecuteStatement: ["lost", "lost"] }, () =>
      Effect.gen(function* () {
        const store = yield* ProjectionStore
        assert.deepStrictEqual(yield* store.save([row("A")]), ["written"])
        const from = (yield* store.load([row("A")])).get(rowKey(row("A")))
        assert.strictEqual(from?.version, 1)
        assert.deepStrictEqual(yield* store.save([row("B", from)]), ["written"])
      })
    )
  )

  it.live("[P3] does not take somebody else's row for its own", () =>
    under({}, (engine) =>
      Effect.gen(function* () {
        yield* ProjectionStore.use((store) => store.save([row("theirs")]))
        const { wrap } = faulty({ BatchExecuteStatement: ["cut"] })
        const results = yield* ProjectionStore.use((store) => store.save([row("ours")])).pipe(
          Effect.provide(stores.pipe(Layer.provide(engine.connect(wrap)), Layer.fresh))
        )
        assert.deepStrictEqual(results, ["conflict"])
      })
    )
  )

  it.live("saves and loads all rows through throttles", () =>
    under({ BatchExecuteStatement: ["partial", "broken", "partial"], BatchGetItem: ["partial", "throttled"] }, () =>
      Effect.gen(function* () {
        const store = yield* ProjectionStore
        const writes = Array.from({ length: 60 }, (_, i) => ({ ...row(`${i}`), entity: `e-${i}` }))
        assert.isTrue((yield* store.save(writes)).every((result) => result === "written"))
        const loaded = yield* store.load(writes)
        for (const write of writes)
          assert.strictEqual(encodeRow(loaded.get(rowKey(write))?.registers ?? emptyRow), encodeRow(write.registers))
      })
    )
  )

  it.live("[P3] summarises through lost answers and throttles", () =>
    under({ UpdateItem: ["lost", "none", "lost", "throttled", "cut"], Query: ["throttled"] }, () =>
      Effect.gen(function* () {
        const store = yield* ProjectionStore
        const next = { columns: { waiting: 1 }, asOf: ARRIVAL }
        const write = Effect.flatMap(store.summary("queues-v2", "q"), (seen) =>
          store.summarise("queues-v2", "q", seen, next)
        )
        const lost = "what was written before its answer was lost stands, and looks like another writer's"
        for (const version of [1, 2]) {
          assert.strictEqual(yield* write, "conflict", lost)
          assert.strictEqual((yield* store.summary("queues-v2", "q")).version, version)
        }
        assert.strictEqual(yield* write, "written")
        assert.deepStrictEqual(yield* store.summary("queues-v2", "q"), { version: 3, ...next })
        assert.deepStrictEqual((yield* store.rows("queues-v2", "q"))[0]?.columns, { waiting: 1 })
      })
    )
  )

  it.live("leaves a ticket that is no older than the summary, so that the functions of 0.1.0 can take over", () =>
    under({}, ({ dynamodb }) =>
      Effect.gen(function* () {
        const store = yield* ProjectionStore
        const written: Array<unknown> = []
        dynamodb.onWrite((_, item) => written.push([item.ticket, item.summarised]))
        for (const _ of [1, 2]) {
          const seen = yield* store.summary("queues-v2", "q")
          yield* store.summarise("queues-v2", "q", seen, { columns: {}, asOf: ARRIVAL })
        }
        assert.deepStrictEqual(written, [
          [{ N: "1" }, { N: "1" }],
          [{ N: "2" }, { N: "2" }]
        ])
      })
    )
  )

  it.live("[P10] uses five actions", () =>
    under({}, ({ actions }) =>
      Effect.gen(function* () {
        const store = yield* ProjectionStore
        yield* store.save([row("A")])
        yield* store.save([row("B", (yield* store.load([row("A")])).get(rowKey(row("A"))))])
        yield* store.summarise("queues-v2", "q", yield* store.summary("queues-v2", "q"), { columns: {}, asOf: ARRIVAL })
        yield* store.open("queues-v2", "q")
        assert.deepStrictEqual(
          [...actions].sort(),
          ["BatchGetItem", "PartiQLInsert", "PartiQLUpdate", "Query", "UpdateItem"].map((name) => `dynamodb:${name}`)
        )
      })
    )
  )
})

describe("the settle queue and the quarantine under faults", () => {
  const settlements = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      due: 0,
      deltas: [
        {
          projection: "agents-v2",
          entity: `e-${n}`,
          row: "state",
          register: "presence",
          value: "A",
          stamp: { clock: 1, published: 2, eventId: "e" },
          late: false
        }
      ]
    }))

  it.live("[P2] sends every message, again where it was refused", () =>
    under({ SendMessageBatch: ["partial", "throttled", "partial", "lost"] }, ({ take }) =>
      Effect.gen(function* () {
        yield* SettleQueue.use((queue) => queue.send(settlements(25)))
        const seen = new Set(take(0).flatMap((body) => decodeSettlement(body).deltas.map(({ entity }) => entity)))
        assert.strictEqual(seen.size, 25)
      })
    )
  )

  it.live("[P2] fails when a message cannot be sent", () =>
    under({ SendMessageBatch: ["denied"] }, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(SettleQueue.use((queue) => queue.send(settlements(25))))
        assert.deepStrictEqual([error.reason, error.retryable], ["AccessDeniedException", false])
      })
    )
  )

  it.live("[P2] puts every entry, again where the answer was lost", () =>
    under({ PUT: ["lost", "cut", "lost"] }, ({ s3 }) =>
      Effect.gen(function* () {
        const entries = Array.from({ length: 20 }, (_, n) => ({
          raw: Buffer.from(`raw ${n}`),
          reason: "NotJson",
          detail: "",
          received: ARRIVAL
        }))
        yield* Quarantine.use((kept) => kept.put(entries))
        assert.strictEqual(s3.listAll(BUCKET).length, 20)
      })
    )
  )
})
