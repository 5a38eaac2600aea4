import { Result } from "effect"
import type { Json } from "../domain/json.ts"
import { iso } from "../domain/stamp.ts"
import { decodeParsed } from "../genesys/decoder.ts"
import type { Event } from "../genesys/event.ts"
import { fillTemplate } from "../genesys/template.ts"

/** An event to be made. `at` is when Genesys published it: epoch ms, or ISO-8601 text. */
export interface EventSpec {
  /** The template, as `detail-type` has it: `v2.users.{id}.presence`. */
  readonly topic: string
  /** The ids in the topic's name, in order; one may stand alone. */
  readonly ids: string | ReadonlyArray<string>
  readonly body: { readonly [key: string]: Json | undefined }
  readonly at: number | string
  /** Absent: told apart by topic, ids, body and time, so that an equal event is the same event. */
  readonly id?: string
  readonly metadata?: { readonly [key: string]: Json }
}

/**
 * The event as a projection is given it, decoded as in production, and received when it was published. Throws where the topic is not of
 * the contract, or the event would be put into quarantine.
 */
export const eventOf = ({ topic, ids, body, at, id, metadata = {} }: EventSpec): Event => {
  const published = typeof at === "number" ? at : Date.parse(at)
  if (!Number.isFinite(published)) throw new TypeError(`at is no time: ${at}; give epoch ms or ISO-8601 text`)
  const detail = {
    topicName: fillTemplate(topic, [ids].flat()),
    version: "2",
    eventBody: body as { readonly [key: string]: Json },
    metadata,
    timestamp: iso(published)
  }
  const envelope = {
    version: "0",
    id: id ?? JSON.stringify([detail.topicName, published, body]).slice(0, 500).toWellFormed(),
    "detail-type": topic,
    source: "aws.partner/genesys.com/cloud/example/testing",
    detail
  }
  // As it would come: without what JSON leaves out.
  const event = Result.getOrThrow(decodeParsed(JSON.parse(JSON.stringify(envelope)), published))
  if (!event.routed)
    throw new TypeError(`${topic} with the ids ${JSON.stringify(ids)} is no topic of the contract; see docs/topics.md`)
  return event
}
