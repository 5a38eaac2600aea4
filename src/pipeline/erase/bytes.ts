import { Result } from "effect"
import type { Json } from "../../domain/json.ts"
import { erasureOf } from "../../genesys/erasure.ts"
import type { Names } from "../../genesys/person.ts"
import { isObject, mentions, redact } from "../../genesys/redact.ts"
import { readBatch, writeBatch } from "../../store/batch-document.ts"
import { decodeSettlement, encodeSettlement } from "../../store/settle-queue.ts"

/**
 * What becomes of bytes that name the person: others in their place (`left`), or none. `ids`: of events that are gone with them, which must
 * not come back by another way.
 */
export interface BytesErased {
  readonly left?: Uint8Array
  readonly ids: ReadonlyArray<string>
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text)

/** A settle message without the updates that tell of the person, or come from events of which nothing is left. */
const eraseSettlement = (names: Names, deleted: ReadonlySet<string>, text: string): BytesErased | undefined => {
  const { deltas, through } = decodeSettlement(text)
  const kept = deltas.filter(
    ({ entity, row, register, value, stamp }) =>
      ![entity, row, register].some(names.in) && !mentions(names, value) && !deleted.has(stamp.eventId)
  )
  if (kept.length === deltas.length) return undefined
  return kept.length === 0 && through === undefined
    ? { ids: [] }
    : { left: bytesOf(encodeSettlement(kept, through)), ids: [] }
}

/** An event, or anything else that is JSON. */
const eraseJson = (names: Names, value: Json, received: number): BytesErased | undefined => {
  if (!mentions(names, value)) return undefined
  const id = isObject(value) && typeof value.id === "string" ? value.id : undefined
  if (id !== undefined && isObject(value) && isObject(value.detail)) {
    const erasure = erasureOf(names, value, received)
    const left = erasure?.left?.envelope
    return left === undefined ? { ids: [id] } : { left: bytesOf(JSON.stringify(left)), ids: [] }
  }
  const left = redact(names, value)
  return left === undefined || mentions(names, left) ? { ids: [] } : { left: bytesOf(JSON.stringify(left)), ids: [] }
}

/** What becomes of the bytes of an event or a settle message, or of anything that was taken for one; undefined where they name nobody. */
export const eraseBytes = (
  names: Names,
  deleted: ReadonlySet<string>,
  bytes: Uint8Array,
  received: number
): BytesErased | undefined => {
  const text = Buffer.from(bytes).toString()
  const settlement = Result.try(() => eraseSettlement(names, deleted, text))
  if (Result.isSuccess(settlement)) return settlement.success
  const parsed = Result.try(() => JSON.parse(text) as Json)
  if (Result.isSuccess(parsed)) return eraseJson(names, parsed.success, received)
  return names.in(text) ? { ids: [] } : undefined
}

/** The same of a batch that Lambda gave up: of its records only those stay that need, and what no batch is goes as a whole. */
export const eraseBatch = (names: Names, deleted: ReadonlySet<string>, bytes: Uint8Array): BytesErased | undefined => {
  const { records } = readBatch(bytes)
  if (records === undefined) return names.in(Buffer.from(bytes).toString()) ? { ids: [] } : undefined
  const erased = records.map(({ data, arrival }) => eraseBytes(names, deleted, data, arrival))
  const isTouched = records.some(({ partitionKey }, i) => erased[i] !== undefined || names.in(partitionKey))
  if (!isTouched) return undefined
  const ids = erased.flatMap((one) => one?.ids ?? [])
  const kept = records.flatMap(({ partitionKey, data }, i) => {
    const one = erased[i]
    const left = one === undefined ? data : one.left
    return left === undefined || names.in(partitionKey) ? [] : [[i, left] as const]
  })
  return kept.length === 0 ? { ids } : { left: writeBatch(bytes, new Map(kept)), ids }
}
