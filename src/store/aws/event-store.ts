import { PutObjectCommand } from "@aws-sdk/client-s3"
import { Clock, Effect, Layer, Result } from "effect"
import { exceedsBytes, MAX_PARTITION_BYTES } from "../../domain/writable.ts"
import type { Event } from "../../genesys/event.ts"
import { type Appended, EventStore, type StoredEvent } from "../event-store.ts"
import type { Item } from "./attribute.ts"
import { batchGet } from "./batch-get.ts"
import { DynamoDb } from "./dynamodb.ts"
import { isErased, isTombstone } from "./erased-item.ts"
import {
  bodyKeyOf,
  type EventTable,
  eventTableConfig,
  fromItem,
  hasContent,
  type Overflow,
  receivedOf,
  toItem
} from "./event-item.ts"
import { windowOfInsert } from "./event-window.ts"
import { type Fault, failing, faultNamed, storeError } from "./faults.ts"
import { readText } from "./object-text.ts"
import { retry } from "./retry.ts"
import { S3 } from "./s3.ts"
import { execute, insertStatement } from "./statements.ts"

/** Objects put or got at a time. */
const OBJECTS_IN_FLIGHT = 8

/** What is known of one id after the write: its item as stored, whether this call wrote it, or why nothing is known. */
type Fate = { readonly stored: "now" } | { readonly stored: Item; readonly unsure: boolean } | { readonly fault: Fault }

/** The event store on DynamoDB and S3. Calls: `PartiQLInsert` and `BatchGetItem` on the table, `PutObject` and `GetObject`. */
export const eventStore = (settings: EventTable) => Layer.effect(EventStore, make(settings))

/** The same, from `EVENT_TABLE` and `OVERFLOW_BUCKET`. */
export const eventStoreFromConfig = Layer.effect(
  EventStore,
  Effect.flatMap(eventTableConfig, (settings) => make(settings))
)

const make = Effect.fnUntraced(function* ({ table, overflowBucket: Bucket, windows = false }: EventTable) {
  const [dynamo, s3] = [yield* DynamoDb, yield* S3]

  const putBody = ({ key, text }: Overflow) =>
    retry("PutObject", (abortSignal) =>
      s3.send(new PutObjectCommand({ Bucket, Key: key, Body: text }), { abortSignal })
    )

  const getBody = readText(s3, Bucket)

  const fetch = Effect.fnUntraced(function* (ids: ReadonlyArray<string>) {
    const located = yield* batchGet(
      dynamo,
      ids.map((id) => ({ table, item: { id: { S: id } } }))
    )
    return new Map(located.map(({ item }) => [item.id?.S as string, item]))
  })

  /** Writes one event per id. The bodies that S3 did not take are left out, with their fault. */
  const insert = Effect.fnUntraced(function* (events: ReadonlyArray<Event>) {
    const fates = new Map<string, Fate>()
    const window = windows ? windowOfInsert(yield* Clock.currentTimeMillis) : {}
    const items = events.map((event) => toItem(event, window))
    const overflows = items.flatMap(({ item, overflow }) => (overflow ? [{ id: item.id?.S as string, overflow }] : []))
    // Of an id that is there already no body is put: under one that was erased it would stay, and nobody would find it.
    const known =
      overflows.length === 0
        ? Result.succeed(new Map<string, Item>())
        : yield* Effect.result(fetch(overflows.map(({ id }) => id)))
    for (const { id } of overflows) {
      if (Result.isFailure(known)) fates.set(id, { fault: known.failure })
      else {
        const stored = known.success.get(id)
        if (stored !== undefined) fates.set(id, { stored, unsure: false })
      }
    }
    yield* Effect.forEach(
      overflows.filter(({ id }) => !fates.has(id)),
      ({ id, overflow }) => Effect.catch(putBody(overflow), (fault) => Effect.sync(() => fates.set(id, { fault }))),
      { concurrency: OBJECTS_IN_FLIGHT, discard: true }
    )
    const writable = events.flatMap(({ id }, i) =>
      fates.has(id) ? [] : [{ id, item: (items[i] as { item: Item }).item }]
    )
    const results = yield* execute(
      dynamo,
      writable.map(({ item }) => insertStatement(table, item))
    )
    const present = new Map<string, boolean>()
    results.forEach(({ fault, unsure }, i) => {
      const { id } = writable[i] as { id: string }
      if (fault === undefined) fates.set(id, { stored: "now" })
      else if (fault.reason === "DuplicateItem") present.set(id, unsure)
      else fates.set(id, { fault })
    })
    if (present.size === 0) return fates
    const read = yield* Effect.result(fetch([...present.keys()]))
    for (const [id, unsure] of present) {
      const stored = Result.isSuccess(read) ? read.success.get(id) : undefined
      if (stored !== undefined) fates.set(id, { stored, unsure })
      else
        fates.set(id, { fault: Result.isFailure(read) ? read.failure : { ...faultNamed("Vanished"), retryable: true } })
    }
    return fates
  })

  const append = Effect.fn("EventStore.append")(function* (events: ReadonlyArray<Event>) {
    const firsts = new Map<string, number>()
    for (const [i, { id }] of events.entries()) if (!firsts.has(id)) firsts.set(id, i)
    const fates = yield* insert([...firsts.values()].map((i) => events[i] as Event))
    // The item that this call wrote, where a later event of the same id must be compared with it.
    const written = new Map<string, Item>()
    return events.map((event, i): Appended => {
      const { id } = event
      const isFirst = firsts.get(id) === i
      const fate = fates.get(id) as Fate
      if ("fault" in fate) return { _tag: "failed", cause: storeError("event store", "append", fate.fault) }
      if (fate.stored !== "now") return judge(event, fate.stored, fate.unsure && isFirst)
      if (isFirst) return { _tag: "inserted" }
      const item = written.get(id) ?? toItem(events[firsts.get(id) as number] as Event).item
      written.set(id, item)
      return judge(event, item, false)
    })
  })

  const read = Effect.fn("EventStore.read")(
    function* (ids: ReadonlyArray<string>) {
      // No event with another id is stored.
      const keys = [...new Set(ids)].filter((id) => id !== "" && !exceedsBytes(id, MAX_PARTITION_BYTES))
      const items = yield* fetch(keys)
      const restored = yield* Effect.forEach(
        [...items].filter(([, item]) => !isTombstone(item)),
        Effect.fnUntraced(function* ([id, item]) {
          const key = bodyKeyOf(item)
          return [id, fromItem(item, key === undefined ? undefined : yield* getBody(key))] as const
        }),
        { concurrency: OBJECTS_IN_FLIGHT }
      )
      return new Map<string, StoredEvent>(restored)
    },
    failing("event store", "read")
  )

  return EventStore.of({ append, read })
})

/**
 * A stored item against an event of the same id. Where the answer to our own write was lost, an item that holds this very
 * arrival of it is ours.
 */
const judge = (event: Event, stored: Item, mayBeOurs: boolean): Appended => {
  if (isErased(stored)) return { _tag: "erased" }
  if (!hasContent(stored, event)) return { _tag: "conflict" }
  const received = receivedOf(stored)
  return mayBeOurs && received === event.received ? { _tag: "inserted" } : { _tag: "duplicate", received }
}
