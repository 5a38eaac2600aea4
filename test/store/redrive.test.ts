import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { control } from "../../src/store/aws/control.ts"
import { deadLetters } from "../../src/store/aws/dead-letters.ts"
import { notices } from "../../src/store/aws/notices.ts"
import { parked } from "../../src/store/aws/parked.ts"
import { settleReturn } from "../../src/store/aws/settle-return.ts"
import { streamSink } from "../../src/store/aws/stream-sink.ts"
import { watermark } from "../../src/store/aws/watermark.ts"
import { Control } from "../../src/store/control.ts"
import { ATTEMPTS_ATTRIBUTE, DeadLetters } from "../../src/store/dead-letters.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { type HandedOver, type Returning, SettleReturn, StreamSink } from "../../src/store/hand-over.ts"
import { memoryControl } from "../../src/store/memory/control.ts"
import { memoryDeadLetters } from "../../src/store/memory/dead-letters.ts"
import { memorySettleReturn, memoryStreamSink } from "../../src/store/memory/hand-over.ts"
import { memoryNotices } from "../../src/store/memory/notices.ts"
import { memoryParked } from "../../src/store/memory/parked.ts"
import { memoryWatermark } from "../../src/store/memory/watermark.ts"
import { Notices } from "../../src/store/notices.ts"
import { controlContract } from "./control.contract.ts"
import { deadLettersContract } from "./dead-letters.contract.ts"
import { faulty, type Mishap } from "./faulty.ts"
import { settleReturnContract, streamSinkContract } from "./hand-over.contract.ts"
import { noticesContract, parkedContract } from "./parked.contract.ts"
import {
  BUCKET,
  CONTROL_TABLE,
  DLQ_URLS,
  makeRedriveEngine,
  type RedriveEngine,
  SETTLE_URL,
  STREAM,
  TOPIC_ARN
} from "./redrive-engine.ts"
import { watermarkContract } from "./watermark.contract.ts"

controlContract("memory", Layer.unwrap(Effect.sync(() => memoryControl().layer)))
watermarkContract("memory", Layer.unwrap(Effect.sync(() => memoryWatermark().layer)))
deadLettersContract("memory", () => ({ ...memoryDeadLettersAt0(), pass: () => {} }))
streamSinkContract("memory", memoryStreamSink)
settleReturnContract("memory", memorySettleReturn)
parkedContract("memory", memoryParked)
noticesContract("memory", memoryNotices)

const memoryDeadLettersAt0 = () => {
  const { layer, add } = memoryDeadLetters()
  return { layer, add }
}

/** A layer on an engine of its own, which `at` returns once the layer is built. */
const onEngine = <A, E, R>(layer: Layer.Layer<A, E, R>) => {
  let engine: RedriveEngine | undefined
  const before: Array<(engine: RedriveEngine) => void> = []
  const clients = Layer.unwrap(
    Effect.map(Effect.promise(makeRedriveEngine), (made) => {
      engine = made
      for (const act of before) act(made)
      return made.connect()
    })
  )
  return {
    layer: layer.pipe(Layer.provide(clients)),
    with: (act: (engine: RedriveEngine) => void) => {
      if (engine === undefined) before.push(act)
      else act(engine)
    },
    at: () => engine as RedriveEngine
  }
}

const text = (value: string) => ({ DataType: "String", StringValue: value })

const give = (
  engine: RedriveEngine,
  source: keyof typeof DLQ_URLS,
  body: string,
  more: { attempts?: number; cause?: string } = {}
) =>
  engine.sqs.queue(DLQ_URLS[source]).send({
    body,
    senderId: "events.amazonaws.com",
    attributes: {
      ...(more.attempts === undefined ? {} : { [ATTEMPTS_ATTRIBUTE]: text(String(more.attempts)) }),
      ...(more.cause === undefined ? {} : { ERROR_CODE: text(more.cause), ERROR_MESSAGE: text("secret") })
    }
  })

const records = (engine: RedriveEngine) =>
  engine.stream.shards
    .flatMap((shard) => shard.read(0, 10_000).records)
    .map(({ partitionKey, data }) => ({ key: partitionKey, data }))

const returned = (engine: RedriveEngine): ReadonlyArray<Returning> => {
  const queue = engine.sqs.queue(SETTLE_URL)
  const all: Array<Returning> = []
  for (let some = queue.receive(10); some.length > 0; some = queue.receive(10))
    for (const { message } of some)
      all.push({ body: message.body, attempts: Number(message.attributes[ATTEMPTS_ATTRIBUTE]?.StringValue) })
  return all
}

