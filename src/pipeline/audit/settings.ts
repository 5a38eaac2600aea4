import { Context } from "effect"

/**
 * When something counts. `settledMs`: how long ago an event came whose updates must be in their rows, whatever was delivered twice, redriven or
 * thrown back meanwhile. `confirmMs`: how long after it was first seen a discrepancy is looked at again before it counts. `readUnitsPerSecond`: what
 * an audit may read. `eventsKeptMs`: how long after its publication an event is in the store; one that is older may have been archived.
 */
export interface AuditBounds {
  readonly settledMs: number
  readonly confirmMs: number
  readonly readUnitsPerSecond: number
  readonly eventsKeptMs: number
}

export const AuditLimits = Context.Reference<AuditBounds>("projections/AuditLimits", {
  defaultValue: () => ({
    settledMs: 7_200_000,
    confirmMs: 600_000,
    readUnitsPerSecond: 2,
    eventsKeptMs: Number.POSITIVE_INFINITY
  })
})

/** Ms for which events stay in the table at least, less a day: what is about to leave it is not judged. 0 days: for ever. */
export const keptMs = (retentionDays: number): number =>
  retentionDays === 0 ? Number.POSITIVE_INFINITY : (retentionDays - 1) * 86_400_000
