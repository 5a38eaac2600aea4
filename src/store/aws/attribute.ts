import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import type { Json } from "../../domain/json.ts"

/** An item in DynamoDB's own notation. */
export type Item = Record<string, AttributeValue>

/** DynamoDB bills a write by these bytes, rounded up. */
const UNIT = 1_024

/** Magnitudes outside these cannot be stored as numbers; such a value is stored as its text. */
const [SMALLEST, GREATEST] = [1e-130, 9.99e125]

const fits = (n: number): boolean => n === 0 || (Math.abs(n) >= SMALLEST && Math.abs(n) <= GREATEST)

/** A JSON value or bytes as an attribute. Written out here because the SDK's own refuses integers beyond 2^53. */
export const toAttribute = (value: Json | Uint8Array): AttributeValue => {
  if (typeof value === "string") return { S: value }
  if (typeof value === "number") return fits(value) ? { N: String(value) } : { S: String(value) }
  if (typeof value === "boolean") return { BOOL: value }
  if (value === null) return { NULL: true }
  if (value instanceof Uint8Array) return { B: value }
  if (Array.isArray(value)) return { L: value.map(toAttribute) }
  return { M: Object.fromEntries(Object.entries(value).map(([key, v]) => [key, toAttribute(v)])) }
}

/** The inverse for JSON values. Throws on the types that `toAttribute` does not make of them. */
export const fromAttribute = (attribute: AttributeValue): Json => {
  if (attribute.S !== undefined) return attribute.S
  if (attribute.N !== undefined) return Number(attribute.N)
  if (attribute.BOOL !== undefined) return attribute.BOOL
  if (attribute.NULL !== undefined) return null
  if (attribute.L !== undefined) return attribute.L.map(fromAttribute)
  if (attribute.M !== undefined)
    return Object.fromEntries(Object.entries(attribute.M).map(([key, v]) => [key, fromAttribute(v)]))
  throw new Error(`not the attribute of a JSON value: ${Object.keys(attribute).join()}`)
}

const attributeBytes = (attribute: AttributeValue): number => {
  if (attribute.S !== undefined) return Buffer.byteLength(attribute.S)
  if (attribute.B !== undefined) return attribute.B.length
  // A byte for two digits, one for the exponent, one for the sign.
  if (attribute.N !== undefined) return Math.ceil(attribute.N.replace(/[-+.]/g, "").length / 2) + 2
  if (attribute.L !== undefined) return attribute.L.reduce((sum, v) => sum + 1 + attributeBytes(v), 3)
  if (attribute.M !== undefined)
    return Object.entries(attribute.M).reduce((sum, [k, v]) => sum + 1 + Buffer.byteLength(k) + attributeBytes(v), 3)
  return 1
}

/** The size of an item as DynamoDB counts it, names included; never too small. */
export const itemBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + attributeBytes(value), 0)

/** What writing an item of so many bytes costs. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / UNIT))
