import { assert, describe, it } from "@effect/vitest"
import { makeActivity, makeRequestHandler } from "aws-in-process"
import { Effect, Layer } from "effect"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { queueDepths } from "../../src/store/aws/queue-depths.ts"
import { scaling } from "../../src/store/aws/scaling.ts"
import { Sqs } from "../../src/store/aws/sqs.ts"
import { Kinesis } from "../../src/store/aws/stream-sink.ts"
import { tableSizes } from "../../src/store/aws/table-sizes.ts"
import { QueueDepths } from "../../src/store/queue-depths.ts"
import { Scaling } from "../../src/store/scaling.ts"
import { TableSizes } from "../../src/store/table-sizes.ts"
import { connectedTo, PRINCIPAL, queueUrl } from "./permissive.ts"

const layers = Layer.mergeAll(scaling("stream"), tableSizes, queueDepths).pipe(
  Layer.provide(Layer.mergeAll(DynamoDb.layer, Kinesis.layer, Sqs.layer))
)

/** Gives these answers to the calls of an operation, one after the other, and returns what was asked. */
const asking = async <A>(
  answers: Readonly<Record<string, ReadonlyArray<object>>>,
  work: Effect.Effect<A, unknown, Layer.Success<typeof layers>>
) => {
  const left = new Map(Object.entries(answers).map(([operation, all]) => [operation, [...all]]))
  const asked: Array<readonly [operation: string, input: unknown]> = []
  const service = async (operation: string, input: unknown) => {
    asked.push([operation, input])
    return left.get(operation)?.shift() ?? assert.fail(`not expected: ${operation}`)
  }
  const requestHandler = makeRequestHandler({
    services: { dynamodb: service, kinesis: service, sqs: service },
    principal: PRINCIPAL,
    activity: makeActivity()
  })
  const result = await Effect.runPromise(
    work.pipe(Effect.provide(layers.pipe(Layer.provide(connectedTo(requestHandler)), Layer.fresh)))
  )
  return { result, asked }
}

const stream = (OpenShardCount: number, StreamStatus: string) => ({
  StreamDescriptionSummary: { OpenShardCount, StreamStatus }
})
const table = (Table: object) => ({ Table: { TableName: "rows", ...Table } })

describe("the sizes of a stream and of tables", () => {
  it("say how many shards are open, and whether AWS is changing that", async () => {
    for (const [status, changing] of [
      ["ACTIVE", false],
      ["UPDATING", true],
      ["CREATING", true]
    ] as const) {
      const { result, asked } = await asking(
        { DescribeStreamSummary: [stream(6, status)] },
        Scaling.use(({ shards }) => shards)
      )
      assert.deepStrictEqual(result, { size: 6, changing })
      assert.deepStrictEqual(asked, [["DescribeStreamSummary", { StreamName: "stream" }]])
    }
  })

  it("say what a table takes from the first second on, and whether it is being changed", async () => {
    const warm = (Status: string, TableStatus = "ACTIVE") =>
      table({ TableStatus, WarmThroughput: { WriteUnitsPerSecond: 4_000, ReadUnitsPerSecond: 12_000, Status } })
    for (const [answer, changing] of [
      [warm("ACTIVE"), false],
      [warm("UPDATING"), true],
      [warm("ACTIVE", "UPDATING"), true]
    ] as const) {
      const { result } = await asking(
        { DescribeTable: [answer] },
        Scaling.use((sizes) => sizes.warm("rows"))
      )
      assert.deepStrictEqual(result, { size: { writes: 4_000, reads: 12_000 }, changing })
    }
    const { result } = await asking(
      { DescribeTable: [table({ TableStatus: "ACTIVE" })] },
      Scaling.use((sizes) => sizes.warm("rows"))
    )
    assert.deepStrictEqual(result, { size: { writes: 0, reads: 0 }, changing: false })
  })

  it("change as asked: shards evenly, a table in both units", async () => {
    const { asked } = await asking(
      { UpdateShardCount: [{}], UpdateTable: [{}] },
      Scaling.use((sizes) => Effect.all([sizes.resize(12), sizes.raise("rows", { writes: 5_000, reads: 13_000 })]))
    )
    assert.deepStrictEqual(asked, [
      ["UpdateShardCount", { StreamName: "stream", TargetShardCount: 12, ScalingType: "UNIFORM_SCALING" }],
      ["UpdateTable", { TableName: "rows", WarmThroughput: { WriteUnitsPerSecond: 5_000, ReadUnitsPerSecond: 13_000 } }]
    ])
  })
})

describe("how much a table holds", () => {
  const size = TableSizes.use((sizes) => sizes.of("rows"))

  it("is what DynamoDB last knew", async () => {
    const { result, asked } = await asking({ DescribeTable: [table({ ItemCount: 1, TableSizeBytes: 900 })] }, size)
    assert.deepStrictEqual(result, { items: 1, bytes: 900, counted: false })
    assert.deepStrictEqual(asked, [["DescribeTable", { TableName: "rows" }]])
  })

  it("is counted where that knows of no item yet, over pages, at the price that the scan says", async () => {
    const LastEvaluatedKey = { id: { S: "e-7" } }
    const { result, asked } = await asking(
      {
        DescribeTable: [table({ ItemCount: 0, TableSizeBytes: 0 })],
        Scan: [
          { Count: 7, ConsumedCapacity: { CapacityUnits: 2.5 }, LastEvaluatedKey },
          { Count: 3, ConsumedCapacity: { CapacityUnits: 1 } }
        ]
      },
      size
    )
    assert.deepStrictEqual(result, { items: 10, bytes: 3.5 * 8_192, counted: true })
    const scan = { TableName: "rows", Select: "COUNT", ReturnConsumedCapacity: "TOTAL" }
    assert.deepStrictEqual(asked.slice(1), [
      ["Scan", scan],
      ["Scan", { ...scan, ExclusiveStartKey: LastEvaluatedKey }]
    ])
  })

  it("is nothing of an empty table, although to look costs something", async () => {
    const { result } = await asking(
      { DescribeTable: [table({})], Scan: [{ Count: 0, ConsumedCapacity: { CapacityUnits: 0.5 } }] },
      size
    )
    assert.deepStrictEqual(result, { items: 0, bytes: 0, counted: true })
  })

  it("has been held since the table was made", async () => {
    const { result } = await asking(
      { DescribeTable: [table({ CreationDateTime: 1_778_061_600.25 })] },
      TableSizes.use(({ since }) => since("rows"))
    )
    assert.strictEqual(result, 1_778_061_600_250)
  })
})

describe("the depth of a queue", () => {
  it("tells what is due from what is taken and what is delayed", async () => {
    const names = [
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesNotVisible",
      "ApproximateNumberOfMessagesDelayed"
    ]
    const { result, asked } = await asking(
      { GetQueueAttributes: [{ Attributes: Object.fromEntries(names.map((name, i) => [name, String(i + 4)])) }, {}] },
      QueueDepths.use(({ of }) => Effect.all([of(queueUrl("settle")), of(queueUrl("settle"))]))
    )
    assert.deepStrictEqual(result, [
      { due: 4, taken: 5, delayed: 6 },
      { due: 0, taken: 0, delayed: 0 }
    ])
    assert.deepStrictEqual(asked[0], ["GetQueueAttributes", { QueueUrl: queueUrl("settle"), AttributeNames: names }])
  })
})
