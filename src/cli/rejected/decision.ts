import { Result } from "effect"
import { decodeEvent } from "../../genesys/decoder.ts"
import { MAX_PARTITION_KEY, partitionKeyOf } from "../../store/partition-key.ts"
import { type OpenedEvent, parseRejectedKey } from "../../store/rejected-events.ts"
import { decodeSettlement } from "../../store/settle-queue.ts"

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

const decideEvent = ({ raw, reason, received }: OpenedEvent): Decision => {
  const route: Route = { to: "stream", partitionKey: partitionKeyOf(textOf(raw)) ?? NO_TOPIC }
  // What is stored first stays for good, so that a conflict ends the same way again.
  const why =
    refusalOf(raw, received) ??
    (reason === "Conflict" ? "Conflict: its id is stored with other content, which stays" : undefined)
  return why === undefined ? { _tag: "accepted", route } : { _tag: "refused", route, why }
}

const decideSettlement = (raw: Uint8Array): Decision => {
  const route: Route = { to: "settleQueue" }
  return Result.isSuccess(Result.try(() => decodeSettlement(textOf(raw))))
    ? { _tag: "accepted", route }
    : { _tag: "refused", route, why: "it is no settle message of this version" }
}

/** Decodes a rejected event with this version, as of its first arrival. */
export const decide = (key: string, event: OpenedEvent): Decision => {
  const size = event.raw.length
  if (size === 0) return { _tag: "impossible", why: "it is empty" }
  if (size + MAX_PARTITION_KEY > MAX_BYTES)
    return { _tag: "impossible", why: "it is larger than what the stream and the queue carry" }
  const parsed = parseRejectedKey(key)
  return parsed?.place === "parked" && parsed.group === "settle" ? decideSettlement(event.raw) : decideEvent(event)
}

/** A decision in words, without any value of the event. */
export const decisionText = (decision: Decision): string =>
  decision._tag === "accepted" ? "accepts it" : `${decision._tag}: ${decision.why}`
