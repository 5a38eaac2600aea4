import { Context } from "effect"

/** Counts by name, which whoever calls a service adds to. */
export interface Counters<Name extends string> {
  readonly add: (name: Name, count: number) => void
  readonly counts: () => Readonly<Record<Name, number>>
}

/** Counters that begin at these counts. Whoever asks for some provides them for its own work only. */
const countersFrom = <Name extends string>(zero: Readonly<Record<Name, number>>): Counters<Name> => {
  const held: Record<Name, number> = { ...zero }
  return {
    add: (name, count) => {
      held[name] += count
    },
    counts: () => ({ ...held })
  }
}

const uncounted = <Name extends string>(zero: Readonly<Record<Name, number>>): Counters<Name> => ({
  add: () => {},
  counts: () => zero
})

const noRetries = { throttles: 0, retries: 0 }
const noCapacity = { readUnits: 0, writeUnits: 0 }

/**
 * What the stores have to put up with. `throttles`: calls, and items within calls, that were refused for want of capacity. `retries`:
 * those that were tried again. A function gives each invocation counters of its own; elsewhere nothing is counted.
 */
export const RetryStatistics = Context.Reference<Counters<"throttles" | "retries">>("projections/RetryStatistics", {
  defaultValue: () => uncounted(noRetries)
})

export const countRetries = () => countersFrom(noRetries)

/**
 * The capacity that tables say they have spent, in their units. Only clients that were made to ask (`DynamoDb.metered`) are told; unless
 * somebody provides counters, nothing is counted.
 */
export const CapacityUsed = Context.Reference<Counters<"readUnits" | "writeUnits">>("projections/CapacityUsed", {
  defaultValue: () => uncounted(noCapacity)
})

export const countCapacity = () => countersFrom(noCapacity)
