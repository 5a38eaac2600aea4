import { fillTemplate } from "../genesys/template.ts"
import type { Body } from "./bodies.ts"
import type { Random } from "./random.ts"
import { unknownTopics } from "./topics.ts"

/** What goes wrong per event at chaos 1; at chaos 0.1 it is a tenth of it. */
export const chaosRates = {
  /** The same bytes once more, within a minute: EventBridge delivered twice. */
  duplicate: 0.05,
  /** The same content under a new id, within half a minute: Genesys sent twice. */
  resend: 0.02,
  /** Delivered five seconds to five minutes late. */
  late: 0.03,
  /** Held back for up to five seconds, so that later events overtake it. */
  overtaken: 0.1,
  /** Another event comes with it, of a topic that nothing folds. */
  unknownTopic: 0.03,
  /** A corrupted copy comes with it, under an id of its own. */
  malformed: 0.02,
  /** All its clocks are minutes to hours ahead. */
  clockAhead: 0.01,
  /** An enumeration has a value that nobody has seen yet. */
  unknownEnum: 0.02,
  /** Fields that are in no schema, at three levels. */
  extraField: 0.05
} as const

export type Mishap = keyof typeof chaosRates

/** Which mishaps befall one event. */
export const drawMishaps = (random: Random, chaos: number): ReadonlySet<Mishap> => {
  const drawn = new Set<Mishap>()
  if (chaos > 0)
    for (const mishap of Object.keys(chaosRates) as ReadonlyArray<Mishap>)
      if (random.chance(chaosRates[mishap] * chaos)) drawn.add(mishap)
  return drawn
}

/** How much later than usual it is delivered, ms. */
export const delayOf = (random: Random, mishaps: ReadonlySet<Mishap>): number => {
  if (mishaps.has("late")) return Math.round(5_000 * 60 ** random.next())
  return mishaps.has("overtaken") ? random.whole(500, 5_000) : 0
}

const CLOCKS = new Set(["modifiedDate", "startTime", "dateActiveQueuesChanged", "eventTime", "currentStateStart"])
const NOVELTIES: { readonly [field: string]: string } = {
  status: "PONDERING",
  systemPresence: "SIESTA",
  mediaType: "HOLOGRAM",
  currentState: "DAYDREAM",
  disconnectType: "VANISHED",
  acdOutcome: "POSTPONED",
  action: "MemberClone"
}

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value)

/** The body with every field replaced for which `change` knows a replacement, at any depth of objects. */
const rewrite = (body: Body, change: (field: string, value: unknown) => unknown): Body =>
  Object.fromEntries(
    Object.entries(body).map(([field, value]) => [
      field,
      isBody(value) ? rewrite(value, change) : (change(field, value) ?? value)
    ])
  )

const ahead = (body: Body, ms: number): Body =>
  rewrite(body, (field, value) => {
    if (!CLOCKS.has(field)) return undefined
    if (typeof value === "number") return value + ms
    return typeof value === "string" ? new Date(Date.parse(value) + ms).toISOString() : undefined
  })

const novel = (body: Body): Body =>
  rewrite(body, (field, value) =>
    typeof value === "string" && Object.hasOwn(NOVELTIES, field) ? NOVELTIES[field] : undefined
  )

/** The body as the mishaps leave it. */
export const disturb = (random: Random, mishaps: ReadonlySet<Mishap>, body: Body): Body => {
  let disturbed = body
  if (mishaps.has("clockAhead")) disturbed = ahead(disturbed, random.whole(6 * 60_000, 2 * 3_600_000))
  if (mishaps.has("unknownEnum")) disturbed = novel(disturbed)
  if (mishaps.has("extraField"))
    disturbed = { ...disturbed, futureField: { nested: [1, { deeper: true }], label: "not in any schema" }, x: null }
  return disturbed
}

/** An event that nothing folds: its resolved name, template and body. */
export const unknownEvent = (random: Random, id: () => string, at: number): readonly [string, string, Body] => {
  const topic = random.pick(unknownTopics)
  const subject = id()
  const body = {
    eventTime: at,
    id: subject,
    conversationId: id(),
    transcripts: [
      { utteranceId: id(), isFinal: true, alternatives: [{ confidence: 0.93, transcript: "one moment please" }] }
    ]
  }
  return [fillTemplate(topic, [subject]), topic, body]
}

type Corruption = (envelope: Body, line: string, random: Random) => string

/** The ways in which a record can be broken, by name. */
export const corruptions: { readonly [name: string]: Corruption } = {
  truncated: (_, line, random) => line.slice(0, random.whole(1, line.length - 1)),
  notJson: (_, __, random) =>
    random.pick(["", "<html><body>502 Bad Gateway</body></html>", "undefined", "\u0000\u0001", "{'id':1}"]),
  notAnObject: (_, __, random) => random.pick(["[]", "null", "42", '"an event"']),
  missingId: (envelope) => JSON.stringify({ ...envelope, id: undefined }),
  missingDetail: (envelope) => JSON.stringify({ ...envelope, detail: undefined }),
  hugeNumber: (_, line) => line.replace('"eventBody":{', '"eventBody":{"count":1e309,'),
  tooDeep: (_, line) => line.replace('"eventBody":{', `"eventBody":{"deep":${"[".repeat(400)}${"]".repeat(400)},`)
}

export const corrupt = (random: Random, envelope: Body): string => {
  const ways = Object.values(corruptions)
  return random.pick(ways)(envelope, JSON.stringify(envelope), random)
}
