import { makeCompress } from "./compress.ts"
import { makeDecompress } from "./decompress.ts"
import type { Dictionary } from "./dictionary.ts"
import { dictionary1 } from "./dictionary-1.ts"

/** All dictionaries that ever were, since stored events need them. The last one compresses. */
export const dictionaries: readonly [Dictionary, ...ReadonlyArray<Dictionary>] = [dictionary1]

/**
 * The first byte of what a dictionary compressed is its number and these bits, with which no deflated text begins: DEFLATE reserves that
 * type of block.
 */
const [NO_DEFLATE, NUMBER_BITS] = [0b111, 3]

/** The greatest number that the first byte has room for. */
export const LAST_NUMBER = 255 >> NUMBER_BITS

/** What was compressed by a dictionary that this version does not have. It holds no value of the text. */
export class UnknownDictionary extends Error {
  override readonly name = "UnknownDictionary"
  constructor(number: number) {
    const known = dictionaries.map((one) => one.number).join(", ")
    super(
      `its body needs dictionary ${number}, and this version has ${known}; use the version that stored it, or a later one`
    )
  }
}

/** Each is made when it is first needed, since its tables take longer than a text. Called as pure, so that what only reads bundles no compressor. */
const lazily = <A>(make: () => A): (() => A) => {
  let made: A | undefined
  return () => (made ??= make())
}

const latest = dictionaries.at(-1) as Dictionary
const compressor = /* @__PURE__ */ lazily(() => makeCompress(latest, (latest.number << NUMBER_BITS) | NO_DEFLATE))
const decompressors = new Map(
  dictionaries.map((dictionary) => [dictionary.number, lazily(() => makeDecompress(dictionary))])
)

/** The text by the latest dictionary, where `before` is at hand whenever it is read again; undefined for a text too long for that. */
export const compress = (before: ReadonlyArray<string>, text: string): Uint8Array | undefined =>
  compressor()(before, text)

/** The number of the dictionary that compressed these bytes; undefined where none did. */
export const dictionaryNumberOf = ([first = 0]: Uint8Array): number | undefined =>
  (first & NO_DEFLATE) === NO_DEFLATE ? first >> NUMBER_BITS : undefined

/** The inverse of `compress`, with the same `before`. Throws `UnknownDictionary`, and for bytes that are of no text. */
export const decompress = (number: number, before: ReadonlyArray<string>, bytes: Uint8Array): string => {
  const decompressor = decompressors.get(number)
  if (decompressor === undefined) throw new UnknownDictionary(number)
  return decompressor()(before, bytes)
}
