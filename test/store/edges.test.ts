import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import type { Event } from "../../src/genesys/event.ts"
import { Archive } from "../../src/store/archive.ts"
import { archive } from "../../src/store/aws/archive.ts"
import { directory } from "../../src/store/aws/directory.ts"
import { toItem as toEntry } from "../../src/store/aws/entity-index.ts"
import { erasureJournal } from "../../src/store/aws/erasure-journal.ts"
import { fromItem, toItem } from "../../src/store/aws/event-item.ts"
import { eventStoreFromConfig } from "../../src/store/aws/event-store.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { settleQueue } from "../../src/store/aws/settle-queue.ts"
import { useLog } from "../../src/store/aws/use-log.ts"
import { Directory } from "../../src/store/directory.ts"
import { ErasureJournal } from "../../src/store/erasure-journal.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { SettleReturn, StreamSink } from "../../src/store/hand-over.ts"
import { memoryArchive } from "../../src/store/memory/archive.ts"
import { memorySettleReturn, memoryStreamSink } from "../../src/store/memory/hand-over.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"
import { SettleQueue } from "../../src/store/settle-queue.ts"
import { UseLog } from "../../src/store/use-log.ts"
import { answering, asking, bodyOf } from "./answering.ts"
import { ARRIVAL, noise, routingEvent } from "./events.ts"

describe("the archive on S3", () => {
  const Bucket = "bucket"
  const onS3 = asking(archive({ bucket: Bucket, storageClass: "STANDARD" }))
  const list = Archive.use((of) => of.list(7, "0-0", []))

  it.effect.each(["ConditionalRequestConflict", "NoSuchKey", "PreconditionFailed"])(
    "is looked at again where something else is there: %s",
    (reason) =>
      Effect.gen(function* () {
        const { asked } = yield* onS3([reason, { Body: bodyOf("[]"), ETag: "1" }, {}], list)
        assert.deepInclude(asked[0]?.[1], { IfNoneMatch: "*" })
        assert.deepInclude(asked[2]?.[1], { IfMatch: "1" })
      })
  )

  it.effect("says which window cannot be amended", () =>
    Effect.gen(function* () {
      const amend = Archive.use((of) => of.amend(7, Effect.succeed))
      const refused = yield* Effect.flip(onS3([{ Body: bodyOf("{}"), ETag: "1" }], amend))
      assert.strictEqual(refused.operation, "amend")
    })
  )

  it.effect("has nothing of a version that it does not know, in memory", () =>
    Effect.gen(function* () {
      const of = yield* Archive
      assert.deepStrictEqual(yield* of.readFormer({ key: "none", version: "1" }), [])
    }).pipe(Effect.provide(memoryArchive().layer))
  )
})

describe("what AWS may leave out", () => {
  it.effect("is nothing: a body of the journal, a time in a key of the use log", () =>
    Effect.gen(function* () {
      const keys = ["a", "b", "c"].map((name) => ({ Key: `erasures/r/${name}` }))
      const { asked, value } = yield* asking(erasureJournal("bucket"))(
        [{ Contents: keys, IsTruncated: true }, {}, {}, {}, {}],
        ErasureJournal.use((of) => of.read("r"))
      )
      assert.deepInclude(asked[1]?.[1], { StartAfter: "erasures/r/c" })
      assert.deepStrictEqual(new Set(value.values()), new Set([null]))
      const at = (ms: number) => `audit/2026-05-06/${new Date(ARRIVAL + ms).toISOString()}-1-begun.json`
      const Contents = [{ Key: "audit" }, { Key: at(-1) }, { Key: at(0) }]
      const log = yield* asking(useLog("bucket"))(
        [{ Contents }, {}],
        UseLog.use((of) => of.list({ since: ARRIVAL, until: ARRIVAL + 5, limit: 10 }))
      )
      assert.deepStrictEqual(
        log.asked.slice(1).map(([, input]) => (input as { readonly Key: string }).Key),
        [at(0)]
      )
    })
  )

  it.effect("is no cursor of a directory with one part more", () =>
    Effect.gen(function* () {
      const names = asking(directory("names", { holds: "names", divisions: [] }))
      const cursor = Buffer.from(JSON.stringify(["a", "agents#a", "b"])).toString("base64url")
      const refused = yield* Effect.flip(
        names(
          [],
          Directory.use((of) => of.list("agents", {}, { cursor }))
        )
      )
      assert.strictEqual(refused.reason, "CursorInvalid")
    })
  )
})

