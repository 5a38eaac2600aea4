import { Effect } from "effect"
import { usageError } from "./exit.ts"

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/

/** A moment as an operator writes it, in epoch ms: ISO-8601 (a date alone is its midnight in UTC), or as long ago as `90m`, `2h`, `7d`. */
export const moment = (flag: string, text: string, now: number) => {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (count !== undefined) return Effect.succeed(now - Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS])
  const at = ISO.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at)
    ? usageError(
        `${flag}: ${JSON.stringify(text)} is no time: write 2026-05-06, 2026-05-06T10:00:00Z, or how long ago, as 2h`
      )
    : Effect.succeed(at)
}

/** Up to how many ms a unit is used, and how many ms it has. */
const SPANS = [
  [120_000, UNIT_MS.s, "s"],
  [7_200_000, UNIT_MS.m, "min"],
  [172_800_000, UNIT_MS.h, "h"],
  [Number.POSITIVE_INFINITY, UNIT_MS.d, "d"]
] as const

/** A time span in the unit that says most: `812 ms`, `23.9 s`, `15.6 min`, `3.2 h`, `201.0 d`. */
export const spanText = (ms: number): string => {
  const [, unit, name] = SPANS.find(([most]) => ms < most) ?? SPANS[3]
  return ms < 1_000 ? `${ms} ms` : `${(ms / unit).toFixed(1)} ${name}`
}
