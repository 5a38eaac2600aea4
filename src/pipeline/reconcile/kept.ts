import { Effect } from "effect"
import type { Json } from "../../domain/json.ts"
import { Control } from "../../store/control.ts"
import type { Missing } from "./answers.ts"
import { type Kept, Overtaken, RECONCILE_KEY } from "./checkpoint.ts"

/** Bytes of an item: DynamoDB takes 400 KB, its key and the number of its writes included. */
const ITEM_BYTES = 256 * 1024

/** Items that one sweep may write. They hold what half of 20,000 agents and 2,000 queues of 50 members make, in 55. */
export const MOST_ITEMS = 64

/** How often an item is written again that somebody else has written at the same moment. */
const TRIES = 3

export const NOTHING_KEPT: Kept = { items: 0, last: 0, slots: 0, over: 0 }

/** Under which key of the control table the item of that number is. */
export const keptKey = (item: number): string => `${RECONCILE_KEY}/missing/${item}`

const bytesOf = (one: Missing): number => Buffer.byteLength(JSON.stringify(one)) + 1

/** What an item holds, as far as sweep `began` has written it. */
export const readKept = Effect.fnUntraced(function* (began: number, item: number) {
  const { value } = yield* (yield* Control).read(keptKey(item))
  const held = value as unknown as
    | { readonly began: number; readonly missing: ReadonlyArray<Missing> }
    | null
    | undefined
  return held?.began === began ? held.missing : []
})

const write = Effect.fnUntraced(function* (item: number, value: Json) {
  const control = yield* Control
  for (let tries = 0; tries < TRIES; tries++) {
    // Whose the sweep is says the checkpoint alone: an item that is written twice holds the same page.
    const { version } = yield* control.read(keptKey(item))
    if ((yield* control.write(keptKey(item), value, version)) === "written") return
  }
  return yield* new Overtaken()
})

/** Empties an item: what was missing has been said, or is not going to be. */
export const emptyKept = (item: number) => write(item, null)

/** Missing things in the items that hold them. `over`: how many fit into none. */
const packed = (held: ReadonlyArray<Missing>, missing: ReadonlyArray<Missing>, first: number) => {
  const items: Array<Array<Missing>> = [[...held]]
  let bytes = held.reduce((sum, one) => sum + bytesOf(one), 0)
  let over = 0
  for (const one of missing) {
    const size = bytesOf(one)
    if (bytes + size > ITEM_BYTES) {
      if (first + items.length === MOST_ITEMS) {
        over++
        continue
      }
      items.push([])
      bytes = 0
    }
    items.at(-1)?.push(one)
    bytes += size
  }
  return { items, over }
}

/**
 * Adds what a page has found missing to what sweep `began` keeps, and returns where that is then. The checkpoint that is written
 * afterwards says so: what an item holds beyond that is of a page that is done again.
 */
export const keep = Effect.fnUntraced(function* (
  began: number,
  kept: Kept = NOTHING_KEPT,
  missing: ReadonlyArray<Missing> = []
) {
  if (missing.length === 0) return kept
  const first = Math.max(0, kept.items - 1)
  const held = kept.items === 0 ? [] : (yield* readKept(began, first)).slice(0, kept.last)
  const { items, over } = packed(held, missing, first)
  for (const [i, list] of items.entries()) yield* write(first + i, { began, missing: list } as unknown as Json)
  const count = first + items.length
  return {
    items: count,
    last: items.at(-1)?.length ?? 0,
    slots: Math.max(count, kept.slots),
    over: kept.over + over
  }
})
