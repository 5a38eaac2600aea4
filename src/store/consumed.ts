import { Context } from "effect"

/**
 * The capacity that tables say they have spent, in their units, counted in place by whoever calls a service. Only clients that were made
 * to ask (`DynamoDb.metered`) are told; the default counts for nobody.
 */
export interface Consumed {
  readUnits: number
  writeUnits: number
}

export const nothingConsumed = (): Consumed => ({ readUnits: 0, writeUnits: 0 })

export const Consumed: Context.Reference<Consumed> = Context.Reference<Consumed>("projections/Consumed", {
  defaultValue: nothingConsumed
})
