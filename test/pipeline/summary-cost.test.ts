import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { Delta } from "../../src/domain/delta.ts"
import type { Json } from "../../src/domain/json.ts"
import { SettleWindow } from "../../src/pipeline/folding.ts"
import { projectDeltas } from "../../src/pipeline/project.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { memoryParked } from "../../src/store/memory/parked.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"
import { makeEngine, ROW_TABLES } from "../store/engine.ts"
import { ARRIVAL } from "../store/events.ts"
import { WINDOW } from "../support/core.ts"

const QUEUE = "d81c5e07-4b9a-42f6-8e13-7a0f6c2b9d35"
const uuid = (n: number) => `6b1f4c2e-8a53-4d97-b0e6-${String(n).padStart(12, "0")}`

const update = (row: string, register: string, value: Json, clock: number): Delta => ({
  projection: "queues-v2",
  entity: QUEUE,
  row,
  register,
  value,
  stamp: { clock: ARRIVAL + clock, published: ARRIVAL + clock, eventId: uuid(clock) },
  late: false
})
const session = (n: number, value: Json, clock = n) =>
  update(`session#${uuid(n)}`, value === null ? "acdEnd" : "acd", value, clock)
const members = (count: number) =>
  Array.from({ length: count }, (_, i) => update(`member#${uuid(i)}`, "joined", { joined: true }, i))

/** Conversations that were waited for, or served and wrapped up. */
const over = (count: number) =>
  Array.from({ length: count / 2 }, (_, i) => 2 * i + 1_000).flatMap((n) => [
    session(n, null),
    update(`session#${uuid(n + 1)}`, "start", { mediaType: "VOICE", userId: uuid(1) }, n + 1),
    update(`session#${uuid(n + 1)}`, "end", null, n + 2),
    update(`session#${uuid(n + 1)}`, "wrapup", { code: uuid(8), durationMs: 12_000 }, n + 3)
  ])

const voice = { mediaType: "VOICE", conversationId: uuid(7) }

describe("what a summary is billed", () => {
  it.live("[P9] reads no more after two thousand conversations than after none", () =>
    Effect.gen(function* () {
      const engine = yield* Effect.promise(makeEngine)
      const billed = Effect.fnUntraced(function* <A, E, R>(work: Effect.Effect<A, E, R>) {
        const before = engine.dynamodb.usage()["rows-queues-v2"] ?? { read: 0, write: 0 }
        yield* work
        const after = engine.dynamodb.usage()["rows-queues-v2"] ?? before
        return { read: after.read - before.read, write: after.write - before.write }
      })
      const body = Effect.gen(function* () {
        const store = yield* ProjectionStore
        yield* projectDeltas([...members(40), ...Array.from({ length: 10 }, (_, i) => session(i, voice))])
        const fresh = yield* billed(projectDeltas([session(1, voice, 100)]))
        yield* projectDeltas(over(2_000))
        const busy = yield* billed(projectDeltas([session(1, voice, 200)]))
        // Reads: half for the row, the summary that is there, and one for ten conversations, but none for forty members. Writes: the row, its
        // entry in the index, the summary.
        assert.deepStrictEqual([fresh, busy], [{ read: 0.5 + 1 + 1, write: 3 }, fresh])
        const closed = yield* billed(projectDeltas([session(1, null, 300)]))
        assert.deepStrictEqual(closed, fresh)

        const whole = yield* billed(store.rows("queues-v2", QUEUE))
        process.stdout.write(`read units: ${fresh.read} with a summary, ${whole.read} for all rows\n`)
        assert.isAbove(whole.read, 50 * fresh.read)
        const state = (yield* store.rows("queues-v2", QUEUE)).find(({ row }) => row === "state")
        assert.deepStrictEqual([state?.columns.members, state?.columns.waiting], [40, 9])
        assert.strictEqual(state?.asOf, ARRIVAL + 3_001)
      })
      yield* body.pipe(
        Effect.provideService(SettleWindow, WINDOW),
        Effect.provide([
          projectionStore(ROW_TABLES).pipe(Layer.provide(engine.connect()), Layer.fresh),
          memoryParked().layer
        ])
      )
    })
  )
})
