import type { SeededRandom } from "aws-in-process/random"
import { Result } from "effect"
import type { Delivery } from "../../src/simulator/wire.ts"

/** In every planted value, in some form. */
const MARK = "kanarie"

/** What has the form of a name and may be told. */
export const TOLD = { field: "kanarieField", word: "KANARIE_WORD", topic: "v2.kanarie.{id}.sings" } as const

/** Something that somebody might have said, typed or been called, with the place where it was planted. */
const person = (place: string, random: SeededRandom): string =>
  random.pick([
    `${MARK}~${place}~@example.com`,
    `Ms ${MARK}~${place}~ Åsa`,
    `+49 555 0100 ${MARK}~${place}~`,
    `"${MARK}~${place}~"\n\\`,
    `${MARK}~${place}~4471`
  ])

type Json = unknown
type Fields = { [key: string]: Json }

/** Fields that hold people's data in one topic or another; here in all of them. No table shows them. */
export const PERSONAL: ReadonlyArray<string> = [
  "ani",
  "dnis",
  "addressTo",
  "addressFrom",
  "callbackUserName",
  "subject",
  "wrapupNotes",
  "presenceMessage",
  "message",
  "userDisplay",
  "provider",
  "utilizationLabel",
  "participantName",
  "notes",
  "remoteIp",
  "callbackNumbers"
]

const plantBody = (body: Fields, random: SeededRandom): Fields => ({
  ...body,
  ...Object.fromEntries(PERSONAL.map((name) => [name, person(name, random)])),
  callbackNumbers: [person("callbackNumbers", random)],
  username: { id: person("username-id", random), name: person("username-name", random) },
  entity: { id: person("entity-id", random), name: person("entity-name", random) },
  errorInfo: { userMessage: person("errorInfo", random), errorCode: person("errorCode", random) },
  [person("key", random)]: { [person("deep-key", random)]: person("deep", random) }
})

/** What may be planted in one event beside the personal fields, by place. */
const odd: Readonly<Record<string, (event: Fields, body: Fields, detail: Fields, random: SeededRandom) => void>> = {
  id: (event, _, __, random) => {
    event.id = person("id", random)
  },
  topic: (event, _, __, random) => {
    event["detail-type"] = `v2.users.${person("topic", random)}.presence`
  },
  topicName: (_, __, detail, random) => {
    detail.topicName = String(detail.topicName).replace(/[0-9a-f-]{36}/, person("topicName", random))
  },
  words: (_, body, __, random) => {
    for (const name of ["mediaType", "direction", "currentState", "disconnectType", "acdOutcome", "messageType"])
      body[name] = person(name, random)
    body.routingStatus = { status: person("status", random), startTime: person("startTime", random) }
    body.presenceDefinition = { id: person("definition", random), systemPresence: person("systemPresence", random) }
    body.presence = { presenceDefinition: body.presenceDefinition, modifiedDate: person("modifiedDate", random) }
  },
  ids: (_, body, __, random) => {
    for (const name of ["userId", "queueId", "conversationId", "sessionId", "participantId", "externalContactId"])
      body[name] = person(name, random)
    body.activeQueueIds = [person("activeQueueIds", random)]
  },
  eventTime: (_, body, __, random) => {
    body.eventTime = person("eventTime", random)
    body.currentStateStart = person("currentStateStart", random)
  },
  timestamp: (_, __, detail, random) => {
    detail.timestamp = person("timestamp", random)
  },
  time: (event, _, __, random) => {
    event.time = person("time", random)
  },
  account: (event, _, __, random) => {
    event.account = person("account", random)
    event.resources = [person("resources", random)]
    event[person("envelope-key", random)] = person("envelope", random)
  },
  metadata: (_, __, detail, random) => {
    detail.metadata = { CorrelationId: person("correlation", random), [person("metadata-key", random)]: 1 }
  },
  longId: (event, _, __, random) => {
    event.id = person("id", random).repeat(200)
  },
  missingTopic: (_, __, detail, random) => {
    detail.topicName = [person("topicName", random)]
  },
  hugeNumber: (_, body, __, random) => {
    body[person("number-key", random)] = 2 ** 60
  },
  deep: (_, body, __, random) => {
    let deep: Json = person("depth", random)
    for (let i = 0; i < 80; i++) deep = { [person("level", random)]: deep }
    body.deep = deep
  },
  overflow: (_, body, __, random) => {
    body.novel = Array.from({ length: 12_000 }, (_, i) => person(`novel-${i}`, random)).join(" ")
  }
}

