import { assert, describe, it } from "@effect/vitest"
import { type Delta, reduceDeltas } from "../../src/domain/delta.ts"
import { canonical } from "../../src/domain/json.ts"

const delta = (register: string, value: number, clock = 1): Delta =>
  ({
    ...{ projection: "p-v1", entity: "e", row: "r", register, value, late: false },
    stamp: { clock, published: 1, eventId: "a" }
  }) as never

const reduced = (deltas: ReadonlyArray<Delta>) => reduceDeltas(deltas).map(({ register, value }) => [register, value])

describe("the updates of one event", () => {
  it.each([
    ["few", 0],
    ["many", 20]
  ])("leave one for each register where they are %s: the latest, and of two at one time the last", (_, more) => {
    const others = Array.from({ length: more }, (_, i) => delta(`other${i}`, i))
    const rest = others.map(({ register, value }) => [register, value])
    assert.deepStrictEqual(reduced([delta("x", 1), delta("x", 2), ...others]), [["x", 2], ...rest])
    assert.deepStrictEqual(reduced([delta("x", 1, 5), delta("x", 2, 4), ...others]), [["x", 1], ...rest])
    assert.deepStrictEqual(reduced([delta("x", 1, 5), delta("x", 2, 6), ...others]), [["x", 2], ...rest])
  })
})

describe("the one text of a value", () => {
  it("has its keys in one order, and none that hold nothing", () => {
    assert.strictEqual(canonical({ b: [1, null], a: "x" }), '{"a":"x","b":[1,null]}')
    assert.strictEqual(canonical({ b: undefined, a: { c: undefined } } as never), '{"a":{}}')
  })
})
