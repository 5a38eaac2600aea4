import { SQSClient } from "@aws-sdk/client-sqs"
import { Context, Layer } from "effect"
import { client } from "./client.ts"

export class Sqs extends Context.Service<Sqs, SQSClient>()("projections/Sqs") {
  static readonly layer = Layer.effect(
    Sqs,
    client((settings) => new SQSClient(settings))
  )
}
