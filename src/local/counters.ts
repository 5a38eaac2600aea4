import { emptyHistogram, type Histogram } from "../domain/histogram.ts"

/** What the functions have accounted for so far, summed from their log lines, as an operator would see it. */
export interface Counters {
  received: number
  appended: number
  duplicates: number
  conflicts: number
  quarantined: number
  unrouted: number
  late: number
  future: number
  rows: number
  revisions: number
  /** Dead letters that were brought back. */
  redriven: number
  /** Dead letters that are not brought back any more, and events and updates that no table can hold. */
  parked: number
  /** Log lines of level warning and above. */
  warnings: number
}

/** Tenths of a second from event time to visible, and how many timely updates took so long. */
export type Lags = Map<number, number>

export interface Meter {
  readonly counters: Counters
  readonly lags: Lags
  /** Takes a line as a function logs it. */
  readonly read: (line: string) => void
}

interface Line {
  readonly message?: unknown
  readonly level?: string
  readonly failed?: number
  readonly settleLag?: Histogram
  readonly [name: string]: unknown
}

const COUNTED = {
  append: ["appended", "duplicates", "conflicts", "quarantined", "unrouted", "late", "future", "parked"],
  project: ["rows", "revisions", "parked"],
  redrive: ["redriven", "parked"]
} as const

const isCounted = (message: unknown): message is keyof typeof COUNTED =>
  typeof message === "string" && message in COUNTED

export const makeMeter = (): Meter => {
  const counters: Counters = {
    received: 0,
    appended: 0,
    duplicates: 0,
    conflicts: 0,
    quarantined: 0,
    unrouted: 0,
    late: 0,
    future: 0,
    rows: 0,
    revisions: 0,
    redriven: 0,
    parked: 0,
    warnings: 0
  }
  const lags: Lags = new Map()
  return {
    counters,
    lags,
    read: (text) => {
      const line = JSON.parse(text) as Line
      const { message } = line
      if (!isCounted(message)) {
        counters.warnings++
        return
      }
      for (const name of COUNTED[message]) counters[name] += Number(line[name] ?? 0)
      // What failed is delivered again, and counted when it succeeds.
      if (message === "append") counters.received += Number(line.received ?? 0) - Number(line.failed ?? 0)
      const { Values, Counts } = line.settleLag ?? emptyHistogram
      for (const [i, ms] of Values.entries()) {
        const tenths = Math.round(ms / 100)
        lags.set(tenths, (lags.get(tenths) ?? 0) + (Counts[i] ?? 0))
      }
    }
  }
}

/** The lag in ms that a share of all updates stayed within; undefined when nothing has settled. */
export const quantile = (lags: Lags, share: number): number | undefined => {
  const total = [...lags.values()].reduce((sum, count) => sum + count, 0)
  let seen = 0
  for (const [tenths, count] of [...lags].sort(([a], [b]) => a - b)) {
    seen += count
    if (seen >= total * share) return tenths * 100
  }
  return undefined
}

/** The span over which a rate is measured. */
const RATE_SPAN_MS = 5_000

/** Takes a count and the time at which it stood, and returns its growth per second lately. */
export const makeRate = () => {
  const seen: Array<readonly [at: number, count: number]> = []
  return (now: number, count: number): number => {
    seen.push([now, count])
    while (seen.length > 2 && (seen[1]?.[0] ?? now) <= now - RATE_SPAN_MS) seen.shift()
    const [at, before] = seen[0] ?? [now, count]
    return now > at ? ((count - before) * 1_000) / (now - at) : 0
  }
}
