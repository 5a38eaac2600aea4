import { Schema } from "effect"
import type { Json } from "../domain/json.ts"

/** An event as EventBridge delivers it, unknown fields included. */
export type Envelope = { readonly [key: string]: Json }

/**
 * What the contract reads of an envelope. Open: everything else is kept as it came, and the body is the topic's own affair.
 * Ids are any text that is not blank: EventBridge calls them UUIDs, and delivers some that are none.
 */
export const EnvelopeSchema = Schema.Struct({
  id: Schema.String.check(Schema.makeFilter((id) => id.trim() !== "")),
  "detail-type": Schema.NonEmptyString,
  time: Schema.optionalKey(Schema.Unknown),
  detail: Schema.Struct({
    topicName: Schema.NonEmptyString,
    timestamp: Schema.optionalKey(Schema.Unknown),
    eventBody: Schema.optionalKey(Schema.Unknown),
    metadata: Schema.optionalKey(Schema.Unknown)
  })
})

/** Checks without copying, which is all that a sound envelope needs. */
export const isEnvelope = Schema.is(EnvelopeSchema)

/** Says where a value fails to be an envelope. */
export const decodeEnvelope = Schema.decodeUnknownResult(EnvelopeSchema)
