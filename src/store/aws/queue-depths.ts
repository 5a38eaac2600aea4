import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs"
import { Effect, Layer } from "effect"
import { QueueDepths } from "../queue-depths.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"
import { Sqs } from "./sqs.ts"

/** Depths of SQS queues. Calls: `GetQueueAttributes`. */
export const queueDepths = Layer.effect(
  QueueDepths,
  Effect.gen(function* () {
    const sqs = yield* Sqs
    const of = Effect.fn("QueueDepths.of")(
      function* (QueueUrl: string) {
        const command = new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed"
          ]
        })
        const { Attributes = {} } = yield* retry("GetQueueAttributes", (abortSignal) =>
          sqs.send(command, { abortSignal })
        )
        return {
          due: Number(Attributes.ApproximateNumberOfMessages ?? 0),
          taken: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
          delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0)
        }
      },
      failing("queue depths", "of")
    )
    return QueueDepths.of({ of })
  })
)
