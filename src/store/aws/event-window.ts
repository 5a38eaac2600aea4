import { windowAt, windowColumn, windowOfColumn } from "../../domain/archive-window.ts"
import type { Item } from "./attribute.ts"

/**
 * The column of an event that is stored at `now` (epoch ms): its name is that of the window, and its value the time in seconds. A column
 * that lets items expire holds when they may; this time is past at once, so that a window leaves as soon as its column is named.
 */
export const windowOfInsert = (now: number): Item => ({
  [windowColumn(windowAt(now))]: { N: String(Math.floor(now / 1_000)) }
})

/** That column of a stored item alone; nothing where it has none. */
export const windowColumnOf = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([column]) => windowOfColumn(column) !== undefined))

/** The window in which an item was stored; undefined for one that was stored without a period. */
export const windowOf = (item: Item): number | undefined => {
  for (const column in item) {
    const window = windowOfColumn(column)
    if (window !== undefined) return window
  }
  return undefined
}

/** Whether an item was stored in one of these windows; in none where there are none. */
export const isOf = (windows: ReadonlySet<number> | undefined, item: Item): boolean => {
  if (windows === undefined) return false
  const window = windowOf(item)
  return window !== undefined && windows.has(window)
}
