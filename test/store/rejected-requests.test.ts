import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { iso } from "../../src/domain/stamp.ts"
import { rejectedEvents } from "../../src/store/aws/rejected-events.ts"
import { useLog } from "../../src/store/aws/use-log.ts"
import { RejectedEvents, type Selection } from "../../src/store/rejected-events.ts"
import { UseLog, type UseRecord } from "../../src/store/use-log.ts"
import { type Answer, asking, bodyOf } from "./answering.ts"
import { ARRIVAL } from "./events.ts"

const Bucket = "bucket"
const DAY = 86_400_000

/** The key of an event that was rejected so many ms after the first. */
const key = (group: string, ms = 0, place = "quarantine") =>
  `${place}/${group}/${iso(ARRIVAL + ms).slice(0, 10)}/${ARRIVAL + ms}-ab`
const objects = (...keys: ReadonlyArray<string>) => ({ Contents: keys.map((Key) => ({ Key, Size: 3 })) })

describe("rejected events that are listed", () => {
  const rejected = asking(rejectedEvents(Bucket))
  const list = (answers: ReadonlyArray<Answer>, selection: Partial<Selection> = {}, place = "quarantine" as const) =>
    rejected(
      answers,
      RejectedEvents.use((of) => of.list(place, { limit: 10, ...selection }))
    )
  const request = (Prefix: string, StartAfter: string, MaxKeys = 1_000) => [
    "ListObjectsV2",
    { Bucket, Prefix, StartAfter, MaxKeys }
  ]
  const oneGroup = [objects(key("A")), {}] as const

  it.effect("are looked for in each folder, from one name to the next", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* list([
        objects(key("A")),
        objects(key("B-1")),
        {},
        objects(key("A", 5)),
        objects(key("B-1", 4))
      ])
      assert.deepStrictEqual(value, {
        events: [
          { key: key("B-1", 4), reason: "B-1", received: ARRIVAL + 4, size: 3 },
          { key: key("A", 5), reason: "A", received: ARRIVAL + 5, size: 3 }
        ],
        more: false
      })
      assert.deepStrictEqual(asked as ReadonlyArray<unknown>, [
        request("quarantine/", "quarantine/", 1),
        request("quarantine/", "quarantine/A0", 1),
        request("quarantine/", "quarantine/B-10", 1),
        request("quarantine/A/", "quarantine/A/1970-01-01/"),
        request("quarantine/B-1/", "quarantine/B-1/1970-01-01/")
      ])
    })
  )

  it.effect("are looked for in the folder of their reason alone, from the day of their span on", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* list([objects(key("A", -1), key("A"), key("A", DAY))], {
        reason: "A",
        since: ARRIVAL,
        until: ARRIVAL + DAY
      })
      assert.deepStrictEqual(asked as ReadonlyArray<unknown>, [request("quarantine/A/", "quarantine/A/2026-05-06/")])
      assert.deepStrictEqual(
        value.events.map(({ received }) => received),
        [ARRIVAL]
      )
    })
  )

  it.effect("are read page by page, until one is past the span or there are more than asked for", () =>
    Effect.gen(function* () {
      const truncated = (...keys: ReadonlyArray<string>) => ({ ...objects(...keys), IsTruncated: true })
      const two = yield* list([...oneGroup, truncated(key("A")), objects(key("A", 1))])
      assert.deepStrictEqual([two.value.events.length, two.asked.length], [2, 4])
      assert.deepStrictEqual(two.asked[3] as unknown, request("quarantine/A/", key("A")))
      const past = yield* list([...oneGroup, truncated(key("A"), key("A", 9))], { until: ARRIVAL + 9 })
      assert.deepStrictEqual([past.value.events.length, past.value.more, past.asked.length], [1, false, 3])
      const most = yield* list([...oneGroup, truncated(key("A"), key("A", 1))], { limit: 1 })
      assert.deepStrictEqual([most.value.events.length, most.value.more, most.asked.length], [1, true, 3])
      const all = yield* list([...oneGroup, truncated(key("A")), {}], { limit: 1 })
      assert.deepStrictEqual([all.value.events.length, all.value.more, all.asked.length], [1, false, 4])
      const empty = yield* list([...oneGroup, { IsTruncated: true }])
      assert.deepStrictEqual([empty.value.events.length, empty.asked.length], [0, 3])
    })
  )

  it.effect("are in the order of their arrival, and of one time in that of their keys", () =>
    Effect.gen(function* () {
      const named = (name: string) => `${key("A").slice(0, -2)}${name}`
      const { value } = yield* list([...oneGroup, objects(named("ac"), named("aa"), named("ab"), key("A", -1))])
      assert.deepStrictEqual(
        value.events.map((event) => event.key),
        [key("A", -1), named("aa"), named("ab"), named("ac")]
      )
    })
  )

  it.effect(
    "have the reason that is noted beside them where they are parked, and are left out once they are gone",
    () =>
      Effect.gen(function* () {
        const parked = [0, 1, 2, 3].map((ms) => key("rule", ms, "parked"))
        const work = (selection: Partial<Selection>) =>
          rejected(
            [
              objects(...parked),
              {},
              objects(...parked, "parked/rule/other"),
              { Metadata: { reason: "R" } },
              "NotFound",
              "NoSuchKey",
              {}
            ],
            RejectedEvents.use((of) => of.list("parked", { limit: 10, ...selection }))
          )
        const { asked, value } = yield* work({})
        const event = (ms: number, reason: string) => ({
          key: key("rule", ms, "parked"),
          reason,
          from: "rule",
          received: ARRIVAL + ms,
          size: 3
        })
        assert.deepStrictEqual(value.events, [event(0, "R"), event(3, "rule")])
        assert.deepStrictEqual(asked[0] as unknown, request("parked/", "parked/", 1))
        assert.deepStrictEqual(asked[3], ["HeadObject", { Bucket, Key: parked[0] }])
        assert.deepStrictEqual((yield* work({ reason: "R" })).value.events, [event(0, "R")])
      })
  )

  it.effect("say what an object without a key or a size is: none of them", () =>
    Effect.gen(function* () {
      const { value } = yield* list([...oneGroup, { Contents: [{}, { Key: key("A") }] }])
      assert.deepStrictEqual(value.events, [{ key: key("A"), reason: "A", received: ARRIVAL, size: 0 }])
    })
  )

  it.effect("are opened with what is noted beside them, and with what the key says", () =>
    Effect.gen(function* () {
      const open = (Key: string, answer: Answer) =>
        Effect.map(
          rejected(
            [answer],
            RejectedEvents.use((of) => of.open(Key))
          ),
          ({ value }) => value
        )
      const raw = new Uint8Array(Buffer.from("x"))
      const Metadata = { reason: "R", detail: "D", received: "17", attempts: "2" }
      assert.deepStrictEqual(yield* open("other", { Body: bodyOf("x"), Metadata }), {
        raw,
        reason: "R",
        detail: "D",
        received: 17,
        attempts: 2
      })
      assert.deepStrictEqual(yield* open(key("A"), { Body: bodyOf("x"), Metadata: {} }), {
        raw,
        reason: "A",
        detail: "",
        received: ARRIVAL
      })
      assert.deepStrictEqual(yield* open("other", {}), { raw: new Uint8Array(), reason: "", detail: "", received: 0 })
      for (const gone of ["NoSuchKey", "NotFound"]) assert.isUndefined(yield* open("k", gone))
    })
  )

  it.effect("[P2] are put to their new place with their notes before they leave the old one", () =>
    Effect.gen(function* () {
      const raw = new Uint8Array([1])
      const retire = (more: object) =>
        rejected(
          [{}, {}],
          RejectedEvents.use((of) => of.retire("k", { raw, reason: "R\n", detail: "D", received: 17, ...more }, 5))
        )
      const Metadata = { reason: "R?", received: "17", detail: "D", redriven: iso(5) }
      const put = { Bucket, Key: "redriven/k", Body: raw, ContentType: "application/octet-stream" }
      assert.deepStrictEqual((yield* retire({})).asked, [
        ["PutObject", { ...put, Metadata }],
        ["DeleteObject", { Bucket, Key: "k" }]
      ])
      const { asked } = yield* retire({ attempts: 0 })
      assert.deepStrictEqual(asked[0], ["PutObject", { ...put, Metadata: { ...Metadata, attempts: "0" } }])
    })
  )
})

