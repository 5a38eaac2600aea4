import { UpdateItemCommand } from "@aws-sdk/client-dynamodb"
import { STATE_ROW } from "../../domain/projection.ts"
import type { Item } from "./attribute.ts"
import { type RowTable, rowItemKey } from "./row-item.ts"

/** Sets and removes attributes of the row `state` while the summary in it still is the one that was seen, by its version. */
export const summaryUpdate = (
  table: RowTable,
  entity: string,
  set: Item,
  remove: ReadonlyArray<string>,
  seen: number
) => {
  const names = [...Object.keys(set), ...remove]
  const alias = (name: string) => `#${names.indexOf(name)}`
  const assignments = Object.keys(set).map((name) => `${alias(name)} = :${names.indexOf(name)}`)
  const removal = remove.length === 0 ? "" : ` REMOVE ${remove.map(alias).join(", ")}`
  return new UpdateItemCommand({
    TableName: table.table,
    Key: rowItemKey(table, entity, STATE_ROW),
    UpdateExpression: `SET ${assignments.join(", ")}${removal}`,
    ConditionExpression: seen === 0 ? "attribute_not_exists(summarised)" : "summarised = :seen",
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [alias(name), name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${names.indexOf(name)}`, value])),
      ...(seen === 0 ? {} : { ":seen": { N: String(seen) } })
    }
  })
}
