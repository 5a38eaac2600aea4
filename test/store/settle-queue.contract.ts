import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { Delta } from "../../src/domain/delta.ts"
import { decodeSettlement, MAX_MESSAGE_BYTES, SettleQueue } from "../../src/store/settle-queue.ts"
import { noise } from "./events.ts"

/** A queue under test, whose time starts at epoch ms 0: `take` returns the bodies that may be received by a time. */
export interface QueueUnderTest {
  readonly layer: Layer.Layer<SettleQueue>
  readonly take: (now: number) => ReadonlyArray<string>
  /** The longest delay in ms that a message is given: 5 minutes unless the time of the queue is real. */
  readonly longest?: number
}

const delta = (n: number, value: Delta["value"] = n): Delta => ({
  projection: "agents-v2",
  entity: `e-${n}`,
  row: "state",
  register: "presence",
  value,
  stamp: { clock: n, published: n + 1, eventId: `event-${n}` },
  late: n % 2 === 0
})

const entities = (bodies: ReadonlyArray<string>) =>
  bodies.flatMap((body) => decodeSettlement(body).deltas.map(({ entity }) => entity)).sort()

/** What every settle queue does. `make` returns an empty one. */
export const settleQueueContract = (name: string, make: () => QueueUnderTest) =>
  describe(`${name} keeps the contract of the settle queue`, () => {
    const test = (
      title: string,
      body: (
        queue: SettleQueue["Service"],
        take: QueueUnderTest["take"],
        longest: number
      ) => Effect.Effect<void, unknown>
    ) =>
      it.effect(title, () => {
        const { layer, take, longest = 300_000 } = make()
        return SettleQueue.use((queue) => body(queue, take, longest)).pipe(Effect.provide(Layer.fresh(layer)))
      })

    test("[P7] delivers the deltas that were sent, whatever characters they hold", (queue, take) =>
      Effect.gen(function* () {
        const odd = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).join("")
        const deltas = [delta(1), delta(2, { waiting: [null, "é", { deep: true }] }), delta(3, odd)]
        yield* queue.send([{ due: 0, deltas }])
        assert.deepStrictEqual(take(0).map(decodeSettlement), [{ deltas }])
        assert.deepStrictEqual(take(0), [])
      }))

    test("[P5] holds a settlement back until it is due, in whole seconds", (queue, take, longest) =>
      Effect.gen(function* () {
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(take(10_000), [])
        yield* queue.send([
          { due: 9_000, deltas: [delta(1)] },
          { due: 10_001, deltas: [delta(2)] },
          { due: 15_000, deltas: [delta(3)] },
          { due: 10_000 + longest, deltas: [delta(4)] }
        ])
        assert.deepStrictEqual(entities(take(10_000)), ["e-1"])
        assert.deepStrictEqual(entities(take(10_999)), [])
        assert.deepStrictEqual(entities(take(11_000)), ["e-2"])
        assert.deepStrictEqual(entities(take(14_999)), [])
        assert.deepStrictEqual(entities(take(15_000)), ["e-3"])
        assert.deepStrictEqual(entities(take(10_000 + longest)), ["e-4"])
      }))

    test("takes more messages than one call holds, each as large as it may be", (queue, take) =>
      Effect.gen(function* () {
        const text = noise(MAX_MESSAGE_BYTES - 200)
        yield* queue.send(Array.from({ length: 37 }, (_, n) => ({ due: 0, deltas: [delta(n, text)] })))
        assert.deepStrictEqual(entities(take(0)), Array.from({ length: 37 }, (_, n) => `e-${n}`).sort())
      }))

    test("does nothing for nothing", (queue, take) =>
      Effect.gen(function* () {
        yield* queue.send([])
        assert.deepStrictEqual(take(0), [])
      }))
  })
