import { assert, describe, it } from "@effect/vitest"
import { objectOf } from "../../src/store/aws/export-source.ts"
import { headerSafe } from "../../src/store/aws/s3.ts"
import { contentOf } from "../../src/store/content.ts"
import { parkedKey } from "../../src/store/parked.ts"
import { partitionKeyOf } from "../../src/store/partition-key.ts"
import { quarantineKey } from "../../src/store/quarantine.ts"
import { parseRejectedKey, retiredKey } from "../../src/store/rejected-events.ts"
import { useKey } from "../../src/store/use-log.ts"
import { ARRIVAL } from "./events.ts"

describe("the partition key of an event", () => {
  it("is its topic name, else its id, as far as Kinesis takes it", () => {
    const keyOf = (event: unknown) => partitionKeyOf(JSON.stringify(event))
    assert.strictEqual(keyOf({ id: "e", detail: { topicName: "v2.a" } }), "v2.a")
    for (const topicName of [undefined, "", null, 5]) assert.strictEqual(keyOf({ id: "e", detail: { topicName } }), "e")
    assert.strictEqual(keyOf({ id: "e", detail: [] }), "e")
    assert.strictEqual(keyOf({ id: "x".repeat(300), detail: {} }), "x".repeat(256))
    for (const odd of [null, 5, "text", [], {}, { id: "", detail: {} }, { id: 5, detail: {} }, { id: "e" }])
      assert.isUndefined(keyOf(odd), JSON.stringify(odd))
    for (const detail of [null, "text", 5]) assert.isUndefined(keyOf({ id: "e", detail }))
    assert.isUndefined(partitionKeyOf("no json"))
  })
})

describe("the keys of objects", () => {
  const raw = Buffer.from("{}")
  const digest = "44136fa355b3678a"

  it("tell reason, day and arrival, and are the same for the same bytes", () => {
    const key = quarantineKey({ raw, reason: "Not Json/..", detail: "", received: ARRIVAL })
    assert.strictEqual(key, `quarantine/Not_Json_../2026-05-06/${ARRIVAL}-${digest}`)
    const parked = parkedKey({ from: "rule", body: "{}", reason: "r", detail: "d", received: ARRIVAL, attempts: 0 })
    assert.strictEqual(parked, `parked/rule/2026-05-06/${ARRIVAL}-${digest}`)
    assert.deepStrictEqual(parseRejectedKey(key), { place: "quarantine", group: "Not_Json_..", received: ARRIVAL })
    assert.deepStrictEqual(parseRejectedKey(parked), { place: "parked", group: "rule", received: ARRIVAL })
    assert.isUndefined(parseRejectedKey(retiredKey(key)))
    assert.strictEqual(retiredKey(key), `redriven/${key}`)
  })

  it("of the use log are by day, then by time", () => {
    const at = "2026-05-06T10:00:00.000Z"
    assert.strictEqual(useKey({ at, id: "7", phase: "ended" }), `audit/2026-05-06/${at}-7-ended.json`)
  })

  it("are taken from the address of an object", () => {
    assert.deepStrictEqual(objectOf("s3://b/k/l.json"), { bucket: "b", key: "k/l.json" })
    for (const odd of ["", "s3://b", "s3://b/", "s3:///k", "https://b/k", "x s3://b/k"])
      assert.isUndefined(objectOf(odd))
  })

  it("come with notes that fit into headers", () => {
    assert.strictEqual(headerSafe("a\u20ac\n~ \u007f"), "a??~ ?")
    assert.strictEqual(headerSafe("x".repeat(2_000)).length, 1_024)
  })
})

describe("the content of an event", () => {
  const envelope = { id: "1", source: "s", "detail-type": "t", detail: { b: 1, a: [2] }, time: "now" }

  it("is its source, topic and detail, whatever the order of keys", () => {
    const same = { detail: { a: [2], b: 1 }, "detail-type": "t", source: "s", "replay-name": "again" }
    assert.strictEqual(contentOf(same), contentOf(envelope))
    for (const other of [{ source: "x" }, { "detail-type": "x" }, { detail: { a: [2], b: 2 } }])
      assert.notStrictEqual(contentOf({ ...envelope, ...other }), contentOf(envelope))
    const { source: _, ...sourceless } = envelope
    assert.notStrictEqual(contentOf(sourceless), contentOf({ ...envelope, source: null }))
  })
})
