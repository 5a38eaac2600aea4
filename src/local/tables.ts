import { type AttributeValue, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb"
import { agents } from "../../projections/agents.ts"
import { queues } from "../../projections/queues.ts"
import { generation } from "../domain/projection.ts"
import { toReadRow } from "../store/aws/row-item.ts"
import type { ConnectionSettings } from "../store/connection.ts"
import type { Captured } from "./capture.ts"
import { stateDocument, type TableRow } from "./document.ts"

/** Table and partition key of a projection, as the stack gives them out. */
const tableOf = ({ outputs }: Captured, projection: typeof agents | typeof queues) => {
  const tables = outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>
  return { table: tables[generation(projection)]?.name ?? "", key: projection.key }
}

/** Reads the projection tables whole, as an operator with the right to scan them would, into one document of agents and queues. */
export const makeStateReader = (captured: Captured, connection: ConnectionSettings) => {
  const client = new DynamoDBClient({ ...connection, maxAttempts: 5 })
  const scan = async (projection: typeof agents | typeof queues) => {
    const where = tableOf(captured, projection)
    const entities = new Map<string, Array<TableRow>>()
    for await (const { Items = [] } of paginateScan({ client }, { TableName: where.table }))
      for (const item of Items as ReadonlyArray<Record<string, AttributeValue>>) {
        const id = item[where.key]?.S ?? ""
        const rows = entities.get(id) ?? []
        rows.push(...toReadRow(where, item))
        if (rows.length > 0) entities.set(id, rows)
      }
    return entities
  }
  return async () => stateDocument(await scan(agents), await scan(queues))
}