const ruined: Readonly<Record<string, (line: string, random: SeededRandom) => string>> = {
  cut: (line, random) => line.slice(0, Math.floor(line.length * random.next())),
  text: (_, random) => `${person("line", random)} is no event`,
  list: (_, random) => JSON.stringify([person("list", random)]),
  word: (_, random) => JSON.stringify(person("word", random)),
  number: (line, random) =>
    line.replace('"eventBody":{', `"eventBody":{${JSON.stringify(person("number", random))}:1e309,`)
}

const isFields = (value: Json): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value)

/** The event in a line; undefined for a line that was ruined on its way already. */
const sound = (line: string): Fields | undefined => {
  const parsed = Result.try(() => JSON.parse(line) as Json)
  if (Result.isFailure(parsed) || !isFields(parsed.success)) return undefined
  return isFields(parsed.success.detail) ? parsed.success : undefined
}

/**
 * The same deliveries with values planted in every event: in each personal field and, by turns, in an odd place; some are told apart
 * from others by content alone, and some are ruined.
 */
export const plant = (history: ReadonlyArray<Delivery>, random: SeededRandom): ReadonlyArray<Delivery> => {
  const places = Object.keys(odd)
  const ways = Object.keys(ruined)
  return history.flatMap((delivery, i) => {
    const event = sound(delivery.line)
    if (event === undefined) return [{ ...delivery, line: delivery.line + person("ruin", random) }]
    const detail = { ...(event.detail as Fields) }
    const body = plantBody({ ...((detail.eventBody ?? {}) as Fields) }, random)
    detail.eventBody = body
    event.detail = detail
    const place = i % 3 === 0 ? places[(i / 3) % places.length] : undefined
    // Half a megabyte each: a few will do.
    if (place !== undefined && (place !== "overflow" || i < 300)) odd[place]?.(event, body, detail, random)
    const line = JSON.stringify(event)
    const way = i % 17 === 0 ? ruined[ways[(i / 17) % ways.length] ?? ""] : undefined
    const planted = { ...delivery, line: way === undefined ? line : way(line, random) }
    if (i % 23 !== 0) return [planted]
    const other = JSON.stringify({
      ...event,
      detail: { ...detail, eventBody: { ...body, more: person("more", random) } }
    })
    return [planted, { ...planted, at: delivery.at + 50, line: other }]
  })
}

/** Events that hold nothing but a name that may be told, each at its time. */
export const plantTold = (line: string, at: number): ReadonlyArray<Delivery> => {
  const event = sound(line) as Fields
  const detail = event.detail as Fields
  const body = detail.eventBody as Fields
  const changed: ReadonlyArray<Fields> = [
    { detail: { ...detail, eventBody: { ...body, [TOLD.field]: 1 } } },
    { detail: { ...detail, eventBody: { ...body, routingStatus: { status: TOLD.word } } } },
    { "detail-type": TOLD.topic }
  ]
  return changed.map((change, i) => ({
    at,
    kind: "event",
    line: JSON.stringify({ ...event, id: `told-${i}`, ...change })
  }))
}

const decodings: ReadonlyArray<(text: string) => ReadonlyArray<string>> = [
  (text) => [text],
  (text) =>
    (text.match(/[A-Za-z0-9+/_-]{12,}={0,2}/g) ?? []).flatMap((run) =>
      [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), "base64").toString("latin1"))
    ),
  (text) => (text.match(/(?:[0-9a-fA-F]{2}){6,}/g) ?? []).map((run) => Buffer.from(run, "hex").toString("latin1"))
]

/** Whether a planted value is in a text: as it is, in any case, in part of a word, in base64 or in hexadecimal. */
export const sings = (text: string): boolean =>
  decodings.some((decode) => decode(text).some((decoded) => decoded.toLowerCase().includes(MARK)))

/** The places whose values are in a text as they are. */
export const placesIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/kanarie~([\w-]+)~/g)].map(([, place = ""]) => place))
