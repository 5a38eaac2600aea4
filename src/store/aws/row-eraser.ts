import { DeleteItemCommand } from "@aws-sdk/client-dynamodb"
import { Effect, Layer } from "effect"
import { type Removal, RowEraser } from "../row-eraser.ts"
import { DynamoDb } from "./dynamodb.ts"
import { failing } from "./faults.ts"
import type { RowTables } from "./projection-store.ts"
import { retry } from "./retry.ts"
import { rowItemKey } from "./row-item.ts"

/** Rows removed at a time. */
const IN_FLIGHT = 16

/** The eraser of rows on DynamoDB. Calls: `DeleteItem`. */
export const rowEraser = (tables: RowTables) =>
  Layer.effect(
    RowEraser,
    Effect.gen(function* () {
      const dynamo = yield* DynamoDb

      const removeOne = ({ projection, entity, row, version }: Removal) => {
        const table = tables[projection]
        if (table === undefined) throw new Error(`no table is configured for ${projection}`)
        const command = new DeleteItemCommand({
          TableName: table.table,
          Key: rowItemKey(table, entity, row),
          ...(version === undefined
            ? {}
            : {
                ConditionExpression: "attribute_not_exists(#version) OR #version = :version",
                ExpressionAttributeNames: { "#version": "version" },
                ExpressionAttributeValues: { ":version": { N: String(version) } }
              })
        })
        return retry("DeleteItem", (abortSignal) => dynamo.send(command, { abortSignal })).pipe(
          Effect.as("removed" as const),
          Effect.catchIf(
            ({ reason }) => reason === "ConditionalCheckFailedException",
            () => Effect.succeed("conflict" as const)
          )
        )
      }

      return RowEraser.of({
        remove: Effect.fn("RowEraser.remove")(
          (rows: ReadonlyArray<Removal>) => Effect.forEach(rows, removeOne, { concurrency: IN_FLIGHT }),
          failing("projection store", "remove")
        )
      })
    })
  )
