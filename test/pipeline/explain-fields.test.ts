import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { windowAt } from "../../src/domain/archive-window.ts"
import type { Register } from "../../src/domain/row.ts"
import {
  archivedIn,
  type ExplainedRow,
  explain,
  explainPast,
  NotFolded,
  withArchived
} from "../../src/pipeline/explain.ts"
import { provenanceOf, summaryProvenance } from "../../src/pipeline/provenance.ts"
import { Archive } from "../../src/store/archive.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { memoryArchive } from "../../src/store/memory/archive.ts"
import { forge } from "../support/corruptions.ts"
import { lamp } from "./audit/corrupted.ts"
import { desks, EVENTS, makeSmall, type Small, START, saidOf, saying } from "./audit/small.ts"

const TOPIC = "v2.users.{id}.routingStatus"
const SEALED = START + 9e9

const causeOf = (row: string, register: string, value: unknown, at: number, eventId: string) => ({
  ...{ row, register, value, clock: START + at, published: START + at, eventId }
})
/** All events of these tests come five seconds after the start. */
const setBy = (...of: Parameters<typeof causeOf>) => ({
  ...causeOf(...of),
  ...{ arrived: START + 5_000, delayMs: 5_000 - of[3], topic: TOPIC }
})

const x = setBy("seat#1", "x", 5, 0, "e1")
const lit = { column: "on", value: 1, setBy: [setBy("lamp", "on", 1, 4_000, "e3")] }
const shown = (row: string, at: number, fields: ReadonlyArray<object>, more: Partial<ExplainedRow> = {}) => ({
  ...{ row, asOf: at === 0 ? 0 : START + at, tombstone: false, derived: false, fields },
  ...more
})
const ROWS = [
  shown("lamp", 4_000, [lit]),
  shown("seat#1", 3_000, [
    { column: "x", value: 5, setBy: [x] },
    { column: "screen", value: "s", setBy: [setBy("seat#1", "screen", "s", 0, "e1")] },
    { column: "y", value: 2, setBy: [setBy("seat#1", "y", 2, 3_000, "e4")] }
  ]),
  shown(
    "state",
    3_000,
    [
      { column: "count", value: 1, setBy: [x] },
      { column: "sum", value: 5, setBy: [x] }
    ],
    { derived: true }
  )
]
const CLOSED = shown(
  "seat#2",
  1_000,
  [
    { column: "x", value: 7, setBy: [setBy("seat#2", "x", 7, 1_000, "e2")] },
    { column: "end", value: 1, setBy: [setBy("seat#2", "end", 1, 1_000, "e2")] }
  ],
  { tombstone: true }
)
const whole = { generation: "desks-v1", entity: "d" }
const withClosed = [ROWS[0], ROWS[1], CLOSED, ROWS[2]]

/** A core whose store of events lacks one, which the archive may have. */
const lacking = (id: string) =>
  makeSmall(EVENTS, {
    events: (inner) => ({ ...inner, read: (ids) => inner.read(ids.filter((one) => one !== id)) })
  })
const inArchive = async (core: Small, window: number) => {
  const archive = memoryArchive()
  const read = { windows: 0 }
  const found = await core.run(
    Effect.gen(function* () {
      const inner = yield* Archive
      yield* inner.seal({ window, state: "sealed", sealedAt: SEALED, items: 0, bytes: 0, lists: [] })
      const windows = Effect.suspend(() => {
        read.windows++
        return inner.windows
      })
      return yield* explain("desks-v1", "d").pipe(Effect.provideService(Archive, { ...inner, windows }))
    }).pipe(Effect.provide(archive.layer))
  )
  return { found, read }
}

