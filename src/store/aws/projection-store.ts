import { type BatchStatementRequest, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb"
import { Config, Effect, Layer, Result, Schema } from "effect"
import { generation, OPEN_INDEX } from "../../domain/projection.ts"
import { encodeRow } from "../../domain/row.ts"
import { type Unwritable, unwritable } from "../../domain/writable.ts"
import {
  type Page,
  type PageKey,
  ProjectionStore,
  type ReadRow,
  type RowKey,
  type RowWrite,
  rowKey,
  type StoredRow,
  unreadableRow,
  type Written
} from "../projection-store.ts"
import type { Item } from "./attribute.ts"
import { batchGet, type Located, type OnRefused } from "./batch-get.ts"
import { DynamoDb } from "./dynamodb.ts"
import { blamesRow, failing } from "./faults.ts"
import { retry } from "./retry.ts"
import {
  columnProblem,
  type RowTable,
  revisionAttributes,
  rowAttributes,
  rowItemKey,
  sizeProblem,
  toEntityRow,
  toReadRow,
  toStoredRow
} from "./row-item.ts"
import { execute, insertStatement, updateStatement } from "./statements.ts"
import { summaries } from "./summaries.ts"

/** Faults that say that somebody else wrote the row: one for a row that was not there, one for a row that was. */
const LOST = new Set(["DuplicateItem", "ConditionalCheckFailed"])

/** Where each generation is stored. */
export type RowTables = { readonly [generation: string]: RowTable }

/**
 * The projection store on DynamoDB. Calls: `PartiQLInsert`, `PartiQLUpdate`, `BatchGetItem` and `UpdateItem` on the tables, and
 * `Query` on them (`rows`) and on their index (`open`), and `Scan` (`pages`).
 */
export const projectionStore = (tables: RowTables) => Layer.effect(ProjectionStore, make(tables))

/** The same for given projections, with table names from `PROJECTION_TABLES`, a JSON object from generation to table. */
export const projectionStoreFromConfig = (
  projections: ReadonlyArray<{ readonly name: string; readonly version: number; readonly key: string }>
) => {
  const names = projections.map(generation)
  const Tables = Schema.fromJsonString(Schema.Record(Schema.String, Schema.NonEmptyString)).check(
    Schema.makeFilter((tables) => {
      const missing = names.filter((name) => tables[name] === undefined)
      return missing.length === 0 || `no table for ${missing.join(", ")}`
    })
  )
  return Layer.effect(
    ProjectionStore,
    Effect.flatMap(Config.schema(Tables, "PROJECTION_TABLES"), (tables) =>
      make(
        Object.fromEntries(
          projections.map((p) => [generation(p), { table: tables[generation(p)] as string, key: p.key }])
        )
      )
    )
  )
}

const make = Effect.fnUntraced(function* (tables: RowTables) {
  const dynamo = yield* DynamoDb
  const byTable = new Map(Object.entries(tables).map(([name, { table }]) => [table, name]))

  const tableOf = (name: string): RowTable => {
    const table = tables[name]
    if (table === undefined) throw new Error(`no table is configured for ${name}`)
    return table
  }

  /** Items by `rowKey`. */
  const fetch = Effect.fnUntraced(function* (keys: ReadonlyArray<RowKey>, consistent = true, onRefused?: OnRefused) {
    const wanted = new Map(keys.map((key) => [rowKey(key), key]))
    const located = yield* batchGet(
      dynamo,
      [...wanted.values()].map(({ projection, entity, row }) => {
        const table = tableOf(projection)
        return { table: table.table, item: rowItemKey(table, entity, row) }
      }),
      consistent,
      onRefused
    )
    return new Map(
      located.map((one) => [nameOf(one), { table: tableOf(byTable.get(one.table) as string), item: one.item }])
    )
  })

  /** The `rowKey` of an item, or of a key. */
  const nameOf = ({ table, item }: Located): string => {
    const projection = byTable.get(table) as string
    const entity = item[tableOf(projection).key]?.S as string
    return rowKey({ projection, entity, row: item.row?.S as string })
  }

  const load = Effect.fn("ProjectionStore.load")(
    function* (keys: ReadonlyArray<RowKey>, consistent = false) {
      const loaded = new Map<string, StoredRow>()
      const items = yield* fetch(keys, consistent, (key, { reason }) =>
        loaded.set(nameOf(key), unreadableRow(unwritable("RowRefused", `DynamoDB refuses the key: ${reason}`)))
      )
      for (const [key, { table, item }] of items)
        loaded.set(
          key,
          Result.getOrElse(
            Result.try(() => toStoredRow(table, item)),
            () =>
              unreadableRow(unwritable("RowUnreadable", "the row that is stored cannot be read; restore or delete it"))
          )
        )
      return loaded as ReadonlyMap<string, StoredRow>
    },
    failing("projection store", "load")
  )

  const read = Effect.fn("ProjectionStore.read")((keys: ReadonlyArray<RowKey>) =>
    Effect.map(
      fetch(keys),
      (items): ReadonlyMap<string, ReadRow> =>
        new Map(
          [...items].flatMap(([key, { table, item }]) => toReadRow(table, item).map((row) => [key, row] as const))
        )
    ).pipe(failing("projection store", "read"))
  )

  const pages = Effect.fn("ProjectionStore.pages")(
    function* (projection: string, { segment, segments, cursor, limit }: PageKey) {
      const table = tableOf(projection)
      const command = new ScanCommand({
        TableName: table.table,
        Segment: segment,
        TotalSegments: segments,
        ReturnConsumedCapacity: "TOTAL",
        ...(limit === undefined ? {} : { Limit: limit }),
        ...(cursor === undefined ? {} : { ExclusiveStartKey: JSON.parse(cursor) as Item })
      })
      const { Items, LastEvaluatedKey, ConsumedCapacity } = yield* retry("Scan", (abortSignal) =>
        dynamo.send(command, { abortSignal })
      )
      return {
        rows: (Items ?? []).flatMap((item) =>
          toReadRow(table, item).map((row) => ({
            entity: item[table.key]?.S ?? "",
            open: item[OPEN_INDEX.key] !== undefined,
            ...row
          }))
        ),
        ...(LastEvaluatedKey === undefined ? {} : { cursor: JSON.stringify(LastEvaluatedKey) }),
        readUnits: ConsumedCapacity?.CapacityUnits ?? 0
      } satisfies Page
    },
    failing("projection store", "pages")
  )

  /** Of rows that we may have written although we were told that we had not, those that hold exactly what we wrote. */
  const ours = Effect.fnUntraced(function* (writes: ReadonlyArray<RowWrite>) {
    const stored = writes.length === 0 ? new Map() : yield* fetch(writes)
    return new Set(
      writes.filter((write) => {
        const found = stored.get(rowKey(write))
        if (found === undefined) return false
        const { version, registers } = toStoredRow(found.table, found.item)
        return version === (write.from?.version ?? 0) + 1 && encodeRow(registers) === encodeRow(write.registers)
      })
    )
  })

  const save = Effect.fn("ProjectionStore.save")(
    function* (writes: ReadonlyArray<RowWrite>) {
      const outcomes = new Map<RowWrite, Written>()
      const statements: Array<readonly [RowWrite, BatchStatementRequest]> = []
      for (const write of writes) {
        const statement = toStatement(write)
        if ("reason" in statement) outcomes.set(write, statement)
        else statements.push([write, statement])
      }
      const results = yield* execute(
        dynamo,
        statements.map(([, statement]) => statement)
      )
      const isLost = (i: number) => LOST.has(results[i]?.fault?.reason ?? "")
      const written = yield* ours(statements.flatMap(([write], i) => (isLost(i) && results[i]?.unsure ? [write] : [])))
      const refused = results.filter(({ fault }) => fault !== undefined && blamesRow(fault)).length
      for (const [i, [write]] of statements.entries()) {
        const fault = results[i]?.fault
        if (fault === undefined || written.has(write)) outcomes.set(write, "written")
        else if (isLost(i)) outcomes.set(write, "conflict")
        else if (blamesRow(fault) && (refused < statements.length || refused === 1))
          outcomes.set(write, unwritable("RowRefused", `DynamoDB refuses the row: ${fault.reason}`))
        else return yield* Effect.fail(fault)
      }
      return writes.map((write): Written => outcomes.get(write) ?? "conflict")
    },
    failing("projection store", "save")
  )

  const toStatement = (write: RowWrite): BatchStatementRequest | Unwritable => {
    const { projection, entity, row, from, columns } = write
    const table = tableOf(projection)
    const key = rowItemKey(table, entity, row)
    const reserved = columnProblem(table, columns)
    if (reserved !== undefined) return reserved
    const attributes = rowAttributes(table, write)
    const tooLarge = sizeProblem({ ...key, ...attributes })
    if (tooLarge !== undefined) return tooLarge
    if (from === undefined) return insertStatement(table.table, { ...key, ...attributes })
    const had = [
      ...from.columns,
      ...(from.expiresAt === undefined ? [] : ["expiresAt"]),
      ...Object.keys(revisionAttributes(from.revised)),
      ...(from.open ? [OPEN_INDEX.key] : [])
    ]
    const gone = had.filter((name) => !Object.hasOwn(attributes, name))
    return updateStatement(table.table, attributes, gone, { ...key, version: { N: String(from.version) } })
  }

  /** All items of a partition, of the table or of an index of it, or those whose sort keys begin so, by consistent reads. */
  const query = Effect.fnUntraced(function* (table: RowTable, entity: string, index?: string, prefix = "") {
    const found: Array<Item> = []
    const sort = index === undefined ? "row" : OPEN_INDEX.key
    let from: Item | undefined
    do {
      const page = new QueryCommand({
        TableName: table.table,
        ...(index === undefined ? {} : { IndexName: index }),
        KeyConditionExpression: prefix === "" ? "#key = :entity" : "#key = :entity AND begins_with(#sort, :prefix)",
        ExpressionAttributeNames: { "#key": table.key, ...(prefix === "" ? {} : { "#sort": sort }) },
        ExpressionAttributeValues: {
          ":entity": { S: entity },
          ...(prefix === "" ? {} : { ":prefix": { S: prefix } })
        },
        ConsistentRead: true,
        ...(from === undefined ? {} : { ExclusiveStartKey: from })
      })
      const { Items = [], LastEvaluatedKey } = yield* retry("Query", (abortSignal) =>
        dynamo.send(page, { abortSignal })
      )
      found.push(...Items)
      from = LastEvaluatedKey
    } while (from !== undefined)
    return found
  })

  const rows = Effect.fn("ProjectionStore.rows")(
    function* (projection: string, entity: string) {
      const table = tableOf(projection)
      return (yield* query(table, entity)).flatMap((item) => toReadRow(table, item))
    },
    failing("projection store", "rows")
  )

  const open = Effect.fn("ProjectionStore.open")(
    function* (projection: string, entity: string, prefix?: string) {
      const table = tableOf(projection)
      return (yield* query(table, entity, OPEN_INDEX.name, prefix)).map((item) => toEntityRow(table, item))
    },
    failing("projection store", "open")
  )

  const { summary, summarise } = summaries(dynamo, tableOf, (state) =>
    Effect.map(fetch([state]), (items) => items.get(rowKey(state))?.item)
  )

  return ProjectionStore.of({ load, read, save, rows, open, pages, summary, summarise })
})
