import { agentMetrics, countsOf } from "../bodies.ts"
import { allMedia, type Medium, media, type Queue } from "../model.ts"
import type { Faults } from "./faults.ts"
import { filterOf, type Predicate } from "./filter.ts"
import { type Asked, fieldsOf, invalid, iso, ok, type Reply, type Route } from "./route.ts"

const COUNTS = ["oWaiting", "oAlerting", "oInteracting"] as const
type Count = (typeof COUNTS)[number]

const OF_AGENTS = ["oOnQueueUsers", "oUserRoutingStatuses"]
const METRICS = [
  ...COUNTS,
  ...OF_AGENTS,
  ...["oActiveUsers", "oMemberUsers", "oOffQueueUsers", "oUserPresences", "oLongestWaiting", "oLongestInteracting"]
]

/** A list shows so many, the oldest half and the newest half, and then says that it is truncated. */
const LISTED = 100

/** A query may be of so many queues. */
const QUEUES = 100

interface Observation {
  readonly observationDate: string
  readonly conversationId: string
  readonly sessionId: string
  readonly [field: string]: unknown
}

const waitingIn = (queue: Queue, medium: Medium): ReadonlyArray<Observation> =>
  [...queue.waiting].flatMap(([sessionId, { id, medium: own, acd, contact }]) =>
    own === medium && acd !== undefined
      ? [
          {
            observationDate: iso(acd.since),
            conversationId: id,
            sessionId,
            routingPriority: 0,
            direction: "inbound",
            ...(contact.ani === undefined ? {} : { ani: contact.ani, participantName: "a customer" })
          }
        ]
      : []
  )

const engagedIn = (queue: Queue, medium: Medium, alerting: boolean): ReadonlyArray<Observation> =>
  [...queue.engaged]
    .filter(({ conversation, segment }) => conversation.medium === medium && (segment === "ALERT") === alerting)
    .map(({ conversation, sessionId, since, entered, agent }) => ({
      observationDate: iso(alerting ? since : entered),
      conversationId: conversation.id,
      sessionId,
      userId: agent.id,
      direction: "inbound"
    }))

const observed = (queue: Queue, medium: Medium, metric: Count): ReadonlyArray<Observation> =>
  (metric === "oWaiting" ? waitingIn(queue, medium) : engagedIn(queue, medium, metric === "oAlerting")).toSorted(
    (a, b) => (a.observationDate < b.observationDate ? -1 : 1)
  )

const cut = (all: ReadonlyArray<Observation>, faults: Faults) => {
  const most = all.length > 1 && faults.happens("truncated") ? Math.ceil(all.length / 2) : LISTED
  if (all.length <= most) return { truncated: false, observations: all }
  const oldest = Math.ceil(most / 2)
  return {
    truncated: true,
    observations: [...all.slice(0, oldest), ...all.slice(all.length - (most - oldest))]
  }
}

interface Group {
  readonly queue: Queue
  readonly medium: Medium | undefined
}

const matches = ({ queue, medium }: Group, { dimension, value }: Predicate): boolean =>
  dimension === "queueId" ? queue.id === value : medium === undefined || media[medium].lower === value

const dataOf = (
  { queue, medium }: Group,
  metrics: ReadonlyArray<string>,
  details: ReadonlySet<string>,
  faults: Faults
) =>
  medium === undefined
    ? agentMetrics(queue).filter(({ metric }) => metrics.includes(metric))
    : COUNTS.filter((metric) => metrics.includes(metric)).map((metric) => ({
        metric,
        stats: { count: countsOf(queue, medium)[metric] ?? 0 },
        ...(details.has(metric) ? cut(observed(queue, medium, metric), faults) : {})
      }))

const isQuiet = (data: ReturnType<typeof dataOf>): boolean => data.every(({ stats }) => stats.count === 0)

const textsOf = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((text): text is string => typeof text === "string") : []

const query = ({ body, population, faults }: Asked): Reply => {
  const { filter: wanted, metrics: named, detailMetrics } = fieldsOf(body)
  const filter = filterOf(wanted, ["queueId", "mediaType"], matches)
  if (typeof filter === "string") return invalid(`filter: ${filter}`)
  if (filter.predicates.length > QUEUES) return invalid(`filter: more than ${QUEUES} predicates`)
  const metrics = named === undefined ? METRICS : textsOf(named)
  const unknown = [...metrics, ...textsOf(detailMetrics)].find((metric) => !METRICS.includes(metric))
  if (unknown !== undefined) return invalid(`metrics: ${unknown} is no metric of queues`)
  const details = new Set(textsOf(detailMetrics))
  const queueIds = new Set(
    filter.predicates.flatMap(({ dimension, value }) => (dimension === "queueId" ? [value] : []))
  )
  if (queueIds.size === 0) return invalid("filter: a queueId is required")

  const groups = population.queues
    .filter(({ id }) => queueIds.has(id))
    .flatMap(
      (queue): ReadonlyArray<Group> => [
        ...allMedia.filter((medium) => queue.media.has(medium)).map((medium) => ({ queue, medium })),
        ...(metrics.some((metric) => OF_AGENTS.includes(metric)) ? [{ queue, medium: undefined }] : [])
      ]
    )
    .filter(filter.passes)
  const results = groups.flatMap((group) => {
    const data = dataOf(group, metrics, details, faults)
    if (isQuiet(data) && faults.happens("silentGroup")) return []
    const mediaType = group.medium === undefined ? {} : { mediaType: media[group.medium].lower }
    return [{ group: { queueId: group.queue.id, ...mediaType }, data }]
  })
  const mappings = Object.fromEntries([...population.definitions].map(([system, ids]) => [system, ids]))
  return ok({ systemToOrganizationMappings: mappings, results })
}

export const observationRoutes: ReadonlyArray<Route> = [
  {
    method: "POST",
    path: "/api/v2/analytics/queues/observations/query",
    permissions: ["analytics:queueObservation:view"],
    reply: query
  }
]
