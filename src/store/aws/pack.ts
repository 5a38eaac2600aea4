import { deflateRawSync, inflateRawSync } from "node:zlib"
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import { writeUnits } from "./attribute.ts"

/** Bytes inflated at a time. A body has a tenth of what Node makes room for unless told, and that room is most of the work. */
const CHUNK = 4_096

/** A text as the attribute that makes the item cheapest to write, where all else in it takes `others` bytes. */
export const pack = (text: string, others: number): { readonly S: string } | { readonly B: Uint8Array } => {
  const units = writeUnits(others + Buffer.byteLength(text))
  if (units === 1) return { S: text }
  const deflated = deflateRawSync(text)
  return writeUnits(others + deflated.length) < units ? { B: deflated } : { S: text }
}

/** The inverse of `pack`. */
export const unpack = (attribute: AttributeValue | undefined): string => {
  if (attribute?.S !== undefined) return attribute.S
  if (attribute?.B !== undefined) return inflateRawSync(attribute.B, { chunkSize: CHUNK }).toString()
  throw new Error("not a packed text")
}
