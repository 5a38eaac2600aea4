import type { ErasedEvent } from "../event-eraser.ts"
import type { Item } from "./attribute.ts"
import { type Overflow, toItem } from "./event-item.ts"

/** Whether an event was erased under this id: then nothing else is stored under it any more, and it is compared with nothing. */
export const isErased = (item: Item): boolean => item.erased !== undefined

/** Whether nothing is left of the event of this item but its id. */
export const isTombstone = (item: Item): boolean => isErased(item) && item.topic === undefined

/**
 * What takes the place of an erased event: its `id`, `erased` (epoch ms) and the number of the `request`; beside the attributes of what is
 * left of it, if anything.
 */
export const erasedItem = ({
  id,
  left,
  at,
  request
}: ErasedEvent): { readonly item: Item; readonly overflow?: Overflow } => {
  const marks: Item = { erased: { N: String(at) }, request: { S: request } }
  if (left === undefined) return { item: { id: { S: id }, ...marks } }
  const { item, overflow } = toItem(left)
  return { item: { ...item, ...marks }, ...(overflow && { overflow }) }
}
