import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Ref } from "effect"
import { TestClock } from "effect/testing"
import { paced } from "../../../src/cli/rejected/redrive.ts"
import { makeProgress } from "../../../src/cli/screen.ts"
import { paper } from "../harness.ts"

/** When each item was begun, in ms after the first. `slow` is what a step takes. */
const run = Effect.fnUntraced(function* (count: number, rate: number, slow = 0) {
  const begun = yield* Ref.make<ReadonlyArray<number>>([])
  const start = yield* Clock.currentTimeMillis
  const fiber = yield* paced(
    Array.from({ length: count }, (_, i) => i),
    rate,
    (batch) =>
      Effect.gen(function* () {
        const at = (yield* Clock.currentTimeMillis) - start
        yield* Ref.update(begun, (all) => [...all, ...batch.map(() => at)])
        yield* Effect.sleep(slow)
        return true
      }),
    () => Effect.void
  ).pipe(Effect.forkChild)
  yield* TestClock.adjust("1 hour")
  yield* Fiber.join(fiber)
  return yield* Ref.get(begun)
})

describe("a pace", () => {
  it.effect.each([
    [1, 0.5],
    [10, 0.5],
    [7, 3],
    [100, 10],
    [1_000, 50],
    [2_500, 1_000]
  ] as const)("lets %s items through at %s a second, never ahead and hardly behind", ([count, rate]) =>
    Effect.gen(function* () {
      const begun = yield* run(count, rate)
      assert.strictEqual(begun.length, count)
      const batch = Math.max(1, Math.floor(rate / 10))
      begun.forEach((at, i) => {
        assert.isAtMost(i + 1, (rate * at) / 1_000 + batch + 1e-6)
      })
      assert.isAtMost(begun.at(-1) ?? 0, (count * 1_000) / rate)
    })
  )

  it.effect("is slowed down by a slow step, and catches up on nothing", () =>
    Effect.gen(function* () {
      const begun = yield* run(20, 10, 1_000)
      assert.deepStrictEqual(
        begun,
        Array.from({ length: 20 }, (_, i) => i * 1_000)
      )
    })
  )
})

describe("a pace that is stopped", () => {
  it.effect("answers what was not tried", () =>
    Effect.gen(function* () {
      const rest = yield* paced(
        [1, 2, 3, 4],
        10,
        ([first]) => Effect.succeed(first !== 1),
        () => Effect.void
      )
      assert.deepStrictEqual(rest, [2, 3, 4])
    })
  )
})

describe("progress", () => {
  const through = Effect.fnUntraced(function* (terminal: boolean) {
    const { layer, said } = paper(terminal)
    yield* Effect.gen(function* () {
      const progress = yield* makeProgress(1_000)
      for (let done = 50; done <= 1_000; done += 50) {
        yield* TestClock.adjust("1 second")
        yield* progress(done)
      }
    }).pipe(Effect.provide(Layer.fresh(layer)))
    return said(0).err
  })

  it.effect("is a bar with rate and time left for a person, which goes away at the end", () =>
    Effect.gen(function* () {
      const drawn = (yield* through(true)).split("\r")
      assert.strictEqual(drawn[10], "███████████████░░░░░░░░░░░░░░░ 500/1000  50.0/s  0:10 left")
      assert.strictEqual(drawn.at(-1), "")
    })
  )

  it.effect("is a line now and then elsewhere", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* through(false)).trimEnd().split("\n"), [
        "500 of 1000, 50.0 a second, 0:10 left",
        "1000 of 1000, 50.0 a second, 0:00 left"
      ])
    })
  )
})
