import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { addDelay, allDelays, countOf, quantile, shareWithin } from "../../src/domain/lateness.ts"

const delaysOf = (durations: Iterable<number>) => {
  const delays = new Map<number, number>()
  for (const ms of durations) addDelay(delays, ms)
  return delays
}

const some = Schema.NonEmptyArray(Schema.Int.check(Schema.isBetween({ minimum: -500, maximum: 2_000_000 })))

describe("delays", () => {
  it("keep two digits, rounded up, and take a negative delay for none", () => {
    assert.deepStrictEqual(
      [...delaysOf([-3, 0, 7, 99, 100, 101, 4_950, 5_000, 5_001])],
      [
        [0, 2],
        [7, 1],
        [99, 1],
        [100, 1],
        [110, 1],
        [5_000, 2],
        [5_100, 1]
      ]
    )
  })

  it("know nothing of nothing", () => {
    assert.strictEqual(quantile(new Map(), 0.5), undefined)
    assert.strictEqual(shareWithin(new Map(), 0), 1)
  })

  it("count what took exactly so long as within it", () => {
    assert.strictEqual(shareWithin(delaysOf([10, 20, 30, 40]), 20), 0.5)
  })

  it.prop(
    "never say that an event was earlier than it was, and by a tenth at most that it was later",
    [some],
    ([durations]) => {
      const sorted = durations.map((ms) => Math.max(0, ms)).sort((a, b) => a - b)
      const delays = delaysOf(durations)
      for (const share of [0.01, 0.5, 0.9, 1]) {
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0
        const shown = quantile(delays, share) ?? Number.NaN
        assert.isAtLeast(shown, exact)
        assert.isAtMost(shown, exact * 1.1)
      }
    }
  )

  it.prop("share whole seconds exactly, however they were counted together", [some, some], ([a, b]) => {
    const both = allDelays([delaysOf(a), delaysOf(b)])
    assert.strictEqual(countOf(both), a.length + b.length)
    for (const seconds of [1, 5, 30, 90]) {
      const within = [...a, ...b].filter((ms) => ms <= seconds * 1_000).length
      assert.closeTo(shareWithin(both, seconds * 1_000), within / countOf(both), 1e-12)
    }
  })
})
