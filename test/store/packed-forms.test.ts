import { deflateRawSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import type { Json } from "../../src/domain/json.ts"
import { encodeRow, type Row } from "../../src/domain/row.ts"
import { compactBody, restoreBody } from "../../src/store/aws/body.ts"
import { compress } from "../../src/store/aws/dictionary/dictionaries.ts"
import { MOST } from "../../src/store/aws/dictionary/finder.ts"
import { packBody, unpackBody } from "../../src/store/aws/pack-body.ts"
import { packRegisters, unpackRegisters } from "../../src/store/aws/packed-registers.ts"
import { rowDictionary } from "../../src/store/aws/row-dictionary.ts"
import { noise } from "./events.ts"

/** Made while the file is loaded, as what packs and unpacks makes it once. */
const dictionary = rowDictionary()

const uuid = (n: number) => `6b1f4c2e-8a53-4d97-b0e6-${String(n).padStart(12, "0")}`

const rowOf = (count: number): Row =>
  new Map(
    Array.from({ length: count }, (_, n) => [
      `r${String(n).padStart(3, "0")}`,
      { value: uuid(n), stamp: { clock: 5, published: 3, eventId: uuid(0) } }
    ])
  )

/** Bytes beside the registers with which a text would cost a unit more than bytes do. */
const tight = (row: Row) => 1_025 - Buffer.byteLength(encodeRow(row))

const bytesOf = (row: Row, others = tight(row)) => {
  const packed = packRegisters(row, others)
  return "B" in packed ? Buffer.from(packed.B) : assert.fail("is a text")
}

/** Bytes of registers from their text, with these ids. */
const made = (text: string, ...ids: ReadonlyArray<string>) =>
  Buffer.concat([
    Uint8Array.of(7, ids.length),
    ...ids.map((id) => Buffer.from(id.replaceAll("-", ""), "hex")),
    deflateRawSync(text, { dictionary })
  ])

describe("registers as bytes", () => {
  it("[P8] begin with 7, the number of their ids and those", () => {
    const bytes = bytesOf(rowOf(6))
    assert.deepStrictEqual([...bytes.subarray(0, 2)], [7, 6])
    assert.strictEqual(bytes.subarray(2, 18).toString("hex"), uuid(0).replaceAll("-", ""))
  })

  it("[P8] are read as they are described", () => {
    const one = made('[[["\u00010",3]],[[["r"],0,2,"\u00010"]]]', uuid(7))
    assert.deepStrictEqual(
      [...unpackRegisters({ B: one })],
      [["r", { value: uuid(7), stamp: { clock: 5, published: 3, eventId: uuid(7) } }]]
    )
  })

  it("are the same for equal rows", () => {
    const row = rowOf(6)
    assert.deepStrictEqual(bytesOf(new Map([...row].reverse())), bytesOf(row))
  })

  it("hold as many ids as a byte can count, and the others in their text", () => {
    for (const count of [255, 256]) {
      const row = rowOf(count)
      const bytes = bytesOf(row, 0)
      assert.strictEqual(bytes[1], 255)
      assert.strictEqual(encodeRow(unpackRegisters({ B: bytes })), encodeRow(row))
    }
  })

  it("are refused where they name what they do not hold", () => {
    const none = made('[[["a",3]],[[["r"],1,2,null]]]')
    assert.throws(() => unpackRegisters({ B: none }), "a group of registers names no event")
    for (const text of ['[[["\u00011",3]],[]]', '[[["\u00010",3]],[]]'])
      assert.throws(
        () => unpackRegisters({ B: text.includes("1,") ? made(text, uuid(0)) : made(text) }),
        "a row names an id that it does not hold"
      )
    assert.throws(() => unpackRegisters({ B: made('[[["\u00011",3]],[]]', uuid(0)) }), "a row names an id")
  })
})

describe("a body as an attribute", () => {
  const columns = { clock: { N: "1778061609902" }, subject: { S: "s" } }
  const form = (text: string, others = 0) => {
    const packed = packBody(columns, text, others)
    const item = { ...columns, body: packed as { readonly S: string } }
    assert.strictEqual(unpackBody(item), text)
    return "S" in packed ? "text" : packed.B.length
  }

  it("is compressed where that makes it smaller, and a text else", () => {
    const short = '{"version":"0","id":null}'
    const size = compress([columns.clock.N, "2026-05-06T10:00:09.902Z", "s"], short)?.length ?? 0
    assert.strictEqual(form(short), size)
    assert.strictEqual(form("~"), "text")
    assert.strictEqual(form(""), "text")
  })

  it("is deflated where it is too long for the dictionary and that saves a unit", () => {
    const long = '{"a":1}'.repeat(MOST)
    assert.strictEqual(form(long), deflateRawSync(long).length)
    assert.strictEqual(form(noise(MOST + 1)), form(noise(MOST + 1)))
  })

  it("is what is smallest where it takes more than a unit", () => {
    const text = noise(1_500)
    const bytes = form(text, 900)
    assert.isTrue(bytes === "text" || bytes < text.length)
    const common = '{"version":"0","id":null,"topicName":null}'.repeat(60)
    assert.isBelow(form(common, 1_020) as number, deflateRawSync(common).length)
  })

  it("is read without a subject, and refused where there is none", () => {
    const { clock } = columns
    const bare = packBody({ clock }, '{"version":"0"}', 0) as { readonly B: Uint8Array }
    assert.strictEqual(unpackBody({ clock, body: bare }), '{"version":"0"}')
    assert.deepStrictEqual(bare.B, compress([clock.N, "2026-05-06T10:00:09.902Z", ""], '{"version":"0"}'))
    assert.throws(() => unpackBody({}), "not a packed text")
  })
})

describe("a body as a text", () => {
  const held = { id: "e", topic: "t", published: 5 }
  const detail = { timestamp: "1970-01-01T00:00:00.005Z", a: 1 }

  it.each<[why: string, envelope: { readonly [key: string]: Json }, text: string]>([
    ["nothing of its columns", { id: "e", "detail-type": "t", detail, b: 2 }, '{"b":2,"detail":{"a":1}}'],
    [
      "all of it under another id",
      { id: "f", "detail-type": "t", detail: {} },
      '={"id":"f","detail-type":"t","detail":{}}'
    ],
    [
      "all of it where its detail is a list",
      { id: "e", "detail-type": "t", detail: [1] },
      '={"id":"e","detail-type":"t","detail":[1]}'
    ],
    [
      "all of it where its detail is null",
      { id: "e", "detail-type": "t", detail: null },
      '={"id":"e","detail-type":"t","detail":null}'
    ],
    [
      "all of it where its detail is a text",
      { id: "e", "detail-type": "t", detail: "x" },
      '={"id":"e","detail-type":"t","detail":"x"}'
    ]
  ])("[P8] holds %s", (_, envelope, text) => {
    assert.strictEqual(compactBody(held, envelope), text)
    assert.deepStrictEqual(restoreBody(held, text), envelope)
  })
})
