import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb"
import { Config, Effect, Layer } from "effect"
import { WATERMARK_KEY, type Watermark } from "../../domain/watermark.ts"
import { WatermarkStore } from "../watermark.ts"
import { DynamoDb } from "./dynamodb.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"

/** The watermark as an item of the control table, its numbers as attributes. Calls: `UpdateItem` to advance, `GetItem` to read. */
export const watermark = (table: string) => Layer.effect(WatermarkStore, make(table))

/** The same, from `CONTROL_TABLE`. */
export const watermarkFromConfig = Layer.effect(
  WatermarkStore,
  Effect.flatMap(Config.NonEmptyString("CONTROL_TABLE"), (table) => make(table))
)

const make = Effect.fnUntraced(function* (TableName: string) {
  const dynamo = yield* DynamoDb
  const Key = { key: { S: WATERMARK_KEY } }

  const read = Effect.gen(function* () {
    const command = new GetItemCommand({ TableName, Key, ConsistentRead: true })
    const { Item } = yield* retry("GetItem", (abortSignal) => dynamo.send(command, { abortSignal }))
    return Item === undefined ? undefined : { through: Number(Item.through?.N), windowMs: Number(Item.windowMs?.N) }
  }).pipe(failing("watermark", "read"), Effect.withSpan("WatermarkStore.read"))

  return WatermarkStore.of({
    read,
    advance: Effect.fn("WatermarkStore.advance")(({ through, windowMs }: Watermark) => {
      const command = new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: "SET through = :through, windowMs = :windowMs",
        ConditionExpression: "attribute_not_exists(through) OR through < :through",
        ExpressionAttributeValues: { ":through": { N: String(through) }, ":windowMs": { N: String(windowMs) } }
      })
      return retry("UpdateItem", (abortSignal) => dynamo.send(command, { abortSignal })).pipe(
        Effect.as("moved" as const),
        Effect.catchIf(
          ({ reason }) => reason === "ConditionalCheckFailedException",
          () => Effect.succeed("behind" as const)
        ),
        failing("watermark", "advance")
      )
    })
  })
})
