import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isFirstReceipt, receive as receiveEffect } from "../../src/lambda/records.ts"
import { ATTEMPTS_ATTRIBUTE } from "../../src/store/dead-letters.ts"

/** The delivery, with plain answers. */
const receive = (event: unknown, at: number) => {
  const { arrivals, respond } = Effect.runSync(receiveEffect(event, at))
  return { arrivals, respond: (failed: ReadonlyArray<number>) => Effect.runSync(respond(failed)) }
}

const now = 1_778_061_600_000
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString()

const kinesis = (data: string, sequenceNumber: string) => ({
  eventSource: "aws:kinesis",
  kinesis: {
    data: Buffer.from(data).toString("base64"),
    sequenceNumber,
    approximateArrivalTimestamp: now / 1_000 + 0.123
  }
})
const sqs = (body: string, messageId: string) => ({ messageId, body, attributes: { SentTimestamp: String(now + 7) } })

describe("what an invocation brings", () => {
  it("stream records, with their arrival in milliseconds", () => {
    const { arrivals } = receive({ Records: [kinesis("a", "1"), kinesis("ü", "2")] }, 0)
    assert.deepStrictEqual(
      arrivals.map(({ raw, received }) => [text(raw), received]),
      [
        ["a", now + 123],
        ["ü", now + 123]
      ]
    )
  })

  it("[P2] a stream is told the lowest failed number only, for it redoes all after it", () => {
    const { respond } = receive({ Records: ["1", "2", "3"].map((n) => kinesis("x", n)) }, 0)
    assert.deepStrictEqual(respond([]), { batchItemFailures: [] })
    assert.deepStrictEqual(respond([1, 2]), { batchItemFailures: [{ itemIdentifier: "2" }] })
  })

  it("[P2] a queue is told every failed message, for it redoes those alone", () => {
    const { arrivals, respond } = receive({ Records: [sqs("a", "m1"), sqs("b", "m2"), sqs("c", "m3")] }, 0)
    assert.deepStrictEqual(
      arrivals.map(({ raw, received }) => [text(raw), received]),
      [
        ["a", now + 7],
        ["b", now + 7],
        ["c", now + 7]
      ]
    )
    assert.deepStrictEqual(respond([0, 2]), { batchItemFailures: [{ itemIdentifier: "m1" }, { itemIdentifier: "m3" }] })
  })

  it("one event of a bus, which is told by a throw", () => {
    const event = { id: "e1", "detail-type": "v2.users.{id}.presence", detail: {} }
    const { arrivals, respond } = receive(event, now)
    assert.deepStrictEqual(JSON.parse(text(arrivals[0]?.raw)), event)
    assert.strictEqual(arrivals[0]?.received, now)
    assert.deepStrictEqual(respond([]), { batchItemFailures: [] })
    assert.throws(() => respond([0]), /deliver it again/)
  })

  it("an array of events of a bus that batches, which is told the event ids", () => {
    const { arrivals, respond } = receive([{ id: "e1" }, { id: "e2" }], now)
    assert.strictEqual(arrivals.length, 2)
    assert.deepStrictEqual(respond([1]), { batchItemFailures: [{ itemIdentifier: "e2" }] })
  })

  it("nothing at all is a success", () => {
    assert.deepStrictEqual(receive({ Records: [] }, 0).respond([]), { batchItemFailures: [] })
    assert.deepStrictEqual(receive([], 0).arrivals, [])
  })

  it("anything else is an error that does not repeat what came", () => {
    for (const event of [null, "secret", 7, {}, { Records: "secret" }, { Records: [{ s3: "secret" }] }]) {
      const error = Effect.runSync(Effect.flip(receiveEffect(event, 0)))
      assert.strictEqual(error._tag, "UnknownInvocation")
      assert.match(error.message, /^expected Kinesis records/)
      assert.notInclude(error.message, "secret")
    }
  })
})

describe("a message of the settle queue", () => {
  it("[P2] is the first of its kind where SQS has handed it out once, and redrive did not send it", () => {
    const message = (ApproximateReceiveCount: string, messageAttributes: object = {}) =>
      ({ attributes: { ApproximateReceiveCount }, messageAttributes }) as Parameters<typeof isFirstReceipt>[0]
    assert.isTrue(isFirstReceipt(message("1")))
    assert.isFalse(isFirstReceipt(message("2")))
    assert.isFalse(isFirstReceipt(message("1", { [ATTEMPTS_ATTRIBUTE]: { dataType: "Number", stringValue: "1" } })))
  })
})
