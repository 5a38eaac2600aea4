import type { UserState } from "../genesys/event.ts"
import { normaliseRoutingStatus } from "../genesys/presence.ts"
import { isUuid } from "../genesys/template.ts"
import { parseTime } from "../genesys/time.ts"
import { conversationSummary } from "../genesys/topics/conversation-summary.ts"
import { presenceValue } from "../genesys/topics/facets.ts"
import { station } from "../genesys/topics/station.ts"
import { type Fields, fieldsOf, textOf } from "./http.ts"
import { isId } from "./integration-fields.ts"
import type {
  AgentSession,
  AgentStatus,
  FormerState,
  FormerUser,
  OrganisationName,
  OrganisationQueue,
  OrganisationUser,
  QueueMember,
  QueueObservation,
  Said,
  Waiting
} from "./organisation.ts"

/** An object without the fields that have no value. */
const present = <A extends object>(fields: { readonly [K in keyof A]: A[K] | undefined }): A =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as A

const listOf = (value: unknown): ReadonlyArray<Fields> => (Array.isArray(value) ? value.map(fieldsOf) : [])

/** The list of a page; undefined where there is none, which is no empty page. */
export const entitiesOf = (body: Fields): ReadonlyArray<Fields> | undefined =>
  Array.isArray(body.entities) ? listOf(body.entities) : undefined

/** An id as events spell it; undefined for what is no id of Genesys, and might change a path or be no key of a table. */
const idIn = (value: unknown): string | undefined => {
  const id = textOf(value)
  return id === undefined || !isId(id) ? undefined : isUuid(id) ? id.toLowerCase() : id
}

const idOf = (value: unknown): string | undefined => idIn(fieldsOf(value).id)

/** Analytics writes words in lower case, where events write them in capitals. */
const upper = (value: unknown): string | undefined => textOf(value)?.toUpperCase()

const said = <A>(value: A | undefined, since: unknown): Said<A> | undefined => {
  if (value === undefined) return undefined
  const clock = parseTime(since)
  return clock === undefined ? { value } : { value, since: clock }
}

/** Another source than the primary one does not speak for the agent. */
const presenceOf = (value: unknown): Said<{ systemPresence: string; definitionId?: string }> | undefined => {
  const { presenceDefinition, modifiedDate, primary } = fieldsOf(value)
  const { id, systemPresence } = fieldsOf(presenceDefinition)
  const definition = present<{ id?: string; systemPresence?: string }>({
    id: textOf(id),
    systemPresence: textOf(systemPresence)
  })
  return primary === false ? undefined : said(presenceValue(definition), modifiedDate)
}

const routingStatusOf = (value: unknown): Said<string> | undefined => {
  const { status, startTime } = fieldsOf(value)
  const word = textOf(status)
  return said(word === undefined ? undefined : normaliseRoutingStatus(word), startTime)
}

const STATES: ReadonlySet<unknown> = new Set(["active", "inactive", "deleted"] satisfies ReadonlyArray<UserState>)

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value)

/** A user; undefined for what has no id. Bodies that topics have as well are read as topics read them. */
export const userOf = (body: Fields): OrganisationUser | undefined => {
  const id = idIn(body.id)
  if (id === undefined) return undefined
  const summary = isObject(body.conversationSummary)
    ? conversationSummary.read(`v2.users.${id}.conversationsummary`, body.conversationSummary, undefined, 0)
    : undefined
  const at = isObject(body.station) ? station.read(`v2.users.${id}.station`, body.station, undefined, 0) : undefined
  const [stationFacet] = at?.facets ?? []
  const { active } = fieldsOf(body.outOfOffice)
  return {
    id,
    ...present<Omit<OrganisationUser, "id" | "conversations">>({
      name: textOf(body.name),
      email: textOf(body.email),
      division: idOf(body.division),
      team: idOf(body.team),
      teamName: textOf(fieldsOf(body.team).name),
      state: STATES.has(body.state) ? (body.state as UserState) : undefined,
      presence: presenceOf(body.presence),
      routingStatus: routingStatusOf(body.routingStatus),
      outOfOffice: typeof active === "boolean" ? active : undefined,
      station: stationFacet?.facet === "station" ? stationFacet.value : undefined
    }),
    conversations: (summary?.facets ?? []).flatMap((facet) =>
      facet.facet === "conversations" ? [{ media: facet.media, value: facet.value }] : []
    )
  }
}

/** A user of a list of those in a state; undefined for one in another. */
export const formerOf =
  (wanted: FormerState) =>
  (body: Fields): FormerUser | undefined => {
    const id = idIn(body.id)
    return id === undefined || body.state !== wanted ? undefined : { id, state: wanted }
  }

export const queueOf = (body: Fields): OrganisationQueue | undefined => {
  const id = idIn(body.id)
  return id === undefined
    ? undefined
    : { id, ...present<Omit<OrganisationQueue, "id">>({ name: textOf(body.name), division: idOf(body.division) }) }
}

export const memberOf = (body: Fields): QueueMember | undefined => {
  const userId = idOf(body.user) ?? idIn(body.id)
  return userId === undefined || typeof body.joined !== "boolean" ? undefined : { userId, joined: body.joined }
}

