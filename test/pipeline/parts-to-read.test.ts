import { assert, describe, it } from "@effect/vitest"
import { digitsFor, type Parts, partsOfAll, partsToRead } from "../../src/pipeline/summary-parts.ts"

/** Parts by the letter that tells them apart, with so many rows each. */
const held = (rows: Readonly<Record<string, number>>, digits = 1): Parts => ({
  digits,
  parts: new Map(Object.entries(rows).map(([name, count]) => [`seat#${name}`, { rows: count, columns: {} }]))
})
const read = (rows: Readonly<Record<string, number>>, touched: string, digits = 1) =>
  partsToRead(held(rows, digits), new Set(touched === "" ? [] : touched.split(" ").map((name) => `seat#${name}`)))?.map(
    (name) => name.slice(5)
  )

describe("the parts that are read again", () => {
  it("are told apart from 65 rows on, and not any more below 32", () => {
    const digits = [31, 32, 64, 65].map((rows) => [digitsFor(rows, 0), digitsFor(rows, 1), digitsFor(rows, undefined)])
    assert.deepStrictEqual(digits, [
      [0, 0, 0],
      [0, 1, 0],
      [0, 1, 0],
      [1, 1, 1]
    ])
  })

  it.each([
    ["none where they are too coarse by now", { "": 65 }, "a", 0, undefined],
    ["none where they are too fine by now", { a: 31 }, "a1", 1, undefined],
    ["those that were touched, each once", { a: 31, b: 1 }, "b1 b2", 1, ["b"]],
    ["one that costs as much as all", { a: 32 }, "a1", 1, ["a"]],
    ["one that costs as much as all, and holds 30 of 30", { "": 30 }, "a", 0, [""]],
    ["none where several cost as much as all", { a: 15, b: 15, c: 2 }, "a1 b1", 1, undefined],
    ["none where they cost more than all", { a: 31, b: 1 }, "a1 b1", 1, undefined],
    ["several that cost less than all", { a: 30, b: 30, c: 1 }, "a1 b1", 1, ["a", "b"]],
    ["none where each costs a unit, be it ever so small", { a: 60, b: 1, c: 1 }, "b1 c1 d1", 1, undefined],
    ["those of which nothing is known yet", { a: 60, b: 1 }, "d1", 1, ["d"]]
  ] as const)("are %s", (_, rows, touched, digits, expected) => {
    assert.deepStrictEqual<unknown>(read(rows, touched, digits), expected)
  })

  it("are all where nobody knows what was touched, or what there was", () => {
    assert.isUndefined(partsToRead(held({ a: 40 }), undefined))
    assert.isUndefined(partsToRead(undefined, new Set(["seat#a"])))
  })

  it("stand in the order of their names, those that are gone too", () => {
    const rows = Array.from({ length: 66 }, (_, i) => ({ row: `seat#${i < 33 ? "c" : "a"}${i}`, columns: {} }))
    const { parts } = partsOfAll((of) => ({ count: of.length }), rows, held({ b: 5 }))
    assert.deepStrictEqual(
      [...parts].map(([name, { rows: count, columns }]) => [name, count, columns]),
      [
        ["seat#a", 33, { count: 33 }],
        ["seat#b", 0, { count: 0 }],
        ["seat#c", 33, { count: 33 }]
      ]
    )
  })
})
