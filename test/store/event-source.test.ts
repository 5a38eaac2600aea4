import { PutItemCommand } from "@aws-sdk/client-dynamodb"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { itemBytes } from "../../src/store/aws/attribute.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { eventEraser } from "../../src/store/aws/event-eraser.ts"
import { toItem } from "../../src/store/aws/event-item.ts"
import { eventSource } from "../../src/store/aws/event-source.ts"
import { eventStore } from "../../src/store/aws/event-store.ts"
import { ask } from "../../src/store/aws/metered.ts"
import { CapacityUsed, countCapacity } from "../../src/store/counters.ts"
import { EventSource } from "../../src/store/event-source.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { memoryEventStore } from "../../src/store/memory/event-store.ts"
import { BUCKET, EVENT_TABLE, makeEngine } from "./engine.ts"
import { eventSourceContract } from "./event-source.contract.ts"
import { noise, routingEvent } from "./events.ts"

const settings = { table: EVENT_TABLE, overflowBucket: BUCKET }
const onAws = Layer.mergeAll(eventStore(settings), eventEraser(settings), eventSource(settings)).pipe(
  Layer.provideMerge(Layer.unwrap(Effect.map(Effect.promise(makeEngine), ({ connect }) => connect())))
)

eventSourceContract("AWS", onAws)
eventSourceContract(
  "memory",
  Layer.unwrap(
    Effect.sync(() => {
      const { layer, eraser, source } = memoryEventStore()
      return Layer.mergeAll(layer, eraser, source)
    })
  )
)

describe("the event source on DynamoDB", () => {
  it.live("[P8] names what cannot be restored, and gives the rest", () =>
    Effect.gen(function* () {
      const [dynamo, store, source] = [yield* DynamoDb, yield* EventStore, yield* EventSource]
      yield* store.append([routingEvent("whole")])
      const { item, overflow } = toItem(routingEvent("lost", { unknown: noise(900_000) }))
      assert.isDefined(overflow)
      const topic = item.topic as { S: string }
      const received = { N: "1" }
      for (const Item of [
        item,
        { id: { S: "empty" }, topic, received },
        { id: { S: "noise" }, topic, received, body: { B: Buffer.from("noise") } },
        { id: { S: "no json" }, topic, received, body: { S: "=secret" } },
        { id: { S: "never" }, topic, body: { S: "={}" } }
      ])
        yield* Effect.promise(() => dynamo.send(new PutItemCommand({ TableName: EVENT_TABLE, Item })))
      const { events, unreadable } = yield* source.page({ segment: 0, segments: 1 })
      assert.deepStrictEqual(
        events.map(({ id }) => id),
        ["whole"]
      )
      assert.deepStrictEqual(unreadable.map(({ id }) => id).sort(), ["empty", "lost", "never", "no json", "noise"])
      assert.isTrue(unreadable.every((one) => one.topic === topic.S && !/secret/.test(one.reason)))
    }).pipe(Effect.provide(Layer.fresh(onAws)))
  )

  it.live("[P9] tells what a page has cost: half a unit for 4 KB", () =>
    Effect.gen(function* () {
      const [store, source] = [yield* EventStore, yield* EventSource]
      yield* store.append(Array.from({ length: 40 }, (_, i) => routingEvent(`event-${i}`)))
      const { readUnits } = yield* source.page({ segment: 0, segments: 1 })
      const bytes = 40 * itemBytes(toItem(routingEvent("event-10")).item)
      assert.isAtMost(Math.abs(readUnits - bytes / 8_192), 0.5)
    }).pipe(Effect.provide(Layer.fresh(onAws)))
  )

  it.live("[P9] a metered client counts what calls spend for whoever calls, and another does not", () =>
    Effect.gen(function* () {
      const spent = Effect.fnUntraced(function* (id: string) {
        const consumed = countCapacity()
        const store = yield* Effect.provide(EventStore, Layer.fresh(eventStore(settings)))
        yield* Effect.provideService(store.append([routingEvent(id)]), CapacityUsed, consumed)
        yield* Effect.provideService(store.read([id]), CapacityUsed, consumed)
        return consumed.counts()
      })
      assert.deepStrictEqual(yield* spent("a"), { readUnits: 0, writeUnits: 0 })
      ask(yield* DynamoDb)
      assert.deepStrictEqual(yield* spent("b"), { readUnits: 1, writeUnits: 1 })
      assert.deepStrictEqual(yield* spent("b"), { readUnits: 2, writeUnits: 1 })
    }).pipe(Effect.provide(Layer.fresh(onAws)))
  )
})
