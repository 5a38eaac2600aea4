import type { KinesisStreamEvent } from "aws-lambda"
import { assert, describe, it } from "vitest"
import { makeStreamMapping } from "../src/lambda/stream-mapping.ts"
import { type Handler, STREAM, setUp } from "./mapped-stream.ts"
import { arn, guard, ROLE, START } from "./parts.ts"

const BUCKET = "arn:aws:s3:::quarantine"

const texts = ({ calls }: ReturnType<typeof setUp>) => calls.map((call) => call.texts.join(""))
const letters = (list: string, put: (text: string) => void) => {
  for (const letter of list) put(letter)
}
/** Fails from the first of these letters on, as a function that reports its failures does. */
const failing =
  (...bad: ReadonlyArray<string>): Handler =>
  (_texts, { Records }) => ({
    batchItemFailures: Records.filter(({ kinesis }) =>
      bad.includes(Buffer.from(kinesis.data, "base64").toString())
    ).map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber }))
  })
const REPORTS = { functionResponseTypes: ["ReportBatchItemFailures"] }

describe("stream mapping: batches", () => {
  it("hands over records as Lambda does", async () => {
    let event: KinesisStreamEvent | undefined
    const set = setUp((_texts, got) => {
      event = got
    })
    const mapping = set.start()
    set.clock.advanceTo(START + 250)
    set.put("höi", "key")
    await set.run(mapping.idle)
    const { sequenceNumber } = set.stream.shards[0]!.read(0, 1).records[0] ?? event!.Records[0]!.kinesis
    assert.deepStrictEqual(event, {
      Records: [
        {
          kinesis: {
            kinesisSchemaVersion: "1.0",
            partitionKey: "key",
            sequenceNumber,
            data: Buffer.from("höi").toString("base64"),
            approximateArrivalTimestamp: (START + 250) / 1_000
          },
          eventSource: "aws:kinesis",
          eventVersion: "1.0",
          eventID: `shardId-000000000000:${sequenceNumber}`,
          eventName: "aws:kinesis:record",
          invokeIdentityArn: ROLE.roleArn,
          awsRegion: "eu-west-1",
          eventSourceARN: STREAM
        }
      ]
    })
    assert.deepInclude(mapping.stats(), { batches: 1, records: 1 })
  })

  it("polls about once a second, and takes a full batch at once", async () => {
    const set = setUp(() => null)
    const mapping = set.start()
    set.clock.advanceTo(START + 100)
    set.put("a")
    await set.pass(300)
    letters("bcdefghij", set.put)
    await set.pass(0)
    assert.deepStrictEqual(set.calls, [{ at: 400, texts: [..."abcdefghij"] }])
    set.put("k")
    await set.run(mapping.idle)
    assert.deepStrictEqual(set.calls[1], { at: 1_000, texts: ["k"] })
    assert.strictEqual(set.clock.nextTimer(), undefined, "an idle mapping sets no timer")
  })

  it("reads five times a second and waits for no window, where somebody watches", async () => {
    const set = setUp(() => null, { batchSize: 20, maximumBatchingWindowInSeconds: 5 })
    const mapping = set.start({}, set.access.authorize, { prompt: true })
    set.clock.advanceTo(START + 100)
    letters("ab", set.put)
    await set.pass(150)
    set.put("c")
    await set.run(mapping.idle)
    assert.deepStrictEqual(set.calls, [
      { at: 200, texts: ["a", "b"] },
      { at: 400, texts: ["c"] }
    ])
  })

  it("waits for its window from the first record on, and ends it by count", async () => {
    const set = setUp(() => null, { batchSize: 20, maximumBatchingWindowInSeconds: 5 })
    const mapping = set.start()
    set.put("a")
    await set.pass(3_000)
    set.put("b")
    await set.run(mapping.idle)
    assert.deepStrictEqual(set.calls, [{ at: 6_000, texts: ["a", "b"] }])
    letters("x".repeat(20), set.put)
    await set.run(mapping.idle)
    assert.strictEqual(set.calls[1]!.at, 6_000)
  })

  it("ends a batch at 6 MB of payload", async () => {
    const sizes: Array<number> = []
    const set = setUp((_texts, event) => void sizes.push(JSON.stringify(event).length), {
      batchSize: 100,
      maximumBatchingWindowInSeconds: 1
    })
    const mapping = set.start()
    for (let i = 0; i < 20; i++) set.put("x".repeat(1_000_000))
    await set.run(mapping.idle)
    assert.deepStrictEqual(
      set.calls.map((call) => call.texts.length),
      [4, 4, 4, 4, 4]
    )
    assert.isBelow(Math.max(...sizes), 6 * 1024 * 1024)
    assert.strictEqual(set.host.counts().errors, 0)
  })

  it("runs the batches of a shard strictly one after another", async () => {
    const running: Array<number> = []
    let now = 0
    const set = setUp(
      async () => {
        running.push(++now)
        await new Promise<void>((resolve) => void set.clock.at(set.clock.now() + 700, () => resolve()))
        now--
      },
      { batchSize: 2 }
    )
    const mapping = set.start()
    letters("abcdefgh", set.put)
    await set.run(mapping.idle)
    assert.deepStrictEqual(texts(set), ["ab", "cd", "ef", "gh"])
    assert.deepStrictEqual(running, [1, 1, 1, 1])
  })

  it("runs lanes side by side, each key in order in its own", async () => {
    let now = 0
    let most = 0
    const seen = new Map<string, Array<number>>()
    const set = setUp(
      async (_texts, { Records }) => {
        most = Math.max(most, ++now)
        for (const { kinesis } of Records) {
          const list = seen.get(kinesis.partitionKey) ?? []
          seen.set(kinesis.partitionKey, [...list, Number(Buffer.from(kinesis.data, "base64").toString())])
        }
        await new Promise<void>((resolve) => void set.clock.at(set.clock.now() + 100, () => resolve()))
        now--
      },
      { parallelizationFactor: 4 }
    )
    const mapping = set.start()
    for (let i = 0; i < 400; i++) set.put(String(i), `key${i % 16}`)
    await set.run(mapping.idle)
    assert.strictEqual(most, 4)
    assert.strictEqual(seen.size, 16)
    for (const [key, list] of seen)
      assert.deepStrictEqual(
        list,
        Array.from({ length: 25 }, (_, i) => 16 * i + Number(key.slice(3)))
      )
  })

  it.each([
    ["TRIM_HORIZON", ["ab"]],
    ["LATEST", ["b"]]
  ])("starts at %s", async (startingPosition, expected) => {
    const set = setUp(() => null)
    set.put("a")
    const mapping = set.start({ startingPosition })
    set.put("b")
    await set.run(mapping.idle)
    assert.deepStrictEqual(texts(set), expected)
  })
})

