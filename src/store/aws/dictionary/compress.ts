import {
  codesOf,
  distanceBase,
  distanceExtra,
  distanceSymbol,
  END,
  LENGTHS,
  lengthBase,
  lengthExtra,
  lengthSymbol
} from "./codes.ts"
import type { Dictionary } from "./dictionary.ts"
import { MATCH, MOST, makeFinder } from "./finder.ts"

/** The code of each length of a match with the bits that follow it, and the bits of both. */
const lengthCodes = (codes: Uint16Array, bits: Uint8Array) => ({
  codes: Int32Array.from(lengthSymbol, (symbol, length) => {
    const further = length - (lengthBase[symbol] as number)
    return (codes[LENGTHS + symbol] as number) | (further << (bits[LENGTHS + symbol] as number))
  }),
  bits: Uint8Array.from(lengthSymbol, (symbol) => (bits[LENGTHS + symbol] as number) + (lengthExtra[symbol] as number))
})

/**
 * Compresses by a dictionary. Returns a function of what stands before the text, and the text: `tag`, and the codes of a DEFLATE block
 * without its header; undefined where both are longer than `MOST`. It holds its tables, and one text at a time.
 */
export const makeCompress = (dictionary: Dictionary, tag: number) => {
  const { tokens, find } = makeFinder(dictionary.text)
  const { literalBits, distanceBits } = dictionary
  const [literals, distances] = [codesOf(literalBits), codesOf(distanceBits)]
  const lengths = lengthCodes(literals, literalBits)
  // A literal has 15 bits at most, and so have more than the first four bytes of a match.
  const out = new Uint8Array(6 * MOST + 8)

  return (before: ReadonlyArray<string>, text: string): Uint8Array | undefined => {
    const count = find(before, text)
    if (count === undefined) return undefined
    out[0] = tag
    // Written out, because what a closure shares is no register: that is half of the time.
    let [size, held, bits] = [1, 0, 0]
    for (let i = 0; i <= count; i++) {
      const token = i < count ? (tokens[i] as number) : END
      if (token < MATCH) {
        held |= (literals[token] as number) << bits
        bits += literalBits[token] as number
      } else {
        const length = Math.floor(token / MATCH)
        held |= (lengths.codes[length] as number) << bits
        bits += lengths.bits[length] as number
        while (bits >= 8) {
          out[size++] = held
          held >>>= 8
          bits -= 8
        }
        const distance = token % MATCH
        const symbol = distanceSymbol(distance)
        held |= (distances[symbol] as number) << bits
        bits += distanceBits[symbol] as number
        while (bits >= 8) {
          out[size++] = held
          held >>>= 8
          bits -= 8
        }
        held |= (distance - (distanceBase[symbol] as number)) << bits
        bits += distanceExtra[symbol] as number
      }
      while (bits >= 8) {
        out[size++] = held
        held >>>= 8
        bits -= 8
      }
    }
    if (bits > 0) out[size++] = held
    return out.slice(0, size)
  }
}
