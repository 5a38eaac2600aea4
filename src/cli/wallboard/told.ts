import type { HeldRow } from "../../wallboard/followed.ts"

/** For so long before a reading a stream may have told of what the reading does not see yet: it need not be consistent. In ms. */
const AHEAD_MS = 5_000

/** Longer than a round lasts, ms. */
const KEPT_MS = 60_000

/** What streams have told of late, and what that makes of rows that were read meanwhile. */
export const makeTold = () => {
  /** By entity and row, the oldest first. */
  const all = new Map<string, { readonly entity: string; readonly row: HeldRow; readonly at: number }>()
  const forget = (before: number) => {
    for (const [key, { at }] of all) {
      if (at >= before) return
      all.delete(key)
    }
  }
  return {
    add: (entity: string, row: HeldRow, at: number) => {
      const key = JSON.stringify([entity, row.row])
      all.delete(key)
      all.set(key, { entity, row, at })
      forget(at - KEPT_MS)
    },
    /** Lets go of what any reading that begins now sees. */
    begin: (now: number) => forget(now - AHEAD_MS),
    /** Rows of entities with those put in their place that were told of, and without those that are over. */
    merger: () => {
      const byEntity = Map.groupBy(all.values(), ({ entity }) => entity)
      return {
        entities: byEntity.keys(),
        into: (entity: string, rows: ReadonlyArray<HeldRow>): ReadonlyArray<HeldRow> => {
          const own = byEntity.get(entity)
          if (own === undefined) return rows
          const keys = new Set(own.map(({ row }) => row.row))
          const open = own.flatMap(({ row }) => (row.expiresAt === undefined ? [row] : []))
          return [...rows.filter(({ row }) => !keys.has(row)), ...open]
        }
      }
    }
  }
}
