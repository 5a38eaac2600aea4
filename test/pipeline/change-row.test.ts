import { assert, describe, it } from "@effect/vitest"
import type { Delta } from "../../src/domain/delta.ts"
import type { Projection } from "../../src/domain/projection.ts"
import type { Register, Row } from "../../src/domain/row.ts"
import type { Event } from "../../src/genesys/event.ts"
import { type Change, changeOf, type DerivedUpdate, isUnwritable, rewriteOf } from "../../src/pipeline/change-row.ts"
import type { StoredRow } from "../../src/store/projection-store.ts"

const NOW = 1_700_000_000_500
const KEY = { projection: "p-v1", entity: "e", row: "state" }

/** A projection whose rows show their registers, and are closed by a register `end`. */
const projection = (more: Partial<Projection<Event>> = {}): Projection<Event> => ({
  name: "p",
  version: 1,
  key: "id",
  topics: [],
  deltas: () => [],
  view: (_, row) => Object.fromEntries([...row].map(([name, { value }]) => [name, value])) as never,
  closed: (_, row) => row.has("end"),
  tombstoneSeconds: 60,
  ...more
})

const stamp = (clock: number) => ({ clock, published: clock, eventId: `e-${clock}` })
const delta = (register: string, value: unknown, clock: number, late = false): Delta =>
  ({ ...KEY, register, value, stamp: stamp(clock), late }) as never
const row = (...registers: ReadonlyArray<readonly [string, unknown, number]>): Row =>
  new Map(registers.map(([name, value, clock]) => [name, { value, stamp: stamp(clock) } as Register]))
const stored = (registers: Row, more: Partial<StoredRow> = {}): StoredRow =>
  ({ registers, version: 1, ...more }) as never

interface Given {
  readonly of?: Partial<Projection<Event>>
  readonly from?: StoredRow
  readonly deltas?: ReadonlyArray<Delta>
  readonly derived?: ReadonlyArray<DerivedUpdate>
  readonly keepUntil?: number
  readonly window?: { readonly settle: number; readonly skew: number }
}

const made = ({ of = {}, from, deltas = [], derived = [], keepUntil = 0, window }: Given) =>
  changeOf({ ...KEY, of: projection(of), deltas, derived }, from, NOW, keepUntil, window)

const changed = (given: Given): Change => {
  const change = made(given)
  return isUnwritable(change) ? assert.fail(change.detail) : change
}
const problemOf = (given: Given) => {
  const problem = made(given)
  return isUnwritable(problem) ? [problem.reason, problem.detail] : assert.fail("it was made")
}

const boom = () => {
  throw new RangeError("quotes a value")
}
const x = delta("x", 1, 1)

const derivedFrom = (of: DerivedUpdate["of"]): DerivedUpdate => ({ ...KEY, register: "~x", of, source: {} as never })

