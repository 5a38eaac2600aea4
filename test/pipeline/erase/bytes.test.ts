import { assert, describe, it } from "@effect/vitest"
import { namesOf } from "../../../src/genesys/person.ts"
import { type BytesErased, eraseBatch, eraseBytes } from "../../../src/pipeline/erase/bytes.ts"
import { encodeSettlement } from "../../../src/store/settle-queue.ts"
import { batchText } from "../../cli/rejected/batches.ts"
import { START, statusLine } from "../../support/history.ts"

const ID = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
const OTHER = "7c1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b59"
const names = namesOf({ kind: "agent", value: ID })
const NONE: ReadonlySet<string> = new Set()

const ofText = (text: string, deleted = NONE) => eraseBytes(names, deleted, Buffer.from(text), START)
const textOf = (erased: BytesErased | undefined) => erased?.left && Buffer.from(erased.left).toString()

const about = (id: string) => statusLine(id, "IDLE", START)
const ofOther = (id: string, note = "") => {
  const envelope = JSON.parse(about(id).replaceAll(ID, OTHER))
  envelope.detail.eventBody.note = note
  return JSON.stringify(envelope)
}

const delta = (more: object = {}) =>
  ({
    ...{ projection: "agents-v2", entity: OTHER, row: "state", register: "x", value: 1, late: false },
    stamp: { clock: 1, published: 1, eventId: "e" },
    ...more
  }) as never

describe("bytes that name a person", () => {
  it("go as a whole where they are an event about that person, whose id must not come back", () => {
    assert.deepStrictEqual(ofText(about("e1")), { ids: ["e1"] })
  })

  it("stay without the person where they are an event about somebody else", () => {
    const erased = ofText(ofOther("e1", `asked by ${ID}`))
    assert.deepStrictEqual(erased?.ids, [])
    assert.strictEqual(textOf(erased), ofOther("e1", "asked by erased"))
  })

  it("stay as they are where they name nobody", () => {
    for (const text of [ofOther("e1"), "no json", "{}", "[]", "7", encodeSettlement([delta()], 5)])
      assert.isUndefined(ofText(text), text)
  })

  it("go where they are no JSON, whose words nobody can tell apart", () => {
    assert.deepStrictEqual(ofText(`{ broken ${ID}`), { ids: [] })
  })

  it("are cut where they are JSON, but no event", () => {
    assert.strictEqual(textOf(ofText(JSON.stringify({ a: 1, userId: ID }))), '{"a":1}')
    assert.strictEqual(textOf(ofText(JSON.stringify({ id: "x", note: `of ${ID}` }))), '{"id":"x","note":"of erased"}')
    assert.strictEqual(
      textOf(ofText(JSON.stringify({ detail: {}, note: `of ${ID}` }))),
      '{"detail":{},"note":"of erased"}'
    )
    assert.strictEqual(textOf(ofText(JSON.stringify({ id: 7, note: `of ${ID}` }))), '{"id":7,"note":"of erased"}')
    assert.strictEqual(
      textOf(ofText(JSON.stringify({ id: 7, detail: {}, note: `of ${ID}` }))),
      '{"id":7,"detail":{},"note":"of erased"}'
    )
    assert.deepStrictEqual(ofText(JSON.stringify(ID)), { ids: [] })
    assert.deepStrictEqual(ofText(JSON.stringify({ id: ID, a: 1 })), { ids: [] })
  })

  it("go where they have the form of an event that nobody can decode, under its id", () => {
    assert.deepStrictEqual(ofText(JSON.stringify({ id: "e7", detail: { userId: ID } })), { ids: ["e7"] })
  })
})

describe("a settle message", () => {
  it.each([
    ["entity", { entity: ID }],
    ["row", { row: `member#${ID}` }],
    ["register", { register: `by ${ID}` }],
    ["value", { value: { by: [ID] } }]
  ])("loses the updates that name the person by their %s, and keeps what is due", (_, more) => {
    const erased = ofText(encodeSettlement([delta(more), delta()], 5))
    assert.strictEqual(textOf(erased), encodeSettlement([delta()], 5))
    assert.deepStrictEqual(erased?.ids, [])
  })

  it("loses the updates of events of which nothing is left", () => {
    const gone = delta({ stamp: { clock: 1, published: 1, eventId: "gone" } })
    assert.strictEqual(
      textOf(ofText(encodeSettlement([gone, delta()]), new Set(["gone"]))),
      encodeSettlement([delta()])
    )
  })

  it("goes where nothing is left in it, and stays empty where it says how far all is due", () => {
    assert.deepStrictEqual(ofText(encodeSettlement([delta({ entity: ID })])), { ids: [] })
    assert.strictEqual(textOf(ofText(encodeSettlement([delta({ entity: ID })], 5))), encodeSettlement([], 5))
  })
})

describe("a batch that Lambda gave up", () => {
  const batch = (...lines: ReadonlyArray<string>) => Buffer.from(batchText(lines))
  const keyed = (key: string, text: Uint8Array) =>
    Buffer.from(text.toString().replaceAll('\\"topic\\"', `\\"${key}\\"`))

  it("keeps the records that name nobody, and of others what is left of them", () => {
    const erased = eraseBatch(names, NONE, batch(about("e1"), ofOther("e2"), ofOther("e3", ID.toUpperCase()), "plain"))
    assert.deepStrictEqual(erased?.ids, ["e1"])
    const { payload } = JSON.parse(textOf(erased) ?? "")
    const records = JSON.parse(payload).Records as ReadonlyArray<{ readonly kinesis: Record<string, string> }>
    const { note: _, ...body } = JSON.parse(ofOther("e3")).detail.eventBody
    assert.deepStrictEqual(
      records.map(({ kinesis }) => kinesis.sequenceNumber),
      ["1", "2", "3"]
    )
    const datas = records.map(({ kinesis }) => Buffer.from(String(kinesis.data), "base64").toString())
    assert.deepStrictEqual([datas[0], datas[2]], [ofOther("e2"), "plain"])
    assert.deepStrictEqual(JSON.parse(String(datas[1])).detail.eventBody, body)
  })

  it("goes where nothing is left of it", () => {
    assert.deepStrictEqual(eraseBatch(names, NONE, batch(about("e1"), about("e2"))), { ids: ["e1", "e2"] })
    assert.deepStrictEqual(eraseBatch(names, NONE, keyed(ID, batch(ofOther("e1")))), { ids: [] })
  })

  it("stays as it is where it names nobody", () => {
    assert.isUndefined(eraseBatch(names, NONE, batch(ofOther("e1"), "plain")))
    assert.isUndefined(eraseBatch(names, NONE, Buffer.from("no batch")))
  })

  it("goes as a whole where it is none and names the person", () => {
    assert.deepStrictEqual(eraseBatch(names, NONE, Buffer.from(`no batch of ${ID}`)), { ids: [] })
  })

  it("loses what comes from events of which nothing is left", () => {
    const message = encodeSettlement([delta({ stamp: { clock: 1, published: 1, eventId: "gone" } })])
    assert.deepStrictEqual(eraseBatch(names, new Set(["gone"]), batch(message)), { ids: [] })
  })
})
