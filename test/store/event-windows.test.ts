import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { windowColumn } from "../../src/domain/archive-window.ts"
import { toItem } from "../../src/store/aws/event-item.ts"
import { isOf, windowColumnOf, windowOf, windowOfInsert } from "../../src/store/aws/event-window.ts"
import { eventWindows, eventWindowsFromConfig } from "../../src/store/aws/event-windows.ts"
import { EventWindows, type WindowRequest } from "../../src/store/event-windows.ts"
import { answering, asking, bodyOf } from "./answering.ts"
import { ARRIVAL, routingEvent } from "./events.ts"

const TableName = "events"
const windowsOf = asking(eventWindows({ table: TableName, overflowBucket: "bodies" }))
const column = { [windowColumn(2_970)]: { N: "17" } }
const event = routingEvent("e-1")
const { item } = toItem(event, column)
const archived = {
  id: "e-1",
  topic: event.topic,
  published: event.published,
  received: event.received,
  envelope: event.envelope
}

describe("a page of the event table by windows", () => {
  const page = (answer: ReadonlyArray<object | string>, more: Partial<WindowRequest> = {}) =>
    windowsOf(
      answer,
      EventWindows.use((of) => of.page({ segment: 1, segments: 4, restore: () => true, ...more }))
    )

  it.effect("is asked for by its segment, from a cursor on", () =>
    Effect.gen(function* () {
      const scan = { TableName, Segment: 1, TotalSegments: 4, Limit: 1_000, ReturnConsumedCapacity: "TOTAL" }
      const first = yield* page([{ ConsumedCapacity: { CapacityUnits: 7 }, LastEvaluatedKey: { id: { S: "e-9" } } }])
      assert.deepStrictEqual(first.asked, [["Scan", scan]])
      assert.deepStrictEqual(first.value, { events: [], readUnits: 7, cursor: "e-9" })
      const last = yield* page([{}], { cursor: "e-9" })
      assert.deepStrictEqual(last.asked, [["Scan", { ...scan, ExclusiveStartKey: { id: { S: "e-9" } } }]])
      assert.deepStrictEqual(last.value, { events: [], readUnits: 0 })
    })
  )

  it.effect("leaves out what has no window, and what nothing is left of", () =>
    Effect.gen(function* () {
      const erased = { ...column, erased: { N: "5" }, id: { S: "e-3" } }
      const Items = [toItem(routingEvent("e-0")).item, item, erased]
      assert.deepStrictEqual((yield* page([{ Items }])).value.events, [
        { id: "e-1", window: 2_970, received: ARRIVAL, event: archived }
      ])
    })
  )

  it.effect("restores the events that are asked for, and names the others", () =>
    Effect.gen(function* () {
      const seen: Array<readonly [number, number]> = []
      const restore = (window: number, received: number) => {
        seen.push([window, received])
        return false
      }
      const { value } = yield* page([{ Items: [item, { ...column, received: { N: "5" } }] }], { restore })
      assert.deepStrictEqual(value.events, [
        { id: "e-1", window: 2_970, received: ARRIVAL },
        { id: "", window: 2_970, received: 5 }
      ])
      assert.deepStrictEqual(seen, [
        [2_970, ARRIVAL],
        [2_970, 5]
      ])
    })
  )

  it.effect("fetches a body that is in the bucket", () =>
    Effect.gen(function* () {
      const { body, ...columns } = item as typeof item & { readonly body: { readonly S: string } }
      const big = { ...columns, bodyKey: { S: "events/1" }, contentHash: { S: "h" } }
      const text = JSON.stringify(event.envelope)
      const { asked } = yield* page([{ Items: [big] }, { Body: bodyOf(text) }])
      assert.deepStrictEqual(asked[1], ["GetObject", { Bucket: "bodies", Key: "events/1" }])
      const gone = yield* page([{ Items: [big] }, "NoSuchKey"])
      assert.deepStrictEqual(gone.value.events[0]?.event, {
        id: "e-1",
        topic: event.topic,
        published: event.published,
        received: ARRIVAL,
        item: { Item: big } as never
      })
    })
  )

  it.effect("gives an item as it is where no event can be made of it", () =>
    Effect.gen(function* () {
      const broken = { ...column, received: { N: "5" }, body: { S: "{" } }
      const { value } = yield* page([{ Items: [broken] }])
      assert.deepStrictEqual(value.events[0]?.event, {
        id: "",
        topic: "",
        published: 0,
        received: 5,
        item: { Item: broken } as never
      })
    })
  )

  it.effect("fails where DynamoDB refuses", () =>
    Effect.map(Effect.flip(page([])), (refused) =>
      assert.deepInclude(refused, { store: "event windows", operation: "page", reason: "AccessDenied" })
    )
  )
})

