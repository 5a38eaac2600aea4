import type { Columns } from "../domain/projection.ts"
import { agentDocument, queueDocument, type TableRow } from "./document.ts"
import type { RowChange } from "./row-change.ts"

/** A row of a table, open unless it expires. */
export interface HeldRow extends TableRow {
  readonly expiresAt?: number
}

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
    wrote: (entity: string, row: HeldRow) => {
      const before = held.get(entity)?.get(row.row)?.columns
      const { asOf, columns: after } = row
      put(entity, row)
      onChange({ kind, entity, row: row.row, asOf, ...(before === undefined ? {} : { before }), after })
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
