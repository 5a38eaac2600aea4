import { Result } from "effect"
import { foldEvent, refusalOf as refusalOfUpdates } from "../../domain/fold-event.ts"
import type { Projection } from "../../domain/projection.ts"
import type { Window } from "../../domain/settle.ts"
import { updateProblem } from "../../domain/writable.ts"
import { decodeEvent } from "../../genesys/decoder.ts"
import type { Event } from "../../genesys/event.ts"
import { presences, routingStatuses } from "../../genesys/presence.ts"
import { parseTime } from "../../genesys/time.ts"
import { allTopics } from "../../genesys/topics/index.ts"
import { MAX_PARTITION_KEY, partitionKeyOf } from "../../store/partition-key.ts"
import { type OpenedEvent, parseRejectedKey } from "../../store/rejected-events.ts"
import { decodeSettlement } from "../../store/settle-queue.ts"

// An allow list: what is not known to be harmless is shown by its kind and size.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const FIELD = /^[A-Za-z_][\w-]{0,63}$/

/** The words that topics are made of. */
const topicWords = new Set(["v2", ...allTopics.flatMap(({ template }) => template.split("."))])

const enumWord = /^[A-Z]+(_[A-Z]+)*$/

const wordsOf = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string"
    ? enumWord.test(value)
      ? [value]
      : []
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(wordsOf)
      : []

/** Values of closed vocabularies, as the contract and its examples have them. */
const enumWords = new Set([...presences, ...routingStatuses, ...allTopics.flatMap(({ example }) => wordsOf(example))])

/** Fields that hold a time: those that the contract reads clocks from. */
const timeFields = new Set([
  "time",
  "timestamp",
  "sessionStart",
  ...allTopics.flatMap(({ clocks }) => Object.values(clocks).flatMap((path) => path?.split(".").at(-1) ?? []))
])

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]{5,15}(Z|[+-]\d\d:?\d\d)?$/

const MAX_DEPTH = 32
const MAX_ELEMENTS = 20
const MAX_FIELDS = 100

/** Beyond the words that topics are made of, a segment of a name may be anything. */
const topicName = (text: string): string =>
  text
    .slice(0, 2_048)
    .split(".")
    .map((segment) => (topicWords.has(segment) || UUID.test(segment) ? segment : `<string ${segment.length}>`))
    .join(".")

const isTime = (field: string, value: string | number): boolean =>
  timeFields.has(field) && (typeof value === "number" || TIME.test(value)) && parseTime(value) !== undefined

const scalar = (value: unknown, field: string, path: string): unknown => {
  if (value === null) return null
  if (typeof value === "string") {
    if (path === "$.detail-type" || path === "$.detail.topicName") return topicName(value)
    return UUID.test(value) || enumWords.has(value) || isTime(field, value) ? value : `<string ${value.length}>`
  }
  if (typeof value === "number") return isTime(field, value) ? value : "<number>"
  return "<boolean>"
}

const key = (name: string, at: number): string => (FIELD.test(name) || UUID.test(name) ? name : `<key ${at + 1}>`)

const shape = (value: unknown, field: string, path: string, depth: number): unknown => {
  if (typeof value !== "object" || value === null) return scalar(value, field, path)
  if (depth === MAX_DEPTH) return "<deeper>"
  if (Array.isArray(value)) {
    const shown = value.slice(0, MAX_ELEMENTS).map((element) => shape(element, field, `${path}[]`, depth + 1))
    return value.length > MAX_ELEMENTS ? [...shown, `<${value.length - MAX_ELEMENTS} more>`] : shown
  }
  const fields = Object.entries(value)
  const shown = fields
    .slice(0, MAX_FIELDS)
    .map(([name, inner], at) => [key(name, at), shape(inner, name, `${path}.${name}`, depth + 1)] as const)
  if (fields.length > MAX_FIELDS) shown.push(["<more>", `<${fields.length - MAX_FIELDS} more>`])
  // A null prototype, so that a field of any name is an own one.
  return Object.assign(Object.create(null), Object.fromEntries(shown))
}

const decode = (raw: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(raw)
  } catch {
    return undefined
  }
}

const parse = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/**
 * The bytes of an event without what they say: the structure, and values that an allow list knows to be harmless (UUIDs, words of the
 * contract's vocabularies, topics, times in the fields for them). All else is shown by kind and size. A JSON value.
 */
export const redact = (raw: Uint8Array): unknown => {
  const text = decode(raw)
  if (text === undefined) return `<${raw.length} bytes, not UTF-8>`
  const parsed = parse(text)
  return parsed === undefined ? `<text ${text.length}, not JSON>` : shape(parsed.value, "", "$", 0)
}