describe("the use log", () => {
  const log = asking(useLog(Bucket))
  const record = (ms: number, id = "1"): UseRecord => ({
    id,
    phase: "begun",
    at: iso(ARRIVAL + ms),
    who: { user: "robin", host: "desk" },
    stack: "s",
    command: "c",
    filters: { limit: 5 }
  })
  const keyOf = ({ at, id }: UseRecord) => `audit/${at.slice(0, 10)}/${at}-${id}-begun.json`
  const text = (record: UseRecord) => `${JSON.stringify(record, undefined, 2)}\n`

  it.effect("is written once, and its own record is known again", () =>
    Effect.gen(function* () {
      const append = UseLog.use((of) => of.append(record(0)))
      const { asked, value } = yield* log([{}], append)
      assert.strictEqual(value, keyOf(record(0)))
      const put = { Bucket, Key: value, Body: text(record(0)), ContentType: "application/json", IfNoneMatch: "*" }
      assert.deepStrictEqual(asked, [["PutObject", put]])
      const again = yield* log(["PreconditionFailed", { Body: bodyOf(text(record(0))) }], append)
      assert.deepStrictEqual(again.asked[1], ["GetObject", { Bucket, Key: value }])
      for (const other of [{ Body: bodyOf(text(record(1))) }, {}])
        assert.deepInclude(yield* Effect.flip(log(["PreconditionFailed", other], append)), {
          store: "use log",
          operation: "append",
          reason: "PreconditionFailed"
        })
    })
  )

  it.effect("lists the newest records of a span, and reads no more of them", () =>
    Effect.gen(function* () {
      const records = [-1, 0, 1, 2, 3].map((ms) => record(ms))
      const list = (answers: ReadonlyArray<Answer>, limit = 10) =>
        log(
          answers,
          UseLog.use((of) => of.list({ since: ARRIVAL, until: ARRIVAL + 3, limit }))
        )
      const page = { Contents: [...records.map((one) => ({ Key: keyOf(one) })), {}, { Key: "audit/x" }] }
      const { asked, value } = yield* list(
        [page, ...records.slice(2, 4).map((one) => ({ Body: bodyOf(text(one)) }))],
        2
      )
      assert.deepStrictEqual(value, records.slice(2, 4))
      const request = { Bucket, Prefix: "audit/", StartAfter: "audit/2026-05-06/" }
      assert.deepStrictEqual(asked[0], ["ListObjectsV2", request])
      assert.deepStrictEqual(asked[1], ["GetObject", { Bucket, Key: keyOf(record(1)) }])

      const first = { Contents: [{ Key: keyOf(record(0)) }], IsTruncated: true }
      const bodies = [{}, { Body: bodyOf("no record") }]
      const two = yield* list([first, { Contents: [{ Key: keyOf(record(1)) }] }, ...bodies])
      assert.deepStrictEqual(two.value, [])
      assert.deepStrictEqual(two.asked[1], ["ListObjectsV2", { ...request, StartAfter: keyOf(record(0)) }])
      assert.lengthOf((yield* list([{ IsTruncated: true }])).asked, 1)
      assert.lengthOf((yield* list([{}])).asked, 1)
    })
  )
})
