import { DeleteItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb"
import { Effect, Layer } from "effect"
import { EntityEraser } from "../entity-eraser.ts"
import type { EntityEntry, IndexedEntity } from "../entity-index.ts"
import type { Item } from "./attribute.ts"
import { DynamoDb } from "./dynamodb.ts"
import { partitionOf, toItem } from "./entity-index.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"

/** Entries deleted at a time. */
const IN_FLIGHT = 16

/** The eraser of entries on DynamoDB; with an empty name there is no index, and nothing to erase. Calls: `DeleteItem`, `Query`. */
export const entityEraser = (TableName: string) =>
  TableName === ""
    ? Layer.succeed(EntityEraser, { remove: () => Effect.void, drop: () => Effect.succeed(0) })
    : Layer.effect(
        EntityEraser,
        Effect.gen(function* () {
          const dynamo = yield* DynamoDb

          const deleteAll = (items: ReadonlyArray<Item>) =>
            Effect.forEach(
              items,
              ({ entity = { S: "" }, at = { S: "" } }) =>
                retry("DeleteItem", (abortSignal) =>
                  dynamo.send(new DeleteItemCommand({ TableName, Key: { entity, at } }), { abortSignal })
                ),
              { concurrency: IN_FLIGHT, discard: true }
            )

          const drop = Effect.fn("EntityEraser.drop")(
            function* (entity: IndexedEntity) {
              let dropped = 0
              for (let more = true; more; ) {
                const command = new QueryCommand({
                  TableName,
                  ConsistentRead: true,
                  KeyConditionExpression: "#entity = :entity",
                  ExpressionAttributeNames: { "#entity": "entity" },
                  ExpressionAttributeValues: { ":entity": { S: partitionOf(entity) } }
                })
                const { Items = [], LastEvaluatedKey } = yield* retry("Query", (abortSignal) =>
                  dynamo.send(command, { abortSignal })
                )
                yield* deleteAll(Items)
                dropped += Items.length
                more = LastEvaluatedKey !== undefined
              }
              return dropped
            },
            failing("entity index", "drop")
          )

          return EntityEraser.of({
            remove: Effect.fn("EntityEraser.remove")(
              (entries: ReadonlyArray<EntityEntry>) => deleteAll(entries.map(toItem)),
              failing("entity index", "remove")
            ),
            drop
          })
        })
      )
