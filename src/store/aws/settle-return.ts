import { SendMessageBatchCommand } from "@aws-sdk/client-sqs"
import { Config, Effect, Layer, Result } from "effect"
import { ATTEMPTS_ATTRIBUTE } from "../dead-letters.ts"
import { type HandedOver, type Returning, SettleReturn } from "../hand-over.ts"
import { blamesContent } from "./faults.ts"
import { packed } from "./packing.ts"
import { attempt, inRounds } from "./retry.ts"
import { Sqs } from "./sqs.ts"

/** What one `SendMessageBatch` takes, and what a message weighs beside its body. */
const MESSAGES_A_CALL = 10
const BYTES_A_CALL = 1_024 * 1_024
const ATTRIBUTE_BYTES = 64

interface Item {
  readonly at: number
  readonly message: Returning
  readonly bytes: number
}

/** A sender's fault may also be one of rights or keys, which no message can help. */
const notAccepted = (reason: string) => (blamesContent(reason) ? "refused" : "unavailable")

/** The way back into the settle queue on SQS. Calls: `SendMessage`. */
export const settleReturn = (queueUrl: string) => Layer.effect(SettleReturn, make(queueUrl))

/** The same, from `SETTLE_QUEUE_URL`. */
export const settleReturnFromConfig = Layer.effect(
  SettleReturn,
  Effect.flatMap(Config.NonEmptyString("SETTLE_QUEUE_URL"), (queueUrl) => make(queueUrl))
)

const make = Effect.fnUntraced(function* (QueueUrl: string) {
  const sqs = yield* Sqs

  const send = Effect.fn("SettleReturn.send")(function* (messages: ReadonlyArray<Returning>) {
    const outcomes = new Array<HandedOver>(messages.length)

    /** Returns the items that may be tried again. */
    const call: (items: ReadonlyArray<Item>) => Effect.Effect<ReadonlyArray<Item>> = Effect.fnUntraced(
      function* (items) {
        const command = new SendMessageBatchCommand({
          QueueUrl,
          Entries: items.map(({ message }, i) => ({
            Id: String(i),
            MessageBody: message.body,
            DelaySeconds: 0,
            MessageAttributes: { [ATTEMPTS_ATTRIBUTE]: { DataType: "Number", StringValue: String(message.attempts) } }
          }))
        })
        const result = yield* attempt("SendMessageBatch", (abortSignal) => sqs.send(command, { abortSignal }))
        if (Result.isFailure(result)) {
          const { reason, retryable } = result.failure
          if (blamesContent(reason) && items.length > 1) {
            // One message may be to blame for the call; halves find it.
            const half = items.length >> 1
            return [...(yield* call(items.slice(0, half))), ...(yield* call(items.slice(half)))]
          }
          for (const { at } of items) outcomes[at] = { _tag: notAccepted(reason), reason }
          return retryable ? items : []
        }
        for (const { at } of items) outcomes[at] = { _tag: "accepted" }
        return (result.success.Failed ?? []).flatMap(({ Id, Code = "Unknown", SenderFault }) => {
          const item = items[Number(Id)] as Item
          outcomes[item.at] = { _tag: notAccepted(Code), reason: Code }
          return SenderFault === true ? [] : [item]
        })
      }
    )

    const items = messages.map((message, at) => ({
      at,
      message,
      bytes: Buffer.byteLength(message.body) + ATTRIBUTE_BYTES
    }))
    yield* inRounds(items, (open) =>
      Effect.map(Effect.forEach(packed(open, MESSAGES_A_CALL, BYTES_A_CALL), call), (left) => left.flat())
    )
    return outcomes
  })

  return SettleReturn.of({ send })
})
