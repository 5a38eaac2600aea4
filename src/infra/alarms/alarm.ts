import type { StackConfig } from "../config.ts"
import type { Metric, Watched } from "../metric.ts"
import type { Expected } from "./slow.ts"

/** What an alarm makes of a period without a point, and why. */
export interface Missing {
  readonly as: "breaching" | "ignore" | "notBreaching"
  readonly because: string
}

/** An expression of metric math over several metrics by their names in it. */
export interface Expression {
  readonly expression: string
  readonly of: Readonly<Record<string, Metric>>
}

/** When to tell people: when `signal` compares with `threshold` in `breaches` of the last `periods` periods. */
export interface Alarm {
  /** Unique; with the stack's prefix its name in AWS. */
  readonly name: string
  /** The section of docs/operations.md that says what to do. Alarms of one kind on several resources share it. */
  readonly section: string
  /** What has happened, as one sentence. */
  readonly says: string
  readonly signal: Metric | Expression
  readonly compare: ">" | ">=" | "<"
  readonly threshold: number
  readonly periodSeconds: number
  readonly periods: number
  readonly breaches: number
  readonly missing: Missing
}

/** Alarms of one kind, for what a stack has, with thresholds that follow from its configuration where they can. */
export type AlarmTable = (on: Watched, config: StackConfig, expected: Expected) => ReadonlyArray<Alarm>

export const quiet: Missing = { as: "notBreaching", because: "no point is sent where there is nothing to count" }
export const asBefore: Missing = { as: "ignore", because: "silence is no recovery" }
export const silence: Missing = { as: "breaching", because: "silence is what it looks for" }

/** So many minutes in a row, so that a single hiccup wakes nobody. */
export const minutes = (n: number) => ({ periodSeconds: 60, periods: n, breaches: n })

/**
 * So many of the last minutes, with one to spare: the newest one may not have its points yet, and `FILL` takes them for zero. Without the
 * spare an alarm on such an expression never rings, or never ends.
 */
export const minutesWithLate = (n: number) => ({ periodSeconds: 60, periods: n + 1, breaches: n })

export const fiveMinutes = (n: number) => ({ periodSeconds: 300, periods: n, breaches: n })

/** At the first sign: something has left the way of an event, or is lost. */
export const atOnce = { ...minutes(1), compare: ">=", threshold: 1, missing: quiet } as const

/** So many of a hundred; none where there are fewer than twenty, of which a share says nothing. */
export const share = (whole: Metric, ...parts: ReadonlyArray<Metric>): Expression => {
  const sum = parts.map((_, i) => `FILL(part${i}, 0)`).join(" + ")
  return {
    expression: `IF(whole >= 20, 100 * (${sum}) / whole, 0)`,
    of: { whole, ...Object.fromEntries(parts.map((part, i) => [`part${i}`, part])) }
  }
}

/** All of them together. A point that is late counts as zero, so look at it with `minutesWithLate`. */
export const total = (of: Readonly<Record<string, Metric>>): Expression => ({
  expression: Object.keys(of)
    .map((name) => `FILL(${name}, 0)`)
    .join(" + "),
  of
})
