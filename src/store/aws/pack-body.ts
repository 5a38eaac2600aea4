import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { iso } from "../../domain/stamp.ts"
import { type Item, writeUnits } from "./attribute.ts"
import { compress, decompress, dictionaryNumberOf } from "./dictionary/dictionaries.ts"
import { pack, unpack } from "./pack.ts"

/** What a body often repeats of its columns, from which it is read back: the clock, in both spellings of Genesys, and the subject. */
const repeated = ({ clock, subject }: Item): ReadonlyArray<string> => [
  clock?.N ?? "",
  iso(Number(clock?.N)),
  subject?.S ?? ""
]

/**
 * The text of a body as an attribute, beside these columns, which with the name of the body take `others` bytes. A dictionary compresses it
 * where that makes it smaller. What the dictionary is too small for is deflated where that saves a write unit.
 */
export const packBody = (columns: Item, text: string, others: number): ReturnType<typeof pack> => {
  const compressed = compress(repeated(columns), text)
  if (compressed === undefined) return pack(text, others)
  if (writeUnits(others + compressed.length) === 1)
    return compressed.length < Buffer.byteLength(text) ? { B: compressed } : { S: text }
  const packed = pack(text, others)
  const bytes = "B" in packed ? packed.B.length : Buffer.byteLength(text)
  return compressed.length < bytes ? { B: compressed } : packed
}

/** The inverse, also of what was packed before there were dictionaries: text as it is, or deflated. */
export const unpackBody = (item: Item): string => {
  const { body }: { readonly body?: AttributeValue } = item
  const number = body?.B === undefined ? undefined : dictionaryNumberOf(body.B)
  return number === undefined ? unpack(body) : decompress(number, repeated(item), body?.B as Uint8Array)
}
