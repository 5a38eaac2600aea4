import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { queues } from "../../projections/queues.ts"
import type { Delta } from "../../src/domain/delta.ts"
import { type EntityRow, STATE_ROW } from "../../src/domain/projection.ts"
import { Projections, SettleWindow } from "../../src/pipeline/folding.ts"
import { liveProjectionsLayer } from "../../src/pipeline/live-projections.ts"
import { projectDeltas } from "../../src/pipeline/project.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { memoryControl } from "../../src/store/memory/control.ts"
import { memoryParked } from "../../src/store/memory/parked.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"
import { makeEngine, ROW_TABLES } from "../store/engine.ts"
import { ARRIVAL } from "../store/events.ts"
import { WINDOW } from "../support/core.ts"

const QUEUE = "d81c5e07-4b9a-42f6-8e13-7a0f6c2b9d35"
const TABLE = "rows-queues-v2"
/** Ids that begin with any of the sixteen digits, as those of Genesys do. */
const uuid = (n: number) =>
  `${((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, "0")}-8a53-4d97-b0e6-2c7d9f1a3b58`

const update = (row: string, register: string, value: Delta["value"], clock: number, late = false): Delta => ({
  projection: "queues-v2",
  entity: QUEUE,
  row,
  register,
  value,
  stamp: { clock: ARRIVAL + clock, published: ARRIVAL + clock, eventId: uuid(clock) },
  late
})
const begins = (n: number, clock: number) =>
  update(`session#${uuid(n)}`, "acd", { mediaType: "VOICE", conversationId: uuid(7) }, clock)
const ends = (n: number, clock: number) => update(`session#${uuid(n)}`, "acdEnd", null, clock)

/** A queue with so many members and waits, on a table that counts units. */
const started = Effect.fnUntraced(function* (members: number, waits: number) {
  const engine = yield* Effect.promise(makeEngine)
  const layer = Layer.mergeAll(
    projectionStore(ROW_TABLES).pipe(Layer.provide(engine.connect()), Layer.fresh),
    memoryParked().layer,
    Layer.succeed(Projections, [queues]),
    Layer.succeed(SettleWindow, WINDOW),
    Layer.provideMerge(liveProjectionsLayer, memoryControl().layer)
  )
  const run = <A, E>(effect: Effect.Effect<A, E, Layer.Success<typeof layer>>) =>
    Effect.provide(effect, layer, { local: true })
  const joined = Array.from({ length: members }, (_, i) => update(`member#${uuid(i)}`, "joined", { joined: true }, i))
  yield* run(projectDeltas([...joined, ...Array.from({ length: waits }, (_, i) => begins(i, i))]))
  const units = () => engine.dynamodb.usage()[TABLE] ?? { read: 0, write: 0 }
  const billed = Effect.fnUntraced(function* <A, E>(work: Effect.Effect<A, E, Layer.Success<typeof layer>>) {
    const before = units()
    const made = yield* run(work)
    return { made, read: units().read - before.read, write: units().write - before.write }
  })
  return { run, billed }
})

/** The summary, and what it is to be. */
const compared = Effect.gen(function* () {
  const store = yield* ProjectionStore
  const open: ReadonlyArray<EntityRow> = yield* store.open("queues-v2", QUEUE)
  const { columns } = yield* store.summary("queues-v2", QUEUE)
  return [columns, queues.summary?.of?.(open, {})]
})

/** Invocations of project at once, and events a second. */
const AT_ONCE = 4
const RATE = 50

/** Seconds of a queue in which as many waits begin as end, each by `AT_ONCE` batches. */
const seconds = (count: number, waits: number) =>
  Array.from({ length: count }, (_, second) =>
    Array.from({ length: AT_ONCE }, (_, lane) =>
      Array.from({ length: RATE / 2 }, (_, i) => second * (RATE / 2) + i)
        .filter((n) => n % AT_ONCE === lane)
        .flatMap((n) => [begins(waits + n, 10_000 + 2 * n), ends(n, 10_001 + 2 * n)])
    )
  )

describe("a large queue", () => {
  it.live(
    "[P9] costs a summary of one part, and not of all that is open",
    () =>
      Effect.gen(function* () {
        for (const [members, waits, most] of [
          [10, 5, { read: 2.5, write: 3 }],
          [500, 300, { read: 2.5, write: 3 }],
          [5_000, 3_000, { read: 10.5, write: 3 }]
        ] as const) {
          const { run, billed } = yield* started(members, waits)
          // The first parts of a queue that was small a moment ago are made of all that is open.
          yield* run(projectDeltas([begins(1, 100_000)]))
          const { read, write } = yield* billed(projectDeltas([begins(1, 100_001)]))
          process.stdout.write(
            `${members} members and ${waits} waits: ${read} read and ${write} write units an update\n`
          )
          assert.isAtMost(read, most.read)
          assert.isAtMost(write, most.write)
          const [shown, counted] = yield* run(compared)
          assert.deepStrictEqual(shown, counted)
        }
      }),
    300_000
  )

  it.live(
    "[P7] [P9] of fifty events a second keeps to its bounds, also when a shard lags",
    () =>
      Effect.gen(function* () {
        for (const lagging of [false, true]) {
          const { run, billed } = yield* started(500, 300)
          const all = seconds(12, 300)
          // What one shard holds back comes at the end, as one batch and late.
          const held = lagging ? all.flatMap(([first = []]) => first).map((delta) => ({ ...delta, late: true })) : []
          const batches = [...all.map((lanes) => (lagging ? lanes.slice(1) : lanes)), ...(lagging ? [[held]] : [])]
          const { made, read, write } = yield* billed(
            Effect.forEach(batches, (lanes) =>
              Effect.forEach(lanes, (deltas) => projectDeltas(deltas), { concurrency: "unbounded" })
            )
          )
          const events = all.flat(2).length
          const reports = made.flat()
          const conflicts = reports.reduce((sum, report) => sum + report.conflicts, 0)
          const [reads, writes] = [read / events, write / events]
          process.stdout.write(
            `${lagging ? "a shard lags" : "in time"}: ${reads.toFixed(2)} read and ${writes.toFixed(2)} write units an event, ${conflicts} conflicts of rows\n`
          )
          assert.isAtMost(reads, MOST.read)
          assert.isAtMost(writes, MOST.write)
          assert.strictEqual(conflicts, 0)
          assert.strictEqual(
            reports.reduce((sum, { rows }) => sum + rows, 0),
            events
          )
          const [shown, counted] = yield* run(compared)
          assert.deepStrictEqual(shown, counted)
          assert.strictEqual((shown as { readonly waiting: number }).waiting, 300)
          const state = (yield* run(Effect.flatMap(ProjectionStore, (store) => store.rows("queues-v2", QUEUE)))).find(
            ({ row }) => row === STATE_ROW
          )
          assert.strictEqual(state?.asOf, ARRIVAL + 10_000 + 12 * RATE - 1)
        }
      }),
    300_000
  )
})

/** Units an event of a queue of 500 members and 300 waits, of which `AT_ONCE` invocations write at once. */
const MOST = { read: 3, write: 2.5 }
