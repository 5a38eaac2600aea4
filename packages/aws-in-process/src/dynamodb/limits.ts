import { ServiceError } from "../core/types.ts"
import { type AttributeValue, type Item, indexesOf, type TableDescription } from "./dynalite.ts"
import { itemBytes, MAX_ITEM_BYTES } from "./units.ts"

// What DynamoDB refuses, and dynalite lets pass or measures in UTF-16 units.

/** Lists and maps around a scalar: an item may have 31, which makes 32 levels with the scalar. */
const MOST_AROUND = 31
/** A parameter of a statement is measured less strictly: AWS runs a statement whose parameter has one more. */
const MOST_AROUND_PARAMETER = 32

const TOO_DEEP =
  "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
const TOO_LARGE = "Item size has exceeded the maximum allowed size"
const NAMELESS = "Empty attribute name"

const MOST_HASH_BYTES = 2048
const MOST_RANGE_BYTES = 1024

const validation = (message: string) => new ServiceError("ValidationException", message)

const within = (value: AttributeValue | undefined): ReadonlyArray<AttributeValue> => {
  if (Array.isArray(value?.L)) return value.L
  return typeof value?.M === "object" && value.M !== null ? Object.values(value.M) : []
}

const isNested = (value: AttributeValue | undefined) => value?.L !== undefined || value?.M !== undefined

/** Looks no deeper than it must, so that no depth exhausts the stack. */
const isDeeper = (value: AttributeValue | undefined, allowed: number): boolean =>
  isNested(value) && (allowed === 0 || within(value).some((inner) => isDeeper(inner, allowed - 1)))

const isNameless = (value: AttributeValue | undefined): boolean =>
  (typeof value?.M === "object" && value.M !== null && Object.hasOwn(value.M, "")) || within(value).some(isNameless)

const TYPES = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"]

const isTyped = (value: AttributeValue): boolean =>
  TYPES.some((type) => value[type] !== undefined) && within(value).every(isTyped)

/** What is wrong with a parameter of a statement, which fails the statement alone. */
export const parameterProblem = (value: AttributeValue): string | undefined => {
  if (!isTyped(value)) return "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
  if (isDeeper(value, MOST_AROUND_PARAMETER)) return TOO_DEEP
  return isNameless(value) ? NAMELESS : undefined
}

const isBase64 = (text: unknown) => typeof text === "string" && Buffer.from(text, "base64").toString("base64") === text

const isText = (value: unknown) => typeof value === "string"
const isTruth = (value: unknown) => typeof value === "boolean"
const isMap = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value)
const isListOf = (element: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(element)

const JSON_TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  S: isText,
  N: isText,
  B: isBase64,
  BOOL: isTruth,
  NULL: isTruth,
  SS: isListOf(isText),
  NS: isListOf(isText),
  BS: isListOf(isBase64),
  L: isListOf(isMap),
  M: isMap
}

/** Throws a `SerializationException` `ServiceError` on parameters that are not written as their type wants it: the call fails as a whole. */
export const checkParameters = (values: ReadonlyArray<AttributeValue> = []): void => {
  for (const value of values) checkParameter(value)
}

const checkParameter = (value: AttributeValue): void => {
  for (const [type, inner] of Object.entries(value))
    if (JSON_TYPES[type]?.(inner) === false)
      throw new ServiceError("SerializationException", `A value of type ${type} is not written as one`)
  checkParameters(within(value))
}

const keyBytes = ({ S, B }: AttributeValue): number =>
  typeof S === "string" ? Buffer.byteLength(S) : typeof B === "string" ? Buffer.byteLength(B, "base64") : 0

/** What is wrong with the lengths of a key, in bytes of UTF-8; numbers are always short enough. */
export const keyProblem = (item: Item, { KeySchema }: Pick<TableDescription, "KeySchema">): string | undefined => {
  for (const { AttributeName, KeyType } of KeySchema) {
    const bytes = Object.hasOwn(item, AttributeName) ? keyBytes(item[AttributeName] ?? {}) : 0
    if (KeyType === "HASH" && bytes > MOST_HASH_BYTES)
      return "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"
    if (KeyType === "RANGE" && bytes > MOST_RANGE_BYTES)
      return "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
  }
  return undefined
}

const indexKeyProblem = (item: Item, table: TableDescription): string | undefined => {
  for (const index of indexesOf(table)) {
    const problem = keyProblem(item, index)
    if (problem !== undefined) return problem
    for (const { AttributeName: name } of index.KeySchema) {
      const { S, B } = (Object.hasOwn(item, name) && item[name]) || {}
      if (S === "" || B === "")
        return `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${S === "" ? "string" : "binary"} value. IndexName: ${index.IndexName}, IndexKey: ${name}`
    }
  }
  return undefined
}

/** What makes an item impossible to store: an empty name, its size, the lengths of its keys, or the keys of its indexes. */
export const itemProblem = (item: Item, table: TableDescription): string | undefined => {
  if (Object.hasOwn(item, "")) return NAMELESS
  return itemBytes(item) > MAX_ITEM_BYTES ? TOO_LARGE : (keyProblem(item, table) ?? indexKeyProblem(item, table))
}

