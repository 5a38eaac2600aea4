import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { deadLetters } from "../../src/store/aws/dead-letters.ts"
import { delaySeconds, settleQueue } from "../../src/store/aws/settle-queue.ts"
import { settleReturn } from "../../src/store/aws/settle-return.ts"
import { streamSink } from "../../src/store/aws/stream-sink.ts"
import { RetryStatistics } from "../../src/store/counters.ts"
import { DeadLetters } from "../../src/store/dead-letters.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { SettleReturn, StreamSink } from "../../src/store/hand-over.ts"
import { SettleQueue } from "../../src/store/settle-queue.ts"
import { type Answer, answering, asking } from "./answering.ts"

const MEGABYTE = 1_024 * 1_024
const once = Effect.provideService(Deadline, 0)

type Entries = { readonly Entries: ReadonlyArray<Record<string, unknown>> }
const bodiesOf = (asked: ReadonlyArray<readonly [string, object]>) =>
  asked.map(([, input]) => (input as Entries).Entries.map(({ MessageBody }) => MessageBody))
const counts = (asked: ReadonlyArray<readonly [string, object]>) =>
  asked.map(([, input]) => ((input as { Records?: [] }).Records ?? (input as Entries).Entries).length)

describe("the settle queue on SQS", () => {
  const queue = asking(settleQueue("url"))
  const settlements = (count: number, more: object = {}) =>
    Array.from({ length: count }, (_, n) => ({ due: n, deltas: [], ...more }))
  const send = (answers: Parameters<typeof queue>[0], count = 2) =>
    queue(
      answers,
      SettleQueue.use((of) => of.send(settlements(count)))
    )
  const failed = (...Failed: ReadonlyArray<object>) => ({ Failed })

  it.effect("takes each message with its delay, ten a call", () =>
    Effect.gen(function* () {
      const { asked } = yield* send(() => ({}), 21)
      assert.deepStrictEqual(counts(asked), [10, 10, 1])
      assert.deepInclude(asked[0]?.[1], { QueueUrl: "url" })
      const [first, second] = asked.flatMap(([, input]) => (input as Entries).Entries)
      assert.deepStrictEqual([first?.Id, second?.Id], ["0", "1"])
      assert.deepStrictEqual([first?.DelaySeconds, second?.DelaySeconds], [0, 1])
    })
  )

  it("is delayed by whole seconds, a quarter of an hour at most", () => {
    const delays = [-1, 0, 1, 1_000, 1_001, 899_000, 899_001, 900_001].map((due) => delaySeconds(due, 0))
    assert.deepStrictEqual(delays, [0, 0, 1, 1, 2, 899, 900, 900])
  })

  it.effect.each<[why: string, answer: Answer, reason: string, retryable: boolean]>([
    ["a call is refused", "AccessDenied", "AccessDenied", false],
    ["a call may be tried again", "ThrottlingException", "ThrottlingException", true],
    [
      "a message is refused",
      failed({ Id: "1", Code: "InvalidMessageContents", SenderFault: true }),
      "InvalidMessageContents",
      false
    ],
    [
      "a message may be tried again",
      failed({ Id: "1", Code: "InternalError", SenderFault: false }),
      "InternalError",
      true
    ],
    ["nothing says why", failed({ Id: "1" }), "Unknown", true],
    [
      "one of two is refused for good",
      failed({ Id: "0", Code: "A", SenderFault: true }, { Id: "1", Code: "B" }),
      "A",
      false
    ]
  ])("fails where time is up and %s", ([, answer, reason, retryable]) =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(once(send([answer])))
      assert.deepInclude(refused, { store: "settle queue", operation: "send", reason, retryable })
    })
  )

  it.live("is given again what may be taken later, and counts what was throttled", () =>
    Effect.gen(function* () {
      const statistics: Record<string, number> = {}
      const add = (name: string, by: number) => {
        statistics[name] = (statistics[name] ?? 0) + by
      }
      const { asked } = yield* send([
        failed({ Id: "0", Code: "RequestThrottled" }, { Id: "1", Code: "InternalError" }),
        failed({ Id: "1", Code: "InternalError" }),
        {}
      ]).pipe(Effect.provideService(RetryStatistics, { add } as never))
      assert.deepStrictEqual(counts(asked), [2, 2, 1])
      assert.deepStrictEqual(statistics, { throttles: 1, retries: 3 })
    })
  )

  it.effect("is asked nothing where there is nothing to send", () =>
    Effect.map(send([], 0), ({ asked }) => assert.deepStrictEqual(asked, []))
  )
})

