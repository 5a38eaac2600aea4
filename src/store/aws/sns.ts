import { SNSClient } from "@aws-sdk/client-sns"
import { Context, Layer } from "effect"
import { client } from "./client.ts"

export class Sns extends Context.Service<Sns, SNSClient>()("projections/Sns") {
  static readonly layer = Layer.effect(
    Sns,
    client((settings) => new SNSClient(settings))
  )
}
