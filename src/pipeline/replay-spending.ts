import { Schema } from "effect"

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
