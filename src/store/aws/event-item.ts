import { createHash } from "node:crypto"
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { Config } from "effect"
import { exceedsBytes, MAX_PARTITION_BYTES } from "../../domain/writable.ts"
import type { Event } from "../../genesys/event.ts"
import { contentOf } from "../content.ts"
import type { StoredEvent } from "../event-store.ts"
import { type Item, itemBytes } from "./attribute.ts"
import { compactBody, restoreBody } from "./body.ts"
import { packBody, unpackBody } from "./pack-body.ts"

/** Where events are: a table with the partition key `id`, and a bucket of bodies that no item can hold. */
export interface EventTable {
  readonly table: string
  readonly overflowBucket: string
  /** Whether events get the column of the window in which they are stored, by which they leave the table one day. Absent: no. */
  readonly windows?: boolean
}

/** The same, from `EVENT_TABLE` and `OVERFLOW_BUCKET`. */
export const eventTableConfig: Config.Config<EventTable> = Config.all({
  table: Config.NonEmptyString("EVENT_TABLE"),
  overflowBucket: Config.NonEmptyString("OVERFLOW_BUCKET"),
  windows: Config.withDefault(Config.Boolean("EVENT_WINDOWS"), false)
})

/** Bytes above which a body goes to S3. DynamoDB's limit is 400 KB, and our count of it is not its own. */
const MAX_ITEM_BYTES = 390 * 1_024

const BODY = "body".length

/** A body that does not fit. It is stored under the hash of its own text, so that no object is ever written over another. */
export interface Overflow {
  readonly key: string
  readonly text: string
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

/** The clock of an event: the greatest of its facets, else its publication. Epoch ms. */
export const clockOf = ({ facets, published }: Event): number => {
  let greatest = Number.NEGATIVE_INFINITY
  for (const { clock } of facets) if (clock !== undefined && clock > greatest) greatest = clock
  return Number.isFinite(greatest) ? greatest : published
}

/**
 * An event as the item that stores it: `id`, `topic`, `subject` where known and no longer than a key, `clock` (the greatest of its facets), `published`
 * and `received` (epoch ms), and `body`; for an overflow `bodyKey` and `contentHash` in its place. `beside`: further columns.
 */
export const toItem = (event: Event, beside: Item = {}): { readonly item: Item; readonly overflow?: Overflow } => {
  const { id, topic, subject, published, received, envelope } = event
  const columns: Item = {
    id: { S: id },
    topic: { S: topic },
    ...(subject === undefined || exceedsBytes(subject, MAX_PARTITION_BYTES) ? {} : { subject: { S: subject } }),
    clock: { N: String(clockOf(event)) },
    published: { N: String(published) },
    received: { N: String(received) },
    ...beside
  }
  const text = compactBody(event, envelope)
  const others = itemBytes(columns) + BODY
  const body = packBody(columns, text, others)
  const bytes = "B" in body ? body.B.length : Buffer.byteLength(text)
  const item = { ...columns, body: body as AttributeValue }
  if (others + bytes > MAX_ITEM_BYTES) {
    const key = `events/${sha256(text)}`
    const contentHash = sha256(contentOf(envelope))
    return { item: { ...columns, bodyKey: { S: key }, contentHash: { S: contentHash } }, overflow: { key, text } }
  }
  return { item }
}

/** First arrival in epoch ms. */
export const receivedOf = (item: Item): number => Number(item.received?.N)

/** Where the body of an overflow is. */
export const bodyKeyOf = (item: Item): string | undefined => item.bodyKey?.S

/** The stored event. `text` is the body of an overflow. */
export const fromItem = (item: Item, text = unpackBody(item)): StoredEvent => {
  const held = { id: item.id?.S ?? "", topic: item.topic?.S ?? "", published: Number(item.published?.N) }
  return { envelope: restoreBody(held, text), received: receivedOf(item) }
}

/** Whether an event says what the stored one says. An overflow is compared by hash and need not be fetched. */
export const hasContent = (item: Item, event: Event): boolean => {
  const content = contentOf(event.envelope)
  const hash = item.contentHash?.S
  return hash === undefined ? contentOf(fromItem(item).envelope) === content : hash === sha256(content)
}
