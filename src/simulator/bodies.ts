import {
  type Agent,
  allMedia,
  type Conversation,
  media,
  type Population,
  type Queue,
  type Tally,
  type Work
} from "./model.ts"

/** The body of an event, ready to become JSON; an `undefined` field is left out. */
export type Body = { [field: string]: unknown }

const iso = (time: number): string => new Date(time).toISOString()

const definition = (agent: Agent): Body => ({ id: agent.presence.definition, systemPresence: agent.presence.system })
const routing = (agent: Agent): Body => ({ status: agent.routing.status, startTime: iso(agent.routing.since) })

export const activity = (agent: Agent, message: string): Body => ({
  id: agent.id,
  routingStatus: routing(agent),
  presence: {
    presenceDefinition: definition(agent),
    presenceMessage: message,
    modifiedDate: iso(agent.presence.since)
  },
  outOfOffice: { active: agent.outOfOffice.active, modifiedDate: iso(agent.outOfOffice.since) },
  activeQueueIds: agent.active.queues.map((queue) => queue.id),
  dateActiveQueuesChanged: iso(agent.active.since)
})

export const presence = (agent: Agent, message: string, dated: boolean): Body => ({
  source: "PURECLOUD",
  presenceDefinition: definition(agent),
  primary: true,
  message,
  modifiedDate: dated ? iso(agent.presence.since) : undefined
})

export const routingStatus = (agent: Agent): Body => ({ id: agent.id, routingStatus: routing(agent) })

const SUMMARY = ["call", "callback", "email", "message", "chat", "socialExpression", "video"] as const
export type Load = { readonly active: number; readonly acw: number }
const NO_LOAD: Load = { active: 0, acw: 0 }

/** What an agent holds in one medium: sessions in conversation, and in after-call work. Alerts do not count yet. */
export const loadOf = (agent: Agent, load: (typeof SUMMARY)[number]): Load => {
  const sum = { active: 0, acw: 0 }
  for (const { conversation, segment } of agent.work)
    if (media[conversation.medium].load === load && segment !== "ALERT") sum[segment === "WRAPUP" ? "acw" : "active"]++
  return sum
}

export const conversationSummary = (agent: Agent): Body => ({
  userId: agent.id,
  ...Object.fromEntries(
    SUMMARY.map((load) => [
      load,
      {
        contactCenter: loadOf(agent, load),
        enterprise: load === "call" && agent.calling ? { active: 1, acw: 0 } : NO_LOAD
      }
    ])
  )
})

export const outOfOffice = (agent: Agent, until: number): Body => ({
  user: { id: agent.id },
  active: agent.outOfOffice.active,
  indefinite: false,
  startDate: agent.outOfOffice.active ? iso(agent.outOfOffice.since) : undefined,
  endDate: agent.outOfOffice.active ? iso(until) : undefined
})

export const station = (agent: Agent): Body => ({
  associatedStation:
    agent.stationed && agent.station !== undefined ? { ...agent.station, associatedUser: { id: agent.id } } : null
})

export const member = (queue: Queue, agent: Agent, joined: boolean): Body => ({
  id: agent.id,
  user: { id: agent.id },
  queueId: queue.id,
  joined,
  additionalProperties: {}
})

/** Fields that all events of one party of a conversation share. */
const session = (
  conversation: Conversation,
  at: number,
  party: { readonly participantId: string; readonly sessionId: string }
): Body => ({
  eventTime: at,
  conversationId: conversation.id,
  participantId: party.participantId,
  sessionId: party.sessionId,
  mediaType: conversation.medium,
  ...conversation.contact
})

export const customer = (conversation: Conversation, at: number, population: Population): Body => ({
  ...session(conversation, at, conversation.customer),
  externalContactId: conversation.contactIds[0],
  divisionId: population.divisions[0]?.id,
  conversationExternalContactIds: conversation.contactIds
})

export const acd = (conversation: Conversation, at: number, party: NonNullable<Conversation["acd"]>): Body => ({
  ...session(conversation, at, party),
  queueId: conversation.queue.id,
  divisionId: conversation.queue.division.id,
  routingPriority: 0,
  conversationExternalContactIds: conversation.contactIds
})

export const user = (work: Work, at: number): Body => ({
  ...session(work.conversation, at, work),
  userId: work.agent.id,
  queueId: work.queue.id
})

export const agentState = (work: Work, at: number): Body => ({
  conversationId: work.conversation.id,
  sessionId: work.sessionId,
  sessionStart: work.since,
  currentStateStart: at,
  currentState: work.segment,
  userId: work.agent.id,
  originatingDirection: "INBOUND",
  mediaType: work.conversation.medium,
  queueId: work.queue.id
})

