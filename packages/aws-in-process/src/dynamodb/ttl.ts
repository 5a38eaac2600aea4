import type { Activity } from "../core/activity.ts"
import type { EngineClock } from "../core/types.ts"
import type { Item } from "./dynalite.ts"
import type { Table, Tables } from "./tables.ts"

export interface Sweeper {
  /** Called with every item that is put: the sweeper sleeps while no table holds one that will expire. */
  readonly noticed: (table: Table, item: Item) => void
  /** Called with a table that may hold items from an earlier run. */
  readonly opened: (table: Table) => void
  readonly close: () => void
}

/** DynamoDB leaves alone what expired longer ago than this: it is taken for a mistake. */
const OLDEST_MS = 5 * 365 * 24 * 60 * 60 * 1000

const expiry = (table: Table, item: Item): number | undefined => {
  const ttlAttribute = table.timeToLive.attribute
  const seconds = ttlAttribute === undefined ? undefined : item[ttlAttribute]?.N
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

/** Deletes expired items every `everyMs` of engine time, free of charge, as DynamoDB does within days. */
export const makeSweeper = (options: {
  readonly clock: EngineClock
  readonly activity: Activity
  readonly tables: Tables
  readonly everyMs: number
  /** Called with every item that is about to expire, while it is locked. */
  readonly expired: (table: Table, item: Item) => void
}): Sweeper => {
  const { clock, activity, tables, everyMs } = options
  let cancel: (() => void) | undefined
  let closed = false

  const isExpired = (table: Table, item: Item) => {
    const at = expiry(table, item)
    return at !== undefined && at < clock.now() && at > clock.now() - OLDEST_MS
  }

  /** Returns whether an item is left that will expire. */
  const sweep = async (table: Table): Promise<boolean> => {
    let more = false
    for await (const item of tables.store.getItemDb(table.definition.name).createValueStream({})) {
      if (!isExpired(table, item)) {
        more ||= (expiry(table, item) ?? 0) >= clock.now()
        continue
      }
      await tables.change(table, item, (now) => {
        if (now === undefined || !isExpired(table, now)) return { refuse: "changed meanwhile" }
        options.expired(table, now)
        return { remove: true }
      })
    }
    return more
  }
  const sweepAll = async () => {
    let more = false
    for (const table of tables.all()) if (table.timeToLive.attribute !== undefined) more = (await sweep(table)) || more
    if (more) schedule()
  }
  const schedule = () => {
    if (closed) return
    cancel ??= clock.at(clock.now() + everyMs, () => {
      cancel = undefined
      void activity.track(sweepAll())
    })
  }

  return {
    noticed: (table, item) => {
      if (expiry(table, item) !== undefined) schedule()
    },
    opened: (table) => {
      if (table.timeToLive.attribute !== undefined) schedule()
    },
    close: () => {
      closed = true
      cancel?.()
    }
  }
}
