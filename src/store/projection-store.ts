import { Context, type Effect } from "effect"
import type { EntityId, Generation } from "../domain/ids.ts"
import type { Json } from "../domain/json.ts"
import { type Columns, type EntityRow, OPEN_INDEX } from "../domain/projection.ts"
import { emptyRow, type Row } from "../domain/row.ts"
import { type Unwritable, unwritable } from "../domain/writable.ts"
import type { StoreError } from "./store-error.ts"

/** `projection` is a generation (`agents-v1`), which names the table. */
export interface RowKey {
  readonly projection: Generation
  readonly entity: EntityId
  readonly row: string
}

/**
 * A late update that changed a register of a row: when that became visible (epoch ms), and how long after it was due (ms; the longest,
 * where one write brought several). It tells readers that what they were shown before was put right; like `version` it is no part of
 * what the row means.
 */
export interface Revision {
  readonly at: number
  readonly lateMs: number
}

/** The later of two, either of which there may not be. */
export const laterRevision = (a: Revision | undefined, b: Revision | undefined): Revision | undefined =>
  a === undefined || (b !== undefined && b.at > a.at) ? b : a

/**
 * A stored row. `version` counts its writes and is the token of the next one; it is not part of what the row means. `columns`
 * names the columns it has, so that the next write can remove those that are gone; `open` says that `open` finds it. `unreadable`: why
 * nothing can be told of the row, in which case all else here is empty and must not be merged into.
 */
export interface StoredRow {
  readonly registers: Row
  readonly version: number
  readonly columns: ReadonlyArray<string>
  readonly open: boolean
  readonly unreadable?: Unwritable
  readonly expiresAt?: number
  readonly revised?: Revision
}

/**
 * A row to write. `from` is the stored row it was merged from, undefined for a row that was not there: the write happens only
 * if that is still so. `expiresAt` (epoch seconds) marks a tombstone. `counted`: the summary of its entity reads the row while it
 * is none, and a tombstone that is `remembered` too; only in generations that have a summary. `revised` is kept with the row; a write without it takes away what was there.
 */
export interface RowWrite extends RowKey {
  readonly registers: Row
  readonly columns: Columns
  readonly asOf: number
  readonly from: StoredRow | undefined
  readonly counted: boolean
  readonly expiresAt?: number
  readonly remembered?: boolean
  readonly revised?: Revision
}

/** Whether `open` is to find a row once it is written. */
export const isOpen = ({
  counted,
  expiresAt,
  remembered
}: Pick<RowWrite, "counted" | "expiresAt" | "remembered">): boolean =>
  counted && (expiresAt === undefined || remembered === true)

/** The refusal of a column whose name an attribute of our own has. */
export const reservedColumn = (name: string): Unwritable =>
  unwritable("ColumnReserved", `a column is called \`${name}\`, as an attribute of the row's own is`)

/** What `load` returns for a row of which nothing can be told. */
export const unreadableRow = (unreadable: Unwritable): StoredRow => ({
  registers: emptyRow,
  version: 0,
  columns: [],
  open: false,
  unreadable
})

/** Attributes of a row that are not columns. A write whose columns use one of these names (or the key's) is refused. */
export const RESERVED_COLUMNS: ReadonlySet<string> = new Set([
  "row",
  "registers",
  "version",
  "expiresAt",
  "asOf",
  "ticket",
  "summarised",
  "summaryParts",
  "revisedAt",
  "revisedLateMs",
  OPEN_INDEX.key
])

/** `conflict`: somebody else wrote the row first; read, merge and write again. Otherwise why no table can ever hold what was to be written. */
export type Written = "written" | "conflict" | Unwritable

/** A row with its columns, as a reader sees it; `asOf` (epoch ms) is the clock of the greatest stamp in it. Without `revised` it never was. */
export interface ReadRow {
  readonly row: string
  readonly columns: Columns
  readonly registers: Row
  readonly asOf: number
  readonly version: number
  readonly expiresAt?: number
  readonly revised?: Revision
}

