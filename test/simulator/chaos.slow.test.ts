import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import { topics } from "../../src/genesys/topics/index.ts"
import { chaosRates, corruptions, disturb } from "../../src/simulator/chaos.ts"
import { makeRandom } from "../../src/simulator/random.ts"
import { unknownTopics } from "../../src/simulator/topics.ts"
import { open, parse, take } from "./record.ts"

const COUNT = 30_000
const centre = open({ chaos: 1 })
const wild = [...take(centre, COUNT), ...centre.drain()]
const of = (kind: string) => wild.filter((delivery) => delivery.kind === kind)
const events = of("event")

const near = (share: number, expected: number) =>
  assert.isTrue(share > expected * 0.7 && share < expected * 1.3, `${share}, expected about ${expected}`)

describe("chaos", () => {
  it("gives each kind of mishap its share", () => {
    near(of("duplicate").length / events.length, chaosRates.duplicate)
    near(of("resend").length / events.length, chaosRates.resend)
    near(of("unknown").length / events.length, chaosRates.unknownTopic)
    near(of("malformed").length / events.length, chaosRates.malformed)
    near(events.filter(({ line }) => line.includes("futureField")).length / events.length, chaosRates.extraField)
    const late = events.filter((delivery) => delivery.at - Date.parse(parse(delivery).detail.timestamp) > 6_500)
    near(late.length / events.length, chaosRates.late)
  })

  it("scales with its measure", () => {
    const mild = take(open({ chaos: 0.2 }), COUNT).filter(({ kind }) => kind === "duplicate")
    near(mild.length / COUNT, chaosRates.duplicate * 0.2)
  })

  it("repeats a duplicate byte for byte, and a resend under another id", () => {
    const lines = new Set(events.map(({ line }) => line))
    const ids = new Set(events.map((delivery) => parse(delivery).id))
    const details = new Set(events.map((delivery) => JSON.stringify(parse(delivery).detail)))
    for (const { line } of of("duplicate")) assert.isTrue(lines.has(line))
    for (const delivery of of("resend")) {
      assert.isFalse(ids.has(parse(delivery).id))
      assert.isTrue(details.has(JSON.stringify(parse(delivery).detail)))
    }
  })

  it("sends unknown topics that the decoder accepts and malformed records that it refuses", () => {
    for (const { line, at } of of("malformed"))
      assert.isTrue(Result.isFailure(decodeEvent(line, at)), line.slice(0, 99))
    for (const { line, at } of [...of("event"), ...of("resend"), ...of("unknown")])
      assert.isTrue(Result.isSuccess(decodeEvent(line, at)))
    const seen = new Set(of("unknown").map((delivery) => parse(delivery)["detail-type"]))
    assert.deepStrictEqual([...seen].sort(), [...unknownTopics].sort())
    for (const topic of unknownTopics) assert.isFalse(topics.has(topic))
  })

  it("breaks a record in each named way so that the decoder refuses it", () => {
    const line = events[0]!.line
    const random = makeRandom("test")
    for (const [name, corruption] of Object.entries(corruptions)) {
      const broken = corruption(JSON.parse(line), line, random)
      assert.isTrue(Result.isFailure(decodeEvent(broken, events[0]!.at)), name)
    }
  })

  it("invents values and runs clocks ahead", () => {
    assert.isTrue(events.some(({ line }) => line.includes('"PONDERING"')))
    assert.isTrue(events.some(({ line }) => line.includes('"HOLOGRAM"')))
    const ahead = events.filter((delivery) => Date.parse(parse(delivery).detail.timestamp) > delivery.at + 60_000)
    near(ahead.length / events.length, chaosRates.clockAhead)
  })

  it("moves every clock of a body, and leaves out the one that is not there", () => {
    const body = {
      modifiedDate: undefined,
      eventTime: 5,
      presence: { modifiedDate: "2026-05-06T10:00:00.000Z", on: 1 }
    }
    const { modifiedDate, eventTime, presence } = disturb(makeRandom("test"), new Set(["clockAhead"] as const), body)
    assert.isUndefined(modifiedDate)
    const moved = (eventTime as number) - 5
    assert.isTrue(moved >= 360_000 && moved <= 7_200_000)
    const expected = new Date(Date.parse(body.presence.modifiedDate) + moved).toISOString()
    assert.deepStrictEqual(presence, { modifiedDate: expected, on: 1 })
  })
})