controlContract("AWS", onEngine(control(CONTROL_TABLE)).layer)
watermarkContract("AWS", onEngine(watermark(CONTROL_TABLE)).layer)
deadLettersContract("AWS", () => {
  const { layer, with: act } = onEngine(deadLetters(DLQ_URLS))
  return {
    layer,
    add: (source, body, _, more) => act((engine) => give(engine, source, body, more)),
    pass: (now) => act(({ queueClock }) => queueClock.advanceTo(now))
  }
})
streamSinkContract("AWS", () => {
  const { layer, at } = onEngine(streamSink(STREAM))
  return { layer, records: () => records(at()) }
})
settleReturnContract("AWS", () => {
  const { layer, at } = onEngine(settleReturn(SETTLE_URL))
  return { layer, messages: () => returned(at()) }
})
parkedContract("AWS", () => {
  const { layer, at } = onEngine(parked(BUCKET))
  const kept = () =>
    new Map(
      at()
        .s3.listAll(BUCKET)
        .map(({ key, metadata }) => [
          key,
          {
            body: Buffer.from(at().s3.read(BUCKET, key) ?? []).toString(),
            reason: metadata.reason ?? "",
            detail: metadata.detail ?? "",
            received: Number(metadata.received),
            attempts: Number(metadata.attempts)
          }
        ])
    )
  return { layer, kept }
})
noticesContract("AWS", () => {
  const { layer, at } = onEngine(notices(TOPIC_ARN))
  const sent = () =>
    at()
      .sns.published(TOPIC_ARN)
      .map(({ subject = "", message }) => ({ subject, text: message }))
  return { layer, sent }
})

const stores = Layer.mergeAll(
  control(CONTROL_TABLE),
  deadLetters(DLQ_URLS),
  streamSink(STREAM),
  settleReturn(SETTLE_URL),
  parked(BUCKET),
  notices(TOPIC_ARN)
)

type Plan = Readonly<Record<string, ReadonlyArray<Mishap>>>

/** Runs against all AWS stores on a fresh engine whose calls meet the mishaps of `plan`. */
const under = <A, E>(
  plan: Plan,
  body: (
    engine: RedriveEngine,
    calls: Readonly<Record<string, number>>
  ) => Effect.Effect<A, E, Layer.Success<typeof stores>>
) =>
  Effect.flatMap(Effect.promise(makeRedriveEngine), (engine) => {
    const { wrap, calls } = faulty(plan)
    return body(engine, calls).pipe(Effect.provide(stores.pipe(Layer.provide(engine.connect(wrap)), Layer.fresh)))
  })

const some = (count: number) => Array.from({ length: count }, (_, n) => ({ key: "k", data: Buffer.from(`${n}`) }))
const tags = (outcomes: ReadonlyArray<HandedOver>) => [...new Set(outcomes.map(({ _tag }) => _tag))]
const soon = Effect.provideService(Deadline, 0)

