import { assert, describe, it } from "@effect/vitest"
import { encodeRow, type Row } from "../../src/domain/row.ts"
import type { Item } from "../../src/store/aws/attribute.ts"
import {
  columnProblem,
  columnsOf,
  revisionOf,
  rowAttributes,
  rowItemKey,
  sizeProblem,
  toEntityRow,
  toReadRow,
  toStoredRow
} from "../../src/store/aws/row-item.ts"
import { isOpen, laterRevision, type RowWrite, reservedColumn, rowKey } from "../../src/store/projection-store.ts"
import { ARRIVAL } from "./events.ts"

const table = { table: "rows", key: "agentId" }
const registers: Row = new Map([
  ["presence", { value: "BUSY", stamp: { clock: ARRIVAL, published: ARRIVAL + 1, eventId: "e" } }]
])
const write: RowWrite = {
  projection: "agents-v2",
  entity: "a",
  row: "state",
  registers,
  columns: { state: "Busy", count: 2, none: null },
  asOf: ARRIVAL,
  from: undefined,
  counted: false
}
const AS_OF = "2026-05-06T10:00:05.000Z"

describe("a row as its item", () => {
  const written = (more: Partial<RowWrite> = {}): Item => ({
    ...rowItemKey(table, "a", "state"),
    ...rowAttributes(table, { ...write, ...more })
  })

  it("holds key, columns, registers, version and time, and what else is said of it", () => {
    const base = {
      agentId: { S: "a" },
      row: { S: "state" },
      state: { S: "Busy" },
      count: { N: "2" },
      none: { NULL: true },
      version: { N: "1" },
      asOf: { S: AS_OF },
      registers: { S: encodeRow(registers) }
    }
    assert.deepStrictEqual(written(), base)
    const from = { registers, version: 6, columns: [], open: false }
    const revised = { at: ARRIVAL + 5, lateMs: 60_000.4 }
    assert.deepStrictEqual(written({ from, expiresAt: 1_800_000_000, revised, counted: true, remembered: true }), {
      ...base,
      version: { N: "7" },
      expiresAt: { N: "1800000000" },
      revisedAt: { S: "2026-05-06T10:00:05.005Z" },
      revisedLateMs: { N: "60000" },
      openRow: { S: "state" }
    })
  })

  it("is read back as the next write needs it, as a summary counts it, and as readers see it", () => {
    const item = written({ expiresAt: 1_800_000_000, revised: { at: ARRIVAL, lateMs: 7 } })
    const [columns, more] = [write.columns, { expiresAt: 1_800_000_000, revised: { at: ARRIVAL, lateMs: 7 } }]
    const { registers: _, ...stored } = toStoredRow(table, item)
    assert.deepStrictEqual(stored, { version: 1, columns: ["state", "count", "none"], open: false, ...more })
    assert.isTrue(toStoredRow(table, written({ counted: true })).open)
    assert.deepStrictEqual(Object.keys(toStoredRow(table, written())), ["registers", "version", "columns", "open"])
    assert.deepStrictEqual(toEntityRow(table, item), { row: "state", columns })
    const [read] = toReadRow(table, item)
    assert.strictEqual(encodeRow(read?.registers ?? new Map()), encodeRow(registers))
    assert.deepStrictEqual(
      { ...read, registers: 0 },
      { row: "state", columns, registers: 0, asOf: ARRIVAL, version: 1, ...more }
    )
    assert.deepStrictEqual(columnsOf("agentId", { state: { S: "Busy" }, agentId: { S: "a" } }), { state: "Busy" })
  })

  it("of a summary has no registers, and is nothing where a ticket alone was taken", () => {
    const summary: Item = { row: { S: "state" }, asOf: { S: AS_OF }, summarised: { N: "4" }, waiting: { N: "1" } }
    const [read] = toReadRow(table, summary)
    assert.deepStrictEqual(read, {
      row: "state",
      columns: { waiting: 1 },
      registers: new Map(),
      asOf: ARRIVAL,
      version: 4
    })
    assert.deepStrictEqual(toReadRow(table, { row: { S: "state" }, ticket: { N: "1" } }), [])
    assert.isUndefined(revisionOf({ revisedLateMs: { N: "1" } }))
  })

  it("has no column that is called as an attribute of its own or as its key", () => {
    const own = [
      "row",
      "registers",
      "version",
      "expiresAt",
      "asOf",
      "ticket",
      "summarised",
      "summaryParts",
      "revisedAt",
      "revisedLateMs"
    ]
    for (const name of [...own, "openRow", "agentId"])
      assert.deepStrictEqual(columnProblem(table, { fine: 1, [name]: 1 }), {
        reason: "ColumnReserved",
        detail: `a column is called \`${name}\`, as an attribute of the row's own is`
      })
    assert.isUndefined(columnProblem(table, { queueId: 1, open: true }))
    assert.strictEqual(reservedColumn("row").reason, "ColumnReserved")
  })

  it("has 400 KB at most", () => {
    const sized = (bytes: number): Item => ({ name: { S: "x".repeat(bytes - 4) } })
    assert.isUndefined(sizeProblem(sized(409_600)))
    assert.deepStrictEqual(sizeProblem(sized(409_601)), {
      reason: "RowTooLarge",
      detail: "the row has 409601 bytes, and DynamoDB takes 409600"
    })
  })

  it("is deflated by all that it takes, down to the last byte of a write unit", () => {
    const units = (row: Row): number => {
      const attributes = rowAttributes(table, { ...write, registers: row })
      return "B" in (attributes.registers as object) ? 2 : 1
    }
    const long = (length: number): Row =>
      new Map([["presence", { value: "x".repeat(length), stamp: { clock: 1, published: 1, eventId: "e" } }]])
    const fixed = encodeRow(long(0)).length
    // The key, the columns, version and time, and the name of the registers.
    const others = "agentId".length + 1 + "row".length + 5 + "state".length + 4 + "count".length + 3 + "none".length + 1
    const rest = others + "version".length + 3 + "asOf".length + 24 + "registers".length
    assert.strictEqual(units(long(1_024 - rest - fixed)), 1)
    assert.strictEqual(units(long(1_024 - rest - fixed + 1)), 2)
  })
})

