import { Context } from "effect"

/**
 * The capacity that tables say they have spent, in their units, counted in place by whoever calls a service. Only clients that were made
 * to ask (`DynamoDb.metered`) are told; the default counts for nobody.
 */
export interface CapacityUsed {
  readUnits: number
  writeUnits: number
}

export const noCapacityUsed = (): CapacityUsed => ({ readUnits: 0, writeUnits: 0 })

export const CapacityUsed: Context.Reference<CapacityUsed> = Context.Reference<CapacityUsed>(
  "projections/CapacityUsed",
  {
    defaultValue: noCapacityUsed
  }
)
