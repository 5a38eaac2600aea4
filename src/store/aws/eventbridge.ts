import { EventBridgeClient } from "@aws-sdk/client-eventbridge"
import { Context, Layer } from "effect"
import { client } from "./client.ts"

export class EventBridge extends Context.Service<EventBridge, EventBridgeClient>()("projections/EventBridge") {
  static readonly layer = Layer.effect(
    EventBridge,
    client((settings) => new EventBridgeClient(settings))
  )
}
