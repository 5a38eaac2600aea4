import type { Field } from "./body.ts"
import type { Event } from "./event.ts"
import { logAllowList, redacted } from "./log-allow-list.ts"
import { isObject } from "./tolerant.ts"
import { topics } from "./topics/index.ts"

/**
 * What of one event's body the contract does not know. `fields` and `values` count; the lists name what looks like a name
 * (`presence.mood`) or like a word (`mediaType=HOLOGRAM`), each once, and say `*` for what could be data about people.
 */
export interface Drift {
  readonly fields: number
  readonly values: number
  readonly fieldNames: ReadonlyArray<string>
  readonly valueNames: ReadonlyArray<string>
}

/** Names kept of one event: a map of a thousand keys is one surprise, not a thousand. */
const MAX_NAMES = 20

/** The topic as people may be told it. */
export const topicName = (topic: string): string => redacted(logAllowList.topic, topic)

interface Findings {
  fields: number
  values: number
  readonly fieldNames: Set<string>
  readonly valueNames: Set<string>
}

const isKnownWord = (value: unknown, knows: (word: string) => boolean): boolean =>
  typeof value === "string" ? value === "" || knows(value) : value === null || value === undefined

/** Whether a value holds nothing unknown, which is so of nearly all, and should cost next to nothing. */
const isKnown = (value: unknown, field: Field): boolean => {
  switch (field.kind) {
    case "leaf":
      return true
    case "word":
      return isKnownWord(value, field.knows)
    case "list":
      return !Array.isArray(value) || value.every((item) => isKnown(item, field.items))
    case "object": {
      if (!isObject(value)) return true
      for (const key in value) {
        const part = field.fields.get(key)
        if (part === undefined || !isKnown(value[key], part)) return false
      }
      return true
    }
  }
}

const note = (names: Set<string>, name: string): void => {
  if (names.size < MAX_NAMES) names.add(name)
}

/** Finds all that is unknown in a value. `path` is its place in the body, empty for the body itself. */
const find = (value: unknown, field: Field, path: string, found: Findings): void => {
  switch (field.kind) {
    case "word":
      if (isKnownWord(value, field.knows)) return
      found.values++
      note(found.valueNames, `${path}=${typeof value === "string" ? redacted(field.form, value) : "*"}`)
      return
    case "list":
      if (Array.isArray(value)) for (const item of value) find(item, field.items, path, found)
      return
    case "object": {
      if (!isObject(value)) return
      const before = path === "" ? "" : `${path}.`
      for (const key in value) {
        const part = field.fields.get(key)
        if (part !== undefined) {
          find(value[key], part, before + key, found)
          continue
        }
        found.fields++
        note(found.fieldNames, before + redacted(logAllowList.field, key))
      }
    }
  }
}

/** What is new in an event of a known topic; undefined when nothing is, and for topics that the contract does not know. */
export const driftOf = ({ topic, envelope }: Event): Drift | undefined => {
  const body = topics.get(topic)?.body
  const { eventBody } = envelope.detail as { readonly eventBody?: unknown }
  if (body === undefined || isKnown(eventBody, body)) return undefined
  const found: Findings = { fields: 0, values: 0, fieldNames: new Set(), valueNames: new Set() }
  find(eventBody, body, "", found)
  return { ...found, fieldNames: [...found.fieldNames], valueNames: [...found.valueNames] }
}
