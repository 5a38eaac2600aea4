import { presences, routingStatuses } from "../../genesys/presence.ts"
import { parseTime } from "../../genesys/time.ts"
import { allTopics } from "../../genesys/topics/index.ts"

// An allow list: what is not known to be harmless is shown by its kind and size.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const FIELD = /^[A-Za-z_][\w-]{0,63}$/

/** The words that topics are made of. */
const topicWords = new Set(["v2", ...allTopics.flatMap(({ template }) => template.split("."))])

const enumWord = /^[A-Z]+(_[A-Z]+)*$/

const wordsOf = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string"
    ? enumWord.test(value)
      ? [value]
      : []
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(wordsOf)
      : []

/** Values of closed vocabularies, as the contract and its examples have them. */
const enumWords = new Set([...presences, ...routingStatuses, ...allTopics.flatMap(({ example }) => wordsOf(example))])

/** Fields that hold a time: those that the contract reads clocks from. */
const timeFields = new Set([
  "time",
  "timestamp",
  "sessionStart",
  ...allTopics.flatMap(({ clocks }) => Object.values(clocks).flatMap((path) => path?.split(".").at(-1) ?? []))
])

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]{5,15}(Z|[+-]\d\d:?\d\d)?$/

const MAX_DEPTH = 32
const MAX_ELEMENTS = 20
const MAX_FIELDS = 100

/** Beyond the words that topics are made of, a segment of a name may be anything. */
const topicName = (text: string): string =>
  text
    .slice(0, 2_048)
    .split(".")
    .map((segment) => (topicWords.has(segment) || UUID.test(segment) ? segment : `<string ${segment.length}>`))
    .join(".")

const isTime = (field: string, value: string | number): boolean =>
  timeFields.has(field) && (typeof value === "number" || TIME.test(value)) && parseTime(value) !== undefined

const scalar = (value: unknown, field: string, path: string): unknown => {
  if (value === null) return null
  if (typeof value === "string") {
    if (path === "$.detail-type" || path === "$.detail.topicName") return topicName(value)
    return UUID.test(value) || enumWords.has(value) || isTime(field, value) ? value : `<string ${value.length}>`
  }
  if (typeof value === "number") return isTime(field, value) ? value : "<number>"
  return "<boolean>"
}

const key = (name: string, at: number): string => (FIELD.test(name) || UUID.test(name) ? name : `<key ${at + 1}>`)

const shape = (value: unknown, field: string, path: string, depth: number): unknown => {
  if (typeof value !== "object" || value === null) return scalar(value, field, path)
  if (depth === MAX_DEPTH) return "<deeper>"
  if (Array.isArray(value)) {
    const shown = value.slice(0, MAX_ELEMENTS).map((element) => shape(element, field, `${path}[]`, depth + 1))
    return value.length > MAX_ELEMENTS ? [...shown, `<${value.length - MAX_ELEMENTS} more>`] : shown
  }
  const fields = Object.entries(value)
  const shown = fields
    .slice(0, MAX_FIELDS)
    .map(([name, inner], at) => [key(name, at), shape(inner, name, `${path}.${name}`, depth + 1)] as const)
  if (fields.length > MAX_FIELDS) shown.push(["<more>", `<${fields.length - MAX_FIELDS} more>`])
  // A null prototype, so that a field of any name is an own one.
  return Object.assign(Object.create(null), Object.fromEntries(shown))
}

const decode = (raw: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(raw)
  } catch {
    return undefined
  }
}

const parse = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/**
 * The bytes of an event without what they say: the structure, and values that an allow list knows to be harmless (UUIDs, words of the
 * contract's vocabularies, topics, times in the fields for them). All else is shown by kind and size. A JSON value.
 */
export const redact = (raw: Uint8Array): unknown => {
  const text = decode(raw)
  if (text === undefined) return `<${raw.length} bytes, not UTF-8>`
  const parsed = parse(text)
  return parsed === undefined ? `<text ${text.length}, not JSON>` : shape(parsed.value, "", "$", 0)
}

/** The topic of an event as far as it can be shown; undefined where the bytes state none. */
export const topicOf = (raw: Uint8Array): string | undefined => {
  const value = parse(decode(raw) ?? "")?.value
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const topic = (value as { readonly [name: string]: unknown })["detail-type"]
  return typeof topic === "string" ? topicName(topic) : undefined
}