describe("stream mapping: partial failures", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["an empty object", {}],
    ["an empty list", { batchItemFailures: [] }],
    ["a null list", { batchItemFailures: null }]
  ])("takes %s for success", async (_name, answer) => {
    const set = setUp(() => answer, REPORTS)
    const mapping = set.start()
    letters("ab", set.put)
    await set.run(mapping.idle)
    assert.deepStrictEqual(texts(set), ["ab"])
  })

  it.each<[string, unknown]>([
    ["a null identifier", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["an empty one", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["one under another name", { batchItemFailures: [{ id: "1" }] }],
    ["one that is not of the batch", { batchItemFailures: [{ itemIdentifier: "1" }] }],
    ["text", "oops"]
  ])("takes %s for the failure of the whole batch", async (_name, answer) => {
    const set = setUp(() => (set.calls.length === 1 ? answer : null), REPORTS)
    const mapping = set.start()
    letters("ab", set.put)
    await set.run(mapping.idle)
    assert.deepStrictEqual(texts(set), ["ab", "ab"])
  })

  it("retries from the lowest failed record on, whatever came after it", async () => {
    const set = setUp((all, event) => (set.calls.length === 1 ? failing("d", "b")(all, event) : null), REPORTS)
    const mapping = set.start()
    letters("abcde", set.put)
    await set.run(mapping.idle)
    assert.deepStrictEqual(texts(set), ["abcde", "bcde"])
    assert.deepInclude(mapping.stats(), { batches: 2, records: 5, retries: 1 })
  })

  it("does not read the response unless functionResponseTypes asks for it", async () => {
    const set = setUp(failing("a"))
    const mapping = set.start()
    set.put("a")
    await set.run(mapping.idle)
    assert.deepStrictEqual(texts(set), ["a"])
  })

  it("does not bisect for a reported failure: the tail goes with the record that never succeeds", async () => {
    const settings = { ...REPORTS, bisectBatchOnFunctionError: true, maximumRetryAttempts: 2 }
    const set = setUp(failing("b"), settings)
    const mapping = set.start()
    letters("abc", set.put)
    await set.run(mapping.idle)
    assert.deepStrictEqual(texts(set), ["abc", "bc", "bc"])
    assert.deepInclude(mapping.stats(), { records: 1, discarded: 2 })
  })
})

