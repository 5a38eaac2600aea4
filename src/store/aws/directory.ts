import { DeleteItemCommand, PutItemCommand, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb"
import { Config, Effect, Layer } from "effect"
import {
  DIRECTORY_HOLDS,
  type DirectoryEntry,
  type DirectoryKind,
  type DirectoryScope,
  GONE_MS,
  isDirectoryId,
  isMissing,
  kept,
  LISTED,
  latestOf,
  REFRESH_MS,
  supersedes
} from "../../domain/directory.ts"
import { iso } from "../../domain/stamp.ts"
import { Directory } from "../directory.ts"
import type { Item } from "./attribute.ts"
import { directoryKey, fromDirectoryItem, toDirectoryItem, toSweptItem } from "./directory-item.ts"
import { directoryReads } from "./directory-reads.ts"
import { DynamoDb } from "./dynamodb.ts"
import { type Fault, failing } from "./faults.ts"
import { retry } from "./retry.ts"

/** Items written at a time. */
const WRITES_IN_FLIGHT = 16

/**
 * The directory on DynamoDB: partition key `kind`, sort key `id`, and an index each by name, division and team. Calls: `BatchGetItem`,
 * `GetItem`, `PutItem`, `UpdateItem`, `DeleteItem`, and `Query` on the indexes.
 */
export const directory = (table: string, scope: DirectoryScope) => Layer.effect(Directory, make(table, scope))

const scopeFromConfig = Config.all({
  holds: Config.Literals(DIRECTORY_HOLDS, "DIRECTORY_HOLDS"),
  divisions: Config.map(Config.withDefault(Config.String("DIVISIONS"), ""), (text) => text.split(",").filter(Boolean))
})

/** The same, from `DIRECTORY_TABLE`, `DIRECTORY_HOLDS` and `DIVISIONS` (ids with commas between; empty: all). */
export const directoryFromConfig = Layer.effect(
  Directory,
  Effect.flatMap(Effect.all([Config.NonEmptyString("DIRECTORY_TABLE"), scopeFromConfig]), ([table, scope]) =>
    make(table, scope)
  )
)

/** Whether a write took place, or was overtaken by a later one. */
const unlessOvertaken = <A>(effect: Effect.Effect<A, Fault>) =>
  effect.pipe(
    Effect.as(1),
    Effect.catchIf(
      ({ reason }) => reason === "ConditionalCheckFailedException",
      () => Effect.succeed(0)
    )
  )

const make = Effect.fnUntraced(function* (TableName: string, scope: DirectoryScope) {
  const dynamo = yield* DynamoDb
  const reads = directoryReads(dynamo, TableName)

  const putItem = (Item: Item) => {
    const command = new PutItemCommand({
      TableName,
      Item,
      ConditionExpression: "attribute_not_exists(#seen) OR #seen < :seen",
      ExpressionAttributeNames: { "#seen": "seen" },
      ExpressionAttributeValues: { ":seen": Item.seen ?? { NULL: true } }
    })
    return unlessOvertaken(retry("PutItem", (abortSignal) => dynamo.send(command, { abortSignal })))
  }

  const deleteItem = (kind: DirectoryKind, id: string, until?: number) => {
    const command = new DeleteItemCommand({
      TableName,
      Key: directoryKey(kind, id),
      ...(until === undefined
        ? {}
        : {
            ConditionExpression: "#seen <= :until",
            ExpressionAttributeNames: { "#seen": "seen" },
            ExpressionAttributeValues: { ":until": { S: iso(until) } }
          })
    })
    return unlessOvertaken(retry("DeleteItem", (abortSignal) => dynamo.send(command, { abortSignal })))
  }

  const each = <A>(items: ReadonlyArray<A>, write: (item: A) => Effect.Effect<number, Fault>) =>
    Effect.map(Effect.forEach(items, write, { concurrency: WRITES_IN_FLIGHT }), (counts) =>
      counts.reduce((sum, n) => sum + n, 0)
    )

  const put = Effect.fn("Directory.put")(
    function* (entries: ReadonlyArray<DirectoryEntry>) {
      const latest = latestOf(entries)
      const sound = latest.filter(({ id }) => isDirectoryId(id))
      const stored = new Map(
        (yield* reads.entries(sound, true)).map((entry) => [`${entry.kind}#${entry.id}`, entry] as const)
      )
      const storedOf = ({ kind, id }: DirectoryEntry) => stored.get(`${kind}#${id}`)
      const fresh = sound.flatMap((entry) => {
        const now = kept(entry, scope)
        return now !== undefined && supersedes(now, storedOf(now)) ? [now] : []
      })
      const left = sound.filter((entry) => kept(entry, scope) === undefined && storedOf(entry) !== undefined)
      return {
        written: yield* each(fresh, (entry) => putItem(toDirectoryItem(entry))),
        removed: yield* each(left, ({ kind, id, at }) => deleteItem(kind, id, at)),
        refused: latest.length - sound.length
      }
    },
    failing("directory", "put")
  )

  /** Marks an entry as gone at a time, unless it was seen at `before` or later. Without `listed` no index holds it. */
  const mark = ({ kind, id }: DirectoryEntry, gone: number, before: number) => {
    const command = new UpdateItemCommand({
      TableName,
      Key: directoryKey(kind, id),
      UpdateExpression: "SET #gone = :gone, #expiresAt = :expiresAt REMOVE #listed",
      ConditionExpression: "#seen < :before AND attribute_not_exists(#gone)",
      ExpressionAttributeNames: { "#gone": "gone", "#expiresAt": "expiresAt", "#listed": LISTED, "#seen": "seen" },
      ExpressionAttributeValues: {
        ":gone": { S: iso(gone) },
        ":expiresAt": { N: String(Math.ceil((gone + GONE_MS) / 1_000)) },
        ":before": { S: iso(before) }
      }
    })
    return unlessOvertaken(retry("UpdateItem", (abortSignal) => dynamo.send(command, { abortSignal })))
  }

  const swept = Effect.fn("Directory.swept")(
    function* (kind: DirectoryKind, began: number) {
      let marked = 0
      let start: Item | undefined
      do {
        const command = new QueryCommand({
          TableName,
          IndexName: "byName",
          KeyConditionExpression: "#kind = :kind",
          FilterExpression: "#seen < :before",
          ExpressionAttributeNames: { "#kind": "kind", "#seen": "seen" },
          ExpressionAttributeValues: { ":kind": { S: kind }, ":before": { S: iso(began - REFRESH_MS) } },
          ...(start === undefined ? {} : { ExclusiveStartKey: start })
        })
        const answer = yield* retry("Query", (abortSignal) => dynamo.send(command, { abortSignal }))
        const missing = (answer.Items ?? []).map(fromDirectoryItem).filter((entry) => isMissing(entry, began))
        marked += yield* each(missing, (entry) => mark(entry, began, began - REFRESH_MS))
        start = answer.LastEvaluatedKey
      } while (start !== undefined)
      yield* putItem(toSweptItem(kind, { ...scope, began }))
      return marked
    },
    failing("directory", "swept")
  )

  const left = Effect.fn("Directory.left")(
    function* (kind: DirectoryKind, ids: ReadonlyArray<string>, at: number) {
      const found = yield* reads.entries(ids.filter(isDirectoryId).map((id) => ({ kind, id })))
      return yield* each(
        found.filter((entry) => entry.gone === undefined && entry.at < at),
        (entry) => mark(entry, at, at)
      )
    },
    failing("directory", "left")
  )

  return Directory.of({
    put,
    swept,
    left,
    names: Effect.fn("Directory.names")(
      (kind, ids) =>
        Effect.map(
          reads.entries(ids.map((id) => ({ kind, id }))),
          (found) => new Map(found.map((entry) => [entry.id, entry] as const))
        ),
      failing("directory", "names")
    ),
    list: Effect.fn("Directory.list")(reads.list, failing("directory", "list")),
    lastSwept: Effect.fn("Directory.lastSwept")(reads.lastSwept, failing("directory", "lastSwept")),
    remove: Effect.fn("Directory.remove")(
      (kind, id) => (isDirectoryId(id) ? Effect.asVoid(deleteItem(kind, id)) : Effect.void),
      failing("directory", "remove")
    )
  })
})
