/** How often each value occurred, ascending, in the form in which CloudWatch takes it: `Counts[i]` times `Values[i]`. */
export interface Histogram {
  readonly Values: ReadonlyArray<number>
  readonly Counts: ReadonlyArray<number>
}

/** What CloudWatch takes of distinct values of one metric. */
export const MAX_BUCKETS = 100

/** Differences below it mean nothing: a poll or a garbage collection takes as long. */
const FINEST = 10

/** Up to two digits that matter, in steps of at least `finest` ms, and never less than was measured. */
export const roundedUp = (ms: number, finest: number, width = 1): number => {
  const unit = Math.max(finest, 10 ** (Math.floor(Math.log10(Math.max(1, ms))) - 1)) * width
  return Math.ceil(ms / unit) * unit
}

/**
 * A histogram of durations in milliseconds, exact to 10 ms or a tenth, whichever is coarser, and always rounded up: a lag is never
 * shown smaller than it was. Coarser still, evenly, should there be more than `MAX_BUCKETS` values. A negative duration, which
 * comes of clocks that differ, counts as none.
 */
export const histogram = (durations: Iterable<number>): Histogram => {
  const exact = new Map<number, number>()
  for (const ms of durations) {
    const value = roundedUp(Math.max(0, ms), FINEST)
    exact.set(value, (exact.get(value) ?? 0) + 1)
  }
  let buckets = exact
  for (let width = 2; buckets.size > MAX_BUCKETS; width *= 2) {
    buckets = new Map()
    for (const [value, count] of exact) {
      const coarse = roundedUp(value, FINEST, width)
      buckets.set(coarse, (buckets.get(coarse) ?? 0) + count)
    }
  }
  const sorted = [...buckets].sort(([a], [b]) => a - b)
  return { Values: sorted.map(([value]) => value), Counts: sorted.map(([, count]) => count) }
}

/** The histogram of all that two histograms counted. */
export const addHistograms = (a: Histogram, b: Histogram): Histogram => {
  const durations = [a, b].flatMap(({ Values, Counts }) =>
    Values.flatMap((value, i) => new Array<number>(Counts[i] ?? 0).fill(value))
  )
  return histogram(durations)
}

export const emptyHistogram: Histogram = { Values: [], Counts: [] }
