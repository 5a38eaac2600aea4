import type { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb"
import { Clock, Effect } from "effect"
import { type Columns, OPEN_INDEX, STATE_ROW } from "../domain/projection.ts"
import { readersKey } from "../domain/readers.ts"
import { WATERMARK_KEY } from "../domain/watermark.ts"
import { batchGetBy, type SendBatch } from "../store/aws/batch-get.ts"
import type { Fault } from "../store/aws/faults.ts"
import { retry } from "../store/aws/retry.ts"
import { columnNames } from "../store/aws/row-item.ts"
import { directoryTable } from "./directory-table.ts"
import { NoActiveGeneration, ReaderError } from "./errors.ts"
import type { Found, From, KeyRange, Source } from "./source.ts"

const MEMBER = "member#"

/** Which rows of an entity a query returns: those whose sort key `key`, of the table or of `index`, meets `condition`. */
interface RowCondition {
  readonly index?: string
  readonly key: string
  readonly condition: string
  readonly values: Readonly<Record<string, string>>
  /** No more than so many, the last ones. */
  readonly most?: number | undefined
}

const openMembers: RowCondition = {
  index: OPEN_INDEX.name,
  key: OPEN_INDEX.key,
  condition: "begins_with(#row, :prefix)",
  values: { ":prefix": MEMBER }
}

// Every row key is greater than a space: the condition names them all.
const openRows: RowCondition = {
  index: OPEN_INDEX.name,
  key: OPEN_INDEX.key,
  condition: "#row > :nothing",
  values: { ":nothing": " " }
}

const between = ({ first, last, most }: KeyRange): RowCondition => ({
  most,
  key: "row",
  condition: "#row BETWEEN :first AND :last",
  values: { ":first": first, ":last": last }
})

/** An item as plain values. */
type Document = Record<string, unknown>

/**
 * Numbers are those of JavaScript, as they were when the row was written: one beyond 2^53 is the nearest double. The default would be a
 * `bigint` there, which neither JSON nor the types of columns know.
 */
const numbers = { wrapNumbers: Number } as const

const failing = (op: string) =>
  Effect.mapError(({ reason, retryable }: Fault) => new ReaderError({ op, reason, retryable }))

const columnsIn = (key: string, item: Document): Columns =>
  Object.fromEntries(columnNames(key, item).map((name) => [name, item[name]])) as Columns

/** A row, or nothing where only a ticket was taken. */
const toFound = (key: string, item: Document): ReadonlyArray<Found> => {
  const { row, asOf, revisedAt, revisedLateMs, expiresAt } = item
  if (typeof row !== "string" || typeof asOf !== "string") return []
  return [
    {
      row,
      asOf,
      columns: columnsIn(key, item),
      closed: expiresAt !== undefined,
      ...(typeof revisedAt === "string" ? { revised: { at: revisedAt, lateMs: Number(revisedLateMs) } } : {})
    }
  ]
}

/** A row of one entity. */
export interface RowAt {
  readonly entity: string
  readonly row: string
}

/** An item of the index `open`: the key of its row, and the columns that the projection's summary reads. */
export interface OpenRow {
  readonly row: string
  readonly columns: Columns
}

/** What whoever shows all agents and queues reads of the tables besides. */
export interface TableSource extends Source {
  /** The items of one entity in the index `open`: rows that are open, and those that its summary remembers. */
  readonly open: (from: From, entity: string) => Effect.Effect<ReadonlyArray<OpenRow>, ReaderError>
  /** Rows by their keys, no key twice; those that are not there are left out. */
  readonly rowsAt: (
    from: From,
    keys: ReadonlyArray<RowAt>
  ) => Effect.Effect<ReadonlyArray<RowAt & Pick<Found, "columns">>, ReaderError>
}

/** The tables of the stack with this prefix. Calls: `GetItem`, `BatchGetItem` and `Query`, also on the index `open`. */
export const tables = (client: DynamoDBClient, prefix: string): TableSource => {
  const dynamo = DynamoDBDocumentClient.from(client, { unmarshallOptions: numbers })
  const send: SendBatch<Document> = (RequestItems, abortSignal) =>
    dynamo.send(new BatchGetCommand({ RequestItems }), { abortSignal })
  const control = `${prefix}-control`
  const tableOf = ({ generation }: From) => `${prefix}-${generation}`

  const context = Effect.fnUntraced(function* (names: ReadonlyArray<string>) {
    const at = yield* Clock.currentTimeMillis
    const keys = [...names.map(readersKey), WATERMARK_KEY]
    const found = yield* batchGetBy(
      send,
      keys.map((key) => ({ table: control, item: { key } }))
    )
    const items = new Map(found.map(({ item }) => [item.key, item]))
    const generations = names.flatMap((name) => {
      const { generation } = JSON.parse(String(items.get(readersKey(name))?.value ?? "{}"))
      return generation === undefined ? [] : [[name, String(generation)] as const]
    })
    const { through, windowMs } = items.get(WATERMARK_KEY) ?? {}
    const level = through === undefined ? undefined : { through: Number(through), windowMs: Number(windowMs) }
    return { asked: new Set(names), generations: new Map(generations), level, at }
  }, failing("BatchGetItem"))

  const query = Effect.fnUntraced(function* (from: From, entity: string, rows?: RowCondition) {
    const found: Array<Document> = []
    let start: Document | undefined
    do {
      const page = new QueryCommand({
        TableName: tableOf(from),
        ConsistentRead: from.consistent,
        ...(rows?.index && { IndexName: rows.index }),
        ...(rows?.most && { ScanIndexForward: false, Limit: rows.most - found.length }),
        KeyConditionExpression: `#entity = :entity${rows === undefined ? "" : ` AND ${rows.condition}`}`,
        ExpressionAttributeNames: { "#entity": from.projection.key, ...(rows && { "#row": rows.key }) },
        ExpressionAttributeValues: { ":entity": entity, ...rows?.values },
        ...(start && { ExclusiveStartKey: start })
      })
      const answer = yield* retry("Query", (abortSignal) => dynamo.send(page, { abortSignal }))
      found.push(...(answer.Items ?? []))
      start = answer.LastEvaluatedKey
    } while (start !== undefined && found.length !== rows?.most)
    return found
  }, failing("Query"))

  const one = Effect.fnUntraced(function* (from: From, entity: string, row: string) {
    const command = new GetCommand({
      TableName: tableOf(from),
      Key: { [from.projection.key]: entity, row },
      ConsistentRead: from.consistent
    })
    const { Item } = yield* retry("GetItem", (abortSignal) => dynamo.send(command, { abortSignal }))
    return Item === undefined ? [] : [Item]
  }, failing("GetItem"))

  const many = (from: From, keys: ReadonlyArray<RowAt>) =>
    batchGetBy(
      send,
      keys.map(({ entity, row }) => ({ table: tableOf(from), item: { [from.projection.key]: entity, row } })),
      from.consistent
    ).pipe(
      Effect.map((located) => located.map(({ item }) => item)),
      failing("BatchGetItem")
    )

  return {
    context: (names) =>
      Effect.mapError(context(names), (error) =>
        error.reason === "ResourceNotFoundException"
          ? new NoActiveGeneration({ projection: names[0], table: control })
          : error
      ),
    rows: (from, entity, keys) =>
      Effect.map(query(from, entity, keys && between(keys)), (items) =>
        items.flatMap((item) => toFound(from.projection.key, item))
      ),
    row: (from, entity, row) =>
      Effect.map(one(from, entity, row), (items) => items.flatMap((item) => toFound(from.projection.key, item))[0]),
    states: (from, entities) => {
      const [first] = entities
      const items =
        first !== undefined && entities.length === 1
          ? one(from, first, STATE_ROW)
          : many(
              from,
              entities.map((entity) => ({ entity, row: STATE_ROW }))
            )
      const { key } = from.projection
      return Effect.map(
        items,
        (all) => new Map(all.flatMap((item) => toFound(key, item).map((row) => [String(item[key]), row] as const)))
      )
    },
    members: (from, queueId) =>
      Effect.map(query(from, queueId, openMembers), (items) =>
        items.filter(({ joined }) => joined === true).map(({ row }) => String(row).slice(MEMBER.length))
      ),
    open: (from, entity) =>
      Effect.map(query(from, entity, openRows), (items) =>
        items.map((item) => ({ row: String(item.row), columns: columnsIn(from.projection.key, item) }))
      ),
    rowsAt: (from, keys) =>
      Effect.map(many(from, keys), (items) =>
        items.map((item) => ({
          entity: String(item[from.projection.key]),
          row: String(item.row),
          columns: columnsIn(from.projection.key, item)
        }))
      ),
    directory: directoryTable(client, prefix)
  }
}
