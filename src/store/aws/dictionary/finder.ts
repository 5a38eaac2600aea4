import { MAX_MATCH } from "./codes.ts"

/** Bytes that must be equal before anything is called a match: three of them are hardly shorter as one. */
const SHORTEST = 4

/** Places that are looked at, of those that begin alike. */
const TRIES = 12

/** A match of so many bytes is taken without a look at what begins one byte later. */
const ENOUGH = 16

/**
 * Characters of a text and what stands before it, above which the codes of a dictionary, made for bodies of a usual size, are not the
 * best. All of them and a dictionary are within 32 KB, the farthest that DEFLATE points back.
 */
export const MOST = 8_192

const [HASH_BITS, HASHES] = [13, 1 << 13]

/** Places are numbered on from call to call, so that no table needs to be cleared; from here on it is. */
const LAST_PLACE = 2 ** 30

/** A token is a literal byte, or from here on a match: so many times its length, and its distance. */
export const MATCH = 1 << 16

export interface Finder {
  /** What the last text is made of: as many tokens as `find` returned. */
  readonly tokens: Int32Array
  /**
   * Finds what `text` repeats of itself, of `common` and of `before`, which stands right before it and of which each part is found from its
   * beginning. Returns the number of tokens; undefined for what is longer than `MOST`.
   */
  readonly find: (before: ReadonlyArray<string>, text: string) => number | undefined
}

/**
 * `common` is the same for all texts and is indexed once: zlib digests its dictionary anew at every call, which takes several times as
 * long as all that is done here. It holds its tables, and one text at a time.
 */
export const makeFinder = (common: Uint8Array): Finder => {
  // No character of a text takes more than three bytes.
  const bytes = Buffer.alloc(common.length + 3 * MOST + SHORTEST)
  bytes.set(common)
  const tokens = new Int32Array(3 * MOST)
  /** The last place of each hash, in `common` and in texts, and for each place the one before that begins alike. */
  const [commonHeads, heads] = [new Int16Array(HASHES).fill(-1), new Int32Array(HASHES).fill(-1)]
  const previous = new Int32Array(bytes.length)
  let base = 0

  const hashAt = (at: number): number =>
    Math.imul(
      (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24),
      0x9e3779b1
    ) >>>
    (32 - HASH_BITS)

  for (let at = 0; at + SHORTEST <= common.length; at++) {
    const hash = hashAt(at)
    previous[at] = commonHeads[hash] as number
    commonHeads[hash] = at
  }

  /** Remembers a place, once, and returns the last one that may begin alike, or -1. */
  const visit = (at: number, from: number): number => {
    const hash = hashAt(at)
    const head = (heads[hash] as number) - from
    const last = head >= 0 ? head : (commonHeads[hash] as number)
    heads[hash] = from + at
    previous[at] = last
    return last
  }

  let source = 0
  /** The length of the longest match at a place, which begins at `source`; less than `SHORTEST` where there is none. */
  const longestAt = (at: number, end: number, from: number): number => {
    if (at + SHORTEST > end) return 0
    const stop = Math.min(end, at + MAX_MATCH)
    let longest = SHORTEST - 1
    let candidate = visit(at, from)
    for (let tries = TRIES; candidate >= 0 && tries > 0; tries--) {
      if (bytes[candidate + longest] === bytes[at + longest] && bytes[candidate] === bytes[at]) {
        let [one, other] = [candidate + 1, at + 1]
        while (other < stop && bytes[one] === bytes[other]) {
          one++
          other++
        }
        if (other - at > longest) {
          longest = other - at
          source = candidate
          if (other === stop) break
        }
      }
      candidate = previous[candidate] as number
    }
    return longest
  }

  const find = (before: ReadonlyArray<string>, text: string): number | undefined => {
    if (before.reduce((sum, { length }) => sum + length, text.length) > MOST) return undefined
    base += bytes.length
    if (base > LAST_PLACE) {
      heads.fill(-1)
      base = 0
    }
    let at = common.length
    for (const part of before) {
      const next = at + bytes.write(part, at)
      if (next - at >= SHORTEST) visit(at, base)
      at = next
    }
    const end = at + bytes.write(text, at)
    let count = 0
    let length = longestAt(at, end, base)
    while (at < end) {
      const match = source
      if (length >= SHORTEST) {
        const later = length < ENOUGH ? longestAt(at + 1, end, base) : 0
        if (later <= length + 1) {
          tokens[count++] = length * MATCH + (at - match)
          at += length
          length = longestAt(at, end, base)
          continue
        }
        length = later
      } else length = longestAt(at + 1, end, base)
      tokens[count++] = bytes[at++] as number
    }
    return count
  }

  return { tokens, find }
}
