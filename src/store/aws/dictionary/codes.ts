/** The alphabets of DEFLATE (RFC 1951): what a symbol stands for, and the bits of the codes of an alphabet. */

/** Symbols of literals and lengths, and of distances. */
export const [LITERALS, DISTANCES] = [286, 30] as const

/** The symbol that ends a text, with literals below it, and the first symbol of a length. */
export const [END, LENGTHS] = [256, 257] as const

/** Bits of the longest code, and the longest match that the alphabet can say. */
export const [MAX_BITS, MAX_MATCH] = [15, 258] as const

/** The least value of each symbol and how many further bits say which it is, of lengths from symbol 257 on, and of distances. */
export const lengthBase = Uint16Array.of(
  ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258]
)
export const lengthExtra = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
)
export const distanceExtra = Uint8Array.from({ length: DISTANCES }, (_, symbol) => Math.max(0, (symbol >> 1) - 1))
export const distanceBase = Uint16Array.from({ length: DISTANCES }, (_, symbol) =>
  symbol < 4 ? symbol + 1 : ((2 + (symbol & 1)) << ((symbol >> 1) - 1)) + 1
)

/** The symbol of a length of a match, less `LENGTHS`. */
export const lengthSymbol = Uint8Array.from({ length: MAX_MATCH + 1 }, (_, length) =>
  Math.max(
    0,
    lengthBase.findLastIndex((base) => base <= length)
  )
)

/** The symbol of a distance from 1 to 32,768. */
export const distanceSymbol = (distance: number): number => {
  if (distance <= 4) return distance - 1
  const high = 31 - Math.clz32(distance - 1)
  return (high << 1) | (((distance - 1) >> (high - 1)) & 1)
}

/** The canonical codes of lengths in bits, each turned round because DEFLATE writes a code from its most significant bit on. */
export const codesOf = (lengths: Uint8Array): Uint16Array => {
  const next = new Uint16Array(MAX_BITS + 2)
  for (const length of lengths) if (length > 0) next[length + 1] = (next[length + 1] as number) + 1
  for (let bits = 1; bits <= MAX_BITS; bits++) next[bits] = ((next[bits - 1] as number) + (next[bits] as number)) << 1
  // next[bits] now is the first code of so many bits: (first[bits - 1] + count[bits - 1]) << 1.
  return Uint16Array.from(lengths, (length) => {
    if (length === 0) return 0
    const code = next[length] as number
    next[length] = code + 1
    let turned = 0
    for (let bit = 0; bit < length; bit++) turned |= ((code >> bit) & 1) << (length - 1 - bit)
    return turned
  })
}
