import { type DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb"
import { Effect } from "effect"
import {
  type DirectoryEntry,
  type DirectoryFilter,
  type DirectoryKind,
  isDirectoryId,
  LISTED,
  listedPrefix,
  MOST_PAGE_ENTRIES,
  PAGE_ENTRIES
} from "../../domain/directory.ts"
import type { DirectoryPage, DirectoryPageRequest } from "../directory.ts"
import type { Item } from "./attribute.ts"
import { batchGet } from "./batch-get.ts"
import {
  directoryKey,
  fromCursor,
  fromDirectoryItem,
  fromListedItem,
  fromSweptItem,
  indexOf,
  sweptKey,
  toCursor
} from "./directory-item.ts"
import { faultNamed } from "./faults.ts"
import { retry } from "./retry.ts"

/** The reason of a fault: the cursor is none that a list returned. */
export const BAD_CURSOR = "CursorInvalid"

/**
 * What readers ask of the directory's table. Calls: `BatchGetItem`, `GetItem`, and `Query` on the indexes. None of it is consistent, for an
 * index cannot be.
 */
export const directoryReads = (dynamo: DynamoDBClient, table: string) => {
  const entries = Effect.fnUntraced(function* (
    keys: ReadonlyArray<Pick<DirectoryEntry, "kind" | "id">>,
    consistent = false
  ) {
    const wanted = new Map(keys.filter(({ id }) => isDirectoryId(id)).map((key) => [`${key.kind}#${key.id}`, key]))
    const found = yield* batchGet(
      dynamo,
      [...wanted.values()].map(({ kind, id }) => ({ table, item: directoryKey(kind, id) })),
      consistent
    )
    return found.map(({ item }) => fromDirectoryItem(item))
  })

  const lastSwept = Effect.fnUntraced(function* (kind: DirectoryKind) {
    const command = new GetItemCommand({ TableName: table, Key: sweptKey(kind) })
    const { Item } = yield* retry("GetItem", (abortSignal) => dynamo.send(command, { abortSignal }))
    return Item === undefined ? undefined : fromSweptItem(Item)
  })

  /** One query, or as many as fill the page where a division is looked for within a team. */
  const list = Effect.fnUntraced(function* (
    kind: DirectoryKind,
    filter: DirectoryFilter = {},
    { cursor, limit = PAGE_ENTRIES }: DirectoryPageRequest = {}
  ) {
    const { index, key, value } = indexOf(kind, filter)
    const within = filter.team !== undefined ? filter.division : undefined
    const most = Math.min(Math.max(limit, 1), MOST_PAGE_ENTRIES)
    let start = cursor === undefined ? undefined : fromCursor(cursor, kind, filter)
    if (cursor !== undefined && start === undefined) return yield* Effect.fail(faultNamed(BAD_CURSOR))
    const items: Array<Item> = []
    do {
      const command = new QueryCommand({
        TableName: table,
        IndexName: index,
        KeyConditionExpression: "#of = :of AND begins_with(#listed, :prefix)",
        ...(within === undefined ? {} : { FilterExpression: "#division = :division" }),
        ExpressionAttributeNames: {
          "#of": key,
          "#listed": LISTED,
          ...(within === undefined ? {} : { "#division": "division" })
        },
        ExpressionAttributeValues: {
          ":of": { S: value },
          ":prefix": { S: listedPrefix(kind, filter.name) },
          ...(within === undefined ? {} : { ":division": { S: within } })
        },
        Limit: most - items.length,
        ...(start === undefined ? {} : { ExclusiveStartKey: start })
      })
      const answer = yield* retry("Query", (abortSignal) => dynamo.send(command, { abortSignal }))
      items.push(...(answer.Items ?? []))
      start = answer.LastEvaluatedKey
    } while (start !== undefined && items.length < most)
    const page: DirectoryPage = {
      entries: items.map(fromListedItem),
      ...(start === undefined ? {} : { cursor: toCursor(start) })
    }
    return page
  })

  return { entries, lastSwept, list }
}
