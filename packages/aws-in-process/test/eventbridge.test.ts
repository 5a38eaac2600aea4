import { assert, describe, it } from "vitest"
import type { Envelope, RandomSource } from "../src/core/types.ts"
import type { DeliveryChaos, TargetSettings } from "../src/eventbridge/delivery.ts"
import { makeEventBridge } from "../src/eventbridge/eventbridge.ts"
import type { RuleSettings } from "../src/eventbridge/settings.ts"
import { makeKinesis, makeStream, type Stream } from "../src/kinesis/kinesis.ts"
import { makeSqs } from "../src/sqs/sqs.ts"
import { arn, errorOf, guard, makeTime, ROLE, random, START } from "./parts.ts"

const PARTNER = "aws.partner/genesys.com/cloud/1/local"
const STREAM = arn("kinesis", "stream/events")
const DEAD = arn("sqs", "dead")
const RULE = arn("events", `rule/${PARTNER}/all`)

const envelope = (id: string, more: object = {}): Envelope => ({
  version: "0",
  id,
  "detail-type": "v2.users.{id}.presence",
  source: PARTNER,
  time: "2026-01-05T08:59:59Z",
  detail: { topicName: `v2.users.${id}.presence` },
  ...more
})

interface Options {
  readonly rule?: Partial<RuleSettings>
  readonly target?: Partial<TargetSettings>
  /** The target is the bus `own`, or another one. */
  readonly toBus?: string
  readonly refused?: ReadonlyArray<string>
  readonly policy?: boolean
  readonly random?: RandomSource
  readonly chaos?: DeliveryChaos
  /** How many puts the stream refuses as too many. */
  readonly throttle?: number
}

const setUp = (options: Options = {}) => {
  const time = makeTime()
  const { clock } = time
  const { authorize, used } = guard(...(options.refused ?? []))
  const stream = makeStream({ name: "events", arn: STREAM, shardCount: 1 }, clock)
  const policy = JSON.stringify({
    Statement: {
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: DEAD,
      Condition: { ArnEquals: { "aws:SourceArn": RULE } }
    }
  })
  const sqs = makeSqs([{ name: "dead", arn: DEAD, url: "https://dead", ...(options.policy !== false && { policy }) }], {
    ...time,
    authorize
  })
  let refusals = options.throttle ?? 0
  const throttled: Stream = {
    ...stream,
    put: (entry) =>
      refusals-- > 0
        ? { errorCode: "ProvisionedThroughputExceededException", errorMessage: "Rate exceeded" }
        : stream.put(entry)
  }
  const bridge = makeEventBridge(
    [
      { name: PARTNER, arn: arn("events", `event-bus/${PARTNER}`), eventSourceName: PARTNER },
      { name: "own", arn: arn("events", "event-bus/own") }
    ],
    [
      {
        name: "all",
        arn: RULE,
        eventBusName: PARTNER,
        eventPattern: JSON.stringify({ source: [PARTNER] }),
        ...options.rule
      },
      { name: "mine", arn: arn("events", "rule/own/mine"), eventBusName: "own", eventPattern: '{"source":["me"]}' }
    ],
    [
      {
        rule: "all",
        eventBusName: PARTNER,
        arn: STREAM,
        roleArn: "arn:aws:iam::000000000000:role/rule",
        ...(options.toBus ? {} : { kinesisTarget: { partitionKeyPath: "$.detail.topicName" } }),
        retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: 600 },
        deadLetterConfig: { arn: DEAD },
        ...(options.toBus === undefined ? {} : { arn: arn("events", `event-bus/${options.toBus}`) }),
        ...options.target
      },
      { rule: "mine", eventBusName: "own", arn: STREAM, roleArn: "arn:aws:iam::000000000000:role/rule" }
    ],
    {
      clock,
      authorize,
      kinesis: makeKinesis([throttled], authorize),
      sqs,
      random: options.random ?? random(1),
      ...(options.chaos !== undefined && { chaos: options.chaos })
    }
  )
  const inStream = () => stream.shards[0]!.read(0, 10_000).records
  return { ...time, bridge, feed: bridge.partnerFeed(PARTNER), sqs, inStream, used }
}

const ids = (records: ReadonlyArray<{ readonly data: Uint8Array }>) =>
  records.map(({ data }) => JSON.parse(Buffer.from(data).toString()).id)

const deadLetter = (sqs: ReturnType<typeof setUp>["sqs"]): Record<string, unknown> => {
  const [received] = sqs.queue(DEAD).receive(1)
  const attributes = Object.entries(received!.message.attributes)
  return {
    body: JSON.parse(received!.message.body),
    ...Object.fromEntries(attributes.map(([name, { StringValue }]) => [name, StringValue]))
  }
}

