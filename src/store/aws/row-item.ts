import { type Columns, type EntityRow, OPEN_INDEX } from "../../domain/projection.ts"
import { emptyRow } from "../../domain/row.ts"
import { iso } from "../../domain/stamp.ts"
import { type Unwritable, unwritable } from "../../domain/writable.ts"
import {
  isOpen,
  RESERVED_COLUMNS,
  type ReadRow,
  type Revision,
  type RowWrite,
  reservedColumn,
  type StoredRow
} from "../projection-store.ts"
import { fromAttribute, type Item, itemBytes, toAttribute } from "./attribute.ts"
import { packRegisters, unpackRegisters } from "./packed-registers.ts"

/** Where a generation is stored: its table, whose partition key column is `key` and whose sort key is `row`. */
export interface RowTable {
  readonly table: string
  readonly key: string
}

export const rowItemKey = ({ key }: RowTable, entity: string, row: string): Item => ({
  [key]: { S: entity },
  row: { S: row }
})

/** DynamoDB's limit for an item. Our count of it is never too small. */
const MAX_ITEM_BYTES = 400 * 1_024

/** Why a table cannot hold these columns under their names. */
export const columnProblem = ({ key }: RowTable, columns: Columns): Unwritable | undefined => {
  const name = Object.keys(columns).find((one) => one === key || RESERVED_COLUMNS.has(one))
  return name === undefined ? undefined : reservedColumn(name)
}

/** Why a table cannot hold an item of this size. */
export const sizeProblem = (item: Item): Unwritable | undefined => {
  const bytes = itemBytes(item)
  return bytes <= MAX_ITEM_BYTES
    ? undefined
    : unwritable("RowTooLarge", `the row has ${bytes} bytes, and DynamoDB takes ${MAX_ITEM_BYTES}`)
}

/**
 * The attributes of a row without its key: the columns, `registers` (`packRegisters`), `version`, `asOf` (ISO-8601 with milliseconds), for a tombstone `expiresAt` (epoch seconds, the TTL attribute), for a row
 * that was revised `revisedAt` (as `asOf`) and `revisedLateMs`, and for a row that `open` is to find the key of that index.
 */
export const rowAttributes = (table: RowTable, write: RowWrite): Item => {
  const { entity, row, registers, columns, asOf, from, expiresAt, revised } = write
  const attributes: Item = {
    ...columnAttributes(columns),
    version: { N: String((from?.version ?? 0) + 1) },
    asOf: { S: iso(asOf) },
    ...(expiresAt === undefined ? {} : { expiresAt: { N: String(expiresAt) } }),
    ...revisionAttributes(revised),
    ...(isOpen(write) ? { [OPEN_INDEX.key]: { S: row } } : {})
  }
  const others = itemBytes(rowItemKey(table, entity, row)) + itemBytes(attributes) + "registers".length
  return { ...attributes, registers: packRegisters(registers, others) }
}

/** Two attributes, or none. */
export const revisionAttributes = (revised: Revision | undefined): Item =>
  revised === undefined
    ? {}
    : { revisedAt: { S: iso(revised.at) }, revisedLateMs: { N: String(Math.round(revised.lateMs)) } }

/** The inverse. */
export const revisionOf = ({ revisedAt, revisedLateMs }: Item): Revision | undefined =>
  revisedAt?.S === undefined ? undefined : { at: Date.parse(revisedAt.S), lateMs: Number(revisedLateMs?.N) }

export const columnAttributes = (columns: Columns): Item =>
  Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, toAttribute(value)]))

const expiry = ({ expiresAt }: Item) => (expiresAt === undefined ? {} : { expiresAt: Number(expiresAt.N) })

const revision = (item: Item) => {
  const revised = revisionOf(item)
  return revised === undefined ? {} : { revised }
}

export const toStoredRow = (table: RowTable, item: Item): StoredRow => ({
  registers: unpackRegisters(item.registers),
  version: Number(item.version?.N),
  columns: columnNames(table.key, item),
  open: item[OPEN_INDEX.key] !== undefined,
  ...expiry(item),
  ...revision(item)
})

/** What the index `open` holds of a row. */
export const toEntityRow = (table: RowTable, item: Item): EntityRow => ({
  row: item.row?.S ?? "",
  columns: columnsOf(table.key, item)
})

/** A row as readers see it, or nothing where only a ticket was taken. A summary has no registers; its version is its ticket. */
export const toReadRow = (table: RowTable, item: Item): ReadonlyArray<ReadRow> => {
  const { row, asOf, registers, version, summarised } = item
  if (asOf?.S === undefined) return []
  return [
    {
      row: row?.S ?? "",
      columns: columnsOf(table.key, item),
      registers: registers === undefined ? emptyRow : unpackRegisters(registers),
      asOf: Date.parse(asOf.S),
      version: Number((version ?? summarised)?.N),
      ...expiry(item),
      ...revision(item)
    }
  ]
}

/** The names of the columns among the attributes of a row in a table with the partition key `key`. */
export const columnNames = (key: string, item: Readonly<Record<string, unknown>>): ReadonlyArray<string> =>
  Object.keys(item).filter((name) => name !== key && !RESERVED_COLUMNS.has(name))

/** The columns of a row, as readers see them. */
export const columnsOf = (key: string, item: Item): Columns =>
  Object.fromEntries(columnNames(key, item).map((name) => [name, fromAttribute(item[name] ?? { NULL: true })]))
