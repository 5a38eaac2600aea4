import { assert, describe, it } from "@effect/vitest"
import { genesysTopics } from "../../src/genesys/topics/index.ts"
import { topics } from "../../src/simulator/topics.ts"
import { open, options, parse, take } from "./record.ts"

const sample = take(open(), 30_000)
const events = sample.map(parse)

describe("the contact centre simulator", () => {
  it("says the same, byte for byte, for the same seed", () => {
    assert.deepStrictEqual(take(open({ chaos: 0.5 }), 3_000), take(open({ chaos: 0.5 }), 3_000))
  })

  it("leaves the day as it is where events are lost, and delivers what is left", () => {
    const [whole, lossy] = [open({ chaos: 0.5 }), open({ chaos: 0.5, lose: 0.2 })]
    const all = take(whole, 6_000)
    const left = take(lossy, 4_000)
    const until = left.at(-1)!.at
    const key = ({ at, line }: (typeof all)[number]) => `${at} ${line}`
    const delivered = new Set(left.map(key))
    const missing = all.filter((one) => one.at < until && !delivered.has(key(one))).map(({ kind }) => kind)
    assert.deepStrictEqual(
      left,
      all.filter((one) => delivered.has(key(one)))
    )
    assert.isBelow(Math.abs(missing.length / (missing.length + left.length) - 0.2), 0.02)
    const lost = missing.filter((kind) => kind === "event").length
    // Some of what is lost would have come later.
    assert.isAtMost(lost, lossy.lost())
    assert.isAbove(lost, lossy.lost() * 0.95)
    assert.deepStrictEqual(take(open({ lose: 0.2 }), 500), take(open({ lose: 0.2 }), 500))
  })

  it("says something else for another seed, about other people", () => {
    const [one, other] = [open({ seed: 1 }), open({ seed: 2 })]
    const lines = new Set(take(one, 500).map(({ line }) => line))
    assert.isFalse(take(other, 500).some(({ line }) => lines.has(line)))
    const known = new Set(one.truth().queues.map(({ queueId }) => queueId))
    assert.isFalse(other.truth().queues.some(({ queueId }) => known.has(queueId)))
  })

  it("knows the same agents and queues on another day, and gives its events other ids", () => {
    const [monday, tuesday] = [open(), open({ start: options.start + 86_400_000 })]
    const ids = new Set(take(monday, 3_000).map((delivery) => parse(delivery).id))
    assert.isFalse(take(tuesday, 3_000).some((delivery) => ids.has(parse(delivery).id)))
    const queues = (centre: typeof monday) => centre.truth().queues.map(({ queueId }) => queueId)
    assert.deepStrictEqual(queues(monday), queues(tuesday))
  })

  it("delivers the same day to those who take it by the clock, and goes on no further", () => {
    const [one, other] = [open({ chaos: 0.3 }), open({ chaos: 0.3 })]
    const taken: Array<ReturnType<typeof one.next>> = []
    for (let at = options.start; taken.length < 3_000; at += 137) {
      for (const delivery of other.until(at)) {
        assert.isAtMost(delivery.at, at)
        taken.push(delivery)
      }
      assert.isAtMost(other.truth().at, at)
    }
    assert.deepStrictEqual(taken, take(one, taken.length))
  })

  it("has lived before anybody listens", () => {
    const centre = open({ lived: 600_000 })
    assert.isAbove(centre.truth().agents.filter(({ presence }) => presence === "ON_QUEUE").length, 10)
    const first = centre.next()
    assert.isTrue(first.at >= options.start && first.at < options.start + 1_000)
    assert.strictEqual(centre.lost(), 0)
  })

  it("has rested before anybody listens, and goes on as it would have", () => {
    const rested = 5_000
    const [busy, quiet] = [
      open({ lived: 600_000, start: options.start - rested }),
      open({ lived: 600_000 + rested, rested })
    ]
    const sinceOf = (centre: typeof busy) =>
      centre.truth().agents.map(({ presence, presenceSince }) => [presence, presenceSince])
    assert.deepStrictEqual(sinceOf(quiet), sinceOf(busy))
    assert.isAbove(Math.min(...take(quiet, 100).map(({ at }) => at)), options.start)
  })

  it("refuses options out of bounds", () => {
    for (const bad of [
      { rate: 0 },
      { rate: 2_001 },
      { agents: 0 },
      { queues: 0 },
      { chaos: 1.1 },
      { lose: 0.91 },
      { lose: -0.1 },
      { lived: -1 },
      { lived: 1_000, rested: 1_001 },
      { rate: Number.NaN }
    ])
      assert.throws(() => open(bad), RangeError)
  })

  it("speaks of every topic of Genesys that the contract has but four, and of no other", () => {
    const silent = /\.(?:persistentconnection|integrationpresence|voicemail\.(?:start|end))$/
    const contract = genesysTopics.flatMap(({ template }) => (silent.test(template) ? [] : [template])).sort()
    assert.strictEqual(contract.length, genesysTopics.length - 4)
    assert.deepStrictEqual([...topics].sort(), contract)
    assert.deepStrictEqual([...new Set(events.map((event) => event["detail-type"]))].sort(), contract)
  })

  it("delivers in order of delivery, shortly after publication, each event once", () => {
    assert.strictEqual(new Set(events.map(({ id }) => id)).size, events.length)
    sample.forEach(({ at, kind }, i) => {
      assert.strictEqual(kind, "event")
      assert.isAtLeast(at, sample[i - 1]?.at ?? 0)
      const transit = at - Date.parse(events[i]!.detail.timestamp)
      assert.isTrue(transit >= 50 && transit <= 1_500, `${transit} ms`)
    })
  })

  it("wraps bodies as EventBridge does: UUID-shaped ids, whole seconds, the given source", () => {
    for (const event of events) {
      assert.match(event.id, /^[0-9a-f]{8}-[0-9a-f]{4}-0[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.strictEqual(event.time, `${event.detail.timestamp.slice(0, 19)}Z`)
      assert.strictEqual(event.source, options.source)
    }
  })

  it("publishes a body at most 0.4 s after its own time", () => {
    for (const { detail } of events) {
      const { eventTime } = detail.eventBody
      if (typeof eventTime !== "number") continue
      const lag = Date.parse(detail.timestamp) - eventTime
      assert.isTrue(lag >= 0 && lag <= 400, `${lag} ms`)
    }
  })

  it("sends events of realistic size, with and without the fields that name customers", () => {
    const mean = sample.reduce((sum, { line }) => sum + line.length, 0) / sample.length
    assert.isTrue(mean > 700 && mean < 1_100, `${mean} bytes`)
    assert.isTrue(sample.every(({ line }) => line.length > 500 && line.length < 2_500))
    const calls = events.filter(({ detail }) => detail.eventBody.provider === "Edge")
    const withheld = calls.filter(({ detail }) => detail.eventBody.ani === undefined).length / calls.length
    assert.isTrue(withheld > 0.01 && withheld < 0.2, `${withheld}`)
    const numbers = sample.flatMap(({ line }) => line.match(/\+1\d{10}/g) ?? [])
    assert.isAbove(numbers.length, 1_000)
    for (const number of numbers) assert.match(number, /^\+120255501\d\d$/)
  })
})
