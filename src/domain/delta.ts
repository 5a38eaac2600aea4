import type { EntityId, Generation } from "./ids.ts"
import type { Json } from "./json.ts"
import { compareStamps, type Stamp } from "./stamp.ts"

/** One update of one register: `entity` is the partition (an agent, a queue), `row` its sort key, `register` the field. */
export interface Update {
  readonly entity: EntityId
  readonly row: string
  readonly register: string
  readonly value: Json
  /** Event time in epoch ms; absent where the body has none, and then the publication time decides. */
  readonly clock?: number | undefined
  /** A timer: the update holds, and is due, so many ms after its clock. */
  readonly afterMs?: number
}

/** An update of a named projection with the stamp that decides it. `late`: it arrived after clock + W had passed. */
export interface Delta {
  readonly projection: Generation
  readonly entity: EntityId
  readonly row: string
  readonly register: string
  readonly value: Json
  readonly stamp: Stamp
  readonly late: boolean
}

/** The one text that names a register across all projections. Length prefixes keep ids that contain separators apart. */
export const registerKey = (delta: Delta): string =>
  `${delta.projection.length}:${delta.projection}${delta.entity.length}:${delta.entity}${delta.row.length}:${delta.row}${delta.register}`

/**
 * Keeps the winner of each register. At equal stamps the later in the list wins: that can only be one event that states a
 * register twice, and its own order is the same on every machine.
 */
export const reduceDeltas = (deltas: Iterable<Delta>): ReadonlyArray<Delta> => {
  const winners = new Map<string, Delta>()
  for (const delta of deltas) {
    const key = registerKey(delta)
    const held = winners.get(key)
    if (held === undefined || compareStamps(delta.stamp, held.stamp) >= 0) winners.set(key, delta)
  }
  return [...winners.values()]
}
