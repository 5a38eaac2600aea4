import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { inflateRawSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { invented } from "../../../src/genesys/example.ts"
import { SIMULATED_SOURCE } from "../../../src/local/partner.ts"
import { makeSimulator } from "../../../src/simulator/simulator.ts"
import { codesOf, distanceExtra, MAX_MATCH } from "../../../src/store/aws/dictionary/codes.ts"
import { makeCompress } from "../../../src/store/aws/dictionary/compress.ts"
import {
  compress,
  decompress,
  dictionaries,
  dictionaryNumberOf,
  LAST_NUMBER,
  UnknownDictionary
} from "../../../src/store/aws/dictionary/dictionaries.ts"
import type { Dictionary } from "../../../src/store/aws/dictionary/dictionary.ts"
import { MOST } from "../../../src/store/aws/dictionary/finder.ts"
import { fill, parseCorpus, random } from "./corpus.ts"
import { deflateHeader } from "./deflate-header.ts"
import { vocabulary } from "./scrub.ts"

/** What each dictionary was when it was released. A hash here never changes: events that are stored need the dictionary as it was. */
const RELEASED: Readonly<Record<number, string>> = {
  1: "25554fe7c6ad432824b9ac6b2a59b52a73e8bc6f8b7cb31e25c1dc4a5bc21614"
}

const corpusOf = (number: number) => readFileSync(join(import.meta.dirname, `corpus-${number}.txt`), "utf8")

const hashOf = ({ text, literalBits, distanceBits }: Dictionary) =>
  createHash("sha256").update(text).update(literalBits).update(distanceBits).digest("hex")

const latest = dictionaries.at(-1) as Dictionary
const BEFORE = ["1778061609902", "2026-05-06T10:00:09.902Z", "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"]
const back = (text: string, before: ReadonlyArray<string> = BEFORE) =>
  decompress(latest.number, before, compress(before, text) ?? assert.fail("was not compressed"))

describe("a dictionary", () => {
  it("[P8] is never changed after its release, and never taken away", () => {
    assert.deepStrictEqual(
      Object.fromEntries(dictionaries.map((one) => [one.number, hashOf(one)])),
      RELEASED,
      "a dictionary that was released must stay as it was: make the next one by test/store/dictionary/main.ts"
    )
    assert.isAtMost(latest.number, LAST_NUMBER)
    assert.deepStrictEqual(
      dictionaries.map(({ number }) => number),
      dictionaries.map((_, i) => i + 1)
    )
  })

  it.each(dictionaries)("[P11] holds no value of anybody: dictionary $number", ({ number, text }) => {
    const centre = makeSimulator({
      seed: 1,
      agents: 50,
      queues: 10,
      rate: 10,
      chaos: 0,
      start: 0,
      source: SIMULATED_SOURCE
    })
    const people = [...centre.population.agents, ...centre.population.queues].flatMap(({ id, name }) => [id, name])
    assert.isAbove(people.length, 100)
    for (const said of [Buffer.from(text).toString(), corpusOf(number)]) {
      for (const value of [...people, ...Object.values(invented)]) assert.isFalse(said.includes(value), value)
      // Numbers that are more than a version, a mark or the name of a region, and texts that are no field and no word of the contract.
      assert.deepStrictEqual(said.replace(/<[a-z]+ \d+>|^\d+\t/gm, "").match(/[0-9a-f]{8}|\d{2,}/g), null)
    }
    const texts = [...corpusOf(number).matchAll(/[:[,]"([^"]*)"(?!:)/g)].map(([, one = ""]) =>
      one.replace(/<[a-z]+( \d+)?>/g, "")
    )
    const topicNames = /^v2\.[a-zA-Z.]+$/
    const allowed = /^(|[\d/]|tel:\+|\+|aws\.partner\/genesys\.com\/cloud\/\/)$/
    assert.isAbove(texts.length, 1_000)
    assert.deepStrictEqual(
      texts.filter((one) => !vocabulary.has(one) && !allowed.test(one) && !topicNames.test(one)),
      []
    )
  })
})

describe("a text that a dictionary compressed", () => {
  const bodies = fill(
    parseCorpus(corpusOf(1)).map((template) => ({ ...template, weight: 1 })),
    7
  )

  it("is the same afterwards, and less than a quarter of what it was", () => {
    let [whole, compressed] = [0, 0]
    for (const { before, text } of bodies) {
      assert.strictEqual(back(text, before), text)
      whole += text.length
      compressed += compress(before, text)?.length ?? 0
    }
    assert.isAbove(bodies.length, 300)
    assert.isBelow(compressed, whole / 4)
  })

  it.each(dictionaries)("is DEFLATE, which any zlib reads: dictionary $number", (dictionary) => {
    const [header, compressBy] = [deflateHeader(dictionary), makeCompress(dictionary, 0)]
    for (const { before, text } of bodies) {
      const codes = (compressBy(before, text) ?? assert.fail("was not compressed")).subarray(1)
      const preset = Buffer.concat([dictionary.text, Buffer.from(before.join(""))])
      assert.strictEqual(inflateRawSync(Buffer.concat([header, codes]), { dictionary: preset }).toString(), text)
    }
  })

  it("may be any text", () => {
    const next = random(11)
    const pick = (count: number, chars: ReadonlyArray<string>) =>
      Array.from({ length: count }, () => chars[Math.floor(next() * chars.length)]).join("")
    const wide = ["a", '"', "\0", "\u00e9", "\u20ac", "\u{1f600}", "\n", "\u007f", "\ufffd"]
    const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
    const texts = [
      "",
      "x",
      "{}",
      "x".repeat(259),
      "xy".repeat(1_000),
      "\u20ac".repeat(MOST - 100),
      bytes.join(""),
      ...Array.from({ length: 200 }, (_, length) => pick(length, wide)),
      ...Array.from({ length: 50 }, (_, n) => pick(n * 20, bytes)),
      ...Array.from({ length: 50 }, (_, n) => pick(n * 100, ["a", "b"]))
    ]
    for (const text of texts) assert.strictEqual(back(text), text)
    for (const text of texts) assert.strictEqual(back(text, ["", "\u20ac"]), text)
  })

  it("may be as long as the tables are made for, and no longer", () => {
    const room = MOST - BEFORE.join("").length
    assert.strictEqual(back("z".repeat(room)), "z".repeat(room))
    assert.isUndefined(compress(BEFORE, "z".repeat(room + 1)))
  })

  it("says by its first byte which dictionary that was, which no deflated text does", () => {
    assert.strictEqual(dictionaryNumberOf(compress(BEFORE, "{}") ?? Buffer.from("")), latest.number)
    // The kinds of blocks that DEFLATE has, as the last block and as another.
    for (const first of [0b000, 0b001, 0b010, 0b011, 0b100, 0b101])
      for (let rest = 0; rest < 32; rest++) assert.isUndefined(dictionaryNumberOf(Uint8Array.of(first | (rest << 3))))
    assert.isUndefined(dictionaryNumberOf(Uint8Array.of()))
  })

  it("[P8] is refused by its number where this version has no such dictionary", () => {
    assert.throws(
      () => decompress(latest.number + 1, BEFORE, Uint8Array.of(0)),
      UnknownDictionary,
      `its body needs dictionary ${latest.number + 1}, and this version has ${latest.number}; use the version that stored it, or a later one`
    )
  })

  it("is refused where it is cut off or goes on, and never read beyond what there is", () => {
    const [{ before, text }] = bodies as [(typeof bodies)[number]]
    const whole = compress(before, text) as Uint8Array
    for (let length = 1; length < whole.length; length++)
      assert.throws(() => decompress(latest.number, before, whole.subarray(0, length)))
    assert.throws(() => decompress(latest.number, before, Buffer.concat([whole, Buffer.alloc(1)])))
    const next = random(13)
    const tried = { read: 0, refused: 0 }
    for (let n = 0; n < 3_000; n++) {
      const noise = Uint8Array.from({ length: 1 + Math.floor(next() * 80) }, () => Math.floor(next() * 256))
      try {
        assert.isBelow(decompress(latest.number, before, noise).length, 3 * MOST)
        tried.read++
      } catch {
        tried.refused++
      }
    }
    assert.isAbove(tried.refused, 2_500)
    assert.strictEqual(back(text), text)
  })

  it("is refused where it would be longer than any text, or points before the dictionary", () => {
    const [literals, distances] = [codesOf(latest.literalBits), codesOf(latest.distanceBits)]
    const bits: Array<number> = []
    const put = (value: number, count: number) => {
      for (let bit = 0; bit < count; bit++) bits.push((value >> bit) & 1)
    }
    const match = (length: number, distance: number, further: number) => {
      put(literals[length] as number, latest.literalBits[length] as number)
      put(distances[distance] as number, latest.distanceBits[distance] as number)
      put(further, distanceExtra[distance] as number)
    }
    const bytes = () =>
      Uint8Array.from({ length: 1 + Math.ceil(bits.length / 8) }, (_, byte) =>
        bits.slice((byte - 1) * 8, byte * 8).reduce((sum, bit, at) => sum | (bit << at), 0)
      )
    // The longest match of the last byte, over and over.
    for (let n = 0; n < 3 * MOST; n += MAX_MATCH) match(285, 0, 0)
    assert.throws(() => decompress(latest.number, BEFORE, bytes()), "points beyond the dictionary or the text")
    bits.length = 0
    match(285, 29, 8_191)
    assert.throws(() => decompress(latest.number, BEFORE, bytes()), "points beyond the dictionary or the text")
  })

  it("goes on being found when places are numbered anew", () => {
    const compressBy = makeCompress(latest, 15)
    const { before, text } = bodies[1] as (typeof bodies)[number]
    const first = compressBy(before, text)
    for (let call = 0; call < 35_000; call++) compressBy([], '{"a":1}')
    assert.deepStrictEqual(compressBy(before, text), first)
  })
})
