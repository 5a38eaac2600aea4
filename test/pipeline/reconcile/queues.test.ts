import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { CallFailed } from "../../../src/genesys-api/call-failed.ts"
import type { QueueMember, QueueObservation } from "../../../src/genesys-api/organisation.ts"
import { noCounts } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { TOLD_MS } from "../../../src/pipeline/reconcile/compare.ts"
import { queuesPage, queuesUnit } from "../../../src/pipeline/reconcile/queues.ts"
import { place } from "./one-unit.ts"
import { AGENT, asked, call, event, iso, QUEUE } from "./support.ts"

describe("a page of queues", () => {
  it.effect("names them, and lists them to be looked at, so far as it is told", () => {
    const items = [
      { id: "1", name: "One", division: "d" },
      { id: "2", name: "Two" },
      { id: "3", division: "d" }
    ]
    const queues = (next?: string) =>
      Effect.succeed({ asked: 5, items, ...(next === undefined ? { next: "2", total: 9 } : {}) })
    const { layer, directory } = place({ said: { queues } })
    return Effect.gen(function* () {
      const unit = { counts: noCounts, pending: ["1", "2", "3"] }
      assert.deepStrictEqual(yield* queuesPage(undefined), { ...unit, next: "2", total: 9 })
      assert.deepStrictEqual(yield* queuesPage("2"), unit)
      assert.deepStrictEqual(
        directory.held(),
        items.map((item) => ({ kind: "queues", at: 5, ...item }))
      )
    }).pipe(Effect.provide(layer))
  })
})

/** What an organisation says of queues. `pages`: of members, by how often they were asked for and which page; `waiting`: in the queue. */
interface Said {
  readonly pages?: (time: number, next: string | undefined) => ReadonlyArray<string>
  readonly last?: number
  readonly complete?: (time: number) => boolean
  readonly observed?: ReadonlyArray<Partial<QueueObservation>>
}

const NONE = { queueId: QUEUE, complete: true, waiting: [], alerting: [] }

const of = ({ pages = () => [], last = 1, complete = () => true, observed = [NONE] }: Said) => {
  let reads = 0
  const asks: Array<string | undefined> = []
  const made = place({
    said: {
      observations: () => Effect.succeed({ asked, items: observed.map((one) => ({ ...NONE, ...one })) }),
      members: (_, next) =>
        Effect.sync(() => {
          const time = Math.floor(reads / last)
          const page = (reads++ % last) + 1
          asks.push(next)
          const items = pages(time, next).map((userId): QueueMember => ({ userId, joined: true }))
          const more = page < last ? { next: String(page + 1) } : {}
          return { asked: asked + reads, items, complete: complete(time), ...more }
        })
    }
  })
  return { ...made, asks }
}

/** Members whom events have told of long ago. */
const joined = (...userIds: ReadonlyArray<string>) =>
  userIds.map((id) =>
    event("v2.routing.queues.{id}.users", QUEUE, { id, joined: true, memberStatus: "joined", modifiedDate: iso(0) }, 0)
  )

const look = (made: ReturnType<typeof of>, held: ReadonlyArray<string>, read = asked + 60_000) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(read)
    yield* made.hold("queues-v2", QUEUE, joined(...held))
    return yield* queuesUnit("queues-v2", [QUEUE], undefined)
  }).pipe(Effect.provide(made.layer))

describe("a queue", () => {
  it.effect("is read page by page, as of the first", () => {
    const made = of({ last: 3, pages: (_, next = "1") => [`agent-${next}`] })
    return Effect.gen(function* () {
      const { counts, missing, ...rest } = yield* look(made, [])
      assert.deepStrictEqual(made.asks, [undefined, "2", "3"])
      assert.deepStrictEqual([counts.queues, counts.members, counts.stated, missing], [1, 3, { member: 3 }, []])
      assert.deepStrictEqual(rest, {})
      const [first] = made.sent
      assert.strictEqual(Date.parse(JSON.parse(first?.body ?? "").detail.timestamp), asked + 1 - 5_000)
    })
  })

  it.effect("is compared with the rows of the members and waits that are named, open or not", () => {
    const waiting = [{ conversationId: "c1", sessionId: "w1" }, { conversationId: "c2" }]
    const made = of({ pages: () => [AGENT], observed: [{ waiting }] })
    return Effect.gen(function* () {
      yield* look(made, [])
      assert.deepStrictEqual(
        made.calls.filter((one) => one.startsWith("load")),
        [`load ${QUEUE}/state ${QUEUE}/member#${AGENT} ${QUEUE}/session#w1 now`]
      )
    })
  })

  it.effect("of which nothing is observed is compared by its members", () => {
    const made = of({ pages: () => [AGENT], observed: [] })
    return Effect.gen(function* () {
      const { counts } = yield* look(made, [])
      assert.deepStrictEqual([counts.stated, counts.known], [{ member: 1 }, { member: 0 }])
    })
  })

  it.effect("that is gone since it was listed is skipped", () => {
    const gone = new CallFailed({ reason: "notFound", call: "GET /api/v2/routing/queues/{id}/members" })
    const { layer } = place({
      said: {
        observations: () => Effect.succeed({ asked, items: [] }),
        members: () => Effect.fail(gone)
      }
    })
    return Effect.gen(function* () {
      const unit = yield* queuesUnit("queues-v2", [QUEUE], undefined)
      assert.deepStrictEqual(unit, { counts: { ...noCounts, queues: 1 }, missing: [] })
    }).pipe(Effect.provide(layer))
  })

  it.effect("whose list of members never ends is given up after a thousand pages, and named", () => {
    let pages = 0
    const { layer } = place({
      said: {
        observations: () => Effect.succeed({ asked, items: [] }),
        members: () =>
          Effect.sync(() => {
            pages++
            return { asked, items: [{ userId: `agent-${pages}`, joined: true }], complete: true, next: "more" }
          })
      }
    })
    return Effect.gen(function* () {
      const { message } = yield* Effect.flip(queuesUnit("queues-v2", [QUEUE], undefined))
      assert.match(message, /^GET \/api\/v2\/routing\/queues\/\{id\}\/members: there is always a next page/)
      assert.strictEqual(pages, 1_000)
    }).pipe(Effect.provide(layer))
  })

  it.effect("whose list of members fails is no queue that is gone", () => {
    const { layer } = place({
      said: {
        observations: () => Effect.succeed({ asked, items: [] }),
        members: () => Effect.fail(new CallFailed({ reason: "forbidden", call: "GET /x" }))
      }
    })
    return Effect.gen(function* () {
      const { message } = yield* Effect.flip(queuesUnit("queues-v2", [QUEUE], undefined))
      assert.match(message, /lacks a permission/)
    }).pipe(Effect.provide(layer))
  })
})