describe("the way back into the settle queue", () => {
  const back = asking(settleReturn("url"))
  const send = (answers: Parameters<typeof back>[0], ...bodies: ReadonlyArray<string>) =>
    back(
      answers,
      SettleReturn.use((of) => of.send(bodies.map((body) => ({ body, attempts: 2 }))))
    )

  it.effect("takes each message without delay, with how often it was brought back", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* send([{}], "a")
      assert.deepStrictEqual(value, [{ _tag: "accepted" }])
      const MessageAttributes = { REDRIVE_ATTEMPTS: { DataType: "Number", StringValue: "2" } }
      assert.deepStrictEqual(asked, [
        [
          "SendMessageBatch",
          { QueueUrl: "url", Entries: [{ Id: "0", MessageBody: "a", DelaySeconds: 0, MessageAttributes }] }
        ]
      ])
    })
  )

  it.effect("takes ten messages and a megabyte a call, with 64 bytes of each for its attribute", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(counts((yield* send(() => ({}), ...Array(11).fill("a"))).asked), [10, 1])
      const most = "a".repeat(MEGABYTE - 2 * 64 - 1)
      assert.deepStrictEqual(counts((yield* send(() => ({}), most, "b")).asked), [2])
      assert.deepStrictEqual(counts((yield* send(() => ({}), `${most}a`, "b")).asked), [1, 1])
    })
  )

  it.live("is given again what SQS may take later, and says why it did not take the rest", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* send(
        [{ Failed: [{ Id: "0", Code: "InvalidMessageContents", SenderFault: true }, { Id: "1" }] }, {}],
        "a",
        "b"
      )
      assert.deepStrictEqual(bodiesOf(asked), [["a", "b"], ["b"]])
      assert.deepStrictEqual(value, [{ _tag: "refused", reason: "InvalidMessageContents" }, { _tag: "accepted" }])
      const late = yield* once(send([{ Failed: [{ Id: "0" }] }], "a"))
      assert.deepStrictEqual(late.value, [{ _tag: "unavailable", reason: "Unknown" }])
    })
  )
})

describe("the stream on Kinesis", () => {
  const sink = asking(streamSink("stream"))
  const taken = (_: string, { Records }: Readonly<Record<string, unknown>>) => ({
    Records: (Records as []).map(() => ({ SequenceNumber: "1" }))
  })
  const put = (answers: Parameters<typeof sink>[0], ...records: ReadonlyArray<readonly [key: string, bytes: number]>) =>
    sink(
      answers,
      StreamSink.use((of) => of.put(records.map(([key, bytes]) => ({ key, data: new Uint8Array(bytes) }))))
    )

  it.effect("takes records with their keys", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* put(taken, ["k", 1])
      assert.deepStrictEqual(value, [{ _tag: "accepted" }])
      const Records = [{ Data: new Uint8Array(1), PartitionKey: "k" }]
      assert.deepStrictEqual(asked, [["PutRecords", { StreamName: "stream", Records }]])
    })
  )

  it.effect("takes 500 records and five megabytes a call, their keys included", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 501 }, () => ["k", 1] as const)
      assert.deepStrictEqual(counts((yield* put(taken, ...many)).asked), [500, 1])
      const most = 5 * MEGABYTE - 10
      assert.deepStrictEqual(counts((yield* put(taken, ["kkk", most], ["kk", 5])).asked), [2])
      assert.deepStrictEqual(counts((yield* put(taken, ["kkk", most], ["kkk", 5])).asked), [1, 1])
    })
  )

  it.effect("says of a record why it was not taken, or that there was no answer", () =>
    Effect.gen(function* () {
      const { value } = yield* once(put([{ Records: [{ ErrorCode: "E" }] }], ["a", 1], ["b", 1]))
      assert.deepStrictEqual(value, [
        { _tag: "unavailable", reason: "E" },
        { _tag: "unavailable", reason: "NoAnswer" }
      ])
      assert.deepStrictEqual((yield* once(put([{}], ["a", 1]))).value, [{ _tag: "unavailable", reason: "NoAnswer" }])
    })
  )
})