describe("what is stored of an event", () => {
  it("[P8] is named by the hash of its id where that is no key", () => {
    const id = "e".repeat(1_001)
    const { at } = toEntry({ projection: "agents", entity: "a", eventId: id, received: ARRIVAL })
    assert.strictEqual(at?.S?.split("#")[1], createHash("sha256").update(id).digest("hex"))
  })

  it("is a text where no dictionary makes it smaller", () => {
    const envelope = { id: "e", "detail-type": "t", detail: { x: noise(300) } }
    const event: Event = { ...routingEvent("e"), topic: "t", envelope }
    const { item } = toItem(event)
    assert.isString(item.body?.S)
    assert.deepStrictEqual(fromItem(item).envelope, envelope)
  })

  it.effect.each<[windows: string | undefined, isThere: boolean]>([
    [undefined, false],
    ["false", false],
    ["true", true]
  ])("has the column of its window where EVENT_WINDOWS says so: %s", ([windows, isThere]) =>
    Effect.gen(function* () {
      const env = { EVENT_TABLE: "events", OVERFLOW_BUCKET: "b", ...(windows && { EVENT_WINDOWS: windows }) }
      const store = Layer.provide(eventStoreFromConfig, ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))
      const { asked } = yield* asking(store)(
        [{ Responses: [{}] }],
        EventStore.use((of) => of.append([routingEvent("e")]))
      )
      assert.strictEqual(/'w\d+': \?/.test(JSON.stringify(asked)), isThere)
    })
  )
})

describe("what is refused for good", () => {
  it.live("is not sent again: a message of the settle queue", () =>
    Effect.gen(function* () {
      const { asked, on } = answering(() => ({ Failed: [{ Id: "0", Code: "A", SenderFault: true }] }))
      const send = SettleQueue.use((of) => of.send([{ due: 0, deltas: [] }]))
      assert.strictEqual((yield* Effect.flip(on(settleQueue("url"))(send))).reason, "A")
      assert.lengthOf(asked, 1)
    })
  )

  it.effect("is said of a summary", () =>
    Effect.gen(function* () {
      const rows = asking(projectionStore({ "agents-v1": { table: "agents", key: "agentId" } }))
      const none = { version: 0, columns: {}, asOf: ARRIVAL }
      const { value } = yield* rows(
        ["ValidationException"],
        ProjectionStore.use((of) => of.summarise("agents-v1", "a", none, none))
      )
      assert.deepStrictEqual(value as unknown, {
        reason: "RowRefused",
        detail: "DynamoDB refuses the summary: ValidationException"
      })
    })
  )
})

describe("a hand-over in memory", () => {
  it.effect("takes everything", () =>
    Effect.gen(function* () {
      const [stream, back] = [memoryStreamSink(), memorySettleReturn()]
      const put = StreamSink.use((of) => of.put([{ key: "k", data: new Uint8Array() }]))
      const send = SettleReturn.use((of) => of.send([{ body: "b", attempts: 1 }]))
      assert.deepStrictEqual(yield* Effect.provide(put, stream.layer), [{ _tag: "accepted" }])
      assert.deepStrictEqual(yield* Effect.provide(send, back.layer), [{ _tag: "accepted" }])
      assert.deepStrictEqual([stream.records().length, back.messages().length], [1, 1])
    })
  )
})
