import { assert, describe, it } from "@effect/vitest"
import { makeActivity, makeRequestHandler, ServiceError } from "aws-in-process"
import { Effect, Layer, Tracer } from "effect"
import { emptyRow } from "../../src/domain/row.ts"
import { Archive } from "../../src/store/archive.ts"
import { archive } from "../../src/store/aws/archive.ts"
import { control } from "../../src/store/aws/control.ts"
import { deadLetters } from "../../src/store/aws/dead-letters.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { entityIndex } from "../../src/store/aws/entity-index.ts"
import { eventSource } from "../../src/store/aws/event-source.ts"
import { eventStore } from "../../src/store/aws/event-store.ts"
import { executions, StepFunctions } from "../../src/store/aws/executions.ts"
import { failedBatches } from "../../src/store/aws/failed-batches.ts"
import { notices, Sns } from "../../src/store/aws/notices.ts"
import { parked } from "../../src/store/aws/parked.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { quarantine } from "../../src/store/aws/quarantine.ts"
import { queueDepths } from "../../src/store/aws/queue-depths.ts"
import { rejectedEvents } from "../../src/store/aws/rejected-events.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { scaling } from "../../src/store/aws/scaling.ts"
import { settleQueue } from "../../src/store/aws/settle-queue.ts"
import { settleReturn } from "../../src/store/aws/settle-return.ts"
import { Sqs } from "../../src/store/aws/sqs.ts"
import { Kinesis, streamSink } from "../../src/store/aws/stream-sink.ts"
import { tableSizes } from "../../src/store/aws/table-sizes.ts"
import { useLog } from "../../src/store/aws/use-log.ts"
import { watermark } from "../../src/store/aws/watermark.ts"
import { Control } from "../../src/store/control.ts"
import { DeadLetters } from "../../src/store/dead-letters.ts"
import { EntityIndex } from "../../src/store/entity-index.ts"
import { EventSource } from "../../src/store/event-source.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { Executions } from "../../src/store/executions.ts"
import { FailedBatches } from "../../src/store/failed-batches.ts"
import { type HandedOver, SettleReturn, StreamSink } from "../../src/store/hand-over.ts"
import { Notices } from "../../src/store/notices.ts"
import { Parked } from "../../src/store/parked.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"
import { Quarantine } from "../../src/store/quarantine.ts"
import { QueueDepths } from "../../src/store/queue-depths.ts"
import { RejectedEvents } from "../../src/store/rejected-events.ts"
import { Scaling } from "../../src/store/scaling.ts"
import { SettleQueue } from "../../src/store/settle-queue.ts"
import { StoreError, type StoreName } from "../../src/store/store-error.ts"
import { TableSizes } from "../../src/store/table-sizes.ts"
import { noTally } from "../../src/store/tally.ts"
import { UseLog } from "../../src/store/use-log.ts"
import { WatermarkStore } from "../../src/store/watermark.ts"
import { ROW_TABLES } from "./engine.ts"
import { ARRIVAL, routingEvent } from "./events.ts"
import { arn, connectedTo, PRINCIPAL, queueUrl } from "./permissive.ts"

const refuse = async () => {
  throw new ServiceError("AccessDenied", "a value that nobody may see")
}

const url = queueUrl("settle")

const stores = Layer.mergeAll(
  archive({ bucket: "bucket", storageClass: "STANDARD" }),
  useLog("bucket"),
  control("control"),
  deadLetters({ rule: url, settle: url }),
  entityIndex("entities"),
  eventSource({ table: "events", overflowBucket: "bucket" }),
  eventStore({ table: "events", overflowBucket: "bucket" }),
  executions(arn("states", "stateMachine:replay")),
  failedBatches("bucket"),
  notices(arn("sns", "notices")),
  parked("bucket"),
  projectionStore(ROW_TABLES),
  quarantine("bucket"),
  queueDepths,
  rejectedEvents("bucket"),
  scaling("stream"),
  settleQueue(url),
  settleReturn(url),
  streamSink("stream"),
  tableSizes,
  watermark("control")
).pipe(
  Layer.provide(Layer.mergeAll(DynamoDb.layer, Kinesis.layer, S3.layer, Sns.layer, Sqs.layer, StepFunctions.layer)),
  Layer.provide(
    connectedTo(
      makeRequestHandler({
        services: {
          dynamodb: refuse,
          kinesis: refuse,
          s3: refuse,
          sns: refuse,
          sqs: refuse,
          states: refuse
        },
        principal: PRINCIPAL,
        activity: makeActivity()
      })
    )
  )
)

type Stores = Layer.Success<typeof stores>

