import type { Json } from "../domain/json.ts"
import { iso } from "../domain/stamp.ts"
import type { Field } from "../genesys/body.ts"
import type { Event } from "../genesys/event.ts"
import type { Topic } from "../genesys/topic.ts"
import { allTopics, topics as contract } from "../genesys/topics/index.ts"
import { eventOf } from "./event.ts"
import { type Random, randomOf } from "./random.ts"

/** Few of each, so that events meet: starts meet ends, and two agents meet in one queue. */
const EACH = 2

/** When generated events happen. They share moments, so that ties are common. */
const START = Date.parse("2026-05-06T10:00:00.000Z")
const MOMENTS = 8
const MOMENT_MS = 20_000

const KIND = /(user|queue|session|conversation|station|source)Ids?$/i

/** Texts that decide something, by the name of their field. */
const texts: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["id", ["user-1", "user-2"]],
  ["action", ["MemberAdd", "MemberRemove", "Update", "Deactivate", "Activate"]],
  ["property", ["members", "presence", "state"]],
  ["oldValues", ["user-1", "user-2"]],
  ["newValues", ["user-1", "user-2", "On Queue", "Busy", "inactive"]]
])

/** What stands before a placeholder says what its id is of. */
const subjects: ReadonlyMap<string, string> = new Map([
  ["users", "user"],
  ["agent", "user"],
  ["queues", "queue"],
  ["conversation", "conversation"]
])

const entityTypes: ReadonlyMap<string, string> = new Map([
  ["Queue", "queue"],
  ["UserPresence", "user"],
  ["User", "user"]
])

const makeBodies = (random: Random) => {
  const one = (kind: string) => `${kind}-${1 + random.below(EACH)}`
  const moment = () => START + random.below(MOMENTS) * MOMENT_MS

  const text = (name: string): string => {
    const [, kind] = KIND.exec(name) ?? []
    if (kind !== undefined) return one(kind.toLowerCase())
    if (name === "interval") return `${iso(moment())}/${iso(moment() + random.below(2) * MOMENT_MS)}`
    return random.pick(texts.get(name) ?? [`${name}-1`, `${name}-2`])
  }

  const leaf = (type: string, name: string): Json | undefined => {
    switch (type) {
      case "time":
        return moment()
      case "number":
        return random.below(4)
      case "true or false":
        return random.below(2) === 0
      case "anything":
        return undefined
      default:
        return text(name)
    }
  }

  /** A value that a field may have, as the description of the body says; `undefined` for none. */
  const value = (field: Field, name: string): Json | undefined => {
    switch (field.kind) {
      case "leaf":
        return leaf(field.type, name)
      case "word":
        return random.pick(field.words)
      case "list":
        return Array.from({ length: random.below(3) }, () => value(field.items, name)).filter(
          (item) => item !== undefined
        )
      case "object": {
        // What is read as it comes holds counts, as far as it is known.
        const asItComes = field.read === undefined
        const parts: { [key: string]: Json } = {}
        for (const [key, part] of field.fields) {
          const made = asItComes && part.kind === "leaf" ? leaf("number", key) : value(part, key)
          if (made !== undefined && random.next() < 0.9) parts[key] = made
        }
        return parts
      }
    }
  }

  const ids = (template: string): ReadonlyArray<string> => {
    const entityType = random.pick([...entityTypes.keys()])
    return template.split(".").flatMap((segment, i, all) => {
      if (segment !== "{id}") return []
      const before = all[i - 1] ?? ""
      if (before === "entitytype") return [entityType]
      return [one(before === "entityid" ? (entityTypes.get(entityType) ?? "user") : (subjects.get(before) ?? "user"))]
    })
  }

  return { ids, moment, value }
}

/** How many of a hundred events are of a topic that was not asked for: they reach a projection only by its own mistake. */
const OTHERS = 10

/** Events of some topics and few of others, drawn by a seed. None where the contract knows none of the topics. */
export const generateEvents = (topics: ReadonlyArray<string>, seed: number, count: number): ReadonlyArray<Event> => {
  const known = topics.flatMap((topic): ReadonlyArray<Topic> => {
    const found = contract.get(topic)
    return found === undefined ? [] : [found]
  })
  if (known.length === 0) return []
  const random = randomOf(seed)
  const { ids, moment, value } = makeBodies(random)
  return Array.from({ length: count }, (_, i) => {
    const { template, body } = random.pick(random.below(100) < OTHERS ? allTopics : known)
    const made = value(body, "")
    return eventOf({
      id: `generated-${seed}-${i}`,
      topic: template,
      ids: ids(template),
      body: made as { readonly [key: string]: Json },
      at: moment() + random.below(3) * 400
    })
  })
}
