import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { bodyBytes, bodyText, type RequestHandler, response } from "aws-in-process"
import { Effect, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { control } from "../../src/store/aws/control.ts"
import { deadLetters } from "../../src/store/aws/dead-letters.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { executions, StepFunctions } from "../../src/store/aws/executions.ts"
import { scaling } from "../../src/store/aws/scaling.ts"
import { Sqs } from "../../src/store/aws/sqs.ts"
import { Kinesis } from "../../src/store/aws/stream-sink.ts"
import { tableSizes } from "../../src/store/aws/table-sizes.ts"
import { watermark } from "../../src/store/aws/watermark.ts"
import { Control } from "../../src/store/control.ts"
import { DeadLetters } from "../../src/store/dead-letters.ts"
import { Executions } from "../../src/store/executions.ts"
import { memoryDeadLetters } from "../../src/store/memory/dead-letters.ts"
import { memoryExecutions } from "../../src/store/memory/executions.ts"
import { memoryQuarantine } from "../../src/store/memory/quarantine.ts"
import { memorySettleQueue } from "../../src/store/memory/settle-queue.ts"
import { partitionKeyOf } from "../../src/store/partition-key.ts"
import { Quarantine } from "../../src/store/quarantine.ts"
import { Scaling } from "../../src/store/scaling.ts"
import { SettleQueue } from "../../src/store/settle-queue.ts"
import { TableSizes } from "../../src/store/table-sizes.ts"
import { WatermarkStore } from "../../src/store/watermark.ts"
import { arn, connectedTo, queueUrl } from "./permissive.ts"

type Input = Readonly<Record<string, unknown>>

/** Stores over AWS that answers every call as `respond` says, and the inputs of the calls in their order. */
const answering = (respond: (operation: string, input: Input, nth: number) => object | undefined) => {
  const asked: Array<Input> = []
  const handle: RequestHandler["handle"] = async (request) => {
    const operation = request.headers["x-amz-target"]?.split(".")[1] ?? ""
    const input = JSON.parse(bodyText(await bodyBytes(request.body))) as Input
    const answer = respond(operation, input, asked.length)
    asked.push(input)
    const body = answer ?? { __type: "x#AccessDeniedException" }
    const headers = { "content-type": "application/x-amz-json-1.0" }
    return { response: response(answer === undefined ? 400 : 200, headers, Buffer.from(JSON.stringify(body))) }
  }
  const url = queueUrl("dead")
  const layer = Layer.mergeAll(
    control("control"),
    deadLetters({ rule: url, settle: url }),
    executions(arn("states", "stateMachine:replay")),
    scaling("stream"),
    tableSizes,
    watermark("control")
  ).pipe(
    Layer.provide(Layer.mergeAll(DynamoDb.layer, Kinesis.layer, Sqs.layer, StepFunctions.layer)),
    Layer.provide(connectedTo({ handle } as RequestHandler))
  )
  return { asked, provide: Effect.provide(Layer.fresh(layer)) }
}

const message = (id: number, Body = "{}", more: object = {}) => ({
  MessageId: String(id),
  ReceiptHandle: `r-${id}`,
  Body,
  MD5OfBody: createHash("md5").update(Body).digest("hex"),
  Attributes: { SentTimestamp: "1000", ApproximateReceiveCount: "3" },
  ...more
})

describe("dead letters that are received", () => {
  const receive = (most: number, respond: (nth: number) => ReadonlyArray<object> | undefined) => {
    const { asked, provide } = answering((_, __, nth) => {
      const Messages = respond(nth)
      return Messages && { Messages }
    })
    return Effect.map(provide(Effect.result(DeadLetters.use((of) => of.receive("rule", most, 30)))), (result) => ({
      asked,
      result,
      letters: Result.isSuccess(result) ? result.success : []
    }))
  }
  const ten = (Body?: string) => Array.from({ length: 10 }, (_, i) => message(i, Body))

  it.effect("are asked for ten at a time, waiting for the first of them alone", () =>
    Effect.gen(function* () {
      const { asked, letters } = yield* receive(25, (nth) => (nth < 2 ? ten() : ten().slice(0, 5)))
      assert.strictEqual(letters.length, 25)
      assert.deepStrictEqual(
        asked.map(({ MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout }) => [
          MaxNumberOfMessages,
          WaitTimeSeconds,
          VisibilityTimeout
        ]),
        [
          [10, 1, 30],
          [10, 0, 30],
          [5, 0, 30]
        ]
      )
      assert.deepInclude(asked[0], {
        MessageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp"],
        MessageAttributeNames: ["REDRIVE_ATTEMPTS", "ERROR_CODE"]
      })
    })
  )

  it.effect("are no more once four megabytes of them are held", () =>
    Effect.gen(function* () {
      for (const [bytes, calls] of [
        [419_430, 2],
        [419_431, 1]
      ] as const) {
        const { asked } = yield* receive(15, (nth) => ten("x".repeat(bytes)).slice(0, nth === 0 ? 10 : 5))
        assert.lengthOf(asked, calls)
      }
    })
  )

  it.effect("are worth having where the next call fails, and none where the first does", () =>
    Effect.gen(function* () {
      assert.lengthOf((yield* receive(20, (nth) => (nth === 0 ? ten().slice(0, 1) : undefined))).letters, 1)
      assert.isTrue(Result.isFailure((yield* receive(20, () => undefined)).result))
    })
  )

  it.effect("say what SQS says of them, and how often they were brought back", () =>
    Effect.gen(function* () {
      const attribute = (StringValue: string) => ({ DataType: "String", StringValue })
      const MessageAttributes = { REDRIVE_ATTEMPTS: attribute("2"), ERROR_CODE: attribute("NO_RIGHTS") }
      const { letters } = yield* receive(2, () => [message(1), message(2, "b", { MessageAttributes })])
      assert.deepStrictEqual(letters, [
        { receipt: "r-1", body: "{}", sent: 1_000, receives: 3, attempts: 0 },
        { receipt: "r-2", body: "b", sent: 1_000, receives: 3, attempts: 2, cause: "NO_RIGHTS" }
      ])
    })
  )
})

describe("an answer that leaves something out", () => {
  it.effect("says of a stream and a table that nothing is known of them", () =>
    Effect.gen(function* () {
      const { provide } = answering((operation) =>
        operation === "Scan" ? { Count: 0, ConsumedCapacity: { CapacityUnits: 0.5 } } : {}
      )
      const said = yield* provide(
        Effect.gen(function* () {
          const sizes = yield* Scaling
          const tables = yield* TableSizes
          return [yield* sizes.shards, yield* sizes.warm("t"), yield* tables.of("t"), yield* tables.since("t")]
        })
      )
      assert.deepStrictEqual(said, [
        { size: 0, changing: true },
        { size: { writes: 0, reads: 0 }, changing: false },
        { items: 0, bytes: 0, counted: true },
        0
      ])
    })
  )

  it.effect("says whether a stream or a table is being changed", () =>
    Effect.gen(function* () {
      for (const [StreamStatus, TableStatus, Status, changing] of [
        ["ACTIVE", "ACTIVE", "ACTIVE", [false, false]],
        ["UPDATING", "UPDATING", "ACTIVE", [true, true]],
        ["CREATING", "ACTIVE", "UPDATING", [true, true]]
      ] as const) {
        const WarmThroughput = { WriteUnitsPerSecond: 4_000, ReadUnitsPerSecond: 12_000, Status }
        const { provide } = answering(() => ({
          StreamDescriptionSummary: { OpenShardCount: 3, StreamStatus },
          Table: { TableStatus, WarmThroughput }
        }))
        const [shards, warm] = yield* provide(Scaling.use((of) => Effect.all([of.shards, of.warm("t")])))
        assert.deepStrictEqual([shards.size, warm.size], [3, { writes: 4_000, reads: 12_000 }])
        assert.deepStrictEqual<ReadonlyArray<boolean>>([shards.changing, warm.changing], changing)
      }
    })
  )

  it.effect("counts the items of a table page by page, where nothing is known of it yet", () =>
    Effect.gen(function* () {
      const { asked, provide } = answering((operation, { ExclusiveStartKey }) =>
        operation === "DescribeTable"
          ? { Table: { CreationDateTime: 1 } }
          : {
              Count: 2,
              ConsumedCapacity: { CapacityUnits: 1 },
              ...(ExclusiveStartKey === undefined ? { LastEvaluatedKey: { k: { S: "a" } } } : {})
            }
      )
      const { items, bytes, counted } = yield* provide(TableSizes.use((of) => of.of("t")))
      assert.deepStrictEqual([items, counted], [4, true])
      assert.isAbove(bytes, 0)
      assert.deepInclude(asked[1], { Select: "COUNT", ReturnConsumedCapacity: "TOTAL" })
      assert.strictEqual(yield* provide(TableSizes.use((of) => of.since("t"))), 1_000)
    })
  )

  it.effect("says of an execution only what Step Functions says, and refuses a status that it does not know", () =>
    Effect.gen(function* () {
      const status = (answer: object) =>
        answering(() => answer).provide(Effect.result(Executions.use((of) => of.status("n"))))
      const running = yield* status({ status: "RUNNING", startDate: 1 })
      assert.deepStrictEqual(Result.getOrThrow(running), { status: "running", startedAt: 1_000 })
      const failed = yield* status({ status: "TIMED_OUT", startDate: 1, error: "e", cause: "c" })
      assert.deepStrictEqual(Result.getOrThrow(failed), {
        status: "timedOut",
        startedAt: 1_000,
        error: "e",
        cause: "c"
      })
      for (const answer of [{ status: "PAUSED", startDate: 1 }, { status: "RUNNING" }, {}])
        assert.isTrue(Result.isFailure(yield* status(answer)), JSON.stringify(answer))
    })
  )

  it.effect("is read consistently where the control table is asked", () =>
    Effect.gen(function* () {
      const { asked, provide } = answering((_, { Key }) =>
        JSON.stringify(Key).includes("held") ? { Item: { value: { S: "1" }, version: { N: "7" } } } : {}
      )
      const read = (key: string) => provide(Control.use((of) => of.read(key)))
      assert.deepStrictEqual(yield* read("held"), { value: 1, version: 7 })
      assert.deepStrictEqual(yield* read("free"), { value: undefined, version: 0 })
      assert.isUndefined(yield* provide(WatermarkStore.use((of) => of.read)))
      assert.deepStrictEqual(
        asked.map(({ ConsistentRead, TableName }) => [ConsistentRead, TableName]),
        Array.from({ length: 3 }, () => [true, "control"])
      )
    })
  )
})

describe("a store in memory", () => {
  it.effect("hides a dead letter for as long as it is told, and deletes it by its last receipt alone", () =>
    Effect.gen(function* () {
      const { layer, add, waiting } = memoryDeadLetters()
      yield* Effect.gen(function* () {
        const of = yield* DeadLetters
        const receive = Effect.map(of.receive("rule", 5, 30), (letters) => letters.map(({ receipt }) => receipt))
        add("rule", "a", 0)
        add("rule", "b", 0)
        const [first = ""] = yield* receive
        assert.deepStrictEqual(yield* receive, [])
        yield* TestClock.adjust(29_999)
        assert.deepStrictEqual(yield* receive, [])
        yield* TestClock.adjust(1)
        const [again = "", other = ""] = yield* receive
        assert.deepStrictEqual(
          waiting("rule").map(({ receives }) => receives),
          [2, 2]
        )
        for (const receipt of [first, "7/2", "x", other]) yield* of.remove("rule", [receipt])
        assert.deepStrictEqual(
          waiting("rule").map(({ body }) => body),
          ["a"]
        )
        yield* of.remove("rule", [again])
        assert.deepStrictEqual(waiting("rule"), [])
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("keeps bytes as they were, delays by whole seconds, and ends no execution that never began", () =>
    Effect.gen(function* () {
      const { layer, kept } = memoryQuarantine()
      const raw = Buffer.from("one")
      const entry = { raw, reason: "a reason/of mine", detail: "d", received: 0 }
      yield* Quarantine.use((of) => of.put([entry])).pipe(Effect.provide(layer))
      raw.write("two")
      const [[key, held]] = [...kept()] as [[string, typeof entry]]
      assert.strictEqual(Buffer.from(held.raw).toString(), "one")
      assert.match(key, /^quarantine\/a_reason_of_mine\/1970-01-01\/0-[0-9a-f]{16}$/)
      const queue = memorySettleQueue()
      const settlements = [-1, 1, 1_000, 1_001].map((due) => ({ due, deltas: [] }))
      yield* SettleQueue.use((of) => of.send(settlements)).pipe(Effect.provide(queue.layer))
      assert.deepStrictEqual(
        queue.waiting().map(({ visible }) => visible),
        [0, 1_000, 1_000, 2_000]
      )
      assert.throws(() => memoryExecutions().end("n", { status: "failed" }), "no execution n")
    })
  )
})

describe("a partition key", () => {
  it("is what Kinesis takes of a topic, and none of what is no event", () => {
    const event = (topicName: string) => JSON.stringify({ id: "i", detail: { topicName } })
    assert.strictEqual(partitionKeyOf(event("t".repeat(257))), "t".repeat(256))
    assert.strictEqual(partitionKeyOf(event("")), "i")
    for (const body of ["7", "null", '"text"', "{", '{"id":"i"}', '{"id":"i","detail":null}', '{"id":"","detail":{}}'])
      assert.isUndefined(partitionKeyOf(body), body)
  })
})
