import { type AttributeValue, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb"
import { toReadRow } from "../store/aws/row-item.ts"
import type { ConnectionSettings } from "../store/connection.ts"
import type { TableRow } from "./document.ts"

/** Reads whole projection tables, as an operator with the right to scan them would. Needs only the rows that readers see. */
export const makeTableReader = (connection: ConnectionSettings) => {
  const client = new DynamoDBClient({ ...connection, maxAttempts: 5 })
  return async (table: string, key: string): Promise<ReadonlyMap<string, ReadonlyArray<TableRow>>> => {
    const entities = new Map<string, Array<TableRow>>()
    for await (const { Items = [] } of paginateScan({ client }, { TableName: table }))
      for (const item of Items as ReadonlyArray<Record<string, AttributeValue>>) {
        const id = item[key]?.S ?? ""
        const rows = entities.get(id) ?? []
        rows.push(...toReadRow({ table, key }, item))
        if (rows.length > 0) entities.set(id, rows)
      }
    return entities
  }
}