describe("stream mapping: errors", () => {
  const poison: Handler = (all) => {
    if (all.includes("!")) throw new Error("poison")
  }

  it("waits longer before each retry", async () => {
    const set = setUp(poison, { maximumRetryAttempts: 4 })
    const mapping = set.start()
    set.put("!")
    await set.run(mapping.idle)
    assert.deepStrictEqual(
      set.calls.map(({ at }) => at),
      [1_000, 1_500, 2_500, 4_500, 8_500]
    )
  })

  it("bisects, which costs no retries, and loses only the bad record", async () => {
    const set = setUp(poison, { bisectBatchOnFunctionError: true, maximumRetryAttempts: 2 })
    const mapping = set.start()
    letters("abcdef!h", set.put)
    await set.run(mapping.idle)
    assert.deepStrictEqual(texts(set), ["abcdef!h", "abcd", "ef!h", "ef", "!h", "!", "!", "!", "h"])
    assert.deepInclude(mapping.stats(), { records: 7, discarded: 1 })
  })

  it("without bisection gives up the batch as a whole", async () => {
    const set = setUp(poison, { maximumRetryAttempts: 1 })
    const mapping = set.start()
    letters("ab!", set.put)
    await set.run(mapping.idle)
    assert.deepStrictEqual(texts(set), ["ab!", "ab!"])
    assert.deepInclude(mapping.stats(), { records: 0, discarded: 3 })
  })

  it("blocks its shard when nothing limits it, until the record expires; other lanes go on", async () => {
    const set = setUp(poison, { parallelizationFactor: 2 })
    const mapping = set.start()
    set.put("!", "a")
    set.put("after", "a")
    set.put("other", "b")
    await set.pass(23 * 3_600_000)
    assert.deepStrictEqual(new Set(texts(set)), new Set(["!after", "other"]))
    assert.isFalse(mapping.idle())
    await set.pass(2 * 3_600_000)
    assert.isTrue(mapping.idle())
    assert.deepInclude(mapping.stats(), { expired: 2, records: 1 })
  })

  it("gives up what is too old", async () => {
    const set = setUp(poison, { maximumRecordAgeInSeconds: 60 })
    const mapping = set.start()
    set.put("!")
    await set.run(mapping.idle)
    assert.isAtMost(set.elapsed(), 120_000)
    assert.deepInclude(mapping.stats(), { discarded: 1 })
  })

  it("does not count a throttled invocation as an attempt", async () => {
    const set = setUp(() => null, { maximumRetryAttempts: 0 })
    let refusals = 20
    const throttled = { ok: false, requestId: "", throttled: true, errorType: "", errorMessage: "" } as const
    const host = { ...set.host, invoke: async (e: unknown) => (refusals-- > 0 ? throttled : set.host.invoke(e)) }
    const mapping = makeStreamMapping(
      {
        eventSourceArn: STREAM,
        functionName: "append",
        startingPosition: "LATEST",
        maximumRetryAttempts: 0,
        batchSize: 1
      },
      {
        ...set.access,
        clock: set.clock,
        principal: ROLE,
        stream: set.stream,
        host,
        putObject: async () => assert.fail("nothing is discarded")
      }
    )
    set.put("a")
    await set.run(mapping.idle)
    assert.deepInclude(mapping.stats(), { records: 1, discarded: 0, retries: 20 })
  })
})