describe("a row that changes", () => {
  it("is written with its registers and columns, as of its newest update", () => {
    const { write, won } = changed({ deltas: [x, delta("y", 2, 5)] })
    assert.deepInclude(write, { ...KEY, columns: { x: 1, y: 2 }, asOf: 5, counted: false, from: undefined })
    for (const name of ["expiresAt", "revised", "remembered"]) assert.notProperty(write, name)
    assert.lengthOf(won, 2)
  })

  it("is not written where nothing changes", () => {
    const from = stored(row(["x", 2, 9]))
    const { write, before, after, won } = changed({ from, deltas: [x] })
    assert.isUndefined(write)
    assert.strictEqual(before, after)
    assert.deepStrictEqual(won, [])
  })

  it("wins what it takes, and of that alone", () => {
    const from = stored(row(["x", 2, 9]))
    assert.deepStrictEqual(
      changed({ from, deltas: [x, delta("y", 1, 1)] }).won.map(({ register }) => register),
      ["y"]
    )
  })

  it("is a tombstone where it is closed, until its time, a later one that stood there, or as long as is asked for", () => {
    const deltas = [delta("end", 1, 5)]
    const seconds = Math.ceil(NOW / 1_000)
    const of = (given: Given) => changed({ deltas, ...given }).write?.expiresAt
    assert.strictEqual(of({}), seconds + 60)
    assert.strictEqual(of({ keepUntil: seconds + 61 }), seconds + 61)
    assert.strictEqual(of({ from: stored(row(["x", 1, 1]), { expiresAt: seconds + 99 }) }), seconds + 99)
  })

  it("is written again, though nothing changes, where its tombstone would be gone too soon", () => {
    const of = (expiresAt: number, keepUntil: number) => {
      const end = delta("end", 1, 5)
      return changed({ from: stored(row(["end", 1, 5]), { expiresAt }), deltas: [end], keepUntil }).write
    }
    assert.isUndefined(of(100, 100))
    assert.isDefined(of(99, 100))
    assert.isUndefined(changed({ from: stored(row(["end", 1, 5])), deltas: [], keepUntil: 100 }).write)
    assert.strictEqual(changed({ from: stored(new Map(), { expiresAt: 99 }), keepUntil: 100 }).write?.asOf, 0)
  })

  it("is counted, and a summary derived for it, as its projection says", () => {
    const summary = (more: object = {}) => ({ summary: { reads: () => true, of: () => ({}), ...more } as never })
    assert.deepInclude(changed({ of: summary(), deltas: [x] }), { summarised: true })
    assert.strictEqual(changed({ of: summary(), deltas: [x] }).write?.counted, true)
    assert.notProperty(changed({ of: summary(), deltas: [x] }).write, "remembered")
    const remembered = summary({ remembers: (_: string, held: Row) => held.has("x") })
    assert.strictEqual(changed({ of: remembered, deltas: [x] }).write?.remembered, true)
    assert.notProperty(changed({ of: remembered, deltas: [delta("y", 1, 1)] }).write, "remembered")
    // Nothing is derived where nobody says how, for what is not counted, and for a row that is none.
    assert.isFalse(changed({ of: summary({ of: undefined }), deltas: [x] }).summarised)
    assert.isFalse(changed({ of: summary({ reads: () => false }), deltas: [x] }).summarised)
    assert.isFalse(changed({ of: summary(), deltas: [] }).summarised)
    assert.isFalse(changed({ deltas: [x] }).summarised)
  })

  it("says by what rule it was closed, once", () => {
    const of = { inferredEnd: (_: string, held: Row) => (held.has("end") ? "lost end" : undefined) }
    assert.strictEqual(changed({ of, deltas: [delta("end", 1, 5)] }).inferred, "lost end")
    assert.isUndefined(changed({ of, deltas: [x] }).inferred)
    assert.isUndefined(changed({ of, from: stored(row(["end", 1, 5])), deltas: [x] }).inferred)
    assert.isUndefined(changed({ deltas: [delta("end", 1, 5)] }).inferred)
  })

  it("has registers that follow from its own, which it loses again", () => {
    const of = (own: Row) => (own.has("x") ? ({ value: own.size, stamp: stamp(1) } as Register) : undefined)
    const { write } = changed({ deltas: [x], derived: [derivedFrom(of)] })
    assert.deepStrictEqual([...(write?.registers.keys() ?? [])], ["x", "~x"])
    const from = stored(row(["~x", 1, 1], ["y", 1, 1]))
    assert.deepStrictEqual([...(changed({ from, derived: [derivedFrom(of)] }).write?.registers.keys() ?? [])], ["y"])
  })
})

describe("a late update", () => {
  const window = { settle: 5_000, skew: 0 }
  const shown = stored(row(["x", 1, 1]))
  const revised = { at: 7, lateMs: 8 }

  it("marks a row whose register it changes, with how late it was", () => {
    const change = changed({ from: shown, deltas: [delta("x", 2, NOW - 60_000, true)], window })
    assert.deepStrictEqual(change.revised, { at: NOW, lateMs: 60_000 - 5_000 })
    assert.deepStrictEqual(change.write?.revised, change.revised)
    assert.lengthOf(change.revising, 1)
  })

  it("marks it with the longest of several delays", () => {
    const from = stored(row(["x", 1, 1], ["y", 1, 1]))
    const late = [NOW - 9_000, NOW - 60_000].map((clock, i) => delta(i === 0 ? "x" : "y", 2, clock, true))
    for (const deltas of [late, late.toReversed()])
      assert.deepStrictEqual(changed({ from, deltas, window }).revised, { at: NOW, lateMs: 55_000 })
  })

  it("marks a row that it closes, or opens again, whatever its registers held", () => {
    const end = changed({ from: shown, deltas: [delta("end", 1, 5, true)], window })
    assert.lengthOf(end.revising, 1)
    const first = changed({ deltas: [delta("end", 1, 5, true)], window })
    assert.lengthOf(first.revising, 0)
  })

  it("keeps the mark that was there where it changes nothing, and in a replay", () => {
    const from = stored(row(["x", 1, 1]), { revised })
    for (const given of [
      { deltas: [delta("x", 1, 9, true)], window },
      { deltas: [delta("x", 2, 9)], window },
      { deltas: [delta("y", 2, 9, true)], window },
      { deltas: [delta("x", 2, 9, true)] }
    ])
      assert.deepStrictEqual(changed({ from, ...given }).revised, revised)
  })
})

