import { assert, describe, it } from "@effect/vitest"
import { fromAttribute, itemBytes, toAttribute, writeUnits } from "../../src/store/aws/attribute.ts"
import { unpack } from "../../src/store/aws/pack.ts"
import { packed } from "../../src/store/aws/packing.ts"
import { chunks } from "../../src/store/aws/retry.ts"
import { insertStatement, updateStatement } from "../../src/store/aws/statements.ts"

describe("items of DynamoDB", () => {
  it("have the bytes that DynamoDB counts", () => {
    for (const [value, bytes] of [
      ["", 0],
      ["\u20ac", 3],
      [0, 3],
      [1_234, 4],
      [-12.345, 5],
      [true, 1],
      [null, 1],
      [Buffer.from("abc"), 3],
      [[], 3],
      [["ab", true], 3 + 1 + 2 + 1 + 1],
      [{}, 3],
      [{ key: "ab", k: null }, 3 + 1 + 3 + 2 + 1 + 1 + 1]
    ] as const)
      assert.strictEqual(itemBytes({ name: toAttribute(value) }), 4 + bytes, JSON.stringify(value))
    assert.strictEqual(itemBytes({}), 0)
    assert.strictEqual(itemBytes({ a: { S: "b" }, "\u20ac": { S: "" } }), 5)
  })

  it("cost a write unit for each kilobyte that is begun", () => {
    assert.deepStrictEqual([0, 1, 1_024, 1_025, 2_048, 2_049].map(writeUnits), [1, 1, 1, 2, 2, 3])
  })

  it("hold numbers up to the bounds of DynamoDB, and others as text", () => {
    assert.deepStrictEqual([1e-130, 9.99e125, -1e-130, -9.99e125].map(toAttribute), [
      { N: "1e-130" },
      { N: "9.99e+125" },
      { N: "-1e-130" },
      { N: "-9.99e+125" }
    ])
    assert.deepStrictEqual(toAttribute(9.999e125), { S: "9.999e+125" })
  })

  it("hold nothing that is no JSON value", () => {
    assert.deepStrictEqual(toAttribute(Buffer.from("b")), { B: Buffer.from("b") })
    assert.throws(() => fromAttribute({ SS: ["a"] }), "not the attribute of a JSON value: SS")
    for (const attribute of [undefined, { N: "1" }]) assert.throws(() => unpack(attribute), "not a packed text")
  })

  it("are written by statements whose names may hold any character", () => {
    assert.deepStrictEqual(insertStatement("t", { "it's": { S: "a" }, b: { N: "1" } }), {
      Statement: `INSERT INTO "t" VALUE {'it''s': ?, 'b': ?}`,
      Parameters: [{ S: "a" }, { N: "1" }]
    })
    assert.deepStrictEqual(
      updateStatement("t", { a: { S: "x" }, 'b"c': { S: "y" } }, ["d", "e"], { k: { S: "1" }, version: { N: "2" } }),
      {
        Statement: `UPDATE "t" SET "a" = ? SET "b""c" = ? REMOVE "d" REMOVE "e" WHERE "k" = ? AND "version" = ?`,
        Parameters: [{ S: "x" }, { S: "y" }, { S: "1" }, { N: "2" }]
      }
    )
  })
})

describe("calls", () => {
  it("take as many items as one may, and as many bytes", () => {
    const sizes = (of: ReadonlyArray<number>, most: number, bytes: number) =>
      packed(
        of.map((one) => ({ bytes: one })),
        most,
        bytes
      ).map((group) => group.map((item) => item.bytes))
    assert.deepStrictEqual(sizes([1, 2, 3], 10, 6), [[1, 2, 3]])
    assert.deepStrictEqual(sizes([1, 2, 4], 10, 6), [[1, 2], [4]])
    assert.deepStrictEqual(sizes([1, 1, 1], 2, 6), [[1, 1], [1]])
    assert.deepStrictEqual(sizes([9, 1, 9, 1], 10, 6), [[9], [1], [9], [1]])
    assert.deepStrictEqual(sizes([5, 1, 6, 1], 10, 6), [[5, 1], [6], [1]])
    assert.deepStrictEqual(sizes([], 10, 6), [])
    assert.deepStrictEqual(chunks([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]])
    assert.deepStrictEqual(chunks([1, 2], 2), [[1, 2]])
    assert.deepStrictEqual(chunks([], 2), [])
  })
})