/** Runs work where every call is refused; and the names of the calls that it made, as spans tell them. */
const refused = async <A>(work: Effect.Effect<A, unknown, Stores>) => {
  const calls: Array<string> = []
  const tracer = Tracer.make({
    span: (options) => {
      if (options.kind === "client") calls.push(options.name)
      return new Tracer.NativeSpan(options)
    }
  })
  const result = await Effect.runPromise(
    Effect.result(work).pipe(Effect.provide(Layer.fresh(stores)), Effect.provideService(Tracer.Tracer, tracer))
  )
  return { result, calls }
}

const event = routingEvent("e-1")
const letter = { from: "rule", body: "{}", reason: "r", detail: "d", received: ARRIVAL, attempts: 0 } as const
const held = { raw: Buffer.from("{}"), reason: "r", detail: "d", received: ARRIVAL }
const batch = { raw: Buffer.from("{}"), condition: "", attempts: 0, records: undefined }
const record = {
  id: "1",
  phase: "begun",
  at: "2026-05-06T10:00:00.000Z",
  who: { user: "robin", host: "desk" },
  stack: "s",
  command: "c",
  filters: {}
} as const
const key = { projection: "queues-v2", entity: "q", row: "r" }
const summary = { version: 0, columns: {}, asOf: ARRIVAL }

const archived = { id: "e-1", topic: "t", published: ARRIVAL, received: ARRIVAL, envelope: event.envelope }
const place = { window: 1, hour: ARRIVAL, part: "0-0" }
const object = { key: "k", window: 1, hour: 0, tally: noTally, published: [0, 0], bytes: 0 } as const
const sealed = { window: 1, state: "sealed", sealedAt: 0, items: 0, bytes: 0, lists: ["l"] } as const

const operations: ReadonlyArray<
  readonly [store: StoreName, operation: string, call: string, work: Effect.Effect<unknown, unknown, Stores>]
> = [
  ["archive", "put", "PutObject", Archive.use((of) => of.write(place, [archived]))],
  ["archive", "put", "PutObject", Archive.use((of) => of.list(1, "0-0", []))],
  ["archive", "put", "PutObject", Archive.use((of) => of.seal(sealed))],
  ["archive", "get", "GetObject", Archive.use((of) => of.replace(object, () => Effect.succeed([])))],
  ["archive", "get", "GetObject", Archive.use((of) => of.amend(1, Effect.succeed))],
  ["archive", "get", "GetObject", Archive.use((of) => of.readFormer({ key: "events/a", version: "1" }))],
  ["archive", "former", "ListObjectVersions", Archive.use((of) => of.former)],
  ["archive", "drop", "DeleteObject", Archive.use((of) => of.drop({ key: "events/a", version: "1" }))],
  ["archive", "get", "GetObject", Archive.use((of) => of.read(object))],
  ["archive", "get", "GetObject", Archive.use((of) => of.objects(sealed))],
  ["archive", "list", "ListObjectsV2", Archive.use((of) => of.windows)],
  ["use log", "append", "PutObject", UseLog.use((of) => of.append(record))],
  ["use log", "list", "ListObjectsV2", UseLog.use((of) => of.list({ since: 0, until: 1, limit: 1 }))],
  ["control table", "read", "GetItem", Control.use((of) => of.read("k"))],
  ["control table", "write", "PutItem", Control.use((of) => of.write("k", 1, 0))],
  ["dead letters", "receive", "ReceiveMessage", DeadLetters.use((of) => of.receive("rule", 1, 30))],
  [
    "entity index",
    "add",
    "BatchExecuteStatement",
    EntityIndex.use((of) => of.add([{ projection: "queues", entity: "q", eventId: "e", received: ARRIVAL }]))
  ],
  ["entity index", "page", "Query", EntityIndex.use((of) => of.page({ projection: "queues", entity: "q" }))],
  ["event source", "page", "Scan", EventSource.use((of) => of.page({ segment: 0, segments: 1 }))],
  ["event store", "read", "BatchGetItem", EventStore.use((of) => of.read(["e-1"]))],
  ["executions", "start", "StartExecution", Executions.use((of) => of.start("n", "{}"))],
  ["executions", "status", "DescribeExecution", Executions.use((of) => of.status("n"))],
  ["failed batches", "list", "ListObjectsV2", FailedBatches.use((of) => of.list({ limit: 1 }))],
  ["failed batches", "open", "GetObject", FailedBatches.use((of) => of.open("k"))],
  ["failed batches", "retire", "PutObject", FailedBatches.use((of) => of.retire("k", batch, ARRIVAL))],
  ["notices", "publish", "Publish", Notices.use((of) => of.publish({ subject: "s", text: "t" }))],
  ["parked letters", "put", "PutObject", Parked.use((of) => of.put(letter))],
  ["projection store", "load", "BatchGetItem", ProjectionStore.use((of) => of.load([key]))],
  ["projection store", "read", "BatchGetItem", ProjectionStore.use((of) => of.read([key]))],
  [
    "projection store",
    "save",
    "BatchExecuteStatement",
    ProjectionStore.use((of) =>
      of.save([{ ...key, registers: emptyRow, columns: {}, asOf: ARRIVAL, from: undefined, counted: false }])
    )
  ],
  ["projection store", "rows", "Query", ProjectionStore.use((of) => of.rows("queues-v2", "q"))],
  ["projection store", "open", "Query", ProjectionStore.use((of) => of.open("queues-v2", "q"))],
  [
    "projection store",
    "pages",
    "Scan",
    ProjectionStore.use((of) => of.pages("queues-v2", { segment: 0, segments: 1 }))
  ],
  ["projection store", "summary", "BatchGetItem", ProjectionStore.use((of) => of.summary("queues-v2", "q"))],
  [
    "projection store",
    "summarise",
    "UpdateItem",
    ProjectionStore.use((of) => of.summarise("queues-v2", "q", summary, summary))
  ],
  ["quarantine", "put", "PutObject", Quarantine.use((of) => of.put([held]))],
  ["queue depths", "of", "GetQueueAttributes", QueueDepths.use((of) => of.of(url))],
  ["rejected events", "list", "ListObjectsV2", RejectedEvents.use((of) => of.list("parked", { limit: 1 }))],
  ["rejected events", "open", "GetObject", RejectedEvents.use((of) => of.open("k"))],
  ["rejected events", "retire", "PutObject", RejectedEvents.use((of) => of.retire("k", held, ARRIVAL))],
  ["settle queue", "send", "SendMessageBatch", SettleQueue.use((of) => of.send([{ due: 0, deltas: [] }]))],
  ["stream and tables", "shards", "DescribeStreamSummary", Scaling.use((of) => of.shards)],
  ["stream and tables", "resize", "UpdateShardCount", Scaling.use((of) => of.resize(2))],
  ["stream and tables", "warm", "DescribeTable", Scaling.use((of) => of.warm("rows"))],
  ["stream and tables", "raise", "UpdateTable", Scaling.use((of) => of.raise("rows", { writes: 1, reads: 1 }))],
  ["table sizes", "of", "DescribeTable", TableSizes.use((of) => of.of("rows"))],
  ["table sizes", "since", "DescribeTable", TableSizes.use((of) => of.since("rows"))],
  ["watermark", "read", "GetItem", WatermarkStore.use((of) => of.read)],
  ["watermark", "advance", "UpdateItem", WatermarkStore.use((of) => of.advance({ through: 1, windowMs: 1 }))]
]

