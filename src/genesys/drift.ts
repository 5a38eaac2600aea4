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

/** Objects within objects that are looked at; lists do not count. */
const MAX_DEPTH = 3

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
const isKnown = (value: unknown, field: Field, depth: number): boolean => {
  switch (field.kind) {
    case "leaf":
      return true
    case "word":
      return isKnownWord(value, field.knows)
    case "list":
      return !Array.isArray(value) || value.every((item) => isKnown(item, field.items, depth))
    case "object": {
      if (!isObject(value) || depth === MAX_DEPTH) return true
      const { fields } = field
      for (const key in value) {
        const part = fields.get(key)
        if (part === undefined || (part.kind !== "leaf" && !isKnown(value[key], part, depth + 1))) return false
      }
      return true
    }
  }
}

/** One walk over the body of an event that holds something unknown, to find all of it. */
class Walk {
  readonly found: Findings = { fields: 0, values: 0, fieldNames: new Set(), valueNames: new Set() }
  readonly #trail: Array<string> = []
  #depth = 0

  visit(value: unknown, field: Field, name: string): void {
    switch (field.kind) {
      case "leaf":
        return
      case "word":
        if (!isKnownWord(value, field.knows))
          this.#noteValue(name, typeof value === "string" ? redacted(field.form, value) : "*")
        return
      case "list":
        if (Array.isArray(value)) for (const item of value) this.visit(item, field.items, name)
        return
      case "object":
        if (isObject(value) && this.#depth < MAX_DEPTH) this.#enter(value, field.fields, name)
    }
  }

  #enter(value: { readonly [key: string]: unknown }, fields: ReadonlyMap<string, Field>, name: string): void {
    this.#depth++
    if (name !== "") this.#trail.push(name)
    for (const key in value) {
      const field = fields.get(key)
      if (field === undefined) this.#noteField(key)
      else if (field.kind !== "leaf") this.visit(value[key], field, key)
    }
    if (name !== "") this.#trail.pop()
    this.#depth--
  }

  #path(name: string): string {
    return [...this.#trail, name].join(".")
  }

  #noteField(key: string): void {
    const { found } = this
    found.fields++
    if (found.fieldNames.size < MAX_NAMES) found.fieldNames.add(this.#path(redacted(logAllowList.field, key)))
  }

  #noteValue(name: string, value: string): void {
    const { found } = this
    found.values++
    if (found.valueNames.size < MAX_NAMES) found.valueNames.add(`${this.#path(name)}=${value}`)
  }
}

/** What is new in an event of a known topic; undefined when nothing is, and for topics that the contract does not know. */
export const driftOf = ({ topic, envelope }: Event): Drift | undefined => {
  const body = topics.get(topic)?.body
  const { eventBody } = envelope.detail as { readonly eventBody?: unknown }
  if (body === undefined || isKnown(eventBody, body, 0)) return undefined
  const walk = new Walk()
  walk.visit(eventBody, body, "")
  const { found } = walk
  return { ...found, fieldNames: [...found.fieldNames], valueNames: [...found.valueNames] }
}