/** As `itemProblem`, for an item that an update or a statement leaves: nested too deep, it has a message of its own. */
export const writtenProblem = (item: Item, table: TableDescription): string | undefined =>
  Object.values(item).some((value) => isDeeper(value, MOST_AROUND))
    ? "Nesting Levels have exceeded supported limits"
    : itemProblem(item, table)

interface WriteRequest {
  readonly PutRequest?: { readonly Item?: Item }
  readonly DeleteRequest?: { readonly Key?: Item }
}

/** The parts of an input that hold attribute values by name. */
interface Values {
  readonly TableName?: string
  readonly Item?: Item
  readonly Key?: Item
  readonly ExclusiveStartKey?: Item
  readonly ExpressionAttributeNames?: Readonly<Record<string, unknown>>
  readonly ExpressionAttributeValues?: Item
  readonly RequestItems?: Readonly<
    Record<string, ReadonlyArray<WriteRequest> | { readonly Keys?: ReadonlyArray<Item> }>
  >
}

const itemsIn = (requests: ReadonlyArray<WriteRequest> | { readonly Keys?: ReadonlyArray<Item> }) =>
  "Keys" in requests
    ? (requests.Keys ?? [])
    : (requests as ReadonlyArray<WriteRequest>).flatMap(({ PutRequest, DeleteRequest }) => [
        PutRequest?.Item,
        DeleteRequest?.Key
      ])

const itemsOf = (input: Values): ReadonlyArray<Item> =>
  [
    input.Item,
    input.Key,
    input.ExclusiveStartKey,
    ...Object.values(input.RequestItems ?? {}).flatMap<Item | undefined>(itemsIn)
  ].filter((item) => item !== undefined)

const namelessValue = (input: Values): string | undefined => {
  for (const [alias, name] of Object.entries(input.ExpressionAttributeNames ?? {}))
    if (name === "") return `ExpressionAttributeNames contains invalid value: ${NAMELESS} for key ${alias}`
  for (const [alias, value] of Object.entries(input.ExpressionAttributeValues ?? {}))
    if (isNameless(value)) return `ExpressionAttributeValues contains invalid value: ${NAMELESS} for key ${alias}`
  return undefined
}

/**
 * Throws a `ValidationException` `ServiceError` where a value of the input has an attribute without a name, or more than 32 levels.
 * Throws as not implemented where an item of an operation other than a statement has an attribute called `__proto__`, which dynalite loses.
 */
export const checkValues = (operation: string, input: object): void => {
  const values = input as Values
  const items = itemsOf(values)
  const all = [...items.flatMap(Object.values), ...Object.values(values.ExpressionAttributeValues ?? {})]
  if (items.some((item) => Object.hasOwn(item, "")) || items.flatMap(Object.values).some(isNameless))
    throw validation(NAMELESS)
  const nameless = namelessValue(values)
  if (nameless !== undefined) throw validation(nameless)
  if (all.some((value) => isDeeper(value, MOST_AROUND))) throw validation(TOO_DEEP)
  if (items.some(hasProto) || all.some(holdsProto))
    throw new Error(`not implemented by aws-in-process: an attribute called __proto__ on ${operation}`)
}

// dynalite's check of types assigns it, which makes it the prototype.
const hasProto = (map: object) => ![Object.prototype, null].includes(Object.getPrototypeOf(map))
const holdsProto = (value: AttributeValue | undefined): boolean =>
  (typeof value?.M === "object" && value.M !== null && hasProto(value.M)) || within(value).some(holdsProto)

const PLUS = /^\+(?=[\d.])/

/** Levels of JSON that no valid input has: more would exhaust the stack of what reads it next. */
const MOST_JSON_LEVELS = 200

const holdsPlus = (value: unknown, levels = 0): boolean => {
  if (typeof value !== "object" || value === null) return false
  if (levels > MOST_JSON_LEVELS) throw validation(TOO_DEEP)
  const { N, NS } = value as AttributeValue
  if (typeof N === "string" && PLUS.test(N)) return true
  if (Array.isArray(NS) && NS.some((number) => typeof number === "string" && PLUS.test(number))) return true
  return Object.values(value).some((inner) => holdsPlus(inner, levels + 1))
}

const withoutPlus = (value: unknown, key = ""): unknown => {
  if (typeof value === "string") return key === "N" ? value.replace(PLUS, "") : value
  if (Array.isArray(value)) return value.map((element) => withoutPlus(element, key === "NS" ? "N" : ""))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutPlus(inner, name)]))
}

/**
 * The input with numbers such as `+3`, which DynamoDB takes, written as dynalite takes them; the same object where there is none. Throws a
 * `ValidationException` `ServiceError` on an input that is nested beyond all measure.
 */
export const readNumbers = <A extends object>(input: A): A => (holdsPlus(input) ? (withoutPlus(input) as A) : input)
