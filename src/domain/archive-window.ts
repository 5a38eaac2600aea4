/** Ms of a window: what was stored in one week is archived, checked, and leaves the table together. */
export const WINDOW_MS = 7 * 86_400_000

/** The window in which something is stored at `ms`, counted from 1970. */
export const windowAt = (ms: number): number => Math.floor(ms / WINDOW_MS)

/** When a window begins, in epoch ms. It ends where the next one begins. */
export const windowStart = (window: number): number => window * WINDOW_MS

/** A name that begins with this and goes on with digits is the column of a window. No other column of an event has such a name. */
const PREFIX = "w"

/**
 * The column that says of an event in which window it was stored. Each window has a name of its own, because DynamoDB deletes by one column
 * at a time: to let a window expire is to name it, and what nobody names stays.
 */
export const windowColumn = (window: number): string => `${PREFIX}${window}`

const COLUMN = new RegExp(`^${PREFIX}(\\d+)$`)

/** The window that a column is of; undefined for another column. */
export const windowOfColumn = (column: string): number | undefined => {
  const digits = COLUMN.exec(column)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

const HOUR_MS = 3_600_000

/** The hour of a time, as epoch ms. */
export const hourAt = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS

/** Storage classes of S3 from which an object is read at once. */
export const ARCHIVE_CLASSES = ["STANDARD", "STANDARD_IA", "GLACIER_IR"] as const
export type ArchiveClass = (typeof ARCHIVE_CLASSES)[number]
