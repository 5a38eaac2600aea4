import { createHash } from "node:crypto"
import { DeleteItemCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb"
import { Config, Effect, Layer, Option } from "effect"
import { iso } from "../../domain/stamp.ts"
import { exceedsBytes, MAX_PARTITION_BYTES, MAX_SORT_BYTES } from "../../domain/writable.ts"
import { type EntityEntry, EntityIndex, type EntityRequest, type IndexedEntity } from "../entity-index.ts"
import type { PageKey } from "../projection-store.ts"
import type { Item } from "./attribute.ts"
import { batchGet } from "./batch-get.ts"
import { DynamoDb } from "./dynamodb.ts"
import { failing, storeError } from "./faults.ts"
import { retry } from "./retry.ts"
import { execute, insertStatement } from "./statements.ts"

/** Entries a page: the events of one are in memory at once. */
const ENTRIES_A_PAGE = 1_000

/** What stands between a name or a time, which have none, and an id. */
const MARK = "#"

/** A key, with the hash of an id in its place where a key cannot hold that: it is too long, or has half of a character, which JSON escapes. */
const fitting = (before: string, id: string, most: number): string => {
  const text = `${before}${MARK}${id}`
  if (!exceedsBytes(text, most) && id.isWellFormed()) return text
  const hashed = id.isWellFormed() ? id : JSON.stringify(id)
  return `${before}${MARK}${createHash("sha256").update(hashed).digest("hex")}`
}

/** The partition of an entity. */
export const partitionOf = ({ projection, entity }: IndexedEntity) => fitting(projection, entity, MAX_PARTITION_BYTES)

/** An entry as its item: `entity` and `at`, and the event's `id` only where the sort key cannot hold that. */
export const toItem = (entry: EntityEntry): Item => {
  const at = fitting(iso(entry.received), entry.eventId, MAX_SORT_BYTES)
  const whole = at.endsWith(`${MARK}${entry.eventId}`)
  return { entity: { S: partitionOf(entry) }, at: { S: at }, ...(whole ? {} : { id: { S: entry.eventId } }) }
}

const eventIdOf = ({ at, id }: Item): string => id?.S ?? at?.S?.slice(at.S.indexOf(MARK) + 1) ?? ""

const arrivalOf = ({ at }: Item): number => Date.parse(at?.S?.slice(0, at.S.indexOf(MARK)) ?? "")

/** The inverse of `toItem`, with a hash where the keys have one in place of an id. Nothing of an item that is no entry. */
const toEntry = (item: Item): ReadonlyArray<EntityEntry> => {
  const entity = item.entity?.S ?? ""
  const mark = entity.indexOf(MARK)
  const received = arrivalOf(item)
  return mark < 0 || !Number.isFinite(received)
    ? []
    : [{ projection: entity.slice(0, mark), entity: entity.slice(mark + 1), eventId: eventIdOf(item), received }]
}

const keyOf = (entry: EntityEntry): Item => {
  const { entity, at } = toItem(entry)
  return { entity: entity ?? { S: "" }, at: at ?? { S: "" } }
}

const nameOf = ({ entity, at }: Item): string => `${at?.S} ${entity?.S}`

/** Entries that are taken out at a time. */
const REMOVED_AT_ONCE = 8

/**
 * The index by entity on DynamoDB: partition key `entity`, sort key `at`. Calls: `PartiQLInsert`, which never overwrites, and `Query`,
 * which need not be consistent; for an audit `BatchGetItem` and `Scan`, and `DeleteItem` to mend what it finds.
 */
export const entityIndex = (table: string) => Layer.effect(EntityIndex, make(table))

/** The same, from `ENTITY_TABLE`; none where that is not set or empty. */
export const entityIndexFromConfig = Layer.unwrap(
  Effect.map(
    Config.option(Config.NonEmptyString("ENTITY_TABLE")),
    Option.match({ onNone: () => Layer.empty, onSome: entityIndex })
  )
)

const make = Effect.fnUntraced(function* (table: string) {
  const dynamo = yield* DynamoDb

  const add = Effect.fn("EntityIndex.add")(function* (entries: ReadonlyArray<EntityEntry>) {
    const items = entries.map(toItem)
    // One key may stand in a call once: an event and its repetition come in one batch.
    const unique = new Map(items.map((item) => [nameOf(item), item]))
    const results = yield* execute(
      dynamo,
      [...unique.values()].map((item) => insertStatement(table, item))
    )
    const refused = results.find(({ fault }) => fault !== undefined && fault.reason !== "DuplicateItem")?.fault
    if (refused !== undefined) return yield* storeError("entity index", "add", refused)
  })

  const page = Effect.fn("EntityIndex.page")(
    function* ({ until, cursor, ...entity }: EntityRequest) {
      const partition = { S: partitionOf(entity) }
      const command = new QueryCommand({
        TableName: table,
        KeyConditionExpression: `#entity = :entity${until === undefined ? "" : " AND #at < :end"}`,
        ExpressionAttributeNames: { "#entity": "entity", ...(until === undefined ? {} : { "#at": "at" }) },
        ExpressionAttributeValues: {
          ":entity": partition,
          ...(until === undefined ? {} : { ":end": { S: iso(until + 1) } })
        },
        Limit: ENTRIES_A_PAGE,
        ...(cursor === undefined ? {} : { ExclusiveStartKey: { entity: partition, at: { S: cursor } } })
      })
      const { Items = [], LastEvaluatedKey } = yield* retry("Query", (abortSignal) =>
        dynamo.send(command, { abortSignal })
      )
      const next = LastEvaluatedKey?.at?.S
      const arrivals = new Map(Items.map((item) => [eventIdOf(item), arrivalOf(item)]))
      return { eventIds: Items.map(eventIdOf), arrivals, ...(next === undefined ? {} : { cursor: next }) }
    },
    failing("entity index", "page")
  )

  const missing = Effect.fn("EntityIndex.missing")(
    function* (entries: ReadonlyArray<EntityEntry>) {
      const keys = new Map(entries.map((entry) => [nameOf(keyOf(entry)), keyOf(entry)]))
      const located = yield* batchGet(
        dynamo,
        [...keys.values()].map((item) => ({ table, item }))
      )
      const found = new Set(located.map(({ item }) => nameOf(item)))
      return entries.filter((entry) => !found.has(nameOf(keyOf(entry))))
    },
    failing("entity index", "missing")
  )

  const pages = Effect.fn("EntityIndex.pages")(
    function* ({ segment, segments, cursor, limit = ENTRIES_A_PAGE }: PageKey) {
      const command = new ScanCommand({
        TableName: table,
        Segment: segment,
        TotalSegments: segments,
        Limit: Math.min(limit, ENTRIES_A_PAGE),
        ReturnConsumedCapacity: "TOTAL",
        ...(cursor === undefined ? {} : { ExclusiveStartKey: JSON.parse(cursor) as Item })
      })
      const answer = yield* retry("Scan", (abortSignal) => dynamo.send(command, { abortSignal }))
      const { Items = [], LastEvaluatedKey, ConsumedCapacity } = answer
      return {
        entries: Items.flatMap(toEntry),
        readUnits: ConsumedCapacity?.CapacityUnits ?? 0,
        ...(LastEvaluatedKey === undefined ? {} : { cursor: JSON.stringify(LastEvaluatedKey) })
      }
    },
    failing("entity index", "pages")
  )

  const remove = Effect.fn("EntityIndex.remove")(
    (entries: ReadonlyArray<EntityEntry>) =>
      Effect.forEach(
        entries,
        (entry) => {
          const command = new DeleteItemCommand({ TableName: table, Key: keyOf(entry) })
          return retry("DeleteItem", (abortSignal) => dynamo.send(command, { abortSignal }))
        },
        { concurrency: REMOVED_AT_ONCE, discard: true }
      ),
    failing("entity index", "remove")
  )

  return EntityIndex.of({ add, page, missing, pages, remove })
})
