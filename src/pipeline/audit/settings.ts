import { Context } from "effect"

/**
 * When something counts. `settledMs`: how long ago an event came whose updates must be in their rows, whatever was delivered twice, redriven or
 * thrown back meanwhile. `confirmMs`: how long after it was first seen a discrepancy is looked at again before it counts. `readUnitsPerSecond`: what
 * an audit may read. `eventsSince` (epoch ms): an event that was published before need not be in the store any more.
 */
export interface AuditBounds {
  readonly settledMs: number
  readonly confirmMs: number
  readonly readUnitsPerSecond: number
  readonly eventsSince: number
}

export const AuditLimits = Context.Reference<AuditBounds>("projections/AuditLimits", {
  defaultValue: () => ({
    settledMs: 7_200_000,
    confirmMs: 600_000,
    readUnitsPerSecond: 2,
    eventsSince: Number.NEGATIVE_INFINITY
  })
})