describe("the window whose events expire", () => {
  const ttl = (TimeToLiveStatus?: string, window?: number) => ({
    TimeToLiveDescription: {
      ...(TimeToLiveStatus && { TimeToLiveStatus }),
      ...(window && { AttributeName: windowColumn(window) })
    }
  })
  const update = (window: number, Enabled: boolean) => [
    "UpdateTimeToLive",
    { TableName, TimeToLiveSpecification: { AttributeName: windowColumn(window), Enabled } }
  ]

  it.effect.each<[status: string | undefined, window: number | undefined, expiring: number | undefined]>([
    ["ENABLED", 7, 7],
    ["ENABLING", 7, 7],
    ["DISABLING", 7, undefined],
    ["DISABLED", 7, undefined],
    ["ENABLED", undefined, undefined],
    [undefined, 7, undefined]
  ])("is the one that the table says: %s of %s", ([status, window, expiring]) =>
    Effect.gen(function* () {
      const { asked, value } = yield* windowsOf(
        [ttl(status, window)],
        EventWindows.use((of) => of.expiring)
      )
      assert.strictEqual(value, expiring)
      assert.deepStrictEqual(asked, [["DescribeTimeToLive", { TableName }]])
      assert.isUndefined(
        (yield* windowsOf(
          [{}],
          EventWindows.use((of) => of.expiring)
        )).value
      )
    })
  )

  it.effect.each<
    [
      status: string,
      now: number | undefined,
      wanted: number | undefined,
      state: "set" | "changing",
      updates: ReadonlyArray<ReturnType<typeof update>>
    ]
  >([
    ["ENABLED", 7, 7, "set", []],
    ["DISABLED", undefined, undefined, "set", []],
    ["DISABLED", 7, undefined, "set", []],
    ["DISABLED", undefined, 7, "changing", [update(7, true)]],
    ["DISABLED", 7, 7, "changing", [update(7, true)]],
    ["ENABLED", 7, 8, "changing", [update(7, false)]],
    ["ENABLED", 7, undefined, "changing", [update(7, false)]],
    ["ENABLED", undefined, 8, "changing", []],
    ["ENABLING", 7, 7, "changing", []],
    ["DISABLING", 7, undefined, "changing", []]
  ])("is changed in steps: %s of %s, where it is to be %s, is %s", ([status, now, wanted, state, updates]) =>
    Effect.gen(function* () {
      const { asked, value } = yield* windowsOf(
        [ttl(status, now), {}],
        EventWindows.use((of) => of.expire(wanted))
      )
      assert.strictEqual(value, state)
      assert.deepStrictEqual(asked.slice(1) as ReadonlyArray<unknown>, updates)
    })
  )

  it.effect("is changed later where DynamoDB takes no change within the hour, and fails for any other reason", () =>
    Effect.gen(function* () {
      const expire = EventWindows.use((of) => of.expire(7))
      assert.strictEqual((yield* windowsOf([ttl("DISABLED"), "ValidationException"], expire)).value, "changing")
      const refused = yield* Effect.flip(windowsOf([ttl("DISABLED")], expire))
      assert.deepInclude(refused, { store: "event windows", operation: "expire", reason: "AccessDenied" })
      const unknown = yield* Effect.flip(
        windowsOf(
          [],
          EventWindows.use((of) => of.expiring)
        )
      )
      assert.deepInclude(unknown, { store: "event windows", operation: "expiring", reason: "AccessDenied" })
    })
  )
})

describe("the column of a window", () => {
  it("is of the time of an insert, in whole seconds", () => {
    assert.deepStrictEqual(windowOfInsert(Date.UTC(2026, 10, 30) + 1_999), {
      [windowColumn(2_969)]: { N: String(Date.UTC(2026, 10, 30) / 1_000 + 1) }
    })
  })

  it("is found among the others, and tells which windows an item is of", () => {
    const held = { id: { S: "a" }, ...column }
    assert.deepStrictEqual(windowColumnOf(held), column)
    assert.deepStrictEqual([windowOf(held), windowOf({ id: { S: "a" } })], [2_970, undefined])
    assert.isTrue(isOf(new Set([2_970]), held))
    assert.isFalse(isOf(new Set([2_971]), held))
    assert.isFalse(isOf(undefined, held))
    assert.isFalse(isOf(new Set([2_970]), { id: { S: "a" } }))
    assert.isFalse(isOf(new Set([undefined as never]), { id: { S: "a" } }))
  })
})

describe("the configuration of the event table by windows", () => {
  const env = { EVENT_TABLE: TableName, OVERFLOW_BUCKET: "bodies" }
  const configured = (given: Readonly<Record<string, string>>) =>
    answering([{}]).on(
      Layer.provide(eventWindowsFromConfig, ConfigProvider.layer(ConfigProvider.fromEnvRecord(given)))
    )(EventWindows.use((of) => of.expiring))

  it.effect("is the table and the bucket of bodies", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* configured(env))
      assert.include(String(yield* Effect.flip(configured({ EVENT_TABLE: TableName }))), "OVERFLOW_BUCKET")
      assert.include(String(yield* Effect.flip(configured({ OVERFLOW_BUCKET: "bodies" }))), "EVENT_TABLE")
    })
  )
})
