import { Context } from "effect"

/**
 * What the stores had to put up with, counted in place by whoever calls a service. A function gives each invocation counters of its
 * own; elsewhere the default counts for nobody.
 */
export interface Effort {
  /** Calls, and items within calls, that were refused for want of capacity. */
  throttles: number
  /** Calls, and items within calls, that were tried again. */
  retries: number
}

export const newEffort = (): Effort => ({ throttles: 0, retries: 0 })

export const Effort: Context.Reference<Effort> = Context.Reference<Effort>("projections/Effort", {
  defaultValue: newEffort
})
