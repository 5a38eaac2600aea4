import type { Json } from "../domain/json.ts"
import type { Field } from "./body.ts"
import type { Names } from "./person.ts"

type JsonObject = { readonly [key: string]: Json }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Whether a value names the person anywhere, in its keys too. */
export const mentions = (names: Names, value: Json): boolean => {
  if (typeof value === "string") return names.in(value)
  if (typeof value === "number") return names.in(String(value))
  if (Array.isArray(value)) return value.some((one) => mentions(names, one))
  if (!isObject(value)) return false
  return Object.entries(value).some(([key, one]) => names.in(key) || mentions(names, one))
}

/** An object that describes the person, as Genesys refers to things: `{ id, name, selfUri }`. */
const describes = (names: Names, { id }: JsonObject): boolean => typeof id === "string" && names.is(id)

/** Whether a field tells more of what `<stem>Id` names: `userName` of `userId`. */
const tellsMoreOf = (stem: string, key: string): boolean =>
  key.startsWith(stem) && /^(Name|DisplayName|Email|Title|Address|Uri)$/.test(key.slice(stem.length))

/**
 * A value without what names the person; undefined where nothing else is in it. A list loses the entry, an object the field, and with
 * `userId` a `userName` too; an object that describes the person goes as a whole; and in a longer text another word takes the name's place.
 */
export const redact = (names: Names, value: Json): Json | undefined => {
  if (typeof value === "string") return names.is(value) ? undefined : names.in(value) ? names.cut(value) : value
  if (typeof value === "number") return names.is(String(value)) ? undefined : value
  if (Array.isArray(value))
    return value.flatMap((one) => {
      const left = redact(names, one)
      return left === undefined ? [] : [left]
    })
  if (!isObject(value)) return value
  if (describes(names, value)) return undefined
  const kept = new Map<string, Json>()
  const stems: Array<string> = []
  for (const [key, one] of Object.entries(value)) {
    const left = names.in(key) ? undefined : redact(names, one)
    if (left !== undefined) kept.set(key, left)
    else if (/.Id$/.test(key)) stems.push(key.slice(0, -"Id".length))
  }
  return Object.fromEntries([...kept].filter(([key]) => !stems.some((stem) => tellsMoreOf(stem, key))))
}

/** Of a body the fields that its topic reads; of one that it reads as it comes (`raw`) all that are documented, on every level. */
export const onlyRead = (field: Field, value: Json, raw = false): Json => {
  if (field.kind === "list") return Array.isArray(value) ? value.map((one) => onlyRead(field.items, one, raw)) : value
  if (field.kind !== "object" || !isObject(value)) return value
  const { fields } = field
  const read = raw ? undefined : field.read
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => {
      const part = read === undefined ? fields.get(key) : Object.hasOwn(read, key) ? read[key] : undefined
      return part === undefined ? [] : [[key, onlyRead(part, one, read === undefined)]]
    })
  )
}
