import type { KinesisStreamEvent, KinesisStreamRecord, SQSEvent, SQSRecord } from "aws-lambda"
import { Data, Effect } from "effect"
import type { Arrival } from "../pipeline/append.ts"
import { ATTEMPTS_ATTRIBUTE } from "../store/dead-letters.ts"

/** The answer that event source mappings read: what must be delivered again. */
export interface BatchResponse {
  readonly batchItemFailures: ReadonlyArray<{ readonly itemIdentifier: string }>
}

/** An invocation as the core sees it, and how its caller wants to hear of failed positions. */
export interface Delivery {
  readonly arrivals: ReadonlyArray<Arrival>
  /** `failed` in ascending order. Fails where the caller understands nothing else. */
  readonly respond: (failed: ReadonlyArray<number>) => Effect.Effect<BatchResponse, NotAppended>
}

/** The invocation is of no shape that this function is wired to. Says what was expected, never what came. */
export class UnknownInvocation extends Data.TaggedError("UnknownInvocation") {
  override get message() {
    return "expected Kinesis records, SQS records, one EventBridge event or an array of them"
  }
}

/** The one event of this invocation was not appended, and its caller hears of that by a failure alone. */
export class NotAppended extends Data.TaggedError("NotAppended") {
  override get message() {
    return "the event could not be appended; deliver it again"
  }
}

const none = Effect.succeed<BatchResponse>({ batchItemFailures: [] })
const failures = (ids: ReadonlyArray<string>) =>
  Effect.succeed<BatchResponse>({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) })

/** A stream goes back to the lowest number that is reported and redoes all after it, so only that one is. */
const fromKinesis = (records: ReadonlyArray<KinesisStreamRecord>): Delivery => ({
  arrivals: records.map(({ kinesis }) => ({
    raw: Buffer.from(kinesis.data, "base64"),
    received: Math.round(kinesis.approximateArrivalTimestamp * 1_000)
  })),
  respond: ([lowest]) => (lowest === undefined ? none : failures([records[lowest]?.kinesis.sequenceNumber ?? ""]))
})

/** Whether nobody can have received the message before, nor one of which redrive made it. */
export const isFirstReceipt = ({
  attributes,
  messageAttributes
}: Pick<SQSRecord, "attributes" | "messageAttributes">): boolean =>
  attributes.ApproximateReceiveCount === "1" && messageAttributes[ATTEMPTS_ATTRIBUTE] === undefined

/** A queue redoes exactly the messages that are reported. */
const fromSqs = (records: ReadonlyArray<SQSRecord>): Delivery => ({
  arrivals: records.map(({ body, attributes }) => ({
    raw: Buffer.from(body),
    received: Number(attributes.SentTimestamp)
  })),
  respond: (failed) => failures(failed.map((at) => records[at]?.messageId ?? ""))
})

/** A bus that batches is told by event id; events come parsed, and are written out again so that one decoder serves all. */
const fromEvents = (events: ReadonlyArray<unknown>, now: number): Delivery => ({
  arrivals: events.map((event) => ({ raw: Buffer.from(JSON.stringify(event)), received: now })),
  respond: (failed) => failures(failed.map((at) => String((events[at] as { id?: unknown })?.id ?? "")))
})

/** A bus that hands over one event understands only a throw. */
const fromEvent = (event: unknown, now: number): Delivery => ({
  arrivals: fromEvents([event], now).arrivals,
  respond: (failed) => (failed.length > 0 ? new NotAppended() : none)
})

const isRecords = (event: unknown): event is KinesisStreamEvent | SQSEvent =>
  typeof event === "object" && event !== null && "Records" in event && Array.isArray(event.Records)

const recognise = (event: unknown, now: number): Delivery | undefined => {
  if (Array.isArray(event)) return fromEvents(event, now)
  if (isRecords(event)) {
    const [first] = event.Records
    if (first === undefined) return { arrivals: [], respond: () => none }
    if ("kinesis" in first) return fromKinesis(event.Records as KinesisStreamEvent["Records"])
    return "body" in first ? fromSqs(event.Records as SQSEvent["Records"]) : undefined
  }
  return typeof event === "object" && event !== null && "detail-type" in event ? fromEvent(event, now) : undefined
}

/** Recognises how the function was invoked. `now` is the arrival of events that carry none, in epoch ms. */
export const receive = (event: unknown, now: number): Effect.Effect<Delivery, UnknownInvocation> => {
  const delivery = recognise(event, now)
  return delivery === undefined ? new UnknownInvocation() : Effect.succeed(delivery)
}
