import { SendMessageBatchCommand } from "@aws-sdk/client-sqs"
import { Config, Effect, Layer } from "effect"
import { ATTEMPTS_ATTRIBUTE } from "../dead-letters.ts"
import { type Returning, SettleReturn } from "../hand-over.ts"
import { handOver } from "./hand-over.ts"
import { Sqs } from "./sqs.ts"

/** What one `SendMessageBatch` takes, and what a message weighs beside its body. */
const MESSAGES_A_CALL = 10
const BYTES_A_CALL = 1_024 * 1_024
const ATTRIBUTE_BYTES = 64

/** The way back into the settle queue on SQS. Calls: `SendMessage`. */
export const settleReturn = (queueUrl: string) => Layer.effect(SettleReturn, make(queueUrl))

/** The same, from `SETTLE_QUEUE_URL`. */
export const settleReturnFromConfig = Layer.effect(
  SettleReturn,
  Effect.flatMap(Config.NonEmptyString("SETTLE_QUEUE_URL"), (queueUrl) => make(queueUrl))
)

const make = Effect.fnUntraced(function* (QueueUrl: string) {
  const sqs = yield* Sqs

  const send = Effect.fn("SettleReturn.send")((messages: ReadonlyArray<Returning>) =>
    handOver(
      {
        operation: "SendMessageBatch",
        items: MESSAGES_A_CALL,
        bytes: BYTES_A_CALL,
        bytesOf: ({ body }) => Buffer.byteLength(body) + ATTRIBUTE_BYTES,
        send: async (some, abortSignal) => {
          const command = new SendMessageBatchCommand({
            QueueUrl,
            Entries: some.map(({ body, attempts }, i) => ({
              Id: String(i),
              MessageBody: body,
              DelaySeconds: 0,
              MessageAttributes: { [ATTEMPTS_ATTRIBUTE]: { DataType: "Number", StringValue: String(attempts) } }
            }))
          })
          const { Failed = [] } = await sqs.send(command, { abortSignal })
          const failed = new Map(
            Failed.map(({ Id, Code = "Unknown", SenderFault }) => [
              Number(Id),
              { reason: Code, again: SenderFault !== true }
            ])
          )
          return some.map((_, i) => failed.get(i))
        }
      },
      messages
    )
  )

  return SettleReturn.of({ send })
})
