import { roundedUp } from "./histogram.ts"

/**
 * How late events arrived: how many of each delay (ms, from publication to arrival, rounded up to two digits that matter). A delay below zero comes of
 * clocks that differ, and counts as none.
 */
export type Delays = ReadonlyMap<number, number>

/** Counts one more delay, in place. */
export const addDelay = (delays: Map<number, number>, ms: number): void => {
  const rounded = roundedUp(Math.max(0, ms), 1)
  delays.set(rounded, (delays.get(rounded) ?? 0) + 1)
}

/** All that several counted. */
export const allDelays = (several: Iterable<Delays>): Delays => {
  const all = new Map<number, number>()
  for (const delays of several) for (const [ms, count] of delays) all.set(ms, (all.get(ms) ?? 0) + count)
  return all
}

export const countOf = (delays: Delays): number => [...delays.values()].reduce((sum, count) => sum + count, 0)

/** The delay (ms) within which a share of events arrived, 0 to 1; undefined where there are none. */
export const quantile = (delays: Delays, share: number): number | undefined => {
  const wanted = share * countOf(delays)
  let seen = 0
  for (const [ms, count] of [...delays].sort(([a], [b]) => a - b)) {
    seen += count
    if (seen >= wanted) return ms
  }
  return undefined
}

/** The share (0 to 1) of events that arrived within so many ms; 1 where there are none. */
export const shareWithin = (delays: Delays, ms: number): number => {
  const count = countOf(delays)
  const within = [...delays].reduce((sum, [delay, count]) => sum + (delay <= ms ? count : 0), 0)
  return count === 0 ? 1 : within / count
}
