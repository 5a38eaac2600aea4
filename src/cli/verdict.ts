import { Result } from "effect"
import { decodeEvent } from "../genesys/decoder.ts"
import { MAX_PARTITION_KEY, partitionKeyOf } from "../store/partition-key.ts"
import { type OpenedEvent, parseRejectedKey } from "../store/rejected-events.ts"
import { decodeSettlement } from "../store/settle-queue.ts"

/** The partition key of what is no event. */
const NO_TOPIC = "unmatched"

/** Bytes of a record, key included, that a stream takes unless it was made for more; and of a message that a queue takes. */
const MAX_BYTES = 1_048_576

/** The way back: into the stream, or, for a message that project gave up, into the settle queue. */
export type Way = { readonly to: "stream"; readonly partitionKey: string } | { readonly to: "settleQueue" }

/** What would become of an event if it were handed over now. `why` is a sentence without any value of the event. */
export type Verdict =
  | { readonly _tag: "accepted"; readonly way: Way }
  /** It would come back. */
  | { readonly _tag: "refused"; readonly way: Way; readonly why: string }
  /** Neither stream nor queue could carry it. */
  | { readonly _tag: "impossible"; readonly why: string }

const textOf = (raw: Uint8Array): string => Buffer.from(raw).toString()

const judgeEvent = ({ raw, reason, received }: OpenedEvent): Verdict => {
  const way: Way = { to: "stream", partitionKey: partitionKeyOf(textOf(raw)) ?? NO_TOPIC }
  const decoded = decodeEvent(raw, received)
  if (Result.isFailure(decoded))
    return { _tag: "refused", way, why: `${decoded.failure._tag}: ${decoded.failure.message}` }
  // What is stored first stays for good, so this cannot end otherwise.
  return reason === "Conflict"
    ? { _tag: "refused", way, why: "Conflict: its id is stored with other content, which stays" }
    : { _tag: "accepted", way }
}

const judgeSettlement = (raw: Uint8Array): Verdict => {
  const way: Way = { to: "settleQueue" }
  return Result.isSuccess(Result.try(() => decodeSettlement(textOf(raw))))
    ? { _tag: "accepted", way }
    : { _tag: "refused", way, why: "it is no settle message of this version" }
}

/** Asks the present door, with the event's first arrival. */
export const judge = (key: string, event: OpenedEvent): Verdict => {
  const size = event.raw.length
  if (size === 0) return { _tag: "impossible", why: "it is empty" }
  if (size + MAX_PARTITION_KEY > MAX_BYTES)
    return { _tag: "impossible", why: "it is larger than what stream and queue carry" }
  const held = parseRejectedKey(key)
  return held?.place === "parked" && held.group === "settle" ? judgeSettlement(event.raw) : judgeEvent(event)
}
