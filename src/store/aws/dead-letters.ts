import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand } from "@aws-sdk/client-sqs"
import { Config, Effect, Layer, Result } from "effect"
import { ATTEMPTS_ATTRIBUTE, type DeadLetter, DeadLetters, type Source } from "../dead-letters.ts"
import { storeError } from "./faults.ts"
import { attempt, chunks, inRounds, retry } from "./retry.ts"
import { Sqs } from "./sqs.ts"

/** What one call receives or deletes. */
const MESSAGES_A_CALL = 10

/** Bodies that are held in memory at a time, give or take a call. */
const MAX_BYTES = 4 * 1_024 * 1_024

/** A poll of a second asks all of the queue's servers; a shorter one may miss what is there. */
const WAIT_SECONDS = 1

/**
 * Dead letters on SQS, by queue URL. Calls: `ReceiveMessage`, `DeleteMessage`. A poll waits `waitSeconds`, in seconds: 0 where time stands
 * still, as in a folder that no run holds, because a poll would wait for ever.
 */
export const deadLetters = (urls: Readonly<Record<Source, string>>, waitSeconds = WAIT_SECONDS) =>
  Layer.effect(DeadLetters, make(urls, waitSeconds))

/** The same, from `RULE_DLQ_URL` and `SETTLE_DLQ_URL`. */
export const deadLettersFromConfig = Layer.effect(
  DeadLetters,
  Effect.gen(function* () {
    const rule = yield* Config.NonEmptyString("RULE_DLQ_URL")
    const settle = yield* Config.NonEmptyString("SETTLE_DLQ_URL")
    return yield* make({ rule, settle })
  })
)

/** The rule's attribute. Its ERROR_MESSAGE could quote the event and is not asked for. */
const CAUSE_ATTRIBUTE = "ERROR_CODE"

const toLetter = ({ Body, ReceiptHandle, Attributes, MessageAttributes }: Message): DeadLetter => {
  const cause = MessageAttributes?.[CAUSE_ATTRIBUTE]?.StringValue
  return {
    receipt: ReceiptHandle ?? "",
    body: Body ?? "",
    sent: Number(Attributes?.SentTimestamp),
    receives: Number(Attributes?.ApproximateReceiveCount),
    attempts: Number(MessageAttributes?.[ATTEMPTS_ATTRIBUTE]?.StringValue ?? 0),
    ...(cause === undefined ? {} : { cause })
  }
}

const make = Effect.fnUntraced(function* (urls: Readonly<Record<Source, string>>, waitSeconds = WAIT_SECONDS) {
  const sqs = yield* Sqs

  const receive = Effect.fn("DeadLetters.receive")(function* (source: Source, most: number, hiddenSeconds: number) {
    const letters: Array<DeadLetter> = []
    for (let bytes = 0; letters.length < most && bytes < MAX_BYTES; ) {
      const command = new ReceiveMessageCommand({
        QueueUrl: urls[source],
        MaxNumberOfMessages: Math.min(MESSAGES_A_CALL, most - letters.length),
        VisibilityTimeout: hiddenSeconds,
        WaitTimeSeconds: letters.length === 0 ? waitSeconds : 0,
        MessageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp"],
        MessageAttributeNames: [ATTEMPTS_ATTRIBUTE, CAUSE_ATTRIBUTE]
      })
      const result = yield* Effect.result(retry("ReceiveMessage", (abortSignal) => sqs.send(command, { abortSignal })))
      if (Result.isFailure(result)) {
        // What was received is worth having.
        if (letters.length > 0) break
        return yield* storeError("dead letters", "receive", result.failure)
      }
      const { Messages = [] } = result.success
      if (Messages.length === 0) break
      letters.push(...Messages.map(toLetter))
      bytes += Messages.reduce((sum, { Body = "" }) => sum + Buffer.byteLength(Body), 0)
    }
    return letters
  })

  const remove = Effect.fn("DeadLetters.remove")(function* (source: Source, receipts: ReadonlyArray<string>) {
    const lost = new Set<string>()
    const call = Effect.fnUntraced(function* (some: ReadonlyArray<string>) {
      const command = new DeleteMessageBatchCommand({
        QueueUrl: urls[source],
        Entries: some.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle }))
      })
      const result = yield* attempt("DeleteMessageBatch", (abortSignal) => sqs.send(command, { abortSignal }))
      const open = Result.isSuccess(result)
        ? (result.success.Failed ?? []).map(({ Id, SenderFault }) => ({ at: Number(Id), again: SenderFault !== true }))
        : some.map((_, at) => ({ at, again: result.failure.retryable }))
      for (const { at, again } of open) if (!again) lost.add(some[at] as string)
      return open.filter(({ again }) => again).map(({ at }) => some[at] as string)
    })
    const left = yield* inRounds(receipts, (open) =>
      Effect.map(Effect.forEach(chunks(open, MESSAGES_A_CALL), call), (again) => again.flat())
    )
    return new Set([...lost, ...left])
  })

  return DeadLetters.of({ receive, remove })
})