/** A row of a whole-table read, with the entity whose partition it is in; `open` says that `open` finds it. */
export interface PlacedRow extends ReadRow {
  readonly entity: EntityId
  readonly open: boolean
}

/**
 * Which page of which share of a table: `segment` of `segments` (0-based); `cursor` is that of the page before, absent at the start. At most
 * `limit` items, where given; an own bound of the store holds always.
 */
export interface PageKey {
  readonly segment: number
  readonly segments: number
  readonly cursor?: string
  readonly limit?: number
}

/** A page of rows, perhaps without any, and what it cost. Without a `cursor` it is the last of its segment. */
export interface Page {
  readonly rows: ReadonlyArray<PlacedRow>
  readonly cursor?: string
  readonly readUnits: number
}

/**
 * The tables that services query: partition = entity, sort key `row`, plain columns, and the registers they came from.
 *
 * `load` answers by `rowKey`, without keys that are not there. Unless told to be `consistent` it may miss what was written a moment ago,
 * at half the price: `save` would refuse what was merged from that, and a merge that changes nothing now changes nothing later. `save` answers in
 * the order of its input and never overwrites a version that it was not merged from; the same key may not occur twice. A write
 * replaces all columns of its row. Neither lets a row that is refused for what it is fail its neighbours: `load` returns it as `unreadable`,
 * and `save` its reason. Where every one of several is refused, the store is to blame, and the call fails.
 *
 * `rows` reads a whole partition, tombstones and all. `open` reads those of its rows that were written as `counted` and are no
 * tombstones, with at least the columns that the summary reads: it costs as much as is open now, not as much as a day has closed. With a `prefix`, only
 * those of them whose keys begin so.
 * Both read consistently. `read` is a consistent `load` for readers: the rows with their columns, also derived ones.
 *
 * `pages` reads a whole table, at most 1 MB a page, the rows of all segments together being all rows. It does not read consistently:
 * what is written meanwhile may be in it or not.
 *
 * The derived row `state` of an entity counts its writes: read it (`summary`), then read what is open (`open`), then `summarise`, which
 * writes if it still is the one that was read, and otherwise returns `conflict`. Whoever writes last began to read after all others had
 * written, so the last summary is right without locks. Its `asOf` (epoch ms) never falls: rows that have closed are not read again, so
 * each writer brings the time of its own. The same goes for `revised`, the last revision of the rows that the writer knows.
 */
export class ProjectionStore extends Context.Service<
  ProjectionStore,
  {
    readonly load: (
      keys: ReadonlyArray<RowKey>,
      consistent?: boolean
    ) => Effect.Effect<ReadonlyMap<string, StoredRow>, StoreError>
    readonly save: (writes: ReadonlyArray<RowWrite>) => Effect.Effect<ReadonlyArray<Written>, StoreError>
    readonly rows: (projection: Generation, entity: EntityId) => Effect.Effect<ReadonlyArray<ReadRow>, StoreError>
    readonly open: (
      projection: Generation,
      entity: EntityId,
      prefix?: string
    ) => Effect.Effect<ReadonlyArray<EntityRow>, StoreError>
    readonly read: (keys: ReadonlyArray<RowKey>) => Effect.Effect<ReadonlyMap<string, ReadRow>, StoreError>
    readonly pages: (projection: Generation, key: PageKey) => Effect.Effect<Page, StoreError>
    readonly summary: (projection: Generation, entity: EntityId) => Effect.Effect<Summary, StoreError>
    readonly summarise: (
      projection: Generation,
      entity: EntityId,
      seen: Summary,
      next: Omit<Summary, "version">
    ) => Effect.Effect<Written, StoreError>
  }
>()("projections/ProjectionStore") {}

/** The derived row `state` of an entity. `version` counts its writes, 0 where there is none; `asOf` is epoch ms. `parts`: what it was joined from, no column. */
export interface Summary {
  readonly version: number
  readonly columns: Columns
  readonly asOf: number
  readonly revised?: Revision | undefined
  readonly parts?: Json
}

/** The text that names a row across tables. */
export const rowKey = ({ projection, entity, row }: RowKey): string =>
  `${projection.length}:${projection}${entity.length}:${entity}${row}`
