import { assert, describe, it } from "@effect/vitest"
import { codesOf, distanceExtra, END, LENGTHS, lengthExtra } from "../../../src/store/aws/dictionary/codes.ts"
import { makeCompress } from "../../../src/store/aws/dictionary/compress.ts"
import { makeDecompress } from "../../../src/store/aws/dictionary/decompress.ts"
import type { Dictionary } from "../../../src/store/aws/dictionary/dictionary.ts"
import { dictionary1 } from "../../../src/store/aws/dictionary/dictionary-1.ts"
import { MOST } from "../../../src/store/aws/dictionary/finder.ts"
import { bodies } from "./bodies.ts"

/** A dictionary whose codes all have the same bits, so that a symbol is its own code, and some codes are of no symbol. */
const even: Dictionary = {
  number: 2,
  text: Buffer.from("0123456789"),
  literalBits: new Uint8Array(286).fill(9),
  distanceBits: new Uint8Array(30).fill(5)
}

type Part =
  | string
  | readonly [length: number, further: number, distance: number, further: number]
  | { readonly code: number }

const bit = (value: number, count: number) => Array.from({ length: count }, (_, at) => (value >> at) & 1)
const code = (symbol: number, count: number) => bit(symbol, count).reverse()

/** The codes of `even`, by symbol. */
const codes = Array.from({ length: 512 }, (_, symbol) => code(symbol, 9))

/** A tag and these bits. */
const packed = (bits: ReadonlyArray<number>) => {
  const bytes = Array.from({ length: Math.ceil(bits.length / 8) }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((byte, one, place) => byte | (one << place), 0)
  )
  return Uint8Array.of(0, ...bytes)
}

/** A tag and the bits of texts and matches, by the symbols of length and distance and their further bits. */
const written = (...parts: ReadonlyArray<Part>) => {
  const bits = parts.flatMap((part): ReadonlyArray<number> => {
    if (typeof part === "string") return [...Buffer.from(part)].flatMap((byte) => codes[byte] as ReadonlyArray<number>)
    if ("code" in part) return code(part.code, 9)
    const [length, more, distance, rest] = part
    return [
      ...code(LENGTHS + length, 9),
      ...bit(more, lengthExtra[length] as number),
      ...code(distance, 5),
      ...bit(rest, distanceExtra[distance] ?? 0)
    ]
  })
  return packed(bits)
}

const end = { code: END }

describe("what a dictionary compressed is read", () => {
  it("as it was, of every body", () => {
    const [compress, decompress] = [makeCompress(dictionary1, 15), makeDecompress(dictionary1)]
    for (const { before, text } of bodies)
      assert.strictEqual(decompress(before, compress(before, text) ?? assert.fail("was not compressed")), text)
  })

  it("as it was, of every byte and every pair of bytes that are common", () => {
    const [compress, decompress] = [makeCompress(dictionary1, 15), makeDecompress(dictionary1)]
    const chars = [...'abcdefghijklmnopqrstuvwxyz0123456789-":,{}', "\0", "\u00e9", "\u20ac", "\u{1f600}"]
    for (const one of chars) {
      const text = chars.map((other) => one + other).join("")
      assert.strictEqual(decompress([], compress([], text) ?? assert.fail("was not compressed")), text)
    }
  })

  it.each<[why: string, before: ReadonlyArray<string>, bytes: Uint8Array, text: string]>([
    ["no text", [], written(end), ""],
    ["bytes as they are", [], written("ab\u00e9", end), "ab\u00e9"],
    ["a match of the common text", [], written("x", [0, 0, 6, 2], end), "x012"],
    ["a match from its first byte on", [], written([0, 0, 6, 1], end), "012"],
    ["a match of what stands before", ["abc", "def"], written([1, 0, 4, 1], end), "abcd"],
    ["a match of the text itself", [], written("xyz", [0, 0, 2, 0], end), "xyzxyz"],
    ["a match that repeats itself", [], written("a", [24, 0, 0, 0], end), `a${"a".repeat(131)}`],
    [
      "a long match far behind the beginning",
      [],
      written("a".repeat(13_000), "0123456789".repeat(4), [16, 0, 10, 7], end),
      "a".repeat(13_000) + "0123456789".repeat(4) + "0123456789".repeat(4).slice(0, 35)
    ],
    [
      "a long match that does not",
      ["x".repeat(70), "y".repeat(70)],
      written([20, 0, 12, 11], end),
      `${"x".repeat(6)}${"y".repeat(61)}`
    ]
  ])("as %s", (_, before, bytes, text) => assert.strictEqual(makeDecompress(even)(before, bytes), text))
})

