import { iso } from "./stamp.ts"

/** An interval is 15 minutes: the day of every time zone in use begins with one. In ms. */
export const INTERVAL_MS = 900_000

/** The beginning (epoch ms) of the interval that a time lies in. */
export const intervalOf = (at: number): number => Math.floor(at / INTERVAL_MS) * INTERVAL_MS

/** The beginning (epoch ms) of the day that a time lies in, in a time zone such as `Europe/Berlin`. Throws a `RangeError` for another name. */
export const dayOf = (at: number, timeZone: string): number => {
  const format = new Intl.DateTimeFormat("en", { timeZone, dateStyle: "short" })
  const day = format.format(at)
  let start = intervalOf(at)
  // By steps, for a day may have 23 or 25 hours, and no midnight.
  while (format.format(start - INTERVAL_MS) === day) start -= INTERVAL_MS
  return start
}

/** How a row key names the interval that a time (epoch ms) lies in, so that rows sort by it: `2026-05-06T10:15Z`. */
export const intervalKey = (at: number): string => `${iso(intervalOf(at)).slice(0, -8)}Z`