describe("a store that AWS refuses", () => {
  it.each(operations)("says so of the %s: %s, by the one call %s", async (store, operation, call, work) => {
    const { result, calls } = await refused(work)
    const error = "failure" in result ? result.failure : assert.fail("went well")
    assert.instanceOf(error, StoreError)
    assert.deepInclude(error, { store, operation, reason: "AccessDenied", retryable: false })
    assert.strictEqual((error as StoreError).message, `${store}: ${operation}: AccessDenied`)
    assert.deepStrictEqual(calls, [call])
  })

  it("says of each event that it is not stored, and of each message that it was not handed over", async () => {
    const appended = await refused(EventStore.use((of) => of.append([event])))
    const [outcome] = "success" in appended.result ? appended.result.success : []
    assert.strictEqual(outcome?._tag, "failed")
    assert.deepInclude(outcome?._tag === "failed" ? outcome.cause : {}, {
      store: "event store",
      operation: "append",
      reason: "AccessDenied"
    })
    assert.deepStrictEqual(appended.calls, ["BatchExecuteStatement"])
    const unavailable: ReadonlyArray<HandedOver> = [{ _tag: "unavailable", reason: "AccessDenied" }]
    const streamed = await refused(StreamSink.use((of) => of.put([{ key: "k", data: Buffer.from("d") }])))
    assert.deepInclude(streamed.result, { success: unavailable })
    assert.deepStrictEqual(streamed.calls, ["PutRecords"])
    const returned = await refused(SettleReturn.use((of) => of.send([{ body: "{}", attempts: 0 }])))
    assert.deepInclude(returned.result, { success: unavailable })
    const removed = await refused(DeadLetters.use((of) => of.remove("rule", ["r"])))
    assert.deepInclude(removed.result, { success: new Set(["r"]) })
    assert.deepStrictEqual([...returned.calls, ...removed.calls], ["SendMessageBatch", "DeleteMessageBatch"])
  })
})
