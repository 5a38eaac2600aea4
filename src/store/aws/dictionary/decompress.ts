import {
  codesOf,
  distanceBase,
  distanceExtra,
  END,
  LENGTHS,
  lengthBase,
  lengthExtra,
  MAX_BITS,
  MAX_MATCH
} from "./codes.ts"
import type { Dictionary } from "./dictionary.ts"
import { MOST } from "./finder.ts"

/** So many bits of the input are looked at together. Codes that are longer are rare, and found one bit after the other. */
const [LOOK, LOOKS] = [10, 1 << 10]

/**
 * What the next bits of the input say: `bits | literals << 4 | symbol << 8 | second << 17`, where `literals` is 2 for two literals that are
 * read at once, 1 for one, and 0 for another symbol; 0 in all where the code is longer than a look.
 */
const tableOf = (lengths: Uint8Array) => {
  const codes = codesOf(lengths)
  const table = new Int32Array(LOOKS)
  const long = new Map<number, number>()
  for (const [symbol, bits] of lengths.entries()) {
    const [code, entry] = [codes[symbol] as number, bits | (symbol < END ? 1 << 4 : 0) | (symbol << 8)]
    if (bits > LOOK) long.set((code << 4) | bits, entry)
    else if (bits > 0) for (let at = code; at < LOOKS; at += 1 << bits) table[at] = entry
  }
  const longer = (held: number): number => {
    for (let bits = LOOK + 1; bits <= MAX_BITS; bits++) {
      const entry = long.get(((held & ((1 << bits) - 1)) << 4) | bits)
      if (entry !== undefined) return entry
    }
    throw new Error("not the codes of this dictionary")
  }
  return { table, longer }
}

/** The same, with pairs of literals: values are runs of them, with short codes. */
const pairsOf = (lengths: Uint8Array) => {
  const { table, longer } = tableOf(lengths)
  const pairs = table.map((entry, at) => {
    const bits = entry & 15
    const next = table[at >> bits] as number
    const both = bits + (next & 15)
    const literals = entry & next & (1 << 4)
    return literals !== 0 && both <= LOOK ? both | (2 << 4) | (entry & (255 << 8)) | ((next >> 8) << 17) : entry
  })
  return { table: pairs, longer }
}

/** Two bytes of the input, with zeros behind its end. */
const twoBytes = (input: Uint8Array, at: number): number =>
  at + 1 < input.length
    ? (input[at] as number) | ((input[at + 1] as number) << 8)
    : at < input.length
      ? (input[at] as number)
      : 0

/** From so many bytes on, copying them by one call is faster than one by one. Those that repeat themselves must be copied one by one. */
const LONG = 24

/** The inverse of `makeCompress`. It holds its tables, and one text at a time. Throws for bytes that are of no text. */
export const makeDecompress = ({ text: common, literalBits, distanceBits }: Dictionary) => {
  const [literals, distances] = [pairsOf(literalBits), tableOf(distanceBits)]
  // No text is longer: characters that take more than a byte have no more than three.
  const out = Buffer.alloc(common.length + 3 * MOST + MAX_MATCH)
  out.set(common)
  const last = out.length - MAX_MATCH

  return (before: ReadonlyArray<string>, input: Uint8Array): string => {
    let at = common.length
    for (const part of before) at += out.write(part, at)
    const start = at
    // Written out, as it is in `makeCompress`, for the same reason. The input is taken two bytes at a time.
    let [from, held, bits] = [1, 0, 0]
    for (;;) {
      if (bits < 16) {
        held |= twoBytes(input, from) << bits
        from += 2
        bits += 16
      }
      const entry = (literals.table[held & (LOOKS - 1)] as number) || literals.longer(held)
      held >>>= entry & 15
      bits -= entry & 15
      if ((entry & 0x30) !== 0) {
        out[at++] = entry >> 8
        if ((entry & 0x20) !== 0) out[at++] = entry >> 17
        if (at > last) throw new Error("longer than any text")
        continue
      }
      const length = (entry >> 8) - LENGTHS
      if (length < 0) break
      if (bits < 16) {
        held |= twoBytes(input, from) << bits
        from += 2
        bits += 16
      }
      const further = lengthExtra[length] as number
      const end = at + (lengthBase[length] as number) + (held & ((1 << further) - 1))
      held >>>= further
      bits -= further
      if (bits < 16) {
        held |= twoBytes(input, from) << bits
        from += 2
        bits += 16
      }
      const far = (distances.table[held & (LOOKS - 1)] as number) || distances.longer(held)
      held >>>= far & 15
      bits -= far & 15
      if (bits < 16) {
        held |= twoBytes(input, from) << bits
        from += 2
        bits += 16
      }
      const beyond = distanceExtra[far >> 8] as number
      let source = at - (distanceBase[far >> 8] as number) - (held & ((1 << beyond) - 1))
      held >>>= beyond
      bits -= beyond
      if (source < 0 || end > last) throw new Error("points beyond the dictionary or the text")
      if (end - at >= LONG && end - at <= at - source) {
        out.copyWithin(at, source, source + end - at)
        at = end
      } else while (at < end) out[at++] = out[source++] as number
    }
    if (from - (bits >> 3) !== input.length) throw new Error("does not end where its text does")
    return out.toString("utf8", start, at)
  }
}
