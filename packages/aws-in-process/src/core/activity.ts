import type { EngineClock } from "./types.ts"

/**
 * Counts the work in progress of one engine. A virtual clock moves only while `pending()` is 0, so that time never passes
 * between a question and its answer.
 */
export interface Activity {
  readonly pending: () => number
  /** Counts as work until the promise settles. */
  readonly track: <A>(work: Promise<A>) => Promise<A>
  /** Lets engine time pass from inside tracked work: not counted while it waits, counted again before the clock goes on. */
  readonly sleep: (clock: EngineClock, ms: number) => Promise<void>
}

export const makeActivity = (): Activity => {
  let count = 0
  return {
    pending: () => count,
    track: (work) => {
      count++
      return work.finally(() => {
        count--
      })
    },
    sleep: (clock, ms) =>
      new Promise((resolve) => {
        count--
        clock.at(clock.now() + ms, () => {
          count++
          resolve()
        })
      })
  }
}
