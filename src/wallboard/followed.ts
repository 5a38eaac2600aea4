import { canonical } from "../domain/json.ts"
import type { Columns } from "../domain/projection.ts"
import { agentDocument, queueDocument, type TableRow } from "./document.ts"
import type { RowChange } from "./row-change.ts"

/** A row of a table, open unless it expires. */
export interface HeldRow extends TableRow {
  readonly expiresAt?: number
}

const NO_ROWS: ReadonlyMap<string, HeldRow> = new Map()

/** Tables give the attributes of an item no order. */
const isSame = (one: Columns | undefined, other: Columns): boolean =>
  one !== undefined && canonical(one) === canonical(other)

/** What a row says that is open no more: a session has ended, a member has left. */
const endOf = ({ phase, joined, ...others }: Columns): Columns => ({
  ...others,
  ...(phase === undefined ? {} : { phase: "ended" }),
  ...(joined === undefined ? {} : { joined: false })
})

/**
 * The open rows of one table by entity, and what the document says of each, which is made again when a row of it was written. `put` takes
 * what the table held, `wrote` what is written.
 */
export const makeFollowed = (kind: RowChange["kind"], onChange: (change: RowChange) => void) => {
  const of = kind === "agents" ? agentDocument : queueDocument
  const held = new Map<string, Map<string, HeldRow>>()
  const made = new Map<string, Columns>()
  let ids: ReadonlyArray<string> | undefined
  const put = (entity: string, row: HeldRow) => {
    const rows = held.get(entity) ?? new Map<string, HeldRow>()
    if (row.expiresAt === undefined) rows.set(row.row, row)
    else rows.delete(row.row)
    made.delete(entity)
    if (rows.size > 0 === held.has(entity)) return
    ids = undefined
    if (rows.size > 0) held.set(entity, rows)
    else held.delete(entity)
  }
  return {
    put,
    /** The open rows of an entity, by row key. */
    rowsOf: (entity: string): ReadonlyMap<string, HeldRow> => held.get(entity) ?? NO_ROWS,
    wrote: (entity: string, row: HeldRow) => {
      const before = held.get(entity)?.get(row.row)?.columns
      const { asOf, columns: after } = row
      put(entity, row)
      onChange({ kind, entity, row: row.row, asOf, ...(before === undefined ? {} : { before }), after })
    },
    /** Takes all open rows of an entity as they were read at a time (epoch ms): what differs from before, and what is gone, is a change. */
    replace: (entity: string, rows: ReadonlyArray<HeldRow>, at: number) => {
      const before = held.get(entity) ?? NO_ROWS
      const next = new Map(rows.map((row) => [row.row, row]))
      const changed = rows.filter(({ row, columns }) => !isSame(before.get(row)?.columns, columns))
      const gone = [...before.values()].filter(({ row }) => !next.has(row))
      if (changed.length === 0 && gone.length === 0) return
      made.delete(entity)
      if (rows.length > 0 !== held.has(entity)) ids = undefined
      if (rows.length > 0) held.set(entity, next)
      else held.delete(entity)
      const tell = (row: string, asOf: number, after: Columns) => {
        const columns = before.get(row)?.columns
        onChange({ kind, entity, row, asOf, ...(columns === undefined ? {} : { before: columns }), after })
      }
      for (const { row, asOf, columns } of changed) tell(row, asOf, columns)
      for (const { row, columns } of gone) tell(row, at, endOf(columns))
    },
    /** Lets go of all others. */
    keep: (entities: ReadonlySet<string>) => {
      for (const entity of [...held.keys()])
        if (!entities.has(entity)) {
          held.delete(entity)
          made.delete(entity)
          ids = undefined
        }
    },
    list: (): ReadonlyArray<Columns> => {
      ids ??= [...held.keys()].sort()
      return ids.map((id) => {
        const document = made.get(id) ?? of(id, [...(held.get(id)?.values() ?? [])])
        made.set(id, document)
        return document
      })
    }
  }
}