describe("what is said of a row", () => {
  it("is the later revision of two, either of which there may not be", () => {
    const [early, late] = [
      { at: 1, lateMs: 9 },
      { at: 2, lateMs: 1 }
    ] as const
    assert.strictEqual(laterRevision(early, late), late)
    assert.strictEqual(laterRevision(late, early), late)
    assert.strictEqual(laterRevision(early, undefined), early)
    assert.strictEqual(laterRevision(undefined, early), early)
    assert.isUndefined(laterRevision(undefined, undefined))
    assert.strictEqual(laterRevision(early, { at: 1, lateMs: 5 }), early)
  })

  it("is that it is open while a summary counts it: no tombstone, or one that is remembered", () => {
    assert.isTrue(isOpen({ counted: true }))
    assert.isFalse(isOpen({ counted: false }))
    assert.isFalse(isOpen({ counted: true, expiresAt: 1 }))
    assert.isFalse(isOpen({ counted: true, expiresAt: 1, remembered: false }))
    assert.isTrue(isOpen({ counted: true, expiresAt: 1, remembered: true }))
    assert.isFalse(isOpen({ counted: false, expiresAt: 1, remembered: true }))
  })

  it("is under a key that no other row has, whatever the ids", () => {
    const keys = [
      ["a", "b", "c"],
      ["ab", "", "c"],
      ["a", "", "bc"],
      ["a", "bc", ""],
      ["a1:b", "c", ""],
      ["a", "1:bc", ""]
    ].map(([projection = "", entity = "", row = ""]) => rowKey({ projection, entity, row }))
    assert.strictEqual(new Set(keys).size, keys.length)
    assert.strictEqual(keys[0], "1:a1:bc")
  })
})