describe("a bus as target", () => {
  const rule = { eventPattern: '{"source":["me"]}' }
  const event = envelope("a", { source: "me" })

  it("gets the event as it is, and hands it to its own rules", async () => {
    const { feed, inStream, pass, used } = setUp({ toBus: "own", rule })
    feed(event)
    await pass(0)
    assert.strictEqual(Buffer.from(inStream()[0]!.data).toString(), JSON.stringify(event))
    assert.deepStrictEqual(used, [`events:PutEvents ${arn("events", "event-bus/own")}`, `kinesis:PutRecord ${STREAM}`])
  })

  it("that is not there, or not allowed, leaves a dead letter", async () => {
    for (const options of [{ toBus: "none" }, { toBus: "own", refused: ["events:PutEvents"] }]) {
      const { feed, sqs, inStream, pass } = setUp({ ...options, rule })
      feed(event)
      await pass(0)
      assert.deepStrictEqual(deadLetter(sqs).body, event)
      assert.lengthOf(inStream(), 0)
    }
  })
})

describe("partner feed", () => {
  it("hands the envelope to the stream as it came, keyed by the path", async () => {
    const { feed, inStream, pass, used } = setUp()
    assert.strictEqual(feed(envelope("a")), 1)
    await pass(0)
    const [record] = inStream()
    assert.strictEqual(Buffer.from(record!.data).toString(), JSON.stringify(envelope("a")))
    assert.strictEqual(record!.partitionKey, "v2.users.a.presence")
    assert.deepStrictEqual(used, [`kinesis:PutRecord ${STREAM}`])
  })

  it("falls back to the event's id where the path finds nothing", async () => {
    const { feed, inStream, pass } = setUp()
    feed(envelope("a", { detail: {} }))
    await pass(0)
    assert.strictEqual(inStream()[0]!.partitionKey, "a")
  })

  it("returns 0 for an event that no rule matches, and delivers it nowhere", async () => {
    const { feed, inStream, pass, bridge } = setUp()
    assert.strictEqual(feed(envelope("a", { source: "aws.partner/other" })), 0)
    await pass(1_000)
    assert.lengthOf(inStream(), 0)
    assert.deepInclude(bridge.stats(), { received: 1, matched: 0, delivered: 0 })
  })

  it("delivers what was handed over, not what became of it", async () => {
    const { feed, inStream, pass } = setUp()
    const mine = envelope("a") as { id: string }
    feed(mine)
    mine.id = "changed"
    await pass(0)
    assert.deepStrictEqual(ids(inStream()), ["a"])
  })

  it("is refused on a bus that is no partner's, and for more than 1 MB", () => {
    const { bridge, feed } = setUp()
    assert.throws(() => bridge.partnerFeed("own"), /no partner's/)
    assert.throws(() => feed(envelope("a", { detail: { x: "x".repeat(1_048_576) } })), /exceeds 1 MB/)
  })
})

describe("PutEvents", () => {
  const put = (bridge: ReturnType<typeof setUp>["bridge"], ...Entries: ReadonlyArray<object>) =>
    bridge.service("PutEvents", { Entries }, ROLE)
  const entry = { Source: "me", DetailType: "t", Detail: '{"a":1}', EventBusName: "own" }

  it("makes an envelope and delivers it by its id", async () => {
    const { bridge, inStream, pass, used } = setUp()
    const answer = await put(bridge, entry)
    await pass(0)
    assert.strictEqual(answer.FailedEntryCount, 0)
    const [record] = inStream()
    assert.strictEqual(record!.partitionKey, answer.Entries[0].EventId)
    assert.deepInclude(JSON.parse(Buffer.from(record!.data).toString()), {
      id: answer.Entries[0].EventId,
      source: "me",
      "detail-type": "t",
      time: "2026-01-05T09:00:00Z",
      detail: { a: 1 }
    })
    assert.include(used, `events:PutEvents ${arn("events", "event-bus/own")}`)
  })

  it("refuses sources of AWS, also on a partner's bus, and what is incomplete, entry by entry", async () => {
    const { bridge, inStream, pass } = setUp()
    const answer = await put(
      bridge,
      { ...entry, Source: "aws.partner/genesys.com/x" },
      { ...entry, Source: PARTNER, EventBusName: PARTNER },
      { ...entry, Detail: "{" },
      { ...entry, Detail: "[]" },
      { ...entry, DetailType: undefined },
      entry
    )
    await pass(0)
    assert.strictEqual(answer.FailedEntryCount, 5)
    assert.deepStrictEqual(
      answer.Entries.map(({ ErrorCode = "ok" }) => ErrorCode),
      [
        "NotAuthorizedForSourceException",
        "NotAuthorizedForSourceException",
        "MalformedDetail",
        "MalformedDetail",
        "InvalidArgument",
        "ok"
      ]
    )
    assert.lengthOf(inStream(), 1)
  })

  it("asks for the right and knows only what it implements", async () => {
    const { bridge } = setUp({ refused: ["events:PutEvents"] })
    assert.strictEqual(await errorOf(put(bridge, entry)), "AccessDeniedException")
    assert.strictEqual(await errorOf(put(bridge, ...Array(11).fill(entry))), "ValidationException")
    assert.strictEqual(await errorOf(put(bridge, { ...entry, TraceHeader: "x" })), "Error")
    assert.strictEqual(await errorOf(bridge.service("PutRule", {}, ROLE)), "Error")
  })
})

describe("delivery", () => {
  it("tries again with growing waits until the target takes it", async () => {
    const { feed, inStream, pass, bridge } = setUp({ throttle: 3 })
    feed(envelope("a"))
    await pass(6_999)
    assert.deepInclude(bridge.stats(), { retried: 3, delivered: 0, waiting: 1 })
    await pass(1)
    assert.deepInclude(bridge.stats(), { retried: 3, delivered: 1, waiting: 0 })
    assert.strictEqual(inStream()[0]!.arrival, START + 1_000 + 2_000 + 4_000)
  })

  it("spreads the waits by jitter between half and whole", async () => {
    const { feed, inStream, pass } = setUp({ throttle: 1, random: random(0) })
    feed(envelope("a"))
    await pass(10_000)
    assert.strictEqual(inStream()[0]!.arrival, START + 500)
  })

  it.each<[string, Partial<TargetSettings>, string]>([
    ["the attempts", {}, "MaximumRetryAttempts"],
    [
      "the age",
      { retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 60 } },
      "MaximumEventAgeInSeconds"
    ]
  ])("gives up after %s, and says what it tried", async (_name, target, condition) => {
    const { feed, pass, sqs, bridge } = setUp({ throttle: Number.POSITIVE_INFINITY, target })
    feed(envelope("a"))
    await pass(60_000)
    assert.deepInclude(bridge.stats(), { retried: 5, deadLettered: 1, delivered: 0, waiting: 0, lost: 0 })
    assert.deepInclude(deadLetter(sqs), {
      RULE_ARN: RULE,
      TARGET_ARN: STREAM,
      ERROR_CODE: "THROTTLING",
      ERROR_MESSAGE: "Rate exceeded",
      RETRY_ATTEMPTS: "5",
      EXHAUSTED_RETRY_CONDITION: condition,
      body: envelope("a")
    })
  })

  it.each<[string, Options, string]>([
    ["a missing right", { refused: ["kinesis:PutRecord"] }, "NO_PERMISSIONS"],
    ["a missing stream", { target: { arn: arn("kinesis", "stream/none") } }, "NO_RESOURCE"]
  ])("sends %s to the dead letters at once", async (_name, options, code) => {
    const { feed, pass, sqs, bridge } = setUp(options)
    feed(envelope("a"))
    await pass(0)
    assert.deepInclude(bridge.stats(), { retried: 0, deadLettered: 1 })
    const letter = deadLetter(sqs)
    assert.deepInclude(letter, { ERROR_CODE: code, RETRY_ATTEMPTS: "0" })
    assert.notProperty(letter, "EXHAUSTED_RETRY_CONDITION")
  })

  it.each<[string, Options]>([
    ["the queue's policy is missing", { policy: false }],
    ["the queue is", { target: { deadLetterConfig: { arn: arn("sqs", "none") } } }],
    ["there is none", { target: { deadLetterConfig: {} } }]
  ])("counts an event as lost when %s", async (_name, options) => {
    const { feed, pass, bridge } = setUp({ ...options, refused: ["kinesis:PutRecord"] })
    feed(envelope("a"))
    await pass(0)
    assert.deepInclude(bridge.stats(), { lost: 1, deadLettered: 0 })
  })

  it("with random duplicates and reorders", async () => {
    const chaos = { duplicate: 0.5, reorder: 0.5, delayMs: 1_000 }
    // For a: one copy, held back by 800 ms. For b: two copies, the second held back by 100 ms.
    const { feed, pass, inStream } = setUp({ chaos, random: random(0.9, 0.1, 0.8, 0.1, 0.9, 0.1, 0.1) })
    feed(envelope("a"))
    feed(envelope("b"))
    await pass(1_000)
    assert.deepStrictEqual(ids(inStream()), ["b", "b", "a"])
  })

  it.each<[string, { readonly rule?: object; readonly target?: object }, RegExp]>([
    ["another kind of target", { target: { arn: DEAD } }, /not implemented/],
    ["a target without a role", { target: { roleArn: "" } }, /RoleArn is required/],
    ["an input transformer", { target: { inputTransformer: {} } }, /not implemented/],
    ["a long path", { target: { kinesisTarget: { partitionKeyPath: "$.a[0]" } } }, /not implemented/],
    ["too many attempts", { target: { retryPolicy: { maximumRetryAttempts: 186 } } }, /0 to 185/],
    ["too short an age", { target: { retryPolicy: { maximumEventAgeInSeconds: 59 } } }, /60 to 86400/],
    ["a target of no rule", { target: { rule: "none" } }, /unknown rule/],
    ["a rule on no bus", { rule: { eventBusName: "none" }, target: { eventBusName: "none" } }, /unknown bus/],
    ["a schedule", { rule: { scheduleExpression: "rate(1 minute)" } }, /not implemented/],
    ["an unknown operator", { rule: { eventPattern: '{"source":[{"suffix":"x"}]}' } }, /not implemented/]
  ])("throws at creation on %s", (_name, options, message) => {
    assert.throws(() => setUp(options as Options), message)
  })

  it("takes nothing for a disabled rule", () => {
    assert.strictEqual(setUp({ rule: { state: "DISABLED" } }).feed(envelope("a")), 0)
  })
})
