import { assert, describe, it } from "@effect/vitest"
import {
  codesOf,
  DISTANCES,
  distanceBase,
  distanceExtra,
  distanceSymbol,
  END,
  LENGTHS,
  LITERALS,
  lengthBase,
  lengthExtra,
  lengthSymbol,
  MAX_BITS,
  MAX_MATCH
} from "../../../src/store/aws/dictionary/codes.ts"

/** The first values of symbols that lie side by side, from those of the first one on. */
const sideBySide = (first: number, extra: ReadonlyArray<number>) => {
  const bases = [first]
  for (const bits of extra) bases.push((bases.at(-1) as number) + 2 ** bits)
  return bases
}

describe("the alphabets of DEFLATE", () => {
  it("have the sizes of RFC 1951", () => {
    const sizes = { LITERALS, DISTANCES, END, LENGTHS, MAX_BITS, MAX_MATCH }
    assert.deepStrictEqual(sizes, {
      LITERALS: 286,
      DISTANCES: 30,
      END: 256,
      LENGTHS: 257,
      MAX_BITS: 15,
      MAX_MATCH: 258
    })
  })

  it("say each length by one symbol and its further bits, the longest by a symbol of its own", () => {
    const extra = [0, 0, 0, 0, 0, 0, 0, 0, ...[1, 2, 3, 4, 5].flatMap((bits) => [bits, bits, bits, bits]), 0]
    assert.deepStrictEqual([...lengthExtra], extra)
    assert.deepStrictEqual([...lengthBase], [...sideBySide(3, extra.slice(0, 27)), MAX_MATCH])
    assert.deepStrictEqual([...lengthSymbol.subarray(0, 12)], [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])
    assert.deepStrictEqual([...lengthSymbol.subarray(255)], [27, 27, 27, 28])
    for (let length = 3; length < MAX_MATCH; length++) {
      const symbol = lengthSymbol[length] as number
      const further = length - (lengthBase[symbol] as number)
      assert.isTrue(further >= 0 && further < 2 ** (lengthExtra[symbol] as number), `length ${length}`)
    }
  })

  it("say each distance by one symbol and its further bits", () => {
    const extra = [0, 0, ...Array.from({ length: 14 }, (_, bits) => [bits, bits]).flat()]
    assert.deepStrictEqual([...distanceExtra], extra)
    assert.deepStrictEqual([...distanceBase], sideBySide(1, extra).slice(0, DISTANCES))
    for (const [symbol, base] of distanceBase.entries())
      for (const distance of [base, base + 2 ** (extra[symbol] as number) - 1])
        assert.strictEqual(distanceSymbol(distance), symbol, `distance ${distance}`)
  })

  it("have the codes of the example of RFC 1951, turned round", () => {
    const lengths = [3, 3, 3, 3, 3, 2, 4, 4]
    const turned = [...codesOf(Uint8Array.from(lengths))].map((code, i) =>
      [...code.toString(2).padStart(lengths[i] as number, "0")].reverse().join("")
    )
    assert.deepStrictEqual(turned, ["010", "011", "100", "101", "110", "00", "1110", "1111"])
  })

  it("have codes of one bit and of the most, and none for a symbol that does not occur", () => {
    assert.deepStrictEqual([...codesOf(Uint8Array.of(1, 1))], [0, 1])
    const lengths = [1, 0, ...Array.from({ length: 13 }, (_, i) => i + 2), 15, 15]
    const codes = [...codesOf(Uint8Array.from(lengths))]
    assert.deepStrictEqual(codes.slice(0, 4), [0, 0, 0b01, 0b011])
    assert.deepStrictEqual(codes.slice(-2), [0x3fff, 0x7fff])
  })
})
