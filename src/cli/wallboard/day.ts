import { Effect } from "effect"
import { INTERVAL_MS, intervalKey, intervalOf } from "../../domain/interval.ts"
import type { Found, From } from "../../read/source.ts"
import { makeCalendar, makeDayRows, makeToday } from "../../wallboard/today.ts"
import type { Reads } from "./reads.ts"

/** How often what happens now is read, and how often the whole day again, for what came late, in ms. */
export const DAY_EVERY_MS = 30_000
export const WHOLE_DAY_EVERY_MS = 3_600_000

/** For so long after its end a quarter of an hour is still read: events settle, and come late, ms. */
export const TRAILING_MS = 120_000

/** The keys of the intervals that begin from one time until another, epoch ms. */
const keysOf = (from: number, to: number) => ({ first: intervalKey(from), last: intervalKey(to) })

type ByQueue = ReadonlyArray<{ readonly id: string; readonly rows: ReadonlyArray<Found> }>

/** The figures of this day by a time zone, from the rows of `queue-intervals`. `now` is epoch ms. */
export const makeDay = (reads: Reads, now: () => number, timeZone: string) => {
  const calendar = makeCalendar(now, timeZone, () => rows.begin())
  const rows = makeDayRows(calendar.first)
  const put = (found: ByQueue) => {
    for (const { id, rows: own } of found) for (const row of own) rows.put(id, row)
  }
  const read = Effect.fnUntraced(function* (from: From, queues: ReadonlyArray<string>, since: number) {
    put(yield* reads.rows(from, queues, keysOf(since, intervalOf(now()) + INTERVAL_MS)))
  })
  return {
    put: rows.put,
    today: makeToday(calendar, () => rows),
    /** The quarters of an hour of the day so far, the present one included. */
    quarters: (): number => {
      const { since, quarter } = calendar.turn()
      return (quarter - since) / INTERVAL_MS + 1
    },
    /** The rows of the quarter of an hour that ended last. */
    lastQuarter: (from: From, queues: ReadonlyArray<string>) => {
      const to = intervalOf(now())
      return reads.rows(from, queues, keysOf(to - INTERVAL_MS, to))
    },
    whole: (from: From, queues: ReadonlyArray<string>) => read(from, queues, calendar.turn().since),
    latest: (from: From, queues: ReadonlyArray<string>) =>
      read(from, queues, Math.max(calendar.turn().since, intervalOf(now() - TRAILING_MS)))
  }
}

export type Day = ReturnType<typeof makeDay>
