import { Result, type SchemaIssue } from "effect"
import { exceedsBytes, MAX_PARTITION_BYTES } from "../domain/writable.ts"
import {
  type DecodeError,
  IdNotText,
  IdTooLong,
  InvalidDate,
  MissingId,
  MissingTopic,
  NotAnObject,
  NotJson,
  NotText,
  pathText,
  refuse,
  TooLarge,
  TopicTooLong
} from "./decode-error.ts"
import { decodeEnvelope, type Envelope, isEnvelope } from "./envelope.ts"
import type { Event, Facet } from "./event.ts"
import { defaultLimits, type Limits, violation } from "./limits.ts"
import { parseTime } from "./time.ts"
import { topics } from "./topics/index.ts"

/** Bytes of a topic. It is stored as it is beside each event, where 400 KB hold all; topics of Genesys have less than a hundred. */
const MAX_TOPIC_BYTES = 2_048

const noFacets: ReadonlyArray<Facet> = []
const decoder = new TextDecoder("utf-8", { fatal: true })

const tooLarge = (limits: Limits) =>
  Result.fail(refuse(TooLarge, "$", `more than ${limits.bytes} bytes; send less or raise limits.bytes`))

const attempt = <A>(f: () => A, error: () => DecodeError): Result.Result<A, DecodeError> => {
  try {
    return Result.succeed(f())
  } catch {
    // The exception quotes its input, so nothing of it is kept.
    return Result.fail(error())
  }
}

const readText = (raw: Uint8Array | string, limits: Limits): Result.Result<string, DecodeError> => {
  if (typeof raw === "string")
    return exceedsBytes(raw, limits.bytes)
      ? tooLarge(limits)
      : Result.succeed(raw.charCodeAt(0) === 0xfeff ? raw.slice(1) : raw)
  return raw.byteLength > limits.bytes
    ? tooLarge(limits)
    : attempt(
        () => decoder.decode(raw),
        () => refuse(NotText, "$", "not UTF-8; send the event as UTF-8 text")
      )
}

const readJson = (text: string): Result.Result<unknown, DecodeError> =>
  attempt(
    () => JSON.parse(text) as unknown,
    () => refuse(NotJson, "$", "not JSON; send one whole event as a JSON object")
  )

/** Says which field keeps a value from being an envelope. */
const missing = (value: object): DecodeError => {
  const decoded = decodeEnvelope(value)
  const path = Result.isFailure(decoded) ? issuePath(decoded.failure.issue) : []
  return path[0] === "id"
    ? refuse(MissingId, "$.id", "must be text and not blank; the sender must set it")
    : refuse(MissingTopic, pathText(path), "must be text and not empty; the sender must set it")
}

const issuePath = (issue: SchemaIssue.Issue): ReadonlyArray<string> => {
  const path: Array<string> = []
  for (let at: SchemaIssue.Issue | undefined = issue; at !== undefined; )
    if (at._tag === "Pointer") {
      path.push(...at.path.map(String))
      at = at.issue
    } else at = at._tag === "Composite" ? at.issues[0] : undefined
  return path
}

const invalidDate = (path: string) =>
  Result.fail(
    refuse(InvalidDate, path, "not a time between 1990 and 2199; send ISO-8601 or epoch milliseconds, or omit it")
  )

const notAnObject = () => Result.fail(refuse(NotAnObject, "$", "must be a JSON object; send one event at a time"))

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The same as `decodeEvent` for an event that is parsed already, as a direct invocation hands it over. */
export const decodeParsed = (
  value: unknown,
  received: number,
  limits: Limits = defaultLimits
): Result.Result<Event, DecodeError> => {
  if (!isObject(value)) return notAnObject()
  const violated = violation(value, limits)
  return violated === undefined ? decodeStored(value, received) : Result.fail(violated)
}

/** The same for an event that was stored, and was within the limits when it was: a later version may have others, and must read it. */
export const decodeStored = (value: unknown, received: number): Result.Result<Event, DecodeError> => {
  if (!isObject(value)) return notAnObject()
  if (!isEnvelope(value)) return Result.fail(missing(value))
  const { id, "detail-type": topic, time, detail } = value
  if (exceedsBytes(id, MAX_PARTITION_BYTES))
    return Result.fail(refuse(IdTooLong, "$.id", `longer than ${MAX_PARTITION_BYTES} bytes; send a shorter one`))
  // A table would keep another text in its place, and another event may come under that.
  if (!id.isWellFormed()) return Result.fail(refuse(IdNotText, "$.id", "holds half of a character; send whole ones"))
  if (exceedsBytes(topic, MAX_TOPIC_BYTES))
    return Result.fail(
      refuse(TopicTooLong, "$.detail-type", `longer than ${MAX_TOPIC_BYTES} bytes; send a shorter one`)
    )

  const sent = parseTime(time)
  if (sent === undefined && time !== undefined && time !== null) return invalidDate("$.time")
  const timestamp = parseTime(detail.timestamp)
  if (timestamp === undefined && detail.timestamp !== undefined && detail.timestamp !== null)
    return invalidDate("$.detail.timestamp")

  const { topicName, eventBody, metadata } = detail
  const published = timestamp ?? sent ?? received
  const reading = topics.get(topic)?.read(topicName, eventBody, metadata, published)
  const envelope = value as unknown as Envelope
  return Result.succeed(
    reading === undefined
      ? { id, topic, topicName, published, received, routed: false, facets: noFacets, envelope }
      : {
          id,
          topic,
          topicName,
          published,
          received,
          routed: true,
          subject: reading.subject,
          facets: reading.facets,
          envelope
        }
  )
}

/**
 * An event from what came in. `received` is its first arrival in epoch ms, and stands in where the event states no time.
 *
 * Refuses only what no later version could use: see `DoorError`. Unknown topics and fields, odd bodies and wrong types inside
 * them pass. Of a key that an object states twice the last counts, as in `JSON.parse`; a byte order mark is skipped.
 */
export const decodeEvent = (
  raw: Uint8Array | string,
  received: number,
  limits: Limits = defaultLimits
): Result.Result<Event, DecodeError> => {
  const text = readText(raw, limits)
  if (Result.isFailure(text)) return Result.fail(text.failure)
  const value = readJson(text.success)
  return Result.isFailure(value) ? Result.fail(value.failure) : decodeParsed(value.success, received, limits)
}
