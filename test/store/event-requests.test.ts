import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { windowColumn, windowStart } from "../../src/domain/archive-window.ts"
import { toItem } from "../../src/store/aws/event-item.ts"
import { eventSource, ofTopics, restore } from "../../src/store/aws/event-source.ts"
import { eventStore } from "../../src/store/aws/event-store.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { EventSource, type PageRequest } from "../../src/store/event-source.ts"
import { type Appended, EventStore } from "../../src/store/event-store.ts"
import { type Answer, asking, bodyOf } from "./answering.ts"
import { ARRIVAL, noise, routingEvent } from "./events.ts"

const table = { table: "events", overflowBucket: "bodies" }
const event = routingEvent("e-1")
const { item } = toItem(event)
/** An event that no item holds. */
const big = { ...event, envelope: { ...event.envelope, extra: noise(520_000) } }
const overflow = toItem(big)

const stored = (...Items: ReadonlyArray<object>) => ({ Responses: { events: Items } })
const done = { Responses: [{}] }
const code = (Code?: string) => ({ Responses: [{ Error: { Code } }] })

describe("the event store on DynamoDB", () => {
  const storeOf = asking(eventStore(table))
  const append = (answers: ReadonlyArray<Answer>, ...events: ReadonlyArray<typeof event>) =>
    storeOf(
      answers,
      EventStore.use((of) => of.append(events))
    ).pipe(Effect.provideService(Deadline, 0))
  const calls = (asked: ReadonlyArray<readonly [string, object]>) => asked.map(([call]) => call).join(" ")
  const failed = (outcome: Appended | undefined) =>
    outcome?._tag === "failed" ? [outcome.cause.reason, outcome.cause.retryable] : outcome?._tag

  it.effect("inserts an event by one statement, without a column of a window", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* append([done], event)
      assert.deepStrictEqual(value, [{ _tag: "inserted" }])
      const [, input] = asked[0] as unknown as [string, { readonly Statements: ReadonlyArray<{ Statement: string }> }]
      const [{ Statement = "" } = {}] = input.Statements
      assert.strictEqual(calls(asked), "BatchExecuteStatement")
      assert.match(Statement, /^INSERT INTO "events" VALUE \{'id': \?, 'topic': \?, .*'body': \?\}$/)
      assert.notMatch(Statement, /'w\d+'/)
    })
  )

  it.effect("inserts it with the column of its window where the table has windows", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(windowStart(2_970) + 1)
      const { asked } = yield* asking(eventStore({ ...table, windows: true }))(
        [done],
        EventStore.use((of) => of.append([event]))
      )
      assert.include(JSON.stringify(asked), `'${windowColumn(2_970)}': ?`)
    })
  )

  it.effect("says of an event that is there whether it says the same, and fails where it is gone again", () =>
    Effect.gen(function* () {
      const outcome = (answer: Answer) =>
        Effect.map(append([code("DuplicateItem"), answer], event), ({ value }) => value[0])
      assert.deepStrictEqual(yield* outcome(stored(item)), { _tag: "duplicate", received: ARRIVAL })
      assert.deepStrictEqual(yield* outcome(stored({ id: { S: "e-1" }, erased: { N: "5" } })), { _tag: "erased" })
      const other = toItem(routingEvent("e-1", { routingStatus: { status: "OFF_QUEUE" } })).item
      assert.deepStrictEqual(yield* outcome(stored(other)), { _tag: "conflict" })
      assert.deepStrictEqual(failed(yield* outcome(stored())), ["Vanished", true])
      assert.deepStrictEqual(failed(yield* outcome("AccessDenied")), ["AccessDenied", false])
    })
  )

  it.effect("takes its own write for its own where the answer was lost", () =>
    Effect.gen(function* () {
      const { value } = yield* append([code("DuplicateItem"), stored(item)], event, event)
      assert.deepStrictEqual(value, [
        { _tag: "duplicate", received: ARRIVAL },
        { _tag: "duplicate", received: ARRIVAL }
      ])
      const twice = EventStore.use((of) => of.append([event, event]))
      const lost = yield* storeOf(
        [code("InternalServerError"), code("DuplicateItem"), stored(item)],
        Effect.raceFirst(twice, Effect.andThen(TestClock.adjust(60_000), Effect.never))
      )
      assert.deepStrictEqual(lost.value, [{ _tag: "inserted" }, { _tag: "duplicate", received: ARRIVAL }])
    })
  )

  it.effect("asks for nothing that is there where all of it is new", () =>
    Effect.gen(function* () {
      const { asked } = yield* append([{ Responses: [{}, {}] }], event, routingEvent("e-2"), event)
      assert.strictEqual(calls(asked), "BatchExecuteStatement")
    })
  )

  it.effect("puts the body of a large event before its item, and none of an id that is there", () =>
    Effect.gen(function* () {
      const fresh = yield* append([stored(), {}, done], big)
      assert.strictEqual(calls(fresh.asked), "BatchGetItem PutObject BatchExecuteStatement")
      const { key = "", text = "" } = overflow.overflow ?? {}
      assert.deepStrictEqual(fresh.asked[1], ["PutObject", { Bucket: "bodies", Key: key, Body: text }])
      assert.deepStrictEqual(fresh.value, [{ _tag: "inserted" }])
      const there = yield* append([stored(overflow.item)], big)
      assert.strictEqual(calls(there.asked), "BatchGetItem")
      assert.deepStrictEqual(there.value, [{ _tag: "duplicate", received: ARRIVAL }])
    })
  )

  it.effect("fails for a large event whose id cannot be looked up or whose body is not taken, and for no other", () =>
    Effect.gen(function* () {
      const small = routingEvent("e-2")
      const unknown = yield* append(["AccessDenied", done], big, small)
      assert.deepStrictEqual(unknown.value.map(failed), [["AccessDenied", false], "inserted"])
      assert.strictEqual(calls(unknown.asked), "BatchGetItem BatchExecuteStatement")
      const refused = yield* append([stored(), "NoSuchBucket", done], big, small)
      assert.deepStrictEqual(refused.value.map(failed), [["NoSuchBucket", false], "inserted"])
    })
  )

  it.effect("compares an event that comes twice with its first", () =>
    Effect.gen(function* () {
      const other = routingEvent("e-1", { routingStatus: { status: "OFF_QUEUE" } })
      const { value } = yield* append([done], event, event, other, event)
      assert.deepStrictEqual(
        value.map(({ _tag }) => _tag),
        ["inserted", "duplicate", "conflict", "duplicate"]
      )
    })
  )

  it.effect("reads events and their bodies, each once, and none of which nothing is left", () =>
    Effect.gen(function* () {
      const read = (answers: ReadonlyArray<Answer>, ...ids: ReadonlyArray<string>) =>
        storeOf(
          answers,
          EventStore.use((of) => of.read(ids))
        )
      const { asked, value } = yield* read(
        [stored(item, { id: { S: "e-2" }, erased: { N: "5" } })],
        "e-1",
        "e-2",
        "e-1",
        ""
      )
      assert.deepStrictEqual([...value], [["e-1", { envelope: event.envelope, received: ARRIVAL }]])
      assert.lengthOf(
        (asked[0]?.[1] as { RequestItems: { events: { Keys: [] } } } | undefined)?.RequestItems.events.Keys ?? [],
        2
      )
      const { overflow: { key = "", text = "" } = {} } = overflow
      const large = yield* read([stored(overflow.item), { Body: bodyOf(text) }], "e-1")
      assert.deepStrictEqual(large.asked[1], ["GetObject", { Bucket: "bodies", Key: key }])
      assert.deepStrictEqual(large.value.get("e-1")?.envelope, big.envelope)
    })
  )
})

