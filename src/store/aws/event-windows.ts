import {
  type AttributeValue,
  DescribeTimeToLiveCommand,
  ScanCommand,
  type ScanCommandOutput,
  UpdateTimeToLiveCommand
} from "@aws-sdk/client-dynamodb"
import { Effect, Layer, Result } from "effect"
import { windowColumn, windowOfColumn } from "../../domain/archive-window.ts"
import type { Json } from "../../domain/json.ts"
import type { ArchivedEvent } from "../archive.ts"
import { EventWindows, type WindowRequest } from "../event-windows.ts"
import type { Item } from "./attribute.ts"
import { DynamoDb } from "./dynamodb.ts"
import { isTombstone } from "./erased-item.ts"
import { bodyKeyOf, type EventTable, eventTableConfig, receivedOf } from "./event-item.ts"
import { restore } from "./event-source.ts"
import { windowOf } from "./event-window.ts"
import { lineOf } from "./export-format.ts"
import { failing } from "./faults.ts"
import { readText, unlessGone } from "./object-text.ts"
import { retry } from "./retry.ts"
import { S3 } from "./s3.ts"

/** Items a page, and bodies fetched at a time. */
const ITEMS_A_PAGE = 1_000
const OBJECTS_IN_FLIGHT = 8

/** The event table by windows. Calls: `Scan`, `DescribeTimeToLive` and `UpdateTimeToLive` on the table, and `GetObject`. */
export const eventWindows = (settings: EventTable) => Layer.effect(EventWindows, make(settings))

/** The same, from `EVENT_TABLE` and `OVERFLOW_BUCKET`. */
export const eventWindowsFromConfig = Layer.effect(
  EventWindows,
  Effect.flatMap(eventTableConfig, (settings) => make(settings))
)

/** An item as the archive keeps it: as the event that it stores, or as itself where no event can be made of it. */
const archivedOf = (item: Item, text?: string | null): ArchivedEvent => {
  const columns = {
    id: item.id?.S ?? "",
    topic: item.topic?.S ?? "",
    published: Number(item.published?.N ?? 0),
    received: receivedOf(item)
  }
  const restored = restore(item, text)
  return Result.isSuccess(restored)
    ? { ...columns, envelope: restored.success.envelope }
    : { ...columns, item: JSON.parse(lineOf(item)) as Json }
}

const make = Effect.fnUntraced(function* ({ table: TableName, overflowBucket: Bucket }: EventTable) {
  const [dynamo, s3] = [yield* DynamoDb, yield* S3]

  const bodyOf = unlessGone(readText(s3, Bucket))

  const page = Effect.fn("EventWindows.page")(
    function* ({ segment, segments, cursor, restore: isWanted }: WindowRequest) {
      const command = new ScanCommand({
        TableName,
        Segment: segment,
        TotalSegments: segments,
        Limit: ITEMS_A_PAGE,
        ReturnConsumedCapacity: "TOTAL",
        ...(cursor === undefined ? {} : { ExclusiveStartKey: { id: { S: cursor } } })
      })
      const answer: ScanCommandOutput = yield* retry("Scan", (abortSignal) => dynamo.send(command, { abortSignal }))
      const items: ReadonlyArray<Record<string, AttributeValue>> = answer.Items ?? []
      const events = yield* Effect.forEach(
        items.flatMap((item) => {
          const window = isTombstone(item) ? undefined : windowOf(item)
          return window === undefined ? [] : [{ item, window }]
        }),
        Effect.fnUntraced(function* ({ item, window }) {
          const [id, received] = [item.id?.S ?? "", receivedOf(item)]
          if (!isWanted(window, received)) return { id, window, received }
          const key = bodyKeyOf(item)
          return { id, window, received, event: archivedOf(item, key === undefined ? undefined : yield* bodyOf(key)) }
        }),
        { concurrency: OBJECTS_IN_FLIGHT }
      )
      const next = answer.LastEvaluatedKey?.id?.S
      return {
        events,
        readUnits: answer.ConsumedCapacity?.CapacityUnits ?? 0,
        ...(next === undefined ? {} : { cursor: next })
      }
    },
    failing("event windows", "page")
  )

  const described = Effect.map(
    retry("DescribeTimeToLive", (abortSignal) =>
      dynamo.send(new DescribeTimeToLiveCommand({ TableName }), { abortSignal })
    ),
    ({ TimeToLiveDescription: ttl }) => ({
      status: ttl?.TimeToLiveStatus ?? "DISABLED",
      window: windowOfColumn(ttl?.AttributeName ?? "")
    })
  )

  const expiring = described.pipe(
    Effect.map(({ status, window }) => (status === "DISABLED" || status === "DISABLING" ? undefined : window)),
    failing("event windows", "expiring")
  )

  const update = (window: number, Enabled: boolean) =>
    retry("UpdateTimeToLive", (abortSignal) =>
      dynamo.send(
        new UpdateTimeToLiveCommand({
          TableName,
          TimeToLiveSpecification: { AttributeName: windowColumn(window), Enabled }
        }),
        { abortSignal }
      )
    ).pipe(
      Effect.asVoid,
      // DynamoDB refuses another change within the hour of the last.
      Effect.catchIf(
        ({ reason }) => reason === "ValidationException",
        () => Effect.void
      )
    )

  const expire = Effect.fn("EventWindows.expire")(
    function* (window: number | undefined) {
      const { status, window: now } = yield* described
      if (status === "ENABLED" && now === window) return "set" as const
      if (status === "DISABLED" && window === undefined) return "set" as const
      if (status === "ENABLED" && now !== undefined) yield* update(now, false)
      if (status === "DISABLED" && window !== undefined) yield* update(window, true)
      return "changing" as const
    },
    failing("event windows", "expire")
  )

  return EventWindows.of({ page, expiring, expire })
})
