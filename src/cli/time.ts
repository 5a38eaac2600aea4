import { Effect } from "effect"
import { mistake } from "./exit.ts"

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/

/** A moment as an operator writes it, in epoch ms: ISO-8601 (a date alone is its midnight in UTC), or as long ago as `90m`, `2h`, `7d`. */
export const moment = (flag: string, text: string, now: number) => {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (count !== undefined) return Effect.succeed(now - Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS])
  const at = ISO.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at)
    ? mistake(
        `${flag}: ${JSON.stringify(text)} is no time: write 2026-05-06, 2026-05-06T10:00:00Z, or how long ago, as 2h`
      )
    : Effect.succeed(at)
}
