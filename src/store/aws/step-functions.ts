import { SFNClient } from "@aws-sdk/client-sfn"
import { Context, Layer } from "effect"
import { client } from "./client.ts"

export class StepFunctions extends Context.Service<StepFunctions, SFNClient>()("projections/StepFunctions") {
  static readonly layer = Layer.effect(
    StepFunctions,
    client((settings) => new SFNClient(settings))
  )
}
