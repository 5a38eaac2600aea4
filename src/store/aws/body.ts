import type { Json } from "../../domain/json.ts"
import { iso } from "../../domain/stamp.ts"
import type { Event } from "../../genesys/event.ts"

/** What the columns of an event hold, and its body therefore need not. */
export type Held = Pick<Event, "id" | "topic" | "published">

/** Marks a body that is the whole envelope. A compact one begins with `{`. */
const WHOLE = "="

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isIsoOf = (text: Json | undefined, ms: number): boolean => typeof text === "string" && iso(ms) === text

/** The envelope as JSON text, without what the columns hold where exactly that can be put back. */
export const compactBody = (held: Held, envelope: Event["envelope"]): string => {
  const { id, "detail-type": topic, detail, ...rest } = envelope
  // A lone surrogate does not survive a column, only an escape in JSON text.
  if (id === held.id && topic === held.topic && isObject(detail) && `${id}${topic}`.isWellFormed()) {
    const { timestamp, ...others } = detail
    if (isIsoOf(timestamp, held.published)) return JSON.stringify({ ...rest, detail: others })
  }
  return WHOLE + JSON.stringify(envelope)
}

/** The inverse: an equal JSON value. Throws where the text is none that `compactBody` made. */
export const restoreBody = (held: Held, body: string): Event["envelope"] => {
  if (body.startsWith(WHOLE)) return JSON.parse(body.slice(WHOLE.length))
  // Set in place: nobody else has it yet, and copies would take longer than the parsing.
  const envelope = JSON.parse(body) as { detail: { timestamp?: Json }; [key: string]: Json }
  envelope.id = held.id
  envelope["detail-type"] = held.topic
  envelope.detail.timestamp = iso(held.published)
  return envelope
}
