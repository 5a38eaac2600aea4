import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makePace } from "../../src/genesys-api/pace.ts"

const MINUTE = 60_000

/** When each of so many requests goes out, in ms after the first. */
const sendingOf = Effect.fnUntraced(function* (perMinute: number, requests: number) {
  const pace = makePace(perMinute)
  const times: Array<number> = []
  const send = Effect.andThen(
    pace.take,
    Effect.map(Clock.currentTimeMillis, (now) => times.push(now))
  )
  const all = yield* Effect.forkChild(
    Effect.all(
      Array.from({ length: requests }, () => send),
      { concurrency: "unbounded" }
    )
  )
  yield* TestClock.adjust((requests / perMinute + 2) * MINUTE)
  yield* Fiber.join(all)
  const [first = 0] = times
  return times.map((time) => time - first)
})

describe("the pace of a sweep", () => {
  it.effect.each([300, 150, 60, 30, 15])("lets %i requests out in any minute, and no more", (perMinute) =>
    Effect.gen(function* () {
      const times = yield* sendingOf(perMinute, 3 * perMinute)
      const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE).length))
      assert.strictEqual(most, perMinute)
      assert.isBelow(times.at(-1) ?? 0, 3 * MINUTE)
    })
  )

  it.effect("sends what a small organisation takes at once, and the rest at distances", () =>
    Effect.gen(function* () {
      const times = yield* sendingOf(300, 40)
      assert.deepStrictEqual(times.slice(0, 15), Array(15).fill(0))
      const distances = times.slice(15).map((at, i) => at - (times[14 + i] ?? 0))
      assert.isAtLeast(Math.min(...distances), 200)
      assert.isAtMost(Math.max(...distances), 250)
    })
  )
})