export const nameOf = (body: Fields): OrganisationName | undefined => {
  const id = idIn(body.id)
  return id === undefined ? undefined : { id, ...present<{ name?: string }>({ name: textOf(body.name) }) }
}

/** The keys under which a label in a language may be: `pt_BR` and `pt` for the organisation's `pt-br`, and then English. */
export const labelKeys = (language: string | undefined): ReadonlyArray<string> => {
  const [tongue = "", region] = (language ?? "").toLowerCase().split(/[-_]/)
  return [...(region === undefined ? [] : [`${tongue}_${region.toUpperCase()}`]), tongue, "en_US", "en"]
}

/** The label of a presence by the first key that it has. */
export const presenceNameOf =
  (keys: ReadonlyArray<string>) =>
  (body: Fields): OrganisationName | undefined => {
    const id = idIn(body.id)
    const labels = fieldsOf(body.languageLabels)
    const found = keys.map((key) => (Object.hasOwn(labels, key) ? textOf(labels[key]) : undefined))
    const name = found.find((label) => label !== undefined) ?? textOf(body.name)
    return id === undefined ? undefined : { id, ...present<{ name?: string }>({ name }) }
  }

const sessionOf = (body: Fields): AgentSession | undefined => {
  const [sessionId, state] = [idIn(body.sessionId), upper(body.segmentType)]
  if (sessionId === undefined || state === undefined) return undefined
  return {
    sessionId,
    state,
    ...present<Omit<AgentSession, "sessionId" | "state">>({
      since: parseTime(body.segmentStart),
      sessionStart: parseTime(body.sessionStart),
      conversationId: idIn(body.conversationId),
      queueId: idIn(body.routedQueueId),
      mediaType: upper(body.mediaType),
      direction: upper(body.originatingDirection)
    })
  }
}

/** The status of an agent; undefined where it does not say whose it is, which the API does only with a permission. */
export const statusOf = (body: Fields): AgentStatus | undefined => {
  const userId = idIn(body.userId)
  if (userId === undefined) return undefined
  const listed = listOf(body.sessions)
  const sessions = listed.map(sessionOf).filter((session) => session !== undefined)
  const distinct = new Set(sessions.map(({ sessionId }) => sessionId)).size
  const complete =
    typeof body.sessionCount === "number" &&
    body.sessionCount === distinct &&
    (Array.isArray(body.sessions) || body.sessionCount === 0)
  return { userId, complete, sessions }
}

const waitingOf = (media: string | undefined, body: Fields): Waiting | undefined => {
  const conversationId = idIn(body.conversationId)
  if (conversationId === undefined) return undefined
  return {
    conversationId,
    ...present<Omit<Waiting, "conversationId">>({
      sessionId: idIn(body.sessionId),
      since: parseTime(body.observationDate),
      mediaType: media,
      direction: upper(body.direction)
    })
  }
}

interface Counted {
  readonly metric: unknown
  readonly media: string | undefined
  readonly count: unknown
  readonly complete: boolean
  readonly found: ReadonlyArray<Waiting>
}

/** A metric of a group with its conversations. Complete: as many as are counted, and none cut off. */
const countedIn = (media: string | undefined, body: Fields): Counted => {
  const found = listOf(body.observations).map((one) => waitingOf(media, one))
  const known = found.filter((one) => one !== undefined)
  const { count } = fieldsOf(body.stats)
  const complete = body.truncated !== true && count === known.length
  return { metric: body.metric, media, count, complete, found: known }
}

/** What the groups of a queue say of a metric. One without a medium counts over all media, and lists nothing. */
const metricOf = (metric: string, groups: ReadonlyArray<Counted>) => {
  const all = groups.filter((one) => one.metric === metric)
  const listed = all.filter(({ media }) => media !== undefined)
  const found = listed.flatMap((one) => one.found)
  const addsUp = all.every(({ media, count }) => media !== undefined || count === found.length)
  return { found, complete: addsUp && listed.every(({ complete }) => complete) }
}

/** What is said of each queue of which something is said. */
export const observationsOf = (body: Fields): ReadonlyArray<QueueObservation> | undefined => {
  if (!Array.isArray(body.results)) return undefined
  const queues = new Map<string, { readonly groups: Array<Counted>; whole: boolean }>()
  for (const { group, data } of listOf(body.results)) {
    const { queueId, mediaType } = fieldsOf(group)
    const id = idIn(queueId)
    if (id === undefined) continue
    const media = upper(mediaType)
    const queue = queues.get(id) ?? { groups: [], whole: true }
    queue.groups.push(...listOf(data).map((one) => countedIn(media, one)))
    queue.whole &&= Array.isArray(data)
    queues.set(id, queue)
  }
  return [...queues].map(([queueId, { groups, whole }]) => {
    const [waiting, alerting] = [metricOf("oWaiting", groups), metricOf("oAlerting", groups)]
    const complete = whole && waiting.complete && alerting.complete
    return { queueId, complete, waiting: waiting.found, alerting: alerting.found }
  })
}
