import type { Columns } from "../domain/projection.ts"
import type { RowChange } from "./row-change.ts"

/** A write that changed columns of a row: when it became visible, and the event time of the row since (epoch ms). */
export interface HistoryEntry {
  readonly at: number
  readonly asOf: number
  readonly row: string
  readonly changes: ReadonlyArray<{
    readonly column: string
    readonly from?: Columns[string]
    readonly to?: Columns[string]
  }>
}

/** Entries that are kept of one agent or queue, and of all together. */
const EACH = 100
const ALL = 20_000

const changesOf = (before: Columns, after: Columns): HistoryEntry["changes"] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((column) => {
    const [from, to] = [before[column], after[column]]
    if (JSON.stringify(from) === JSON.stringify(to)) return []
    return [{ column, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }]
  })

/**
 * Remembers what changed in the tables since the start, as much of it as there is room for: of each agent or queue the last changes, and of
 * all together the last as well. Observations are left out, which change with everything.
 */
export const makeHistory = ({ each = EACH, all = ALL }: { readonly each?: number; readonly all?: number } = {}) => {
  const byEntity = new Map<string, Array<{ readonly number: number; readonly entry: HistoryEntry }>>()
  /** Whose each number is, the oldest first. */
  const owners = new Map<number, string>()
  let last = 0

  const forget = (owner: string) => {
    const list = byEntity.get(owner)
    const oldest = list?.shift()
    if (oldest !== undefined) owners.delete(oldest.number)
    if (list?.length === 0) byEntity.delete(owner)
  }

  return {
    note: ({ kind, entity, row, asOf, before = {}, after }: RowChange, at: number): void => {
      if (row.startsWith("observation#")) return
      const changes = changesOf(before, after)
      if (changes.length === 0) return
      const owner = `${kind}/${entity}`
      const list = byEntity.get(owner) ?? []
      byEntity.set(owner, list)
      last++
      list.push({ number: last, entry: { at, asOf, row, changes } })
      owners.set(last, owner)
      if (list.length > each) forget(owner)
      const [oldest] = owners.values()
      if (owners.size > all && oldest !== undefined) forget(oldest)
    },
    /** The newest first. */
    of: (kind: RowChange["kind"], entity: string): ReadonlyArray<HistoryEntry> =>
      (byEntity.get(`${kind}/${entity}`) ?? []).map(({ entry }) => entry).reverse()
  }
}

export type History = ReturnType<typeof makeHistory>
