import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { addHistograms, emptyHistogram, histogram, MAX_BUCKETS } from "../../src/domain/histogram.ts"

const total = (counts: ReadonlyArray<number>) => counts.reduce((sum, count) => sum + count, 0)

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const durations = Schema.Array(Schema.Union([upTo(100), upTo(20_000), upTo(10 ** 9)]))
const few = Schema.Array(upTo(9_000))

describe("histogram", () => {
  it("has nothing of nothing", () => {
    assert.deepStrictEqual(histogram([]), emptyHistogram)
  })

  it("is exact to 10 ms or a tenth, rounds up, and takes a negative duration for none", () => {
    assert.deepStrictEqual(histogram([-40, 0, 1, 10, 11, 987, 5_001, 5_100, 61_234, 3_600_001]), {
      Values: [0, 10, 20, 990, 5_100, 62_000, 3_700_000],
      Counts: [2, 2, 1, 1, 2, 1, 1]
    })
  })

  it.prop("counts every duration once, under ascending values, none smaller than it was", [durations], ([all]) => {
    const { Values, Counts } = histogram(all)
    assert.strictEqual(total(Counts), all.length)
    assert.isTrue(Values.every((value, i) => i === 0 || value > (Values[i - 1] as number)))
    if (all.length > 0) assert.isAtLeast(Values.at(-1) as number, Math.max(...all))
  })

  it("is exact with as many values as CloudWatch takes, and every second one with one more", () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i * 10)
    // 100 has two digits that matter, and so has 990.
    assert.deepStrictEqual(histogram(hundred).Values, hundred)
    assert.strictEqual(MAX_BUCKETS, 100)
    const more = histogram([...hundred, 1_100])
    assert.deepStrictEqual(more.Values.slice(0, 4), [0, 20, 40, 60])
    assert.strictEqual(total(more.Counts), 101)
  })

  it("is no coarser than it must be: every fourth value where every second would be too many", () => {
    const decade = (unit: number) => Array.from({ length: 90 }, (_, i) => (10 + i) * unit)
    const { Values } = histogram([...Array.from({ length: 10 }, (_, i) => i * 10), ...[10, 100, 1_000].flatMap(decade)])
    assert.deepStrictEqual(Values.slice(0, 4), [0, 40, 80, 120])
  })

  it("has at most 100 values, whatever comes", () => {
    const { Values, Counts } = histogram(Array.from({ length: 50_000 }, (_, i) => i * 37))
    assert.isAtMost(Values.length, MAX_BUCKETS)
    assert.isAbove(Values.length, MAX_BUCKETS / 4)
    assert.strictEqual(total(Counts), 50_000)
  })

  it.prop("of two histograms is that of all durations", [few, few], ([a, b]) => {
    assert.deepStrictEqual(addHistograms(histogram(a), histogram(b)), histogram([...a, ...b]))
  })
})
