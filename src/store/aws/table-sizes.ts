import { type AttributeValue, DescribeTableCommand, ScanCommand } from "@aws-sdk/client-dynamodb"
import { Effect, Layer } from "effect"
import { SCANNED_BYTES_A_UNIT } from "../../domain/prices.ts"
import { TableSizes } from "../table-sizes.ts"
import { DynamoDb } from "./dynamodb.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"

/**
 * Sizes and ages of DynamoDB tables. Calls: `DescribeTable`, and `Scan` for a count where that knows of no item yet: a table that is younger than its
 * last look, or empty.
 */
export const tableSizes = Layer.effect(
  TableSizes,
  Effect.gen(function* () {
    const dynamo = yield* DynamoDb

    const counted = Effect.fnUntraced(function* (TableName: string) {
      const size = { items: 0, bytes: 0, counted: true }
      let start: Record<string, AttributeValue> | undefined
      do {
        const command: ScanCommand = new ScanCommand({
          TableName,
          Select: "COUNT",
          ReturnConsumedCapacity: "TOTAL",
          ...(start === undefined ? {} : { ExclusiveStartKey: start })
        })
        const {
          Count = 0,
          ConsumedCapacity,
          LastEvaluatedKey
        } = yield* retry("Scan", (abortSignal) => dynamo.send(command, { abortSignal }))
        size.items += Count
        size.bytes += Count === 0 ? 0 : (ConsumedCapacity?.CapacityUnits ?? 0) * SCANNED_BYTES_A_UNIT
        start = LastEvaluatedKey
      } while (start !== undefined)
      return size
    })

    const describe = Effect.fnUntraced(function* (TableName: string) {
      const { Table = {} } = yield* retry("DescribeTable", (abortSignal) =>
        dynamo.send(new DescribeTableCommand({ TableName }), { abortSignal })
      )
      return Table
    })

    const of = Effect.fn("TableSizes.of")(
      function* (table: string) {
        const { ItemCount = 0, TableSizeBytes = 0 } = yield* describe(table)
        return ItemCount > 0 ? { items: ItemCount, bytes: TableSizeBytes, counted: false } : yield* counted(table)
      },
      failing("table sizes", "of")
    )

    const since = Effect.fn("TableSizes.since")((table: string) =>
      Effect.map(describe(table), ({ CreationDateTime }) => CreationDateTime?.getTime() ?? 0).pipe(
        failing("table sizes", "since")
      )
    )

    return TableSizes.of({ of, since })
  })
)