/** Counts of one medium in a queue, by metric. */
export const countsOf = (queue: Queue, medium: Conversation["medium"]): { readonly [metric: string]: number } => {
  const counts = { oWaiting: 0, oAlerting: 0, oInteracting: 0 }
  for (const conversation of queue.waiting.values()) if (conversation.medium === medium) counts.oWaiting++
  for (const work of queue.engaged)
    if (work.conversation.medium === medium) counts[work.segment === "ALERT" ? "oAlerting" : "oInteracting"]++
  return counts
}

export type Metric = {
  readonly metric: string
  readonly qualifier?: string
  readonly stats: { readonly [stat: string]: number }
}

/** `medium` is absent for a group over all media; `from` is `to` for an observation of one instant. */
export const observations = (
  queue: Queue,
  medium: string | undefined,
  [from, to]: readonly [number, number],
  metrics: ReadonlyArray<Metric>
): Body => ({
  group: { queueId: queue.id, mediaType: medium },
  data: [{ interval: `${iso(from)}/${iso(to)}`, metrics }]
})

/** The target of a service level that Genesys proposes for a new queue. */
const TARGET = 0.8

/** What happened in some time, as an aggregate of a medium lists it: what has not happened is left out. */
export const aggregateMetrics = (tally: Tally): ReadonlyArray<Metric> => {
  const { offered, answered, answeredInTime, abandoned, shortAbandoned } = tally
  // A short abandon counts neither way.
  const judged = answered + abandoned - shortAbandoned
  const metrics: ReadonlyArray<Metric> = [
    { metric: "nOffered", stats: { count: offered } },
    { metric: "tAnswered", stats: { count: answered, sum: tally.speedMs, max: tally.longestAnswerMs } },
    { metric: "tAbandon", stats: { count: abandoned, sum: tally.abandonedMs, max: tally.longestAbandonMs } },
    {
      metric: "oServiceLevel",
      stats: { ratio: answeredInTime / judged, numerator: answeredInTime, denominator: judged, target: TARGET }
    }
  ]
  return metrics.filter(({ stats: { count, denominator } }) => (count ?? denominator ?? 0) > 0)
}

/** Members by routing status, as the observation of a queue's agents lists them. */
export const agentMetrics = (queue: Queue): ReadonlyArray<Metric> => {
  const counts = new Map<string, number>()
  let onQueue = 0
  for (const agent of queue.members) {
    counts.set(agent.routing.status, (counts.get(agent.routing.status) ?? 0) + 1)
    if (agent.presence.system === "ON_QUEUE") onQueue++
  }
  const statuses = [...counts].map(([qualifier, count]) => ({
    metric: "oUserRoutingStatuses",
    qualifier,
    stats: { count }
  }))
  return [{ metric: "oOnQueueUsers", stats: { count: onQueue } }, ...statuses]
}

export const queueActivity = (queue: Queue, at: number): Body => {
  const results = allMedia
    .filter((medium) => queue.media.has(medium))
    .map((medium) => {
      const { oWaiting, oAlerting, oInteracting } = countsOf(queue, medium)
      const longest = [...queue.waiting.values()].find((conversation) => conversation.medium === medium)?.acd
      const data: Array<Body> = [
        { metric: "oWaiting", count: oWaiting },
        { metric: "oAlerting", count: oAlerting },
        { metric: "oInteracting", count: oInteracting }
      ]
      if (longest !== undefined)
        data.push({ metric: "oLongestWaiting", count: 1, calculatedMetricValue: Math.max(0, at - longest.since) })
      return { mediaType: media[medium].lower, data }
    })
  return { results }
}

/** An audit record: whole seconds, display words, a label and an address of who did it. */
export const audit = (record: {
  readonly id: string
  readonly at: number
  readonly by: Agent
  readonly serviceName: string
  readonly entityType: string
  readonly action: string
  readonly entity: Body
  readonly change: Body
  readonly remoteIp: string
}): Body => ({
  id: record.id,
  userId: record.by.id,
  username: { id: record.by.id, name: record.by.name },
  clientId: {},
  remoteIp: [record.remoteIp],
  serviceName: record.serviceName,
  level: "USER",
  eventTime: iso(Math.floor(record.at / 1_000) * 1_000),
  message: {},
  action: record.action,
  entityType: record.entityType,
  entity: record.entity,
  propertyChanges: [record.change]
})
