import { Context, type Effect } from "effect"
import type { Delta } from "../domain/delta.ts"
import type { EntityId, EventId, Generation } from "../domain/ids.ts"
import type { Settlement } from "../domain/settle.ts"
import type { StoreError } from "./store-error.ts"

/** The greatest size of a message body in bytes: SQS bills by 64 KB. */
export const MAX_MESSAGE_BYTES = 64 * 1024

/**
 * Delayed hand-over of deltas from append to project. `send` succeeds only when every settlement is accepted; what it sent before
 * a failure may be sent again, which merging makes harmless. A settlement is not delivered before its `due`.
 */
export class SettleQueue extends Context.Service<
  SettleQueue,
  { readonly send: (settlements: ReadonlyArray<Settlement>) => Effect.Effect<void, StoreError> }
>()("projections/SettleQueue") {}

type Wire = readonly [
  projection: Generation,
  entity: EntityId,
  row: string,
  register: string,
  value: Delta["value"],
  clock: number,
  published: number,
  eventId: EventId,
  late: 0 | 1
]

const toWire = (d: Delta): Wire => [
  d.projection,
  d.entity,
  d.row,
  d.register,
  d.value,
  d.stamp.clock,
  d.stamp.published,
  d.stamp.eventId,
  d.late ? 1 : 0
]

const NONCHARACTERS = /[\ufffe\uffff]/g

/** JSON that SQS takes: of the characters that it refuses, JSON escapes all but these two. */
const toText = (value: unknown): string =>
  JSON.stringify(value).replace(NONCHARACTERS, (character) => `\\u${character.charCodeAt(0).toString(16)}`)

/** Texts of deltas, for as long as those are held: each is measured, and then sent. */
const texts = new WeakMap<Delta, string>()

const textOf = (delta: Delta): string => {
  const known = texts.get(delta)
  if (known !== undefined) return known
  const text = toText(toWire(delta))
  texts.set(delta, text)
  return text
}

/** Bytes that a delta takes in a message, separator included. */
export const deltaBytes = (delta: Delta): number => Buffer.byteLength(textOf(delta)) + 1

/** What a settle message holds: what its settlement held. */
export interface SettleMessage {
  readonly deltas: ReadonlyArray<Delta>
  readonly through?: number
}

/** The body of a settle message: its format version, the deltas as arrays, and `through` where there is one. */
export const encodeSettlement = (deltas: ReadonlyArray<Delta>, through?: number): string =>
  `{"v":1,"deltas":[${deltas.map(textOf).join()}]${through === undefined ? "" : `,"through":${through}`}}`

/** The inverse. Throws on anything that `encodeSettlement` did not write. */
export const decodeSettlement = (body: string): SettleMessage => {
  const message = JSON.parse(body) as { v?: unknown; deltas?: unknown; through?: unknown }
  if (message?.v !== 1 || !Array.isArray(message.deltas)) throw new Error("not a settle message of format 1")
  const { through } = message
  if (through !== undefined && typeof through !== "number") throw new Error("not a time")
  const deltas = message.deltas.map((wire: Wire): Delta => {
    if (!Array.isArray(wire) || wire.length !== 9 || typeof wire[5] !== "number") throw new Error("not a delta")
    const [projection, entity, row, register, value, clock, published, eventId, late] = wire
    return { projection, entity, row, register, value, stamp: { clock, published, eventId }, late: late === 1 }
  })
  return through === undefined ? { deltas } : { deltas, through }
}
