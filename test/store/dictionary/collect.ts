import { Result } from "effect"
import type { Json } from "../../../src/domain/json.ts"
import type { Field } from "../../../src/genesys/body.ts"
import { decodeEvent } from "../../../src/genesys/decoder.ts"
import { genesysDomains } from "../../../src/genesys/regions.ts"
import { allTopics } from "../../../src/genesys/topics/index.ts"
import { makeSimulator } from "../../../src/simulator/simulator.ts"
import { compactBody } from "../../../src/store/aws/body.ts"
import { clockOf } from "../../../src/store/aws/event-item.ts"
import type { Template } from "./corpus.ts"
import { makeScrub } from "./scrub.ts"

/** Centres that are listened to in the middle of their day, and the events of each. */
const [SEEDS, EVENTS, LIVED] = [[101, 102, 103, 104], 1_500, 600_000]

/** A template that was seen less often is left out: it is a template of few. */
const [LEAST, EXAMPLE, DOCUMENTED] = [3, 8, 2]

const START = Date.parse("2026-05-06T08:00:00.000Z")

const templateOf = (line: string): string => {
  const event = Result.getOrThrow(decodeEvent(line, START))
  return makeScrub(event.subject ?? "", clockOf(event))(JSON.parse(compactBody(event, event.envelope)))
}

const lived = (seed: number): ReadonlyArray<string> => {
  const source = "aws.partner/genesys.com/cloud/5ca1ab1e-0000-4000-8000-000000000001/centre"
  const centre = makeSimulator({
    seed,
    agents: 100,
    queues: 12,
    rate: 300,
    chaos: 0,
    start: START,
    lived: LIVED,
    source
  })
  return Array.from({ length: EVENTS }, centre.next).map(({ line }) => line)
}

/** A body with every field that is documented, since real events have more of them than simulated ones. */
const documented = (field: Field): Json => {
  if (field.kind === "word") return field.words[0] ?? ""
  if (field.kind === "list") return [documented(field.items)]
  if (field.kind === "object")
    return Object.fromEntries([...field.fields].map(([name, inner]) => [name, documented(inner)]))
  if (field.type === "text") return "unknown"
  return field.type === "time" ? START : field.type === "number" ? 0 : field.type === "true or false" ? false : null
}

/**
 * Templates of what simulated centres say, of the topics' examples and of what is documented of each topic, and the regions as words, in
 * order of their text.
 */
export const collect = (): ReadonlyArray<Template> => {
  const weights = new Map<string, number>()
  const add = (text: string, weight: number) => weights.set(text, (weights.get(text) ?? 0) + weight)
  for (const line of SEEDS.flatMap(lived)) add(templateOf(line), 1)
  for (const [text, weight] of weights) if (weight < LEAST) weights.delete(text)
  for (const { example, body } of allTopics) {
    add(templateOf(JSON.stringify(example)), EXAMPLE)
    const detail = { ...(example.detail as object), eventBody: documented(body) }
    add(templateOf(JSON.stringify({ ...example, detail })), DOCUMENTED)
  }
  const bodies = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  const regions = Object.keys(genesysDomains)
  for (const region of regions) add(region, Math.round(bodies / regions.length))
  return [...weights].map(([text, weight]) => ({ weight, text })).sort((one, other) => (one.text < other.text ? -1 : 1))
}