describe("the event source on DynamoDB", () => {
  const sourceOf = asking(eventSource(table))
  const page = (answers: ReadonlyArray<Answer>, request: Partial<PageRequest> = {}) =>
    sourceOf(
      answers,
      EventSource.use((of) => of.page({ segment: 1, segments: 4, ...request }))
    )
  const scan = { TableName: "events", Segment: 1, TotalSegments: 4, ReturnConsumedCapacity: "TOTAL" }

  it.effect("is asked for a page of its segment, from a cursor on, of a thousand items at most", () =>
    Effect.gen(function* () {
      const answer = { LastEvaluatedKey: { id: { S: "e-9" } }, ConsumedCapacity: { CapacityUnits: 7 } }
      const { asked, value } = yield* page([answer], { limit: 5 })
      assert.deepStrictEqual(asked, [["Scan", { ...scan, Limit: 5 }]])
      assert.deepStrictEqual(value, { events: [], unreadable: [], skipped: 0, readUnits: 7, cursor: "e-9" })
      const last = yield* page([{}], { cursor: "e-9", limit: 5_000 })
      assert.deepStrictEqual(last.asked, [["Scan", { ...scan, Limit: 1_000, ExclusiveStartKey: { id: { S: "e-9" } } }]])
      assert.deepStrictEqual(last.value, { events: [], unreadable: [], skipped: 0, readUnits: 0 })
      assert.deepStrictEqual((yield* page([{ LastEvaluatedKey: {} }])).value, last.value)
    })
  )

  it.effect("counts events of other topics, and leaves out what the archive has and what nothing is left of", () =>
    Effect.gen(function* () {
      const Items = [
        item,
        { ...item, topic: { S: "other" } },
        { ...item, [windowColumn(7)]: { N: "1" } },
        { id: { S: "e-3" }, erased: { N: "5" } }
      ]
      const { value } = yield* page([{ Items }], { topics: new Set(["other"]), archived: new Set([7]) })
      assert.deepStrictEqual([value.events.map(({ topic }) => topic), value.skipped], [["other"], 1])
    })
  )

  it.effect("fetches bodies, and says which are gone", () =>
    Effect.gen(function* () {
      const { overflow: { key = "", text = "" } = {} } = overflow
      const { asked, value } = yield* page([
        { Items: [overflow.item, overflow.item] },
        { Body: bodyOf(text) },
        "NoSuchKey"
      ])
      assert.deepStrictEqual(asked[1], ["GetObject", { Bucket: "bodies", Key: key }])
      assert.deepStrictEqual(
        value.events.map(({ envelope }) => envelope),
        [big.envelope]
      )
      const reason = "its body is not in the bucket"
      assert.deepStrictEqual(value.unreadable, [{ id: "e-1", topic: event.topic, reason }])
      const refused = yield* Effect.flip(page([{ Items: [overflow.item] }]))
      assert.deepInclude(refused, { store: "event source", operation: "page", reason: "AccessDenied" })
      assert.deepStrictEqual(
        (yield* page([{ Items: [overflow.item] }, {}])).value.unreadable[0]?.reason,
        "its body cannot be restored"
      )
    })
  )

  it("says why no event can be restored, without a value of it", () => {
    const { received: _, ...late } = item
    const unknown = { B: Uint8Array.of((31 << 3) | 0b111, 0) }
    const reasonOf = (one: Parameters<typeof restore>[0], text?: string | null) => {
      const result = restore(one, text)
      return "failure" in result ? result.failure : assert.fail("restored")
    }
    const said = { id: "e-1", topic: event.topic }
    assert.deepStrictEqual(reasonOf(late), { ...said, reason: "it has no arrival" })
    assert.deepStrictEqual(reasonOf({ ...item, body: { S: "{" } }), { ...said, reason: "its body cannot be restored" })
    assert.deepStrictEqual(reasonOf(item, null), { ...said, reason: "its body is not in the bucket" })
    assert.include(reasonOf({ ...item, body: unknown }).reason, "its body needs dictionary 31, and this version has 1")
    assert.deepStrictEqual(reasonOf({}, null), { id: "", topic: "", reason: "its body is not in the bucket" })
  })

  it("takes an item without a topic for one of none", () => {
    assert.deepStrictEqual(ofTopics([item, {}], new Set([event.topic])), [item])
    assert.deepStrictEqual(ofTopics([item, {}], new Set([""])), [{}])
    assert.deepStrictEqual(ofTopics([item, {}], undefined), [item, {}])
  })
})
