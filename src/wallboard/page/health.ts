import type { Board, PipelineFigures, Sample } from "../board.ts"
import { count, lag, rate } from "../view/numbers.ts"

/** What is said of a part of the pipeline. A word and a tone where something is wrong. */
export interface Strip {
  readonly key: "rate" | "lag" | "late" | "held"
  readonly name: string
  readonly value: string
  readonly note: string
  /** Whether the note is worth its room while all is well. */
  readonly isTold?: boolean
  readonly tone?: "warn" | "bad"
  readonly word?: string
}

export const seconds = (value: number): string => `${(value / 1_000).toFixed(1)}s`

/** Rows are visible a settle window after their event. Where half of them take so much longer, ms, it says so. */
const SLOW_MS = 5_000
/** Samples in which late events count as wrong: the last minute. */
const LATELY = 60

const lagOf = ({ settleLag }: PipelineFigures, samples: ReadonlyArray<Sample>, settleWindowMs: number): Strip => {
  const { p50, p99 } = samples.at(-1) ?? {}
  const isSlow = p50 !== undefined && p50 > settleWindowMs + SLOW_MS
  return {
    key: "lag",
    name: "settle lag",
    value: p50 === undefined || p99 === undefined ? "–" : `${seconds(p50)} · ${seconds(p99)}`,
    note:
      settleLag === undefined
        ? "nothing has settled yet"
        : `p50 · p99, whole run ${lag(settleLag.p50)} · ${lag(settleLag.p99)}`,
    ...(isSlow ? { tone: "warn", word: "slow" } : {})
  }
}

const lateOf = ({ counters }: PipelineFigures, samples: ReadonlyArray<Sample>): Strip => {
  const { late, revisions } = counters
  const lately = late - (samples.at(-LATELY)?.late ?? samples[0]?.late ?? 0)
  return {
    key: "late",
    name: "late",
    value: count(late),
    note: `${count(lately)} in the last minute, ${count(revisions)} revised a row`,
    ...(lately > 0 ? { tone: "warn", word: "events come late" } : {})
  }
}

/** All that waits for people: what was parked or could not be delivered, and what is in quarantine. */
const heldOf = ({ counters, parked }: PipelineFigures): Strip => {
  const { quarantined } = counters
  const places = [...Object.entries(parked), ...(quarantined > 0 ? ([["quarantine", quarantined]] as const) : [])]
  const held = places.reduce((sum, [, number]) => sum + number, 0)
  return {
    key: "held",
    name: "wait for people",
    value: count(held),
    note: places.map(([place, number]) => `${count(number)} in ${place}`).join(", ") || "nothing",
    ...(held > 0 ? { tone: "bad", word: "look" } : {})
  }
}

/** The parts of the pipeline in the order in which they are shown; none of a deployed stack, whose events nobody counts here. */
export const stripOf = ({ figures, samples }: Pick<Board, "figures" | "samples">): ReadonlyArray<Strip> => {
  const { pipeline, settleWindowMs } = figures
  if (pipeline === undefined) return []
  const { counters, backlog } = pipeline
  return [
    {
      key: "rate",
      name: "events a second",
      value: rate(counters.perSecond),
      note: `${count(counters.received)} received, ${count(backlog.stream + backlog.settleQueue)} in transit`,
      isTold: true
    },
    lagOf(pipeline, samples, settleWindowMs),
    lateOf(pipeline, samples),
    heldOf(pipeline)
  ]
}
