import type { EngineClock } from "../core/types.ts"
import type { SeededRandom } from "../random.ts"
import type { Item } from "./dynalite.ts"
import type { Table, Tables } from "./tables.ts"

/** How often (0 to 1) a read of an item by its key that need not be consistent misses what was written to it in the last second. */
export interface Lagging {
  readonly random: SeededRandom
  readonly share: () => number
}

export interface Staleness {
  readonly wrote: (table: Table, before: Item | undefined, after: Item | undefined) => void
  /** What a read that is not consistent sees where `item` stands. `key` is dynalite's text of the key. */
  readonly seen: (table: string, key: string, item: Item | undefined) => Item | undefined
  /** How many reads were behind. */
  readonly count: () => number
}

/** Engine time for which a replica may lag. On AWS it is usually over within a few milliseconds. */
const LAG_MS = 1_000

/** Remembers for a moment what items were before they were written. Without `lagging` every read is as good as a consistent one. */
export const makeStaleness = (options: {
  readonly clock: EngineClock
  readonly tables: Tables
  readonly lagging?: Lagging
}): Staleness => {
  const { clock, tables, lagging } = options
  if (lagging === undefined) return { wrote: () => {}, seen: (_table, _key, item) => item, count: () => 0 }
  // In the order of their writes, so that the oldest are first.
  const before = new Map<string, { readonly item: Item | undefined; readonly at: number }>()
  let count = 0
  const name = (table: string, key: string) => `${table}/${key}`

  const forget = (now: number) => {
    for (const [key, { at }] of before) {
      if (at > now - LAG_MS) return
      before.delete(key)
    }
  }

  return {
    wrote: (table, item, after) => {
      const now = clock.now()
      forget(now)
      const written = after ?? item
      if (written === undefined) return
      const key = name(table.definition.name, tables.keyText(table, written))
      before.delete(key)
      before.set(key, { item, at: now })
    },
    seen: (table, key, item) => {
      const held = before.get(name(table, key))
      if (held === undefined || held.at <= clock.now() - LAG_MS) return item
      if (!lagging.random.chance(lagging.share())) return item
      count++
      return held.item
    },
    count: () => count
  }
}
