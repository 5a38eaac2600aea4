import { type DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb"
import { Clock, Effect } from "effect"
import { OPEN_INDEX, STATE_ROW } from "../domain/projection.ts"
import { readersKey } from "../domain/readers.ts"
import { WATERMARK_KEY } from "../domain/watermark.ts"
import type { Item } from "../store/aws/attribute.ts"
import { batchGet } from "../store/aws/batch-get.ts"
import { columnsOf } from "../store/aws/columns.ts"
import type { Fault } from "../store/aws/faults.ts"
import { retry } from "../store/aws/retry.ts"
import { NoActiveGeneration, ReaderError } from "./errors.ts"
import type { Found, From, Source } from "./source.ts"

const MEMBER = "member#"

const failing = (op: string) =>
  Effect.mapError(({ reason, retryable }: Fault) => new ReaderError({ op, reason, retryable }))

/** A row, or nothing where only a ticket was taken. */
const toFound = (key: string, item: Item): ReadonlyArray<Found> => {
  const { row, asOf, revisedAt, revisedLateMs, expiresAt } = item
  if (row?.S === undefined || asOf?.S === undefined) return []
  return [
    {
      row: row.S,
      columns: columnsOf(key, item),
      asOf: asOf.S,
      closed: expiresAt !== undefined,
      ...(revisedAt?.S === undefined ? {} : { revised: { at: revisedAt.S, lateMs: Number(revisedLateMs?.N) } })
    }
  ]
}

/** The tables of the stack with this prefix. Calls: `GetItem`, `BatchGetItem` and `Query`, also on the index `open`. */
export const tables = (dynamo: DynamoDBClient, prefix: string): Source => {
  const control = `${prefix}-control`
  const tableOf = ({ generation }: From) => `${prefix}-${generation}`

  const bearings = Effect.fnUntraced(function* (names: ReadonlyArray<string>) {
    const at = yield* Clock.currentTimeMillis
    const keys = [...names.map(readersKey), WATERMARK_KEY]
    const found = yield* batchGet(
      dynamo,
      keys.map((key) => ({ table: control, item: { key: { S: key } } }))
    )
    const items = new Map(found.map(({ item }) => [item.key?.S, item]))
    const generations = names.flatMap((name) => {
      const { generation } = JSON.parse(items.get(readersKey(name))?.value?.S ?? "{}")
      return generation === undefined ? [] : [[name, String(generation)] as const]
    })
    const { through, windowMs } = items.get(WATERMARK_KEY) ?? {}
    const level = through === undefined ? undefined : { through: Number(through.N), windowMs: Number(windowMs?.N) }
    return { asked: new Set(names), generations: new Map(generations), level, at }
  }, failing("BatchGetItem"))

  const query = Effect.fnUntraced(function* (
    from: From,
    entity: string,
    index?: { name: string; key: string; prefix: string }
  ) {
    const found: Array<Item> = []
    let start: Item | undefined
    do {
      const page = new QueryCommand({
        TableName: tableOf(from),
        ConsistentRead: from.consistent,
        KeyConditionExpression: "#entity = :entity",
        ExpressionAttributeNames: { "#entity": from.projection.key },
        ExpressionAttributeValues: { ":entity": { S: entity } },
        ...(index && {
          IndexName: index.name,
          KeyConditionExpression: "#entity = :entity AND begins_with(#row, :prefix)",
          ExpressionAttributeNames: { "#entity": from.projection.key, "#row": index.key },
          ExpressionAttributeValues: { ":entity": { S: entity }, ":prefix": { S: index.prefix } }
        }),
        ...(start && { ExclusiveStartKey: start })
      })
      const answer = yield* retry("Query", (abortSignal) => dynamo.send(page, { abortSignal }))
      found.push(...(answer.Items ?? []))
      start = answer.LastEvaluatedKey
    } while (start !== undefined)
    return found
  }, failing("Query"))

  const one = Effect.fnUntraced(function* (from: From, entity: string, row: string) {
    const command = new GetItemCommand({
      TableName: tableOf(from),
      Key: { [from.projection.key]: { S: entity }, row: { S: row } },
      ConsistentRead: from.consistent
    })
    const { Item } = yield* retry("GetItem", (abortSignal) => dynamo.send(command, { abortSignal }))
    return Item === undefined ? [] : [Item]
  }, failing("GetItem"))

  const many = (from: From, entities: ReadonlyArray<string>) =>
    batchGet(
      dynamo,
      entities.map((entity) => ({
        table: tableOf(from),
        item: { [from.projection.key]: { S: entity }, row: { S: STATE_ROW } }
      })),
      from.consistent
    ).pipe(
      Effect.map((located) => located.map(({ item }) => item)),
      failing("BatchGetItem")
    )

  return {
    context: (names) =>
      Effect.mapError(bearings(names), (error) =>
        error.reason === "ResourceNotFoundException"
          ? new NoActiveGeneration({ projection: names[0], table: control })
          : error
      ),
    rows: (from, entity) =>
      Effect.map(query(from, entity), (items) => items.flatMap((item) => toFound(from.projection.key, item))),
    row: (from, entity, row) =>
      Effect.map(one(from, entity, row), (items) => items.flatMap((item) => toFound(from.projection.key, item))[0]),
    states: (from, entities) => {
      const [first] = entities
      const items = first !== undefined && entities.length === 1 ? one(from, first, STATE_ROW) : many(from, entities)
      const { key } = from.projection
      return Effect.map(
        items,
        (all) => new Map(all.flatMap((item) => toFound(key, item).map((row) => [item[key]?.S ?? "", row] as const)))
      )
    },
    members: (from, queueId) =>
      Effect.map(query(from, queueId, { ...OPEN_INDEX, prefix: MEMBER }), (items) =>
        items.filter(({ joined }) => joined?.BOOL === true).map(({ row }) => (row?.S ?? "").slice(MEMBER.length))
      )
  }
}
