import { SendMessageBatchCommand } from "@aws-sdk/client-sqs"
import { Clock, Config, Effect, Layer, Result } from "effect"
import type { Settlement } from "../../domain/settle.ts"
import { RetryStatistics } from "../counters.ts"
import { encodeSettlement, SettleQueue } from "../settle-queue.ts"
import { type Fault, faultNamed, isThrottle, storeError } from "./faults.ts"
import { packed } from "./packing.ts"
import { attempt, inRounds } from "./retry.ts"
import { Sqs } from "./sqs.ts"

/** What one `SendMessageBatch` takes, and how many run at a time. */
const MESSAGES_A_CALL = 10
const BYTES_A_CALL = 1_024 * 1_024
const CALLS_IN_FLIGHT = 4

/** SQS delays a message by whole seconds, at most so many. */
const MAX_DELAY = 900

interface Message {
  readonly due: number
  readonly body: string
  readonly bytes: number
}

/** Seconds from now that keep a message back until it is due, as far as SQS can. */
export const delaySeconds = (due: number, now: number): number =>
  Math.min(MAX_DELAY, Math.max(0, Math.ceil((due - now) / 1_000)))

/** The settle queue on SQS. Calls: `SendMessage`. */
export const settleQueue = (queueUrl: string) => Layer.effect(SettleQueue, make(queueUrl))

/** The same, from `SETTLE_QUEUE_URL`. */
export const settleQueueFromConfig = Layer.effect(
  SettleQueue,
  Effect.flatMap(Config.NonEmptyString("SETTLE_QUEUE_URL"), (queueUrl) => make(queueUrl))
)

const make = Effect.fnUntraced(function* (QueueUrl: string) {
  const sqs = yield* Sqs

  const send = Effect.fn("SettleQueue.send")(function* (settlements: ReadonlyArray<Settlement>) {
    const statistics = yield* RetryStatistics
    let refused: Fault | undefined
    let busy: Fault = faultNamed("ServiceUnavailable")

    const call = Effect.fnUntraced(function* (messages: ReadonlyArray<Message>) {
      const now = yield* Clock.currentTimeMillis
      const command = new SendMessageBatchCommand({
        QueueUrl,
        Entries: messages.map(({ due, body }, i) => ({
          Id: String(i),
          MessageBody: body,
          DelaySeconds: delaySeconds(due, now)
        }))
      })
      const result = yield* attempt("SendMessageBatch", (abortSignal) => sqs.send(command, { abortSignal }))
      if (Result.isFailure(result)) {
        if (result.failure.retryable) busy = result.failure
        else refused = result.failure
        return result.failure.retryable ? messages : []
      }
      return (result.success.Failed ?? []).flatMap(({ Id, Code = "Unknown", SenderFault }) => {
        const fault = { ...faultNamed(Code), retryable: SenderFault !== true }
        if (isThrottle(fault)) statistics.add("throttles", 1)
        if (fault.retryable) busy = fault
        else refused = fault
        return fault.retryable ? [messages[Number(Id)] as Message] : []
      })
    })

    const messages = settlements.map(({ due, deltas, through }) => {
      const body = encodeSettlement(deltas, through)
      return { due, body, bytes: Buffer.byteLength(body) }
    })
    const unsent = yield* inRounds(messages, (open) =>
      Effect.map(
        Effect.forEach(packed(open, MESSAGES_A_CALL, BYTES_A_CALL), call, { concurrency: CALLS_IN_FLIGHT }),
        (left) => left.flat()
      )
    )
    const fault = refused ?? (unsent.length > 0 ? busy : undefined)
    if (fault !== undefined) return yield* storeError("settle queue", "send", fault)
  })

  return SettleQueue.of({ send })
})
