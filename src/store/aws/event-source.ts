import { ScanCommand } from "@aws-sdk/client-dynamodb"
import { Effect, Layer, Result } from "effect"
import { EventSource, type PageRequest, type SourcedEvent, type Unreadable } from "../event-source.ts"
import type { Item } from "./attribute.ts"
import { UnknownDictionary } from "./dictionary/dictionaries.ts"
import { DynamoDb } from "./dynamodb.ts"
import { isTombstone } from "./erased-item.ts"
import { bodyKeyOf, type EventTable, eventTableConfig, fromItem } from "./event-item.ts"
import { isOf } from "./event-window.ts"
import { failing } from "./faults.ts"
import { readText, unlessGone } from "./object-text.ts"
import { retry } from "./retry.ts"
import { S3 } from "./s3.ts"

/** Items a page: what they inflate to is in memory at once. */
const ITEMS_A_PAGE = 1_000

/** Bodies fetched at a time. */
const OBJECTS_IN_FLIGHT = 8

/**
 * The event source on DynamoDB and S3. Calls: `Scan` on the table, and `GetObject`. Reads are eventually consistent, at half the price:
 * what was stored in the last second may be missing, which is what the live feed of a generation is there for.
 */
export const eventSource = (settings: EventTable) => Layer.effect(EventSource, make(settings))

/** The same, from `EVENT_TABLE` and `OVERFLOW_BUCKET`. */
export const eventSourceFromConfig = Layer.effect(
  EventSource,
  Effect.flatMap(eventTableConfig, (settings) => make(settings))
)

/** An item as the event that it stores. `text` is the body of an overflow, null where it is gone. */
export const restore = (item: Item, text?: string | null): Result.Result<SourcedEvent, Unreadable> => {
  const [id, topic] = [item.id?.S ?? "", item.topic?.S ?? ""]
  const unreadable = (reason: string) => Result.fail({ id, topic, reason })
  if (text === null) return unreadable("its body is not in the bucket")
  try {
    const { envelope, received } = fromItem(item, text)
    if (!Number.isFinite(received)) return unreadable("it has no arrival")
    return Result.succeed({ id, topic, envelope, received })
  } catch (error) {
    // Another exception may quote the body.
    return unreadable(error instanceof UnknownDictionary ? error.message : "its body cannot be restored")
  }
}

/** The items of these topics, by the column that says it: those of others need not be inflated. */
export const ofTopics = (items: ReadonlyArray<Item>, topics: PageRequest["topics"]): ReadonlyArray<Item> =>
  topics === undefined ? items : items.filter(({ topic }) => topics.has(topic?.S ?? ""))

const make = Effect.fnUntraced(function* ({ table, overflowBucket: Bucket }: EventTable) {
  const [dynamo, s3] = [yield* DynamoDb, yield* S3]

  const getBody = unlessGone(readText(s3, Bucket))

  const page = Effect.fn("EventSource.page")(
    function* ({ segment, segments, cursor, topics, archived, limit = ITEMS_A_PAGE }: PageRequest) {
      const command = new ScanCommand({
        TableName: table,
        Segment: segment,
        TotalSegments: segments,
        Limit: Math.min(limit, ITEMS_A_PAGE),
        ReturnConsumedCapacity: "TOTAL",
        ...(cursor === undefined ? {} : { ExclusiveStartKey: { id: { S: cursor } } })
      })
      const answer = yield* retry("Scan", (abortSignal) => dynamo.send(command, { abortSignal }))
      const items = (answer.Items ?? []).filter((item) => !isTombstone(item) && !isOf(archived, item))
      const wanted = ofTopics(items, topics)
      const results = yield* Effect.forEach(
        wanted,
        Effect.fnUntraced(function* (item) {
          const key = bodyKeyOf(item)
          return restore(item, key === undefined ? undefined : yield* getBody(key))
        }),
        { concurrency: OBJECTS_IN_FLIGHT }
      )
      const next = answer.LastEvaluatedKey?.id?.S
      return {
        events: results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : [])),
        unreadable: results.flatMap((result) => (Result.isFailure(result) ? [result.failure] : [])),
        skipped: items.length - wanted.length,
        readUnits: answer.ConsumedCapacity?.CapacityUnits ?? 0,
        ...(next === undefined ? {} : { cursor: next })
      }
    },
    failing("event source", "page")
  )

  return EventSource.of({ page })
})
