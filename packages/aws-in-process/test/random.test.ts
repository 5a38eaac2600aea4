import { assert, describe, it } from "vitest"
import { seededRandom } from "../src/random.ts"

const draws = (seed: number | string, n: number) => {
  const random = seededRandom(seed)
  return Array.from({ length: n }, random.next)
}

describe("random", () => {
  it("gives the same numbers for the same seed, and others for another", () => {
    assert.deepStrictEqual(draws(1, 100), draws(1, 100))
    assert.notDeepEqual(draws(1, 3), draws(2, 3))
    assert.isTrue(draws("seed", 10_000).every((x) => x >= 0 && x < 1))
  })

  it("names runs across versions: these numbers may never change", () => {
    assert.deepStrictEqual(
      draws(42, 4).map((x) => Math.floor(x * 1000)),
      [246, 738, 123, 76]
    )
  })

  it("spreads evenly", () => {
    const random = seededRandom(7)
    const counts = Array.from({ length: 10 }, () => 0)
    for (let i = 0; i < 100_000; i++) counts[random.int(10)]!++
    for (const count of counts) assert.closeTo(count, 10_000, 400)
    const hits = Array.from({ length: 10_000 }, () => random.chance(0.2)).filter(Boolean).length
    assert.closeTo(hits, 2000, 200)
    assert.isFalse(random.chance(0))
    assert.isTrue(random.chance(1))
  })

  it("forks by label, whatever was drawn before", () => {
    const quiet = seededRandom(1)
    const busy = seededRandom(1)
    for (let i = 0; i < 9; i++) busy.next()
    assert.strictEqual(quiet.fork("sqs").next(), busy.fork("sqs").next())
    assert.notStrictEqual(quiet.fork("sqs").next(), quiet.fork("kinesis").next())
    assert.notStrictEqual(quiet.fork("a").fork("b").next(), quiet.fork("b").fork("a").next())
  })

  it("shuffles without losing or changing anything", () => {
    const list = Array.from({ length: 50 }, (_, i) => i)
    const shuffled = seededRandom(3).shuffle(list)
    assert.notDeepEqual(shuffled, list)
    assert.deepStrictEqual(
      [...shuffled].sort((a, b) => a - b),
      list
    )
    assert.include(list, seededRandom(3).pick([1, 2, 3]))
  })
})
