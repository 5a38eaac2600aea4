import { PutItemCommand } from "@aws-sdk/client-dynamodb"
import { PutObjectCommand } from "@aws-sdk/client-s3"
import { Effect, Layer } from "effect"
import { exceedsBytes, MAX_PARTITION_BYTES } from "../../domain/writable.ts"
import { type ErasedEvent, EventEraser } from "../event-eraser.ts"
import type { Item } from "./attribute.ts"
import { batchGet } from "./batch-get.ts"
import { DynamoDb } from "./dynamodb.ts"
import { erasedItem } from "./erased-item.ts"
import { bodyKeyOf, type EventTable } from "./event-item.ts"
import { windowColumnOf } from "./event-window.ts"
import { failing } from "./faults.ts"
import { dropObject } from "./object-versions.ts"
import { retry } from "./retry.ts"
import { S3 } from "./s3.ts"

/** Items written, and objects dropped, at a time. */
const IN_FLIGHT = 16

/** The eraser on DynamoDB and S3. Calls: `BatchGetItem`, `PutItem`, `PutObject`, `ListObjectVersions`, `DeleteObject` of versions. */
export const eventEraser = ({ table: TableName, overflowBucket: Bucket }: EventTable) =>
  Layer.effect(
    EventEraser,
    Effect.gen(function* () {
      const [dynamo, s3] = [yield* DynamoDb, yield* S3]

      const bodies = Effect.fn("EventEraser.bodies")(
        function* (ids: ReadonlyArray<string>) {
          const keys = [...new Set(ids)].filter((id) => id !== "" && !exceedsBytes(id, MAX_PARTITION_BYTES))
          const located = yield* batchGet(
            dynamo,
            keys.map((id) => ({ table: TableName, item: { id: { S: id } } }))
          )
          return located.flatMap(({ item }) => bodyKeyOf(item) ?? [])
        },
        failing("event store", "erase")
      )

      /** What is left of an event leaves the table with its week, as it would have; that an id was erased stays. */
      const windowsOf = Effect.fnUntraced(function* (events: ReadonlyArray<ErasedEvent>) {
        const ids = new Set(events.flatMap(({ id, left }) => (left === undefined ? [] : [id])))
        const located = yield* batchGet(
          dynamo,
          [...ids].map((id) => ({ table: TableName, item: { id: { S: id } } }))
        )
        return new Map(located.map(({ item }) => [item.id?.S ?? "", windowColumnOf(item)]))
      })

      const eraseOne = Effect.fnUntraced(function* (event: ErasedEvent, window: Item = {}) {
        const { item, overflow } = erasedItem(event)
        const Item = { ...item, ...window }
        if (overflow !== undefined)
          yield* retry("PutObject", (abortSignal) =>
            s3.send(new PutObjectCommand({ Bucket, Key: overflow.key, Body: overflow.text }), { abortSignal })
          )
        yield* retry("PutItem", (abortSignal) => dynamo.send(new PutItemCommand({ TableName, Item }), { abortSignal }))
      })

      const erase = Effect.fn("EventEraser.erase")(
        function* (events: ReadonlyArray<ErasedEvent>) {
          const windows = yield* windowsOf(events)
          yield* Effect.forEach(events, (event) => eraseOne(event, windows.get(event.id)), {
            concurrency: IN_FLIGHT,
            discard: true
          })
        },
        failing("event store", "erase")
      )

      const drop = Effect.fn("EventEraser.drop")(
        (keys: ReadonlyArray<string>) =>
          Effect.forEach(new Set(keys), (key) => dropObject(s3, Bucket, key), {
            concurrency: IN_FLIGHT,
            discard: true
          }),
        failing("event store", "drop")
      )

      return EventEraser.of({ bodies, erase, drop })
    })
  )
