import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb"
import { Effect, Result } from "effect"
import { canonical, type Json } from "../../domain/json.ts"
import { STATE_ROW } from "../../domain/projection.ts"
import { iso } from "../../domain/stamp.ts"
import { unwritable } from "../../domain/writable.ts"
import type { RowKey, Summary } from "../projection-store.ts"
import { type Item, itemBytes } from "./attribute.ts"
import { blamesRow, type Fault, failing } from "./faults.ts"
import { pack, unpack } from "./pack.ts"
import { retry } from "./retry.ts"
import {
  columnAttributes,
  columnProblem,
  columnsOf,
  type RowTable,
  revisionAttributes,
  revisionOf,
  rowItemKey,
  sizeProblem
} from "./row-item.ts"

/** Sets and removes attributes of the row `state` while the summary in it still is the one that was seen, by its version. */
const summaryUpdate = (table: RowTable, entity: string, set: Item, remove: ReadonlyArray<string>, seen: number) => {
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

/** The derived rows `state` of a projection store. `stateItem` reads one consistently. */
export const summaries = <R>(
  dynamo: DynamoDBClient,
  tableOf: (projection: string) => RowTable,
  stateItem: (state: RowKey) => Effect.Effect<Item | undefined, Fault, R>
) => {
  const summary = Effect.fn("ProjectionStore.summary")(
    function* (projection: string, entity: string) {
      const held = (yield* stateItem({ projection, entity, row: STATE_ROW })) ?? {}
      const revised = revisionOf(held)
      return {
        version: Number(held.summarised?.N ?? 0),
        columns: columnsOf(tableOf(projection).key, held),
        asOf: held.asOf?.S === undefined ? 0 : Date.parse(held.asOf.S),
        ...(revised === undefined ? {} : { revised }),
        ...(held.summaryParts === undefined ? {} : { parts: JSON.parse(unpack(held.summaryParts)) as Json })
      } satisfies Summary
    },
    failing("projection store", "summary")
  )

  const summarise = Effect.fn("ProjectionStore.summarise")(
    function* (projection: string, entity: string, seen: Summary, next: Omit<Summary, "version">) {
      const { columns, asOf, revised, parts } = next
      const table = tableOf(projection)
      const reserved = columnProblem(table, columns)
      if (reserved !== undefined) return reserved
      const version = { N: String(seen.version + 1) }
      const set: Item = {
        ...columnAttributes(columns),
        asOf: { S: iso(asOf) },
        ...revisionAttributes(revised),
        summarised: version,
        // The functions of 0.1.0 take tickets, and write no summary that is older than theirs: they can take over.
        ticket: version
      }
      const key = rowItemKey(table, entity, STATE_ROW)
      if (parts !== undefined)
        set.summaryParts = pack(canonical(parts), itemBytes({ ...key, ...set }) + "summaryParts".length)
      const tooLarge = sizeProblem({ ...key, ...set })
      if (tooLarge !== undefined) return tooLarge
      const had = [
        ...Object.keys(seen.columns),
        ...Object.keys(revisionAttributes(seen.revised)),
        ...(seen.parts === undefined ? [] : ["summaryParts"])
      ]
      const gone = had.filter((name) => !Object.hasOwn(set, name))
      const command = summaryUpdate(table, entity, set, gone, seen.version)
      const result = yield* Effect.result(retry("UpdateItem", (abortSignal) => dynamo.send(command, { abortSignal })))
      if (Result.isSuccess(result)) return "written" as const
      if (result.failure.reason === "ConditionalCheckFailedException") return "conflict" as const
      if (!blamesRow(result.failure)) return yield* Effect.fail(result.failure)
      return unwritable("RowRefused", `DynamoDB refuses the summary: ${result.failure.reason}`)
    },
    failing("projection store", "summarise")
  )

  return { summary, summarise }
}
