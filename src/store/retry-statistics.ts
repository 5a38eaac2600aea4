import { Context } from "effect"

/**
 * What the stores had to put up with, counted in place by whoever calls a service. A function gives each invocation counters of its
 * own; elsewhere the default counts for nobody.
 */
export interface RetryStatistics {
  /** Calls, and items within calls, that were refused for want of capacity. */
  throttles: number
  /** Calls, and items within calls, that were tried again. */
  retries: number
}

export const newRetryStatistics = (): RetryStatistics => ({ throttles: 0, retries: 0 })

export const RetryStatistics: Context.Reference<RetryStatistics> = Context.Reference<RetryStatistics>(
  "projections/RetryStatistics",
  {
    defaultValue: newRetryStatistics
  }
)
