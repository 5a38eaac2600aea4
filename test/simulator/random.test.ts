import { assert, describe, it } from "@effect/vitest"
import { makeAgenda } from "../../src/simulator/agenda.ts"
import { makeIds, makeRandom } from "../../src/simulator/random.ts"

describe("random", () => {
  it("repeats itself for a name and not for another", () => {
    const draw = (name: string) => Array.from({ length: 50 }, makeRandom(name).bits)
    assert.deepStrictEqual(draw("a"), draw("a"))
    assert.notDeepEqual(draw("a"), draw("b"))
  })

  it("draws numbers that lie and spread as they should", () => {
    const random = makeRandom("spread")
    const mean = (draw: () => number) => Array.from({ length: 20_000 }, draw).reduce((a, b) => a + b) / 20_000
    assert.closeTo(mean(random.next), 0.5, 0.02)
    assert.closeTo(
      mean(() => random.wait(10)),
      10,
      0.5
    )
    assert.closeTo(
      mean(() => Math.log(random.around(100))),
      Math.log(100),
      0.02
    )
    const sides = new Set(Array.from({ length: 500 }, () => random.whole(1, 6)))
    assert.deepStrictEqual([...sides].sort(), [1, 2, 3, 4, 5, 6])
    const heads = mean(() =>
      random.weighted([
        [3, 1],
        [1, 0]
      ])
    )
    assert.closeTo(heads, 0.75, 0.02)
  })

  it("makes ids that differ", () => {
    const id = makeIds("ids")
    assert.strictEqual(new Set(Array.from({ length: 50_000 }, () => id())).size, 50_000)
  })
})

describe("agenda", () => {
  it("gives the earliest first, and those of one time as they were added", () => {
    const random = makeRandom("agenda")
    const agenda = makeAgenda<readonly [number, number]>()
    for (let i = 0; i < 2_000; i++) {
      const time = random.whole(0, 200)
      agenda.add(time, [time, i])
    }
    assert.strictEqual(agenda.size(), 2_000)
    const taken = Array.from({ length: 2_000 }, () => agenda.take()!)
    assert.deepStrictEqual(
      taken,
      [...taken].sort(([a, i], [b, j]) => a - b || i - j)
    )
    assert.isUndefined(agenda.due())
    assert.isUndefined(agenda.take())
  })
})
