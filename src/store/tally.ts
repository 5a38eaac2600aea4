import { createHash } from "node:crypto"
import { Schema } from "effect"
import type { EventId } from "../domain/ids.ts"

/**
 * How many events, and which: `ids` is the sum of a 128-bit hash of each id, as 32 hexadecimal digits. Tallies of parts add up to
 * that of the whole, in any order. Two equal tallies are of the same ids.
 */
export const Tally = Schema.Struct({ items: Schema.Finite, ids: Schema.String })
export type Tally = typeof Tally.Type

export const noTally: Tally = { items: 0, ids: "0".repeat(32) }

const MASK = (1n << 128n) - 1n

const text = (sum: bigint): string => (sum & MASK).toString(16).padStart(32, "0")

const hashOf = (id: EventId): bigint => BigInt(`0x${createHash("sha256").update(id).digest("hex").slice(0, 32)}`)

/** The tally of some ids, of which each counts as often as it is there. */
export const tallyOf = (ids: Iterable<EventId>): Tally => {
  let [items, sum] = [0, 0n]
  for (const id of ids) {
    items++
    sum += hashOf(id)
  }
  return { items, ids: text(sum) }
}

export const addTally = (a: Tally, b: Tally): Tally => ({
  items: a.items + b.items,
  ids: text(BigInt(`0x${a.ids}`) + BigInt(`0x${b.ids}`))
})

export const sameTally = (a: Tally, b: Tally): boolean => a.items === b.items && a.ids === b.ids
