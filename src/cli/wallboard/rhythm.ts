import { DAY_EVERY_MS } from "./day.ts"

/** How often the directory is read again, ms. */
export const NAMES_EVERY_MS = 600_000

/** How often what is read, ms. */
export interface Rhythm {
  readonly by: "polling" | "streams"
  /** Which generations readers use, and how far all is settled. */
  readonly sourcesMs: number
  /** What everybody does. */
  readonly roundMs: number
  /** What happens in the queues in this quarter of an hour. */
  readonly dayMs: number
}

export const pollingEvery = (seconds: number): Rhythm => ({
  by: "polling",
  sourcesMs: seconds * 1_000,
  roundMs: seconds * 1_000,
  dayMs: DAY_EVERY_MS
})

/** Streams tell of every change. All is read now and then nevertheless, for what nobody has told. */
export const streaming: Rhythm = { by: "streams", sourcesMs: 15_000, roundMs: 300_000, dayMs: 300_000 }

/** How often a stream is asked for records, ms. */
export const PASS_EVERY_MS = 1_000

/**
 * What somebody has opened is shown for so long before it is read again, ms: it is all that happened in a day, of a queue more than of an
 * agent.
 */
export const OPENED_EVERY_MS = { agents: 3_000, queues: 15_000 } as const
