import { Result } from "effect"
import type { Json } from "../domain/json.ts"
import { decodeParsed } from "./decoder.ts"
import type { Event } from "./event.ts"
import type { Names } from "./person.ts"
import { isObject, mentions, onlyRead, redact } from "./redact.ts"
import { topics } from "./topics/index.ts"

/**
 * What becomes of an event that names a person. `left`: the event without the person, or nothing where it is about the person, or cannot be
 * told without. `was`: the event as it is stored, where it can be decoded.
 */
export interface Erasure {
  readonly was?: Event
  readonly left?: Event
}

/** A stored event; undefined where this version cannot decode it. */
export const decodedOf = (envelope: Event["envelope"], received: number): Event | undefined => {
  const decoded = Result.try(() => decodeParsed(envelope, received))
  return Result.isSuccess(decoded) && Result.isSuccess(decoded.success) ? decoded.success.success : undefined
}

const topicNameOf = ({ detail }: Event["envelope"]): string =>
  isObject(detail) && typeof detail.topicName === "string" ? detail.topicName : ""

/** The body without what only people read. A customer is told of by names, addresses and words in fields that no id marks. */
const withoutCustomer = (was: Event, envelope: Event["envelope"]): Event["envelope"] => {
  const { detail } = envelope
  const topic = topics.get(was.topic)
  if (topic === undefined || !isObject(detail) || detail.eventBody === undefined) return envelope
  return { ...envelope, detail: { ...detail, eventBody: onlyRead(topic.body, detail.eventBody) } }
}

/**
 * What becomes of an event when a person is erased; undefined where it does not name the person.
 *
 * An event is about who its topic names: that one goes as a whole. An event about somebody or something else stays, without the person: of one
 * that names a customer, by a contact's id or an address, only what the contract reads stays.
 */
export const erasureOf = (names: Names, envelope: Event["envelope"], received: number): Erasure | undefined => {
  if (!mentions(names, envelope)) return undefined
  const was = decodedOf(envelope, received)
  if (was === undefined) return {}
  if (names.in(topicNameOf(envelope)) || names.in(was.id)) return { was }
  const isCustomer = names.person.kind === "external-contact" || names.person.kind === "address"
  const rest = redact(names, isCustomer ? withoutCustomer(was, envelope) : envelope) as Event["envelope"] | undefined
  const left = rest === undefined ? undefined : decodedOf(rest, received)
  return left === undefined || left.id !== was.id || mentions(names, left.envelope as Json) ? { was } : { was, left }
}