/** The topic of an event as far as it can be shown; undefined where the bytes state none. */
export const topicOf = (raw: Uint8Array): string | undefined => {
  const value = parse(decode(raw) ?? "")?.value
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const topic = (value as { readonly [name: string]: unknown })["detail-type"]
  return typeof topic === "string" ? topicName(topic) : undefined
}

/** The partition key of a record without a topic. */
const NO_TOPIC = "unmatched"

/** Bytes of a record, key included, that a stream takes unless it was made for more; and of a message that a queue takes. */
const MAX_BYTES = 1_048_576

/** Where a rejected event is sent back to: the stream, or, for a settle message, the settle queue. */
export type Route = { readonly to: "stream"; readonly partitionKey: string } | { readonly to: "settleQueue" }

/** What this version would do with an event that is sent back. `why` is a sentence without any value of the event. */
export type Decision =
  | { readonly _tag: "accepted"; readonly route: Route }
  /** It would be rejected again. */
  | { readonly _tag: "refused"; readonly route: Route; readonly why: string }
  /** Neither the stream nor the queue can carry it. */
  | { readonly _tag: "impossible"; readonly why: string }

/** What the decoder says of an event: undefined where it accepts it. */
export const refusalOf = (raw: Uint8Array, received: number): string | undefined => {
  const decoded = decodeEvent(raw, received)
  return Result.isFailure(decoded) ? `${decoded.failure._tag}: ${decoded.failure.message}` : undefined
}

const textOf = (raw: Uint8Array): string => Buffer.from(raw).toString()

/** Whether an update can be written does not depend on when it is settled. */
const ANY_WINDOW: Window = { settle: 0, skew: 0 }

/** What of an event that the decoder accepts no table can hold, or no projection can fold; undefined where all of it can be. */
const foldRefusal = (projections: ReadonlyArray<Projection<Event>>, raw: Uint8Array, received: number) => {
  const decoded = decodeEvent(raw, received)
  if (Result.isFailure(decoded)) return undefined
  const [first, ...others] = foldEvent(projections, decoded.success, ANY_WINDOW).refused
  if (first === undefined) return undefined
  const { reason, detail } = refusalOfUpdates([first, ...others])
  return `${reason}: ${detail}`
}

const decideEvent = (
  { raw, reason, received }: OpenedEvent,
  projections: ReadonlyArray<Projection<Event>>
): Decision => {
  const route: Route = { to: "stream", partitionKey: partitionKeyOf(textOf(raw)) ?? NO_TOPIC }
  // What is stored first stays for good, so that a conflict ends the same way again.
  const why =
    refusalOf(raw, received) ??
    foldRefusal(projections, raw, received) ??
    (reason === "Conflict" ? "Conflict: its id is stored with other content, which stays" : undefined)
  return why === undefined ? { _tag: "accepted", route } : { _tag: "refused", route, why }
}

const decideSettlement = (raw: Uint8Array): Decision => {
  const route: Route = { to: "settleQueue" }
  const decoded = Result.try(() => decodeSettlement(textOf(raw)))
  if (Result.isFailure(decoded)) return { _tag: "refused", route, why: "it is no settle message of this version" }
  const problem = decoded.success.deltas.map(updateProblem).find((one) => one !== undefined)
  return problem === undefined
    ? { _tag: "accepted", route }
    : { _tag: "refused", route, why: `${problem.reason}: ${problem.detail}` }
}

/** Where parked settle messages come from: their queue, and project, of which a table cannot hold what they say. */
const SETTLE_MESSAGES: ReadonlySet<string> = new Set(["settle", "project"])

/** Decodes and folds a rejected event with this version, as of its first arrival. */
export const decide = (key: string, event: OpenedEvent, projections: ReadonlyArray<Projection<Event>>): Decision => {
  const size = event.raw.length
  if (size === 0) return { _tag: "impossible", why: "it is empty" }
  if (size + MAX_PARTITION_KEY > MAX_BYTES)
    return { _tag: "impossible", why: "it is larger than what the stream and the queue carry" }
  const parsed = parseRejectedKey(key)
  return parsed?.place === "parked" && SETTLE_MESSAGES.has(parsed.group)
    ? decideSettlement(event.raw)
    : decideEvent(event, projections)
}

/** A decision in words, without any value of the event. */
export const decisionText = (decision: Decision): string =>
  decision._tag === "accepted" ? "accepts it" : `${decision._tag}: ${decision.why}`