describe("who is missing from a queue", () => {
  const BOTH = ["agent-1", "agent-2"]

  it.effect("is asked for again, once the list is old enough that events must have told it", () => {
    const made = of({ pages: (time) => (time === 0 ? ["agent-1"] : BOTH) })
    return Effect.gen(function* () {
      const { missing } = yield* look(made, BOTH, asked + 1 + TOLD_MS)
      assert.deepStrictEqual([missing, made.asks.length, made.sent], [[], 2, []])
    })
  })

  it.effect("has left where neither list has them", () => {
    const made = of({ pages: () => ["agent-1"] })
    return Effect.gen(function* () {
      const { missing, counts } = yield* look(made, BOTH)
      assert.deepStrictEqual(
        missing.map(({ kind, told, statement: { facet } }) => [kind, told, facet]),
        [["member", "corrected", { facet: "member", queueId: QUEUE, userId: "agent-2", joined: false }]]
      )
      assert.deepStrictEqual(
        [made.asks.length, counts.missing, counts.known],
        [2, { member: 1 }, { member: 2, wait: 0 }]
      )
    })
  })

  it.effect("is not asked for again where others are missing, or nobody", () => {
    const whole = of({ pages: () => BOTH })
    const waits = of({ pages: () => BOTH })
    return Effect.gen(function* () {
      yield* look(whole, BOTH)
      yield* Effect.provide(waits.hold("queues-v2", QUEUE, [call.waits(0, QUEUE)]), waits.layer)
      const { missing } = yield* look(waits, [])
      assert.deepStrictEqual([missing.map(({ kind }) => kind), whole.asks.length, waits.asks.length], [["wait"], 1, 1])
    })
  })

  it.effect("is asked for again where a wait is missing as well", () => {
    const made = of({ pages: (time) => (time === 0 ? ["agent-1"] : BOTH) })
    return Effect.gen(function* () {
      yield* Effect.provide(made.hold("queues-v2", QUEUE, [call.waits(0, QUEUE)]), made.layer)
      const { missing } = yield* look(made, BOTH)
      assert.deepStrictEqual([missing.map(({ kind }) => kind), made.asks.length], [["wait"], 2])
    })
  })

  for (const [name, complete] of [
    ["the first", (time: number) => time > 0],
    ["the second", (time: number) => time === 0]
  ] as const)
    it.effect(`has not left by two lists of which ${name} is cut short`, () => {
      const made = of({ pages: () => ["agent-1"], complete })
      return Effect.gen(function* () {
        const { missing } = yield* look(made, BOTH)
        assert.deepStrictEqual(missing, [])
      })
    })

  it.effect("has not left a queue that is gone when it is asked for again", () => {
    let reads = 0
    const gone = new CallFailed({ reason: "notFound", call: "GET /x" })
    const made = place({
      said: {
        observations: () => Effect.succeed({ asked, items: [] }),
        members: () => (reads++ === 0 ? Effect.succeed({ asked, items: [], complete: true }) : Effect.fail(gone))
      }
    })
    return Effect.gen(function* () {
      yield* TestClock.setTime(asked + 60_000)
      yield* made.hold("queues-v2", QUEUE, joined(...BOTH))
      const { missing, counts } = yield* queuesUnit("queues-v2", [QUEUE], undefined)
      assert.deepStrictEqual([missing, counts.known, reads], [[], {}, 2])
    }).pipe(Effect.provide(made.layer))
  })

  it.effect("may be on the way as an event, and is looked at later", () => {
    const made = of({ pages: () => ["agent-1"] })
    return Effect.gen(function* () {
      const { missing, later } = yield* look(made, BOTH, asked + 1)
      assert.deepStrictEqual([missing, later?.due, made.asks.length], [[], asked + 1 + TOLD_MS, 1])
      yield* TestClock.setTime(asked + 1 + TOLD_MS)
      const again = yield* Effect.provide(later?.look ?? assert.fail("nothing is left"), made.layer)
      assert.deepStrictEqual([again.missing.length, made.asks.length], [1, 2])
    })
  })

  it.effect("of a list of several pages is asked for again at once", () => {
    const made = of({ last: 2, pages: (time, next) => (next === "2" ? (time === 0 ? [] : ["agent-2"]) : ["agent-1"]) })
    return Effect.gen(function* () {
      const { missing, later } = yield* look(made, BOTH, asked + 1)
      assert.deepStrictEqual([missing, later, made.asks], [[], undefined, [undefined, "2", undefined, "2"]])
    })
  })
})