describe("dead letters on SQS", () => {
  const dead = deadLetters({ rule: "rule-url", settle: "settle-url" })
  const letters = asking(dead)
  const message = (n: number, Body = "{}") => ({
    ReceiptHandle: `r-${n}`,
    Body,
    Attributes: { SentTimestamp: "5", ApproximateReceiveCount: "1" }
  })
  const ten = (Body?: string) => ({ Messages: Array.from({ length: 10 }, (_, n) => message(n, Body)) })
  const receive = (answers: Parameters<typeof letters>[0], most: number) =>
    letters(
      answers,
      DeadLetters.use((of) => of.receive("settle", most, 30))
    )

  it.effect("are received ten at a time, of which the first call alone waits", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* receive([ten(), { Messages: [message(1)] }], 11)
      assert.lengthOf(value, 11)
      const request = (MaxNumberOfMessages: number, WaitTimeSeconds: number) => ({
        QueueUrl: "settle-url",
        MaxNumberOfMessages,
        VisibilityTimeout: 30,
        WaitTimeSeconds,
        MessageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp"],
        MessageAttributeNames: ["REDRIVE_ATTEMPTS", "ERROR_CODE"]
      })
      assert.deepStrictEqual(asked, [
        ["ReceiveMessage", request(10, 1)],
        ["ReceiveMessage", request(1, 0)]
      ])
    })
  )

  it.effect("are received until there is none, or four megabytes are held", () =>
    Effect.gen(function* () {
      assert.lengthOf((yield* receive([ten(), {}], 30)).asked, 2)
      const most = (4 * MEGABYTE) / 2
      const two = (bytes: number) => ({ Messages: [message(1, "x".repeat(bytes)), message(2, "x".repeat(most))] })
      assert.lengthOf((yield* receive([two(most - 1), {}], 30)).asked, 2)
      assert.lengthOf((yield* receive([two(most), {}], 30)).asked, 1)
    })
  )

  it.effect("say what is known of them", () =>
    Effect.gen(function* () {
      const bare = { receipt: "", body: "", sent: Number.NaN, receives: Number.NaN, attempts: 0 }
      const { value } = yield* receive([{ Messages: [{}, { MessageAttributes: {} }] }, {}], 30)
      assert.deepStrictEqual(value, [bare, bare])
      const MessageAttributes = { REDRIVE_ATTEMPTS: { StringValue: "2" }, ERROR_CODE: { StringValue: "E" } }
      const whole = yield* receive([{ Messages: [{ ...message(1), MessageAttributes }] }, {}], 30)
      assert.deepStrictEqual(whole.value, [
        { receipt: "r-1", body: "{}", sent: 5, receives: 1, attempts: 2, cause: "E" }
      ])
    })
  )

  it.effect("are those that came before a refusal, which fails where there are none", () =>
    Effect.gen(function* () {
      assert.lengthOf((yield* receive([{ Messages: [message(1)] }], 30)).value, 1)
      const refused = yield* Effect.flip(receive([], 30))
      assert.deepInclude(refused, { store: "dead letters", operation: "receive", reason: "AccessDenied" })
    })
  )

  it.effect("wait as long as they are told", () =>
    Effect.gen(function* () {
      const { asked, on } = answering([{}])
      yield* on(deadLetters({ rule: "rule-url", settle: "s" }, 0))(DeadLetters.use((of) => of.receive("rule", 1, 30)))
      assert.deepInclude(asked[0]?.[1], { QueueUrl: "rule-url", WaitTimeSeconds: 0 })
    })
  )

  const remove = (answers: Parameters<typeof letters>[0], count: number) =>
    letters(
      answers,
      DeadLetters.use((of) =>
        of.remove(
          "rule",
          Array.from({ length: count }, (_, n) => `r-${n}`)
        )
      )
    )

  it.effect("are deleted ten at a time", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* remove(() => ({}), 11)
      assert.deepStrictEqual([value, counts(asked)], [new Set(), [10, 1]])
      assert.deepStrictEqual(asked[1], [
        "DeleteMessageBatch",
        { QueueUrl: "rule-url", Entries: [{ Id: "0", ReceiptHandle: "r-10" }] }
      ])
    })
  )

  it.live("are deleted again where SQS may do it later; the others are returned", () =>
    Effect.gen(function* () {
      const Failed = [{ Id: "0", SenderFault: true }, { Id: "2" }, { Id: "3", SenderFault: false }]
      const { asked, value } = yield* remove([{ Failed }, {}], 4)
      assert.deepStrictEqual([value, counts(asked)], [new Set(["r-0"]), [4, 2]])
      const left = yield* once(remove([{ Failed }], 4))
      assert.deepStrictEqual(left.value, new Set(["r-0", "r-2", "r-3"]))
      assert.deepStrictEqual((yield* remove(["AccessDenied"], 2)).value, new Set(["r-0", "r-1"]))
      const again = yield* remove(["ThrottlingException", {}], 2)
      assert.deepStrictEqual([again.value, counts(again.asked)], [new Set(), [2, 2]])
    })
  )
})
