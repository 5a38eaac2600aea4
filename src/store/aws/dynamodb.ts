import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Context, Layer } from "effect"
import { client } from "./client.ts"

export class DynamoDb extends Context.Service<DynamoDb, DynamoDBClient>()("projections/DynamoDb") {
  static readonly layer = Layer.effect(
    DynamoDb,
    client((settings) => new DynamoDBClient(settings))
  )
}
