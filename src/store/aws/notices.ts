import { PublishCommand, SNSClient } from "@aws-sdk/client-sns"
import { Config, Context, Effect, Layer } from "effect"
import { type Notice, Notices } from "../notices.ts"
import { client } from "./client.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"

export class Sns extends Context.Service<Sns, SNSClient>()("projections/Sns") {
  static readonly layer = Layer.effect(
    Sns,
    client((settings) => new SNSClient(settings))
  )
}

/** Notices on an SNS topic. Calls: `Publish`. */
export const notices = (topicArn: string) => Layer.effect(Notices, make(topicArn))

/** The same, from `NOTICES_TOPIC_ARN`. */
export const noticesFromConfig = Layer.effect(
  Notices,
  Effect.flatMap(Config.NonEmptyString("NOTICES_TOPIC_ARN"), (topicArn) => make(topicArn))
)

const make = Effect.fnUntraced(function* (TopicArn: string) {
  const sns = yield* Sns
  const publish = Effect.fn("Notices.publish")(({ subject, text }: Notice) =>
    retry("Publish", (abortSignal) =>
      sns.send(new PublishCommand({ TopicArn, Subject: subject, Message: text }), { abortSignal })
    ).pipe(Effect.asVoid, failing("notices", "publish"))
  )

  return Notices.of({ publish })
})
