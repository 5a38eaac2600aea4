import type { SQSEvent } from "aws-lambda"
import { assert, describe, it } from "vitest"
import { makeHost } from "../src/lambda/host.ts"
import { makeQueueMapping, type QueueMappingSettings } from "../src/lambda/queue-mapping.ts"
import type { QueueSettings } from "../src/sqs/queue.ts"
import { makeSqs } from "../src/sqs/sqs.ts"
import { arn, guard, makeTime, ROLE, START } from "./parts.ts"

const WORK = arn("sqs", "work")
const DEAD = arn("sqs", "dead")
const REPORTS = { functionResponseTypes: ["ReportBatchItemFailures"] }

type Handler = (event: SQSEvent) => unknown

const setUp = (handler: Handler, more: Partial<QueueMappingSettings> = {}, queueMore: Partial<QueueSettings> = {}) => {
  const time = makeTime()
  const { clock } = time
  const access = guard()
  const sqs = makeSqs(
    [
      { name: "work", arn: WORK, url: "https://work", visibilityTimeoutSeconds: 60, ...queueMore },
      { name: "dead", arn: DEAD, url: "https://dead" }
    ],
    { ...time, authorize: access.authorize }
  )
  const queue = sqs.queue(WORK)
  const calls: Array<{ readonly at: number; readonly bodies: string }> = []
  const host = makeHost({
    name: "project",
    arn: arn("lambda", "function:project"),
    timeoutSeconds: 10,
    clock,
    handler: async (event: SQSEvent) => {
      calls.push({ at: time.elapsed(), bodies: event.Records.map(({ body }) => body).join("") })
      return handler(event)
    }
  })
  const start = (settings: object = {}, authorize = access.authorize) =>
    makeQueueMapping(
      { eventSourceArn: WORK, functionName: "project", ...more, ...settings },
      { clock, authorize, principal: ROLE, queue, host }
    )
  const send = (body: string, delaySeconds = 0) => queue.send({ body, delaySeconds, senderId: "test" })
  const empty = () => Object.values(queue.counts()).every((count) => count === 0)
  return { ...time, access, sqs, queue, host, calls, start, send, empty }
}

const letters = (list: string, send: (body: string) => unknown) => {
  for (const letter of list) send(letter)
}
const sleep = (set: ReturnType<typeof setUp>, ms: number) =>
  new Promise<void>((resolve) => void set.clock.at(set.clock.now() + ms, () => resolve()))

describe("queue mapping: batches", () => {
  it("hands over messages as Lambda does, and deletes them", async () => {
    let event: SQSEvent | undefined
    const set = setUp((got) => {
      event = got
    })
    set.start()
    const attributes = { WHY: { DataType: "String", StringValue: "because" } }
    const { id, md5 } = set.queue.send({ body: "höi", senderId: "test", delaySeconds: 3, attributes })
    await set.run(set.empty)
    const [record] = event!.Records
    assert.match(record!.md5OfMessageAttributes!, /^[0-9a-f]{32}$/)
    assert.deepStrictEqual<unknown>(record, {
      messageId: id,
      receiptHandle: record!.receiptHandle,
      body: "höi",
      attributes: {
        ApproximateFirstReceiveTimestamp: String(START + 3_000),
        ApproximateReceiveCount: "1",
        SenderId: "test",
        SentTimestamp: String(START)
      },
      messageAttributes: {
        WHY: { stringValue: "because", stringListValues: [], binaryListValues: [], dataType: "String" }
      },
      md5OfBody: md5,
      md5OfMessageAttributes: record!.md5OfMessageAttributes,
      eventSource: "aws:sqs",
      eventSourceARN: WORK,
      awsRegion: "eu-west-1"
    })
    assert.deepStrictEqual(set.calls, [{ at: 3_000, bodies: "höi" }])
    assert.strictEqual(set.clock.nextTimer(), undefined, "an idle mapping sets no timer")
  })

  it("takes what is there at one instant together, up to the batch size", async () => {
    const set = setUp(() => null, { batchSize: 4 })
    set.start()
    letters("abcdef", set.send)
    await set.run(set.empty)
    assert.deepStrictEqual(
      set.calls.map(({ bodies }) => bodies),
      ["abcd", "ef"]
    )
  })

  it("gathers for its window from the first message on, and ends it by count", async () => {
    const set = setUp(() => null, { batchSize: 20, maximumBatchingWindowInSeconds: 2 })
    set.start()
    set.send("a")
    set.send("b", 1)
    set.send("c", 3)
    await set.run(set.empty)
    assert.deepStrictEqual(set.calls, [
      { at: 2_000, bodies: "ab" },
      { at: 5_000, bodies: "c" }
    ])
    letters("x".repeat(20), set.send)
    await set.run(set.empty)
    assert.strictEqual(set.calls[2]!.at, 5_000)
  })

  it("ends a batch at 6 MB of payload", async () => {
    const set = setUp(() => null, { batchSize: 100, maximumBatchingWindowInSeconds: 1 })
    set.start()
    for (let i = 0; i < 12; i++) set.send("x".repeat(1_000_000))
    await set.run(set.empty)
    assert.deepStrictEqual(
      set.calls.map(({ bodies }) => bodies.length / 1_000_000),
      [6, 6]
    )
    assert.strictEqual(set.host.counts().errors, 0)
  })

  it.each([
    ["its maximum concurrency", { scalingConfig: { maximumConcurrency: 2 } }, 2],
    ["the five that AWS starts with", {}, 5]
  ])("runs as many batches at once as %s", async (_name, settings, expected) => {
    let now = 0
    let most = 0
    const set = setUp(
      async () => {
        most = Math.max(most, ++now)
        await sleep(set, 1_000)
        now--
      },
      { batchSize: 1, ...settings }
    )
    set.start()
    letters("abcdefghijkl", set.send)
    await set.pass(500)
    assert.strictEqual(set.queue.counts().inFlight, expected, "it receives no more than it can run")
    await set.run(set.empty)
    assert.strictEqual(most, expected)
    assert.lengthOf(set.calls, 12)
  })
})

