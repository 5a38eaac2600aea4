import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb"
import { Config, Effect, Layer } from "effect"
import type { Json } from "../../domain/json.ts"
import { Control } from "../control.ts"
import { DynamoDb } from "./dynamodb.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"

/** The control table on DynamoDB: the value as JSON beside its version. Calls: `GetItem`, `PutItem`. */
export const control = (table: string) => Layer.effect(Control, make(table))

/** The same, from `CONTROL_TABLE`. */
export const controlFromConfig = Layer.effect(
  Control,
  Effect.flatMap(Config.NonEmptyString("CONTROL_TABLE"), (table) => make(table))
)

const make = Effect.fnUntraced(function* (TableName: string) {
  const dynamo = yield* DynamoDb

  const read = Effect.fn("Control.read")(
    function* (key: string) {
      const command = new GetItemCommand({ TableName, Key: { key: { S: key } }, ConsistentRead: true })
      const { Item } = yield* retry("GetItem", (abortSignal) => dynamo.send(command, { abortSignal }))
      if (Item === undefined) return { value: undefined, version: 0 }
      return { value: JSON.parse(Item.value?.S ?? "null") as Json, version: Number(Item.version?.N) }
    },
    failing("control table", "read")
  )

  const write = Effect.fn("Control.write")(
    function* (key: string, value: Json, version: number) {
      const command = new PutItemCommand({
        TableName,
        Item: { key: { S: key }, version: { N: String(version + 1) }, value: { S: JSON.stringify(value) } },
        ...(version === 0
          ? { ConditionExpression: "attribute_not_exists(#version)" }
          : {
              ConditionExpression: "#version = :version",
              ExpressionAttributeValues: { ":version": { N: String(version) } }
            }),
        ExpressionAttributeNames: { "#version": "version" }
      })
      return yield* retry("PutItem", (abortSignal) => dynamo.send(command, { abortSignal })).pipe(
        Effect.as("written" as const),
        Effect.catchIf(
          ({ reason }) => reason === "ConditionalCheckFailedException",
          () => Effect.succeed("conflict" as const)
        )
      )
    },
    failing("control table", "write")
  )

  return Control.of({ read, write })
})
