import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Context, Layer } from "effect"
import { client } from "./client.ts"
import { ask } from "./metered.ts"

export class DynamoDb extends Context.Service<DynamoDb, DynamoDBClient>()("projections/DynamoDb") {
  static readonly layer = Layer.effect(
    DynamoDb,
    client((settings) => new DynamoDBClient(settings))
  )

  /** The same, whose calls count in `Consumed` what they spend. */
  static readonly metered = Layer.effect(
    DynamoDb,
    client((settings) => ask(new DynamoDBClient(settings)))
  )
}