describe("stream mapping: on-failure destination", () => {
  const always: Handler = () => {
    throw new Error("no")
  }
  const settings = {
    maximumRetryAttempts: 1,
    destinationConfig: { onFailure: { destinationArn: BUCKET } }
  }

  it("writes the whole records to S3 in Lambda's document", async () => {
    const set = setUp(always, settings)
    const mapping = set.start()
    letters("ab", set.put)
    await set.run(mapping.idle)
    const [object] = set.objects
    assert.lengthOf(set.objects, 1)
    assert.strictEqual(object!.bucket, "quarantine")
    assert.match(
      object!.key,
      /^aws\/lambda\/mapping\/shardId-000000000000\/2026\/01\/05\/2026-01-05T09\.00\.02-[0-9a-f-]{36}$/
    )
    const { payload, requestContext, ...document } = JSON.parse(object!.body)
    const [first, last] = JSON.parse(payload).Records as KinesisStreamEvent["Records"]
    assert.deepInclude(requestContext, {
      functionArn: arn("lambda", "function:append"),
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: 2
    })
    assert.deepStrictEqual(document, {
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: "2026-01-05T09:00:02.500Z",
      KinesisBatchInfo: {
        shardId: "shardId-000000000000",
        startSequenceNumber: first!.kinesis.sequenceNumber,
        endSequenceNumber: last!.kinesis.sequenceNumber,
        approximateArrivalOfFirstRecord: "2026-01-05T09:00:00.000Z",
        approximateArrivalOfLastRecord: "2026-01-05T09:00:00.000Z",
        batchSize: 2,
        streamArn: STREAM
      }
    })
    assert.strictEqual(Buffer.from(last!.kinesis.data, "base64").toString(), "b")
    assert.include(set.access.used, `s3:PutObject ${BUCKET}/${object!.key}`)
  })

  it("counts what the destination does not take", async () => {
    const set = setUp(always)
    const mapping = makeStreamMapping(
      { eventSourceArn: STREAM, functionName: "append", startingPosition: "LATEST", batchSize: 1, ...settings },
      {
        ...set.access,
        clock: set.clock,
        principal: ROLE,
        stream: set.stream,
        host: set.host,
        putObject: async () => assert.fail("no bucket")
      }
    )
    set.put("a")
    await set.run(mapping.idle)
    assert.deepInclude(mapping.stats(), { discarded: 1, destinationFailures: 1 })
  })
})

describe("stream mapping: creation", () => {
  it.each<[string, object, RegExp]>([
    ["a batch above 10 without a window", { batchSize: 11 }, /window of at least 1 s/],
    ["a batch above 10,000", { batchSize: 10_001, maximumBatchingWindowInSeconds: 1 }, /1 to 10000/],
    ["a long window", { maximumBatchingWindowInSeconds: 301 }, /0 to 300/],
    ["eleven lanes", { parallelizationFactor: 11 }, /1 to 10/],
    ["no starting position", { startingPosition: undefined }, /starting position/],
    ["a starting time", { startingPosition: "AT_TIMESTAMP" }, /not implemented/],
    ["a filter", { filterCriteria: { filters: [] } }, /not implemented/],
    ["a tumbling window", { tumblingWindowInSeconds: 10 }, /not implemented/],
    ["another response type", { functionResponseTypes: ["Other"] }, /not implemented/],
    [
      "a destination that is no bucket",
      { destinationConfig: { onFailure: { destinationArn: "arn:aws:sqs:x:0:q" } } },
      /not implemented/
    ],
    ["another stream", { eventSourceArn: "arn:other" }, /arn:other/]
  ])("refuses %s", (_name, settings, message) => {
    const set = setUp(() => null)
    assert.throws(() => set.start(settings), message)
  })

  it.each([
    ...["DescribeStream", "DescribeStreamSummary", "ListShards", "GetShardIterator", "GetRecords"].map(
      (name) => `kinesis:${name}`
    ),
    "s3:ListBucket",
    "s3:PutObject"
  ])("refuses a role without %s", (action) => {
    const set = setUp(() => null, { destinationConfig: { onFailure: { destinationArn: BUCKET } } })
    assert.throws(() => set.start({}, guard(action).authorize), new RegExp(action))
  })

  it("handles nothing while disabled, nor once stopped", async () => {
    const set = setUp(() => null)
    set.start({ enabled: false })
    const mapping = set.start()
    set.put("a")
    await mapping.stop()
    set.put("b")
    await set.pass(10_000)
    assert.deepStrictEqual(set.calls, [])
  })

  it("stops in the middle of a back-off, and waits for what runs", async () => {
    const set = setUp(() => {
      throw new Error("no")
    })
    const mapping = set.start()
    set.put("a")
    await set.pass(1_200)
    await mapping.stop()
    assert.strictEqual(set.clock.nextTimer(), undefined)
    assert.lengthOf(set.calls, 1)
  })
})
