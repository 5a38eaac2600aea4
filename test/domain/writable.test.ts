import { assert, describe, it } from "@effect/vitest"
import { foldEvent, refusalOf } from "../../src/domain/fold-event.ts"
import type { Json } from "../../src/domain/json.ts"
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
    ["nothing in a list", { value: { a: [undefined] } }, "ValueInvalid"],
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

  it("[P7] says what is wrong in words that hold no value", () => {
    const details: ReadonlyArray<readonly [object, string]> = [
      [{ entity: 7 }, "the id of the entity is no text"],
      [{ entity: "" }, "the id of the entity is empty"],
      [{ entity: "é".repeat(1_025) }, "the id of the entity has 2050 bytes of UTF-8, and DynamoDB takes 2048"],
      [{ row: "a".repeat(1_025) }, "the name of the row has 1025 bytes of UTF-8, and DynamoDB takes 1024"],
      [{ row: "\ud800" }, "the name of the row holds half of a character"],
      [{ register: 7 }, "the name of the register is no text"],
      [{ stamp: {} }, "its clock is no time"],
      [{ value: Number.NaN }, "it holds a number that is not finite"],
      [{ value: undefined }, "it holds a undefined, which JSON does not have"],
      [{ value: nested(101) }, "its lists and objects are nested too deep"],
      [{ value: "x".repeat(1_000_000) }, "it has 1000008 bytes, and a message takes 1000000"]
    ]
    for (const [change, detail] of details)
      assert.strictEqual(updateProblem({ ...update, ...change } as typeof update)?.detail, detail)
    assert.strictEqual(columnsProblem({ a: { "": 1 } })?.detail, "it holds a field without a name")
    assert.strictEqual(columnsProblem([])?.detail, "the columns are no object")
    assert.strictEqual(registerProblem(7, { value: 1, stamp })?.detail, "the name of the register is no text")
    assert.strictEqual(registerProblem("x", {})?.detail, "the stamp of a register is none")
  })

  it("[P7] takes an update up to the bytes of a message, however its characters are written", () => {
    // '["x","' and '"]' are eight bytes.
    for (const [one, bytes] of [
      ["x", 1],
      ["é", 2],
      ["\u0001", 6],
      ["\ud800", 6]
    ] as const) {
      const most = Math.floor((1_000_000 - 8) / bytes)
      assert.isUndefined(updateProblem({ ...update, value: one.repeat(most) }))
      const problem = updateProblem({ ...update, value: one.repeat(most + 1) })
      assert.strictEqual(problem?.reason, "UpdateTooLarge", JSON.stringify(one))
    }
    const wide = (count: number) => ({
      ...update,
      value: Array.from({ length: count }, () => -1.2345678901234568e-300)
    })
    assert.isUndefined(updateProblem(wide(30_000)))
    assert.strictEqual(updateProblem(wide(45_000))?.reason, "UpdateTooLarge")
    const names = (count: number) => ({
      ...update,
      value: Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}`.padStart(100, "\u0001"), false]))
    })
    assert.strictEqual(
      updateProblem({ ...update, value: { a: "\u0001".repeat(170_000) } })?.reason,
      "UpdateTooLarge",
      "a field that is long"
    )
    // Two units each, of six bytes as JSON.
    const short = Array.from({ length: 60_000 }, (_, i) => String.fromCharCode(0xd800 + (i % 2_048), 1 + i / 2_048))
    assert.strictEqual(
      updateProblem({ ...update, value: Object.fromEntries(short.map((name) => [name, null])) })?.reason,
      "UpdateTooLarge",
      "many fields of short names"
    )
    assert.isUndefined(updateProblem(names(1_600)))
    assert.strictEqual(updateProblem(names(1_700))?.reason, "UpdateTooLarge")
    assert.strictEqual(
      updateProblem({ ...update, register: "\u0001".repeat(170_000), value: 1 })?.reason,
      "UpdateTooLarge"
    )
  })

  it("[P7] has a clock up to the last date, before and after 1970", () => {
    for (const clock of [0, 8_640_000_000_000_000, -8_640_000_000_000_000])
      assert.isUndefined(updateProblem({ ...update, stamp: { ...stamp, clock } }))
    for (const clock of [8_640_000_000_000_001, -8_640_000_000_000_001, "1"])
      assert.strictEqual(updateProblem({ ...update, stamp: { ...stamp, clock } })?.reason, "ClockInvalid")
  })

  it("[P7] as a register is refused for its name, any part of its stamp, and its value", () => {
    const register = { value: 1 as unknown, stamp }
    assert.isUndefined(registerProblem("x", register))
    assert.strictEqual(registerProblem(7, register)?.reason, "KeyNotText")
    for (const part of [{ clock: "1" }, { published: undefined }, { published: 1e16 }, { eventId: 7 }])
      assert.strictEqual(registerProblem("x", { ...register, stamp: { ...stamp, ...part } })?.reason, "ClockInvalid")
    assert.strictEqual(registerProblem("x", { ...register, value: nested(101) })?.reason, "ValueTooDeep")
    for (const value of [nested(100), { "": 1, a: undefined }])
      assert.isUndefined(registerProblem("x", { ...register, value }))
  })

  it("has whole characters, and is the same value where it has", () => {
    const value = { a: ["x", { b: 1 }] }
    assert.strictEqual(wellFormed(value), value)
    assert.deepStrictEqual(wellFormed({ "\ud800": ["\udc00x"] }), { "\ufffd": ["\ufffdx"] })
    for (const same of ["x", 1, null, true, [], {}, { a: 1 }, [1, "x"]] as ReadonlyArray<Json>)
      assert.strictEqual(wellFormed(same), same)
    assert.strictEqual(wellFormed("\ud800"), "\ufffd")
    assert.deepStrictEqual(wellFormed(["x", "\ud800"]), ["x", "\ufffd"])
    assert.deepStrictEqual(wellFormed({ a: 1, b: "\ud800" }), { a: 1, b: "\ufffd" })
    assert.deepStrictEqual(wellFormed({ "\ud800": 1, b: 2 }), { "\ufffd": 1, b: 2 })
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

  it("is one update for each register, whichever projections it reaches, and nothing of those that do not listen", () => {
    const row = (register: string, value: number) => ({ entity: "e", row: "r", register, value })
    const deaf: Projection<never> = { ...projection("z", () => [row("x", 9)]), topics: ["other"] }
    const { deltas, refused } = of(
      projection("a", () => [row("x", 1), row("y", 2), row("x", 3)]),
      deaf
    )
    assert.deepStrictEqual(
      deltas.map(({ register, value }) => [register, value]),
      [
        ["x", 3],
        ["y", 2]
      ]
    )
    assert.deepStrictEqual(refused, [])
    const twice = of(projection("a", () => [row("x", 1), row("x", 2)]))
    assert.deepStrictEqual(
      twice.deltas.map(({ value }) => value),
      [2]
    )
  })

  it("[P7] keeps nothing of what it refuses, however much that is and wherever it stands", () => {
    const row = (name: string) => ({ entity: "e", row: name, register: "x", value: 1 })
    const { deltas, refused } = of(projection("a", () => [row("1"), row(""), row("")]))
    assert.deepStrictEqual(
      deltas.map(({ row: at }) => at),
      ["1"]
    )
    assert.lengthOf(refused, 2)
  })

  it("[P7] is refused by one reason and a sentence for each projection", () => {
    const refusal = (name: string, detail: string, reason = "KeyEmpty") =>
      ({ projection: name, reason, detail, delta: {} }) as never
    assert.deepStrictEqual(
      refusalOf([refusal("a-v1", "it is empty"), refusal("a-v1", "it is empty", "KeyNotText"), refusal("b-v1", "so")]),
      {
        reason: "KeyEmpty",
        detail: "an update of a-v1: it is empty; an update of b-v1: so"
      }
    )
  })

  it("[P7] keeps nothing that a projection had made before it threw", () => {
    const half = projection(
      "a",
      () =>
        Object.assign([{ entity: "e", row: "r", register: "x", value: 1 }], {
          *[Symbol.iterator](this: ReadonlyArray<unknown>) {
            yield this[0]
            throw "no error"
          },
          map: () => {
            throw "no error"
          }
        }) as never
    )
    const { deltas, refused } = of(half)
    assert.deepStrictEqual(deltas, [])
    assert.deepStrictEqual(
      refused.map(({ detail, delta }) => [detail, delta]),
      [["`deltas` threw string", undefined]]
    )
  })

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