describe("the stores of redrive under faults", () => {
  it.live("[P2] puts again what was throttled, lost or cut off", () =>
    under({ PutRecords: ["partial", "throttled", "lost", "cut"] }, (engine, calls) =>
      Effect.gen(function* () {
        const sink = yield* StreamSink
        assert.deepStrictEqual(tags(yield* sink.put(some(20))), ["accepted"])
        const bodies = records(engine).map(({ data }) => Buffer.from(data).toString())
        assert.strictEqual(new Set(bodies).size, 20)
        assert.strictEqual(calls.PutRecords, 5)
      })
    )
  )

  it.live("answers for each record when time is up", () =>
    under({ PutRecords: ["partial"] }, () =>
      Effect.gen(function* () {
        const outcomes = yield* soon((yield* StreamSink).put(some(4)))
        assert.deepStrictEqual(
          outcomes.map(({ _tag }) => _tag),
          ["accepted", "unavailable", "accepted", "unavailable"]
        )
      })
    )
  )

  it.live("takes a lack of rights for the dependency's fault, and does not insist", () =>
    under({ PutRecords: ["denied"], SendMessageBatch: ["denied"] }, (_, calls) =>
      Effect.gen(function* () {
        const denied = { _tag: "unavailable", reason: "AccessDeniedException" } as const
        assert.deepStrictEqual(yield* (yield* StreamSink).put(some(2)), [denied, denied])
        assert.deepStrictEqual(yield* (yield* SettleReturn).send([{ body: "b", attempts: 1 }]), [denied])
        assert.deepStrictEqual([calls.PutRecords, calls.SendMessageBatch], [1, 1])
      })
    )
  )

  it.live("[P7] finds the one record that a call is refused for", () =>
    under({}, (engine, calls) =>
      Effect.gen(function* () {
        const outcomes = yield* (yield* StreamSink).put([
          ...some(5),
          { key: "k".repeat(257), data: Buffer.from("bad") },
          ...some(2)
        ])
        assert.deepStrictEqual(
          outcomes.map(({ _tag }) => _tag),
          [...Array(5).fill("accepted"), "refused", ...Array(2).fill("accepted")]
        )
        assert.lengthOf(records(engine), 7)
        assert.isAtMost(calls.PutRecords ?? 0, 7)
      })
    )
  )

  it.live("[P7] refuses the one message that a queue will never take", () =>
    under({}, (engine) =>
      Effect.gen(function* () {
        const outcomes = yield* (yield* SettleReturn).send([
          { body: "a", attempts: 1 },
          { body: "\u0000", attempts: 1 },
          { body: "c", attempts: 1 }
        ])
        assert.deepStrictEqual(
          outcomes.map(({ _tag }) => _tag),
          ["accepted", "refused", "accepted"]
        )
        assert.sameMembers(
          returned(engine).map(({ body }) => body),
          ["a", "c"]
        )
      })
    )
  )

  it.live("[P2] sends and deletes again what was refused for want of capacity, and answers what is left", () =>
    under({ SendMessageBatch: ["partial", "lost"], DeleteMessageBatch: ["partial", "throttled"] }, (engine) =>
      Effect.gen(function* () {
        const many = Array.from({ length: 10 }, (_, n) => ({ body: `${n}`, attempts: 1 }))
        assert.deepStrictEqual(tags(yield* (yield* SettleReturn).send(many)), ["accepted"])
        assert.strictEqual(new Set(returned(engine).map(({ body }) => body)).size, 10)
        for (let n = 0; n < 10; n++) give(engine, "rule", `${n}`)
        const letters = yield* (yield* DeadLetters).receive("rule", 10, 60)
        const receipts = letters.map(({ receipt }) => receipt)
        assert.deepStrictEqual(yield* (yield* DeadLetters).remove("rule", receipts), new Set())
        assert.strictEqual(engine.sqs.queue(DLQ_URLS.rule).counts().inFlight, 0)
      })
    )
  )

  it.live("answers the receipts that could not be deleted", () =>
    under({ DeleteMessageBatch: ["denied"] }, (engine) =>
      Effect.gen(function* () {
        give(engine, "rule", "a")
        const [letter] = yield* (yield* DeadLetters).receive("rule", 1, 60)
        const receipts = [letter?.receipt ?? ""]
        assert.deepStrictEqual(yield* (yield* DeadLetters).remove("rule", receipts), new Set(receipts))
      })
    )
  )

  it.live("answers what it received before a queue broke, and fails when it received nothing", () =>
    under({ ReceiveMessage: ["none", "denied", "denied"] }, (engine) =>
      Effect.gen(function* () {
        for (let n = 0; n < 20; n++) give(engine, "rule", `${n}`)
        const letters = yield* DeadLetters
        assert.lengthOf(yield* letters.receive("rule", 20, 60), 10)
        const error = yield* Effect.flip(letters.receive("rule", 20, 60))
        assert.strictEqual(error.reason, "AccessDeniedException")
      })
    )
  )

  it.live("holds large messages back for the next call", () =>
    under({}, (engine) =>
      Effect.gen(function* () {
        for (let n = 0; n < 30; n++) give(engine, "rule", "x".repeat(1_000_000))
        assert.lengthOf(yield* (yield* DeadLetters).receive("rule", 30, 60), 10)
      })
    )
  )

  it.live("takes its own write for another's when the answer was lost, which asks again", () =>
    under({ PutItem: ["lost"] }, () =>
      Effect.gen(function* () {
        const table = yield* Control
        assert.strictEqual(yield* table.write("a", 1, 0), "conflict")
        assert.deepStrictEqual(yield* table.read("a"), { value: 1, version: 1 })
      })
    )
  )

  it.live("says why, and never what a service wrote", () =>
    under({ GetItem: ["denied"], PutItem: ["denied"] }, () =>
      Effect.gen(function* () {
        const table = yield* Control
        for (const call of [table.read("a"), table.write("a", 1, 0)]) {
          const error = yield* Effect.flip(call as Effect.Effect<unknown, Error>)
          assert.include(error.message, "AccessDeniedException")
          assert.notInclude(error.message, "secret-value")
        }
      })
    )
  )

  it.live("[P10] calls these actions and no others", () =>
    under({}, (engine) =>
      Effect.gen(function* () {
        give(engine, "rule", "a")
        yield* (yield* Control).write("a", (yield* (yield* Control).read("a")).version, 0)
        const [letter] = yield* (yield* DeadLetters).receive("rule", 1, 60)
        yield* (yield* DeadLetters).remove("rule", [letter?.receipt ?? ""])
        yield* (yield* StreamSink).put(some(1))
        yield* (yield* SettleReturn).send([{ body: "b", attempts: 1 }])
        yield* (yield* Notices).publish({ subject: "s", text: "t" })
        assert.deepStrictEqual([...engine.actions].sort(), [
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "kinesis:PutRecords",
          "sns:Publish",
          "sqs:DeleteMessage",
          "sqs:ReceiveMessage",
          "sqs:SendMessage"
        ])
      })
    )
  )
})
