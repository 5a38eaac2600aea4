import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { asOf, decodeRow, emptyRow, encodeRow, merge, type Row } from "../../src/domain/row.ts"
import { compareStamps } from "../../src/domain/stamp.ts"
import { json, stamp, updates } from "./arbitraries.ts"

const rowOf = (list: Parameters<typeof merge>[1]): Row => merge(emptyRow, list)
const union = (a: Row, b: Row): Row => merge(a, b)

describe("stamps", () => {
  it.prop("[P4] order is antisymmetric, and equal only for one event at one clock", [stamp, stamp], ([a, b]) => {
    assert.strictEqual(Math.sign(compareStamps(a, b)), -Math.sign(compareStamps(b, a)) + 0)
    if (compareStamps(a, b) === 0) assert.deepStrictEqual(a, b)
  })

  it.prop("[P4] order is transitive", [stamp, stamp, stamp], ([a, b, c]) => {
    if (compareStamps(a, b) <= 0 && compareStamps(b, c) <= 0) assert.isAtMost(compareStamps(a, c), 0)
  })

  it("[P4] publication decides between equal clocks, the event id between equal publications", () => {
    const base = { clock: 5, published: 5, eventId: "b" }
    assert.isBelow(compareStamps({ ...base, clock: 4, published: 9 }, base), 0)
    assert.isBelow(compareStamps({ ...base, published: 4, eventId: "z" }, base), 0)
    assert.isBelow(compareStamps({ ...base, eventId: "a" }, base), 0)
    assert.isBelow(compareStamps({ ...base, eventId: "Z" }, base), 0, "code units, not locale")
  })
})

describe("merge", () => {
  it.prop("[P3] is commutative", [updates, updates], ([a, b]) => {
    assert.strictEqual(encodeRow(union(rowOf(a), rowOf(b))), encodeRow(union(rowOf(b), rowOf(a))))
  })

  it.prop("[P3] is associative", [updates, updates, updates], ([a, b, c]) => {
    const [x, y, z] = [rowOf(a), rowOf(b), rowOf(c)]
    assert.strictEqual(encodeRow(union(union(x, y), z)), encodeRow(union(x, union(y, z))))
  })

  it.prop("[P3] is idempotent, and says so by identity", [updates], ([a]) => {
    const row = rowOf(a)
    assert.strictEqual(merge(row, a), row)
  })

  it.prop("[P4] keeps the greatest stamp of every register", [updates], ([list]) => {
    const row = rowOf(list)
    for (const [name, { stamp }] of list) {
      const held = row.get(name)
      assert.isDefined(held)
      assert.isAtMost(compareStamps(stamp, held?.stamp ?? stamp), 0)
    }
    for (const [name, held] of row)
      assert.isTrue(list.some(([n, r]) => n === name && compareStamps(r.stamp, held.stamp) === 0))
  })

  it.prop("[P3] a row survives its encoding, and asOf is its greatest stamp", [updates], ([list]) => {
    const row = rowOf(list)
    const back = decodeRow(encodeRow(row))
    assert.deepStrictEqual(new Map([...back].sort()), new Map([...row].sort()))
    assert.strictEqual(encodeRow(back), encodeRow(row))
    const greatest = asOf(row)
    for (const { stamp } of row.values()) assert.isAtMost(compareStamps(stamp, greatest ?? stamp), 0)
  })

  it.prop("any JSON value and any register name survive", [json, Schema.String], ([value, name]) => {
    const row: Row = new Map([[name, { value, stamp: { clock: 1, published: 2, eventId: "e" } }]])
    assert.deepStrictEqual(decodeRow(encodeRow(row)), row)
  })

  it("a stored row that names no event is an error, not a guess", () => {
    assert.throws(() => decodeRow('{"events":[],"registers":{"a":[0,1,null]}}'), /names no event/)
  })
})