describe("an explanation", () => {
  it("names of every field the registers it follows from, in the order of the projection, and shows no closed row", async () => {
    const core = await makeSmall()
    assert.deepStrictEqual<unknown>(await core.run(explain("desks-v1", "d")), { ...whole, rows: ROWS })
    assert.deepStrictEqual<unknown>(await core.run(explain("desks-v1", "nobody")), {
      ...whole,
      entity: "nobody",
      rows: []
    })
  })

  it("shows closed rows where they are asked for: all, or those that a rule closed", async () => {
    const core = await makeSmall()
    const inferred = { ...desks, inferredEnd: () => "a rule" }
    assert.deepStrictEqual<unknown>((await core.run(explain("desks-v1", "d", true))).rows, withClosed)
    assert.deepStrictEqual<unknown>((await core.run(explain("desks-v1", "d", "inferred"))).rows, ROWS)
    const ruled = await makeSmall(EVENTS, { projections: [inferred] })
    assert.deepStrictEqual<unknown>((await ruled.run(explain("desks-v1", "d", "inferred"))).rows, withClosed)
    assert.deepStrictEqual<unknown>((await ruled.run(explain("desks-v1", "d"))).rows, ROWS)
  })

  it("tells when a row was put right, and columns that the projection does not know come last", async () => {
    const core = await makeSmall()
    const revised = { at: 9, lateMs: 3 }
    await forge(core, lamp, { columns: { z: 1, a: 2, m: 3, on: 1 }, revised })
    const [row] = (await core.run(explain("desks-v1", "d"))).rows
    const unknown = (column: string, value: number) => ({ column, value, setBy: [] })
    assert.deepStrictEqual<unknown>(row, {
      ...ROWS[0],
      revised,
      fields: [lit, unknown("a", 2), unknown("m", 3), unknown("z", 1)]
    })
  })

  it("is refused of a generation that is not folded", async () => {
    const core = await makeSmall()
    const error = await core.run(Effect.flip(explain("desks-v9", "d")))
    assert.instanceOf(error, NotFolded)
    assert.strictEqual(error.message, "desks-v9 is not folded; projections/index.ts does not list it")
  })

  it("reads the events of what is shown or counted, and of no other row", async () => {
    const asked: Array<ReadonlyArray<string>> = []
    const core = await makeSmall(EVENTS, {
      events: (inner) => ({
        ...inner,
        read: (ids) => {
          asked.push([...ids].sort())
          return inner.read(ids)
        }
      })
    })
    await core.run(explain("desks-v1", "d"))
    assert.deepStrictEqual(asked, [["e1", "e3", "e4"]])
  })
})

describe("an event that the table has no more", () => {
  it("is explained without when it came, and with since when its week is archived", async () => {
    const bare = { ...lit, setBy: [causeOf("lamp", "on", 1, 4_000, "e3")] }
    const core = await lacking("e3")
    assert.deepStrictEqual<unknown>((await core.run(explain("desks-v1", "d"))).rows[0]?.fields, [bare])
    const { found } = await inArchive(core, windowAt(START))
    const archived = { ...lit, setBy: [{ ...causeOf("lamp", "on", 1, 4_000, "e3"), archived: SEALED }] }
    assert.deepStrictEqual<unknown>(found.rows[0]?.fields, [archived])
    assert.deepStrictEqual<unknown>((await inArchive(core, windowAt(START) - 1)).found.rows[0]?.fields, [bare])

    assert.deepStrictEqual([...archivedIn(found)], [["e3", START + 4_000]])
    assert.deepStrictEqual<unknown>(withArchived(found, new Map()).rows[0]?.fields, [bare])
    const stored = await core.run(EventStore.use(({ read }) => read(["e1"])))
    // What the table has was explained by that.
    const again = [...stored].map(([id, one]) => [id, { ...one, received: one.received + 1 }] as const)
    const e3 = { envelope: { "detail-type": TOPIC }, received: START + 5_000 }
    assert.deepStrictEqual<unknown>(withArchived(found, new Map([...again, ["e3", e3]])), { ...whole, rows: ROWS })
  })

  it("is looked for in the archive only where there is one that is missing", async () => {
    assert.strictEqual((await inArchive(await makeSmall(), 1)).read.windows, 0)
    assert.strictEqual((await inArchive(await lacking("e3"), 1)).read.windows, 1)
    assert.strictEqual(archivedIn({ ...whole, rows: [] }).size, 0)
  })
})

describe("an explanation of the past", () => {
  const past = async (core: Small, options: Parameters<typeof explainPast>[2], name = "desks-v1") =>
    core.run(explainPast(name, "d", options))

  it("is what the events say whose time is up to then, with the summary as it was", async () => {
    const core = await makeSmall()
    const account = { scanned: 4, folded: 4, unreadable: 0, readUnits: 0, archiveBytes: 0 }
    assert.deepStrictEqual<unknown>(await past(core, {}), { ...whole, rows: ROWS, ...account })
    assert.deepStrictEqual<unknown>((await past(core, { tombstones: true })).rows, withClosed)
    const before = await past(core, { at: START + 3_999 })
    assert.deepStrictEqual<unknown>(before.rows, ROWS.slice(1))
    const first = await past(core, { at: START })
    assert.deepStrictEqual<unknown>(
      first.rows.map(({ row, asOf }) => [row, asOf]),
      [
        ["seat#1", START],
        ["state", START]
      ]
    )
    assert.deepStrictEqual<unknown>((await past(core, { at: START - 1 })).rows, [])
    assert.deepStrictEqual<unknown>((await past(core, { arrived: START })).rows, [])
  })

  it("has no summary where nothing is counted, or the projection makes none", async () => {
    const lines = [saying("e3", 4_000, ["desks", "d", "lamp", "on", 1])]
    assert.deepStrictEqual<unknown>((await past(await makeSmall(lines), {})).rows, [ROWS[0]])
    const none = await makeSmall(EVENTS, { projections: [saidOf("desks")] })
    assert.deepStrictEqual<unknown>((await past(none, {})).rows, ROWS.slice(0, 2))
    const { summary } = desks
    const { of: _, ...indexed } = summary ?? { reads: () => false, columns: [] }
    const open = await makeSmall(EVENTS, { projections: [saidOf("desks", { summary: indexed })] })
    assert.deepStrictEqual<unknown>((await past(open, {})).rows, ROWS.slice(0, 2))
    assert.deepStrictEqual<unknown>((await open.run(explain("desks-v1", "d"))).rows, ROWS.slice(0, 2))
  })

  it("is of no time where nothing of it tells one", async () => {
    const core = await makeSmall([saying("a", 0, ["desks", "d", "lamp", "@timer", 1])])
    const [lamp] = (await past(core, {})).rows
    assert.strictEqual(lamp?.asOf, 0)
  })

  it("tells of a closed row that it is one, and of one that was open that it was", async () => {
    const core = await makeSmall([
      saying("a", 0, ["desks", "d", "seat#1", "x", 1]),
      saying("b", 10, ["desks", "d", "seat#1", "end", 1])
    ])
    const told = async (at: number) =>
      (await past(core, { at: START + at, tombstones: true })).rows.map(({ row, tombstone }) => [row, tombstone])
    assert.deepStrictEqual(await told(9), [
      ["seat#1", false],
      ["state", false]
    ])
    assert.deepStrictEqual(await told(10), [
      ["seat#1", true],
      ["state", false]
    ])
  })
})