describe("a row that cannot change", () => {
  it("is refused by what its projection throws, by the name of the function", () => {
    const cases: ReadonlyArray<readonly [string, Given]> = [
      ["merge", { of: { merge: boom } }],
      ["view", { of: { view: boom } }],
      ["closed", { of: { closed: boom } }],
      ["closed", { of: { closed: boom }, from: stored(row(["y", 1, 1])) }],
      ["summary.reads", { of: { summary: { reads: boom } as never } }],
      ["summary.remembers", { of: { summary: { reads: () => true, remembers: boom } as never } }],
      ["inferredEnd", { of: { inferredEnd: boom } }],
      ["derived", { derived: [derivedFrom(boom)] }]
    ]
    for (const [name, given] of cases)
      assert.deepStrictEqual(problemOf({ deltas: [x], ...given }), ["ProjectionThrew", `\`${name}\` threw RangeError`])
    // The row as it was may make it throw, where the row as it is does not.
    const before = (_: string, held: Row) => (held.has("x") ? "a rule" : boom())
    assert.deepStrictEqual(problemOf({ deltas: [x], of: { inferredEnd: before } }), [
      "ProjectionThrew",
      "`inferredEnd` threw RangeError"
    ])
  })

  it("is refused by columns that throw when they are looked at", () => {
    const columns = { view: () => Object.defineProperty({}, "a", { get: boom, enumerable: true }) }
    assert.deepStrictEqual(problemOf({ deltas: [x], of: columns }), ["ProjectionThrew", "`fold` threw RangeError"])
    assert.deepStrictEqual(rewriteOf(projection(columns), KEY, row(["x", 1, 1]), stored(row()), NOW), {
      reason: "ProjectionThrew",
      detail: "`fold` threw RangeError"
    })
  })

  it("is refused for a register or a column that cannot be stored", () => {
    // The columns do not show it.
    const of = { view: () => ({}) }
    assert.strictEqual(problemOf({ deltas: [delta("x", 1n, 1)], of })[0], "ValueInvalid")
    assert.strictEqual(problemOf({ deltas: [x], of: { view: () => ({ a: Number.NaN }) as never } })[0], "ValueInvalid")
    const bad = derivedFrom(() => ({ value: 1n, stamp: stamp(1) }) as never)
    assert.strictEqual(problemOf({ deltas: [x], derived: [bad], of })[0], "ValueInvalid")
  })

  it("is refused where its own merge makes no row", () => {
    assert.deepStrictEqual(problemOf({ deltas: [x], of: { merge: () => ({}) as never } }), [
      "ValueInvalid",
      "`merge` returned no row"
    ])
  })

  it("is not refused for what stood there before", () => {
    const from = stored(row(["old", 1n, 1]), {})
    assert.deepStrictEqual(changed({ from, deltas: [x], of: { view: () => ({}) } }).write?.columns, {})
  })

  it("is refused as it was when it was read", () => {
    const unreadable = { reason: "RowUnreadable", detail: "so" } as const
    assert.strictEqual(made({ from: stored(row(), { unreadable }), deltas: [x] }), unreadable)
  })
})

describe("a row that is written over itself", () => {
  const rewritten = (registers: Row, of: Partial<Projection<Event>> = {}, from = stored(registers)) =>
    rewriteOf(projection(of), KEY, registers, from, NOW)

  it("has the columns, the expiry and the mark that follow from its registers", () => {
    const from = stored(row(), { revised: { at: 7, lateMs: 8 } })
    assert.deepInclude(rewritten(row(["x", 1, 5]), {}, from), {
      ...KEY,
      columns: { x: 1 },
      asOf: 5,
      from,
      revised: { at: 7, lateMs: 8 }
    })
    assert.propertyVal(rewritten(row(["end", 1, 5])), "expiresAt", Math.ceil(NOW / 1_000) + 60)
  })

  it("is deleted at once where nothing is left of it", () => {
    const from = stored(row(["x", 1, 1]))
    assert.deepStrictEqual(rewritten(new Map(), {}, from), {
      ...KEY,
      ...{ registers: new Map(), columns: {}, asOf: 0, from, counted: false },
      expiresAt: Math.floor(NOW / 1_000)
    } as never)
  })

  it("is refused by what its projection throws", () => {
    for (const [name, of] of [
      ["view", { view: boom }],
      ["summary.reads", { summary: { reads: boom } as never }]
    ] as ReadonlyArray<readonly [string, Partial<Projection<Event>>]>)
      assert.deepStrictEqual(rewritten(row(["x", 1, 1]), of), {
        reason: "ProjectionThrew",
        detail: `\`${name}\` threw RangeError`
      })
  })
})