describe("what a dictionary of short and long codes compressed is read", () => {
  /** The symbols have codes of one bit, two, and so on, each of ones and a zero, and the last of fifteen ones. */
  const unary = (symbols: ReadonlyArray<number>, all: number) => {
    const bits = new Uint8Array(all)
    for (const [at, symbol] of symbols.entries()) bits[symbol] = Math.min(at + 1, 15)
    return bits
  }
  const [FAR, LONG] = [15, LENGTHS + 24]
  const literals = [97, END, ...Array.from({ length: 13 }, (_, n) => 98 + n), LONG]
  const uneven: Dictionary = {
    ...{ number: 3, text: Buffer.from("0123456789") },
    literalBits: unary(literals, 286),
    distanceBits: unary([...Array(16).keys()], 30)
  }
  const [literalCodes, distanceCodes] = [codesOf(uneven.literalBits), codesOf(uneven.distanceBits)]
  const literal = (symbol: number) => bit(literalCodes[symbol] as number, uneven.literalBits[symbol] as number)
  const far = bit(distanceCodes[FAR] as number, 15)
  it("where a byte takes one bit", () => {
    const decompress = makeDecompress(uneven)
    assert.strictEqual(decompress([], packed([literal(97), literal(97), literal(END)].flat())), "aa")
  })

  it("where a match takes most bits, wherever in a byte it begins", () => {
    const decompress = makeDecompress(uneven)
    for (let count = 300; count < 332; count++) {
      const before = Array.from({ length: count }, () => literal(97)).flat()
      const match = [...literal(LONG), ...bit(31, 5), ...far, ...bit(63, 6)]
      const text = decompress([], packed([...before, ...match, ...match, ...literal(END)]))
      assert.strictEqual(text, "a".repeat(count + 2 * (131 + 31)))
    }
  })
})

describe("what no dictionary compressed is refused", () => {
  const longest = 3 * MOST

  it.each<[why: string, bytes: Uint8Array, reason: string]>([
    ["for a code of no symbol", written({ code: 286 }), "not the codes of this dictionary"],
    ["for a distance of no symbol", written("a", [0, 0, 30, 0], end), "not the codes of this dictionary"],
    ["for a match before the first byte", written([0, 0, 6, 2], end), "points beyond the dictionary or the text"],
    ["for a byte behind its end", Uint8Array.of(...written("a", end), 0), "does not end where its text does"],
    ["where it is cut off", written("abcdef", end).slice(0, -1), "does not end where its text does"],
    ["for more bytes than any text has", written("a".repeat(longest + 1), end), "longer than any text"],
    [
      "for a match that makes it longer than any text",
      written("a".repeat(longest - 2), [0, 0, 0, 0], end),
      "points beyond the dictionary or the text"
    ]
  ])("%s", (_, bytes, reason) => assert.throws(() => makeDecompress(even)([], bytes), reason))

  it("only where it is longer than the longest text", () => {
    const [decompress, text] = [makeDecompress(even), "a".repeat(longest - 3)]
    assert.strictEqual(decompress([], written(text, "aaa", end)).length, longest)
    assert.strictEqual(decompress([], written(text, [0, 0, 0, 0], end)).length, longest)
    assert.throws(() => decompress(["b"], written(text, "aaa", end)), "longer than any text")
  })
})