describe("where a column comes from", () => {
  const register = (value: unknown, clock: number): Register =>
    ({ value, stamp: { clock, published: clock, eventId: `e${clock}` } }) as Register
  const of = (view: (row: ReadonlyMap<string, Register>) => object) =>
    saidOf("desks", { view: (_, row) => view(row) as never })
  const names = (view: Parameters<typeof of>[0], registers: Readonly<Record<string, Register>>) =>
    Object.fromEntries(
      [...provenanceOf(of(view), "r", new Map(Object.entries(registers)))].map(([column, causes]) => [
        column,
        causes.map((cause) => cause.register)
      ])
    )

  it("is every register without which it would be another, the latest first", () => {
    const sum = (row: ReadonlyMap<string, Register>) => ({
      ...{ sum: [...row.values()].reduce((all, { value }) => all + Number(value), 0), fixed: 1 }
    })
    const [a, b, e, same] = [register(1, 5), register(2, 9), register(0, 1), register(3, 7)]
    const found = names(sum, { a, b, d: same, c: same, f: same, e })
    assert.deepStrictEqual(found, { sum: ["b", "c", "d", "f", "a"], fixed: [] })
  })

  it("is the one that is needed, though it says nothing alone, nor any other", () => {
    const both = (row: ReadonlyMap<string, Register>) => ({ both: row.has("a") && (row.has("b") || row.has("c")) })
    assert.deepStrictEqual(names(both, { a: register(1, 5), b: register(1, 9), c: register(1, 7) }), { both: ["a"] })
  })

  it("is each of those that say the same alone, where none is needed, unless nothing says it as well", () => {
    const any = (row: ReadonlyMap<string, Register>) => ({ any: [...row.values()].some(({ value }) => value === 1) })
    assert.deepStrictEqual(names(any, { a: register(1, 5), b: register(1, 9), c: register(0, 7) }), { any: ["b", "a"] })
    assert.deepStrictEqual(names(any, { c: register(0, 7) }), { any: [] })
    const shape = (row: ReadonlyMap<string, Register>) =>
      row.size === 0 ? {} : { shape: { x: 1, y: row.has("a") ? 1 : 2 } }
    assert.deepStrictEqual(names(shape, { a: register(1, 5), b: register(1, 9) }), { shape: ["a"] })
  })

  it("is for a summary what it reads of the rows without which it would be another", () => {
    const rowOf = (row: string, value: number, clock: number) => ({
      ...{ row, columns: { x: value, y: 1 } },
      registers: new Map([
        ["x", register(value, clock)],
        ["y", register(1, clock + 1)]
      ])
    })
    const rows = [rowOf("seat#1", 5, 10), rowOf("seat#2", 0, 20), rowOf("seat#3", 7, 30)]
    const found = [...summaryProvenance(desks, rows)].map(([column, causes]) => [
      column,
      causes.map((cause) => `${cause.row} ${cause.register}`)
    ])
    assert.deepStrictEqual(found, [
      ["count", ["seat#3 x", "seat#2 x", "seat#1 x"]],
      ["sum", ["seat#3 x", "seat#1 x"]]
    ])
    assert.strictEqual(summaryProvenance(saidOf("desks"), rows).size, 0)
    const { of: _, ...indexed } = desks.summary ?? { reads: () => true, columns: [] }
    assert.strictEqual(summaryProvenance(saidOf("desks", { summary: indexed }), rows).size, 0)
  })
})
