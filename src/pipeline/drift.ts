import { driftOf, topicName } from "../genesys/drift.ts"
import type { Event } from "../genesys/event.ts"
import { topics } from "../genesys/topics/index.ts"

/** Names of one sort in one report. What is counted beyond them is not named. */
const MAX_NAMES = 20

/** What a batch of events holds that the contract does not know. Counts are of events for topics, and of places for the rest. */
export interface DriftReport {
  readonly unknownTopics: number
  readonly unknownFields: number
  readonly unknownValues: number
  /** The same by topic of the contract. */
  readonly fieldsByTopic: Readonly<Record<string, number>>
  readonly valuesByTopic: Readonly<Record<string, number>>
  /** `v2.users.{id}.activity presence.mood`, and `v2.users.{id}.activity routingStatus.status=DOZING`. */
  readonly fieldNames: ReadonlyArray<string>
  readonly valueNames: ReadonlyArray<string>
}

/** How often each name occurs; those beyond the first `MAX_NAMES` count as `*`. */
export const tally = (names: Iterable<string>): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>()
  for (const name of names) {
    const key = counts.has(name) || counts.size < MAX_NAMES ? name : "*"
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return Object.fromEntries(counts)
}

/** Topics by the name that people may be told. */
export const tallyTopics = (events: ReadonlyArray<Event>): Readonly<Record<string, number>> =>
  tally(events.map(({ topic }) => topicName(topic)))

const add = (counts: Map<string, number>, key: string, count: number) => {
  if (count > 0) counts.set(key, (counts.get(key) ?? 0) + count)
}

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((all, count) => all + count, 0)

/** The drift of all these events. */
export const tallyDrift = (events: ReadonlyArray<Event>): DriftReport => {
  const [fields, values] = [new Map<string, number>(), new Map<string, number>()]
  const [fieldNames, valueNames] = [new Set<string>(), new Set<string>()]
  const keep = (kept: Set<string>, topic: string, names: ReadonlyArray<string>) => {
    for (const name of names) if (kept.size < MAX_NAMES) kept.add(`${topic} ${name}`)
  }
  let unknownTopics = 0
  for (const event of events) {
    const { topic } = event
    if (!topics.has(topic)) unknownTopics++
    const drift = driftOf(event)
    if (drift === undefined) continue
    add(fields, topic, drift.fields)
    add(values, topic, drift.values)
    keep(fieldNames, topic, drift.fieldNames)
    keep(valueNames, topic, drift.valueNames)
  }
  return {
    unknownTopics,
    unknownFields: sum(fields),
    unknownValues: sum(values),
    fieldsByTopic: Object.fromEntries(fields),
    valuesByTopic: Object.fromEntries(values),
    fieldNames: [...fieldNames],
    valueNames: [...valueNames]
  }
}
