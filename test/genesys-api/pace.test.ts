import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makePace } from "../../src/genesys-api/pace.ts"

const MINUTE = 60_000
const HOUR = 60 * MINUTE

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
      // More than may go out at once; with all of them, each would wake all the others.
      { concurrency: 20 }
    )
  )
  yield* TestClock.adjust((requests / perMinute + 2) * MINUTE)
  yield* Fiber.join(all)
  const [first = 0] = times
  return times.map((time) => time - first)
})

/** The times from the `first`-th to the `last`-th, so far apart. */
const every = (distance: number, first: number, last: number, from = 0): ReadonlyArray<number> =>
  Array.from({ length: last - first + 1 }, (_, i) => from + distance * (first + i))

const five = (at: number): ReadonlyArray<number> => Array(5).fill(at)

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

  // When, in ms after it began, so many ask; and when each of those goes out.
  it.effect.each([
    ["all ask at once", 0, { 0: 240 }, [...five(0), ...every(625, 1, 96), ...every(600, 1, 139, MINUTE)]],
    ["the process is an hour old", HOUR, { 0: 101 }, [...five(0), ...every(625, 1, 96)]],
    [
      "the first goes out half a minute before the others",
      0,
      { 0: 1, 30000: 60 },
      [0, ...five(30_000).slice(1), ...every(625, 1, 48, 30_000), ...every(600, 1, 8, MINUTE)]
    ],
    ["nobody asks for an hour", 0, { 0: 7, [HOUR]: 4 }, [...five(0), 625, 1_250, ...every(600, 0, 3, HOUR)]]
  ] as const)("lets 100 a minute out at exactly these times where %s", ([, age, asked, wanted]) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(age)
      const pace = makePace(100)
      const times: Array<number> = []
      const send = Effect.andThen(
        pace.take,
        Effect.map(Clock.currentTimeMillis, (now) => times.push(now - age))
      )
      for (const [at, requests] of Object.entries(asked)) {
        yield* TestClock.setTime(age + Number(at))
        yield* Effect.forkChild(Effect.repeat(send, { times: requests - 1 }))
      }
      yield* TestClock.adjust(3 * MINUTE)
      assert.deepStrictEqual(times, wanted)
    })
  )
})
