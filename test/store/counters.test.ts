import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { eventStore } from "../../src/store/aws/event-store.ts"
import { settleQueue } from "../../src/store/aws/settle-queue.ts"
import { countRetries, RetryStatistics } from "../../src/store/counters.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { SettleQueue } from "../../src/store/settle-queue.ts"
import { BUCKET, EVENT_TABLE, makeEngine, QUEUE_URL } from "./engine.ts"
import { routingEvent } from "./events.ts"
import { faulty, type Mishap } from "./faulty.ts"

const stores = Layer.mergeAll(eventStore({ table: EVENT_TABLE, overflowBucket: BUCKET }), settleQueue(QUEUE_URL))

const events = (count: number) => Array.from({ length: count }, (_, i) => routingEvent(`e-${i}`))

/** What an invocation had to put up with under a plan of mishaps. */
const statisticsOf = (
  plan: Readonly<Record<string, ReadonlyArray<Mishap>>>,
  work: Effect.Effect<unknown, unknown, Layer.Success<typeof stores>>
) =>
  Effect.gen(function* () {
    const engine = yield* Effect.promise(makeEngine)
    const statistics = countRetries()
    yield* work.pipe(
      Effect.provideService(RetryStatistics, statistics),
      Effect.provide(stores.pipe(Layer.provide(engine.connect(faulty(plan).wrap)), Layer.fresh))
    )
    return statistics.counts()
  })

const append = (count: number) => EventStore.use((store) => store.append(events(count)))
const send = SettleQueue.use((queue) => queue.send([{ due: 0, deltas: [] }]))

describe("retry statistics", () => {
  it.live("is none where all goes well", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* statisticsOf({}, append(30)), { throttles: 0, retries: 0 })
    })
  )

  it.live("counts a refused call as one throttle, and each of its statements as tried again", () =>
    Effect.gen(function* () {
      const counted = yield* statisticsOf({ BatchExecuteStatement: ["throttled"] }, append(10))
      assert.deepStrictEqual(counted, { throttles: 1, retries: 10 })
    })
  )

  it.live("counts refused statements within a call, and no faults of another kind as throttles", () =>
    Effect.gen(function* () {
      // Every fourth statement is throttled, every fourth breaks.
      const counted = yield* statisticsOf({ BatchExecuteStatement: ["partial"] }, append(8))
      assert.deepStrictEqual(counted, { throttles: 2, retries: 4 })
      assert.deepStrictEqual(yield* statisticsOf({ SendMessageBatch: ["broken", "throttled"] }, send), {
        throttles: 1,
        retries: 2
      })
    })
  )

  it.live("is counted for nobody where nobody asked, and kept for none who asks later", () =>
    Effect.gen(function* () {
      const engine = yield* Effect.promise(makeEngine)
      const plan = { BatchExecuteStatement: ["throttled"] } as const
      const connected = stores.pipe(Layer.provide(engine.connect(faulty(plan).wrap)), Layer.fresh)
      yield* append(3).pipe(Effect.provide(connected))
      assert.deepStrictEqual((yield* RetryStatistics).counts(), { throttles: 0, retries: 0 })
    })
  )

  it.live("is each invocation's own, also when two interleave", () =>
    Effect.gen(function* () {
      const both = [
        statisticsOf({ BatchExecuteStatement: ["throttled", "throttled"] }, append(3)),
        statisticsOf({}, append(3))
      ]
      const [busy, idle] = yield* Effect.all(both, { concurrency: 2 })
      assert.deepStrictEqual(
        [busy, idle],
        [
          { throttles: 2, retries: 6 },
          { throttles: 0, retries: 0 }
        ]
      )
    })
  )
})
