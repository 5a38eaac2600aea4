import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import type { Event } from "../../src/genesys/event.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"
import { fromAttribute, type Item, itemBytes, toAttribute, writeUnits } from "../../src/store/aws/attribute.ts"
import { compactBody, restoreBody } from "../../src/store/aws/body.ts"
import { dictionaryNumberOf } from "../../src/store/aws/dictionary/dictionaries.ts"
import { fromItem, toItem } from "../../src/store/aws/event-item.ts"
import { pack, unpack } from "../../src/store/aws/pack.ts"
import { packBody, unpackBody } from "../../src/store/aws/pack-body.ts"
import { random } from "./dictionary/corpus.ts"
import { ARRIVAL, noise, routingEvent } from "./events.ts"

const examples = allTopics.map(({ template, example }) => ({
  template,
  event: Result.getOrThrow(decodeEvent(JSON.stringify(example), ARRIVAL))
}))

describe("the body of a stored event", () => {
  it.each(examples)("[P9] $template takes one write unit and is restored", ({ event }) => {
    const { item } = toItem(event)
    assert.strictEqual(writeUnits(itemBytes(item)), 1)
    assert.deepStrictEqual(fromItem(item), { envelope: event.envelope, received: event.received })
  })

  it("leaves out exactly what the columns give back", () => {
    const event = routingEvent("a")
    const text = compactBody(event, event.envelope)
    for (const held of [event.id, event.topic, "2026-05-06T10:00:00.240Z"]) assert.isFalse(text.includes(`"${held}"`))
    assert.deepStrictEqual(restoreBody(event, text), event.envelope)
  })

  const detail = routingEvent("a").envelope.detail as { readonly [key: string]: string }
  const odd: ReadonlyArray<readonly [string, Event["envelope"]]> = [
    [
      "a time without milliseconds",
      { ...routingEvent("a").envelope, detail: { ...detail, timestamp: "2026-05-06T10:00:00Z" } }
    ],
    ["a time that is no text", { ...routingEvent("a").envelope, detail: { ...detail, timestamp: 1_778_061_600_240 } }],
    ["no time", { ...routingEvent("a").envelope, detail: { topicName: "t" } }],
    ["another id than its column", { ...routingEvent("b").envelope }],
    ["a detail that is a list", { ...routingEvent("a").envelope, detail: [1, 2] }],
    ["__proto__ in it", JSON.parse(`{"__proto__":{"a":1},${JSON.stringify(routingEvent("a").envelope).slice(1)}`)],
    [
      "keys of prototypes in its detail",
      {
        ...routingEvent("a").envelope,
        detail: JSON.parse(`{"__proto__":{"a":1},"constructor":{"prototype":2},${JSON.stringify(detail).slice(1)}`)
      }
    ],
    ["half a surrogate pair", { ...routingEvent("a").envelope, "\ud800": "\udfff" }]
  ]
  it.each(odd)("restores an envelope with %s", (_, envelope) => {
    const event = { ...routingEvent("a"), envelope }
    assert.deepStrictEqual(fromItem(toItem(event).item).envelope, envelope)
  })

  it("keeps half a surrogate pair in the id in the body, since no column can", () => {
    const id = "id-\ud800"
    const event = { ...routingEvent("a"), id, envelope: { ...routingEvent("a").envelope, id } }
    assert.deepStrictEqual(
      restoreBody({ ...event, id: "id-\ufffd" }, compactBody(event, event.envelope)),
      event.envelope
    )
  })

  it("[P2] gives back the largest body that deflates a thousandfold, from one item", () => {
    const { envelope } = routingEvent("a")
    const extra = "a".repeat(900_000)
    const event = { ...routingEvent("a"), envelope: { ...envelope, extra } }
    const { item, overflow } = toItem(event)
    assert.isUndefined(overflow)
    assert.isBelow(itemBytes(item), 4_000)
    assert.deepStrictEqual(fromItem(item).envelope, event.envelope)
  })

  it("deflates only where that saves a write unit", () => {
    const [small, plain, random] = ["x".repeat(900), "x".repeat(1_100), noise(1_100)]
    assert.deepStrictEqual(pack(small, 100), { S: small })
    assert.isTrue("B" in pack(small, 200))
    assert.isTrue("B" in pack(plain, 0))
    assert.deepStrictEqual(pack(random, 200), { S: random })
    for (const text of [small, plain, random]) assert.strictEqual(unpack(pack(text, 200)), text)
  })

  describe("is packed", () => {
    const { item } = toItem(routingEvent("a"))
    const columns = { clock: item.clock, subject: item.subject } as Item
    const packed = (text: string, others = 200) => {
      const body = packBody(columns, text, others)
      assert.strictEqual(unpackBody({ ...columns, body }), text)
      return body
    }
    const numberOf = (body: ReturnType<typeof packBody>) => ("B" in body ? dictionaryNumberOf(body.B) : undefined)
    const usual = compactBody(routingEvent("a"), routingEvent("a").envelope)

    it("by a dictionary, to a quarter of its size", () => {
      const body = packed(usual)
      assert.strictEqual(numberOf(body), 1)
      assert.isBelow("B" in body ? body.B.length : usual.length, usual.length / 4)
    })

    it("not at all where a dictionary does not make it smaller", () => {
      for (const text of [noise(300), noise(1_100), "\u20ac\u00e9".repeat(2)])
        assert.deepStrictEqual(packed(text), { S: text })
    })

    it("by deflating where that is smaller than by a dictionary, and saves a write unit", () => {
      // Letters that no body of the usual kind holds take many bits by a dictionary, and three where nothing else is there.
      const next = random(3)
      const words = Array.from({ length: 2_000 }, () => "QXZJKWYV"[Math.floor(next() * 8)]).join("")
      assert.isTrue("B" in packed(words))
      assert.isUndefined(numberOf(packed(words)))
      // One unit is the least, whichever of both takes it.
      const same = "a".repeat(8_000)
      assert.strictEqual(numberOf(packed(same, 900)), 1)
      assert.isTrue("B" in packed(same, 950))
      assert.isUndefined(numberOf(packed(same, 950)))
    })

    it("by deflating where a dictionary is too small for it", () => {
      const long = usual.repeat(20)
      assert.isTrue("B" in packed(long))
      assert.isUndefined(numberOf(packed(long)))
    })
  })

  it("hands a body over only when its item would not fit, and never splits hairs about it", () => {
    for (const length of [380_000, 398_000, 399_000, 409_000]) {
      const { item, overflow } = toItem(
        routingEvent("a", { note: Buffer.from(noise(length)).toString("base64").slice(0, length) })
      )
      assert.isTrue(itemBytes(item) <= 400 * 1_024)
      assert.strictEqual(overflow === undefined, item.body !== undefined)
    }
    assert.isDefined(toItem(routingEvent("a", { note: noise(600_000) })).overflow)
    assert.isUndefined(toItem(routingEvent("a", { note: "compressible".repeat(60_000) })).overflow)
  })
})

describe("attributes", () => {
  it("give back every JSON value that they can hold", () => {
    const value = { s: "", n: [0, -1.5, 1e-7, 2 ** 60, 1e100], b: [true, false], z: null, m: { deep: [{}] } }
    assert.deepStrictEqual(fromAttribute(toAttribute(value)), value)
  })
  it("turn a number that DynamoDB has no room for into its text", () => {
    assert.deepStrictEqual([1e126, 1e-131, -1e300].map(toAttribute), [
      { S: "1e+126" },
      { S: "1e-131" },
      { S: "-1e+300" }
    ])
  })
})
