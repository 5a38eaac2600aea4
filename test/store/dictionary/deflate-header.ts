import type { Dictionary } from "../../../src/store/aws/dictionary/dictionary.ts"

/** The order in which DEFLATE writes how long the codes of lengths are. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/**
 * The header of the block whose codes a dictionary has, for readers that are no part of this project: DEFLATE of these bytes and those of a
 * body behind its first is the body, with what stands before it as preset dictionary. Each length is written as it is, by codes of four
 * bits, and blocks of nothing before it make it end with a byte.
 */
export const deflateHeader = ({ literalBits, distanceBits }: Dictionary): Uint8Array => {
  const bits: Array<number> = []
  const put = (value: number, count: number) => {
    for (let bit = 0; bit < count; bit++) bits.push((value >> bit) & 1)
  }
  // All that follows takes 1,338 bits: three empty blocks of ten make whole bytes of it.
  for (let n = 0; n < 3; n++) {
    put(0b010, 3)
    put(0, 7)
  }
  // The last block, with codes of its own.
  put(0b101, 3)
  put(literalBits.length - 257, 5)
  put(distanceBits.length - 1, 5)
  put(ORDER.length - 4, 4)
  // The lengths 0 to 15 have codes of four bits, which are the lengths themselves; those that repeat lengths are not used.
  for (const length of ORDER) put(length < 16 ? 4 : 0, 3)
  for (const length of [...literalBits, ...distanceBits])
    for (let bit = 3; bit >= 0; bit--) bits.push((length >> bit) & 1)
  return Uint8Array.from({ length: bits.length / 8 }, (_, byte) =>
    bits.slice(byte * 8, byte * 8 + 8).reduce((sum, bit, at) => sum | (bit << at), 0)
  )
}
