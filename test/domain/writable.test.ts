import { assert, describe, it } from "@effect/vitest"
import { foldEvent } from "../../src/domain/fold-event.ts"
import type { Projection } from "../../src/domain/projection.ts"
import {
  columnsProblem,
  exceedsBytes,
  keyProblem,
  registerProblem,
  updateProblem,
  wellFormed
} from "../../src/domain/writable.ts"

const stamp = { clock: 1, published: 1, eventId: "e" }
const update = { entity: "e", row: "r", register: "x", value: 1 as unknown, stamp }

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])

describe("what can be written", () => {
  it("[P7] is counted in bytes of UTF-8, at the limit of DynamoDB and not before it", () => {
    for (const [text, bytes] of [
      ["a".repeat(2_048), 2_048],
      ["é".repeat(1_024), 2_048],
      ["€".repeat(682), 2_046],
      ["😀".repeat(512), 2_048]
    ] as const) {
      assert.isFalse(exceedsBytes(text, bytes))
      assert.isTrue(exceedsBytes(text, bytes - 1))
    }
    assert.isUndefined(keyProblem({ entity: "é".repeat(1_024), row: "€".repeat(341) }))
    assert.strictEqual(keyProblem({ entity: "é".repeat(1_025), row: "r" })?.reason, "KeyTooLong")
    assert.strictEqual(keyProblem({ entity: "e", row: "€".repeat(342) })?.reason, "KeyTooLong")
  })

  it.each([
    ["an empty entity", { entity: "" }, "KeyEmpty"],
    ["an empty row", { row: "" }, "KeyEmpty"],
    ["no entity at all", { entity: undefined }, "KeyNotText"],
    ["half of a character in a key", { row: "session#\ud800" }, "KeyNotText"],
    ["a register without a name", { register: undefined }, "KeyNotText"],
    ["a clock that is none", { stamp: { ...stamp, clock: Number.NaN } }, "ClockInvalid"],
    ["a clock beyond all dates", { stamp: { ...stamp, clock: 1e16 } }, "ClockInvalid"],
    ["no value", { value: undefined }, "ValueInvalid"],
    ["a number that JSON does not have", { value: { a: [Number.POSITIVE_INFINITY] } }, "ValueInvalid"],
    ["what JSON cannot say", { value: { a: 1n } }, "ValueInvalid"],
    ["nesting without end", { value: nested(101) }, "ValueTooDeep"],
    ["more than a message takes", { value: "x".repeat(1_000_000) }, "UpdateTooLarge"],
    ["more than a message takes, escaped", { value: "\u0001".repeat(170_000) }, "UpdateTooLarge"]
  ])("[P7] is not %s", (_, change, reason) => {
    const problem = updateProblem({ ...update, ...change } as typeof update)
    assert.strictEqual(problem?.reason, reason)
    assert.notMatch(problem?.detail ?? "", /session|xxx/)
  })

  it("is everything else", () => {
    for (const value of [null, "", "\ud800", -0, nested(100), { a: undefined, "": {} }, "x".repeat(990_000)])
      assert.isUndefined(updateProblem({ ...update, value }))
    assert.isUndefined(registerProblem("x", { value: null, stamp }))
  })

  it("[P7] as columns has names and no more than 32 levels", () => {
    assert.isUndefined(columnsProblem({ a: nested(31), b: { c: null } }))
    assert.strictEqual(columnsProblem({ a: nested(32) })?.reason, "ValueTooDeep")
    for (const columns of [{ "": 1 }, { a: { "": 1 } }, { a: undefined }, { a: Number.NaN }, null, []])
      assert.strictEqual(columnsProblem(columns)?.reason, "ValueInvalid", JSON.stringify(columns))
  })

  it("[P7] as a register has a stamp that can be read again", () => {
    for (const register of [undefined, {}, { value: 1 }, { value: 1, stamp: { ...stamp, clock: Number.NaN } }])
      assert.strictEqual(registerProblem("x", register)?.reason, "ClockInvalid")
  })

  it("has whole characters, and is the same value where it has", () => {
    const value = { a: ["x", { b: 1 }] }
    assert.strictEqual(wellFormed(value), value)
    assert.deepStrictEqual(wellFormed({ "\ud800": ["\udc00x"] }), { "\ufffd": ["\ufffdx"] })
  })
})

describe("an event", () => {
  const projection = (name: string, deltas: Projection<never>["deltas"]): Projection<never> => ({
    name,
    version: 1,
    key: "id",
    topics: ["t"],
    deltas,
    view: () => ({}),
    closed: () => false,
    tombstoneSeconds: 0
  })
  const event = { id: "e", topic: "t", published: 1, received: 1 } as never
  const of = (...projections: ReadonlyArray<Projection<never>>) =>
    foldEvent(projections, event, { settle: 5_000, skew: 0 })

  it("[P7] keeps the updates beside one that cannot be written, of the same projection and of others", () => {
    const row = (name: string) => ({ entity: "e", row: name, register: "x", value: 1 })
    const { deltas, refused } = of(
      projection("a", () => [row("1"), row(""), row("2")]),
      projection("b", () => [row("3")]),
      projection("c", () => {
        throw new RangeError("quotes a value")
      }),
      projection("d", () => undefined as never)
    )
    assert.deepStrictEqual(
      deltas.map(({ projection: name, row: at }) => [name, at]),
      [
        ["a-v1", "1"],
        ["a-v1", "2"],
        ["b-v1", "3"]
      ]
    )
    assert.deepStrictEqual(
      refused.map(({ projection: name, reason, detail }) => [name, reason, detail]),
      [
        ["a-v1", "KeyEmpty", "the name of the row is empty"],
        ["c-v1", "ProjectionThrew", "`deltas` threw RangeError"],
        ["d-v1", "ProjectionThrew", "`deltas` threw TypeError"]
      ]
    )
  })
})
