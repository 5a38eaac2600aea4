import { SAMPLES, type Sample } from "../../wallboard/board.ts"
import { type Lags, quantile } from "../counters.ts"

/** The span, in samples, over which lags are put in order: one tells of too few. */
const LAG_SPAN = 10

/** What has settled between two states of the same counts. */
const between = (before: Lags, now: Lags): Lags =>
  new Map([...now].map(([tenths, count]) => [tenths, count - (before.get(tenths) ?? 0)]))

/** Keeps the last samples. `take` makes one of the counts as they stand. */
export const makeSamples = () => {
  const kept: Array<Sample> = []
  const lagsBefore: Array<Lags> = []
  return {
    all: (): ReadonlyArray<Sample> => kept,
    take: (at: number, lags: Lags, counts: Pick<Sample, "perSecond" | "late" | "parked">): Sample => {
      const lately = between(lagsBefore[0] ?? new Map(), lags)
      lagsBefore.push(new Map(lags))
      if (lagsBefore.length > LAG_SPAN) lagsBefore.shift()
      const [p50, p99] = [quantile(lately, 0.5), quantile(lately, 0.99)]
      const settled = [...lately.values()].some((count) => count > 0)
      const sample = { at, ...counts, ...(settled && p50 !== undefined && p99 !== undefined ? { p50, p99 } : {}) }
      kept.push(sample)
      if (kept.length > SAMPLES) kept.shift()
      return sample
    }
  }
}