describe("queue mapping: failures", () => {
  const failing =
    (...bad: ReadonlyArray<string>): Handler =>
    ({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => bad.includes(body)).map(({ messageId }) => ({
        itemIdentifier: messageId
      }))
    })

  it("brings back the failed messages only, after the visibility timeout", async () => {
    const set = setUp((event) => (set.calls.length === 1 ? failing("a", "c")(event) : null), REPORTS)
    const mapping = set.start()
    letters("abcd", set.send)
    await set.run(set.empty)
    assert.deepStrictEqual(set.calls, [
      { at: 0, bodies: "abcd" },
      { at: 60_000, bodies: "ac" }
    ])
    assert.deepStrictEqual(mapping.stats(), { batches: 2, records: 4, failed: 2 })
  })

  it.each<[string, object, Handler]>([
    [
      "a throw",
      REPORTS,
      () => {
        throw new Error("no")
      }
    ],
    ["an identifier that is not of the batch", REPORTS, () => ({ batchItemFailures: [{ itemIdentifier: "x" }] })],
    ["an empty identifier", REPORTS, () => ({ batchItemFailures: [{ itemIdentifier: "" }] })]
  ])("brings back all after %s", async (_name, settings, first) => {
    const set = setUp((event) => (set.calls.length === 1 ? first(event) : null), settings)
    set.start()
    letters("ab", set.send)
    await set.run(set.empty)
    assert.deepStrictEqual(set.calls, [
      { at: 0, bodies: "ab" },
      { at: 60_000, bodies: "ab" }
    ])
  })

  it.each([
    ["unless it is told to report", {}, failing("a")],
    ["when nothing is reported", REPORTS, failing()]
  ])("deletes all %s", async (_name, settings, handler) => {
    const set = setUp(handler, settings)
    set.start()
    letters("ab", set.send)
    await set.pass(300_000)
    assert.isTrue(set.empty())
    assert.lengthOf(set.calls, 1)
  })

  it("leaves what always fails to the dead letters", async () => {
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: DEAD, maxReceiveCount: 5 })
    const set = setUp(failing("!"), REPORTS, { redrivePolicy })
    set.start()
    letters("a!b", set.send)
    await set.run(set.empty)
    assert.deepStrictEqual(
      set.calls.map(({ bodies }) => bodies),
      ["a!b", "!", "!", "!", "!"]
    )
    assert.strictEqual(set.sqs.queue(DEAD).counts().visible, 1)
    assert.strictEqual(set.elapsed(), 300_000)
  })
})

describe("queue mapping: creation", () => {
  it.each<[string, object, RegExp]>([
    ["a batch above 10 without a window", { batchSize: 11 }, /window of at least 1 s/],
    ["a batch above 10,000", { batchSize: 10_001, maximumBatchingWindowInSeconds: 1 }, /1 to 10000/],
    ["a concurrency of one", { scalingConfig: { maximumConcurrency: 1 } }, /2 to 1000/],
    ["a starting position", { startingPosition: "LATEST" }, /not implemented/],
    ["bisection", { bisectBatchOnFunctionError: true }, /not implemented/],
    ["pollers of its own", { provisionedPollerConfig: {} }, /not implemented/],
    ["another response type", { functionResponseTypes: ["Other"] }, /not implemented/],
    ["another queue", { eventSourceArn: "arn:other" }, /arn:other/]
  ])("refuses %s", (_name, settings, message) => {
    const set = setUp(() => null)
    assert.throws(() => set.start(settings), message)
  })

  it("refuses a queue whose messages come back while the function still runs", () => {
    assert.throws(() => setUp(() => null, {}, { visibilityTimeoutSeconds: 9 }).start(), /less than Function timeout/)
  })

  it.each(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])(
    "refuses a role without %s",
    (action) => {
      const set = setUp(() => null)
      assert.throws(() => set.start({}, guard(action).authorize), new RegExp(action))
    }
  )

  it("handles nothing while disabled, nor once stopped", async () => {
    const set = setUp(() => null)
    set.start({ enabled: false })
    const mapping = set.start()
    set.send("a")
    await mapping.stop()
    await set.pass(10_000)
    assert.deepStrictEqual(set.calls, [])
    assert.strictEqual(set.queue.counts().visible, 1)
  })
})
