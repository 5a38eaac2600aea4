import { Context } from "effect"

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
