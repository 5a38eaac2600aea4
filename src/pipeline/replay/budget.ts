import { Clock, Context, Effect, Schema } from "effect"
import { unitPrices } from "../../domain/prices.ts"

/**
 * What a replay has done so far. `scanned`: events read, `folded`: those in scope. `rows`: rows written, or in a verify compared.
 * `unsettled`: rows that a verify left out because their last update is too young. Units are DynamoDB's.
 */
export const ReplayCounts = Schema.Struct({
  scanned: Schema.Finite,
  folded: Schema.Finite,
  deltas: Schema.Finite,
  rows: Schema.Finite,
  summaries: Schema.Finite,
  parked: Schema.Finite,
  differences: Schema.Finite,
  unsettled: Schema.Finite,
  readUnits: Schema.Finite,
  writeUnits: Schema.Finite
})
export type ReplayCounts = typeof ReplayCounts.Type

export const noCounts: ReplayCounts = {
  scanned: 0,
  folded: 0,
  deltas: 0,
  rows: 0,
  summaries: 0,
  parked: 0,
  differences: 0,
  unsettled: 0,
  readUnits: 0,
  writeUnits: 0
}

export const addCounts = (a: ReplayCounts, b: Partial<ReplayCounts>): ReplayCounts => {
  const sum: Record<string, number> = { ...a }
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count
  return sum as unknown as ReplayCounts
}

/** What a replay may spend. What is absent is unlimited. */
export interface Allowance {
  readonly items?: number
  readonly readUnits?: number
  readonly writeUnits?: number
  readonly dollars?: number
}

export const dollarsOf = ({ readUnits, writeUnits }: ReplayCounts): number =>
  readUnits * unitPrices.readUnit + writeUnits * unitPrices.writeUnit

/** The part of a budget that one segment may spend, so that all of them together keep it without asking each other. */
export const shareOf = (budget: Allowance, segment: number, segments: number): Allowance => {
  const { items, ...rest } = budget
  const shares = Object.entries(rest).map(([name, amount]) => [name, amount / segments])
  const own = items === undefined ? {} : { items: Math.floor(items / segments) + (segment < items % segments ? 1 : 0) }
  return { ...Object.fromEntries(shares), ...own }
}

/** Whether nothing is left of an allowance. What a page or a write costs is known only afterwards, so it may be overdrawn by one. */
export const isSpent = (counts: ReplayCounts, allowance: Allowance): boolean => {
  const spent = {
    items: counts.scanned,
    readUnits: counts.readUnits,
    writeUnits: counts.writeUnits,
    dollars: dollarsOf(counts)
  }
  return Object.entries(allowance).some(([name, amount]) => spent[name as keyof typeof spent] >= amount)
}

/**
 * What a segment holds in memory before it writes: so many registers, or what it read in so many ms; and what a verify holds: so many
 * rows. The defaults take some tens of megabytes.
 */
export interface Bounds {
  readonly registers: number
  readonly flushMs: number
  readonly verifyRows: number
}

export const ReplayBounds = Context.Reference<Bounds>("projections/ReplayBounds", {
  defaultValue: () => ({ registers: 20_000, flushMs: 60_000, verifyRows: 200_000 })
})

/**
 * Holds a rate: `pace(count)` says that so many are about to be done, and waits until those before have had their time. What was
 * missed by being slow is caught up on for at most `behind` ms. The library's token bucket begins full, and a replay would begin with
 * a burst.
 */
export const limitRate = Effect.fnUntraced(function* (perSecond: number, behind: number) {
  let due = yield* Clock.currentTimeMillis
  return Effect.fnUntraced(function* (count: number) {
    const now = yield* Clock.currentTimeMillis
    if (due > now) yield* Effect.sleep(due - now)
    due = Math.max(due, now - behind) + (count * 1_000) / perSecond
  })
})
