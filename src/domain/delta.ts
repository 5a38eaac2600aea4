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

const isSameRegister = (one: Delta, other: Delta): boolean =>
  one.register === other.register &&
  one.row === other.row &&
  one.entity === other.entity &&
  one.projection === other.projection

/** Up to so many are compared with each other, which takes a fifth of the time that their keys take. */
const FEW = 8

const reduceFew = (deltas: ReadonlyArray<Delta>): ReadonlyArray<Delta> => {
  const winners: Array<Delta> = []
  for (const delta of deltas) {
    const at = winners.findIndex((held) => isSameRegister(held, delta))
    if (at < 0) winners.push(delta)
    else if (compareStamps(delta.stamp, (winners[at] as Delta).stamp) >= 0) winners[at] = delta
  }
  return winners
}

/**
 * Keeps the winner of each register. At equal stamps the later in the list wins: that can only be one event that states a
 * register twice, and its own order is the same on every machine.
 */
export const reduceDeltas = (deltas: ReadonlyArray<Delta>): ReadonlyArray<Delta> => {
  if (deltas.length <= FEW) return reduceFew(deltas)
  const winners = new Map<string, Delta>()
  for (const delta of deltas) {
    const key = registerKey(delta)
    const held = winners.get(key)
    if (held === undefined || compareStamps(delta.stamp, held.stamp) >= 0) winners.set(key, delta)
  }
  return [...winners.values()]
}
