import { type Agent, media, type Work } from "../model.ts"
import { filterOf, type Predicate } from "./filter.ts"
import { type Asked, fieldsOf, invalid, iso, notFound, ok, type Reply, type Route } from "./route.ts"

const VIEW = ["analytics:agentState:view"]

/** Who may know whom a status is of. */
const NAMES = "analytics:agentStateNames:view"

/** An answer shows so many agents, whoever else there is. */
const MOST = 50

const sessionOf = ({ conversation, queue, sessionId, since, segment, entered }: Work) => ({
  conversationId: conversation.id,
  sessionId,
  sessionStart: iso(since),
  segmentStart: iso(entered),
  segmentType: segment.toLowerCase(),
  routedQueueId: queue.id,
  requestedRoutingSkillIds: [],
  originatingDirection: "inbound",
  mediaType: media[conversation.medium].lower
})

const statusOf = ({ may }: Asked, agent: Agent) => ({
  ...(may(NAMES) ? { userId: agent.id, userName: agent.name } : {}),
  divisionId: agent.division.id,
  systemPresence: agent.presence.system,
  organizationPresenceId: agent.presence.definition,
  presenceDate: iso(agent.presence.since),
  routingStatus: agent.routing.status,
  routingStatusDate: iso(agent.routing.since),
  isOutOfOffice: agent.outOfOffice.active,
  sessionCount: agent.work.size,
  sessions: [...agent.work].map(sessionOf)
})

const tests: Readonly<Record<string, (agent: Agent, value: string) => boolean>> = {
  userId: ({ id }, value) => id === value,
  divisionId: ({ division }, value) => division.id === value,
  systemPresence: ({ presence }, value) => presence.system === value,
  routingStatus: ({ routing }, value) => routing.status === value,
  organizationPresenceId: ({ presence }, value) => presence.definition === value,
  isOutOfOffice: ({ outOfOffice }, value) => String(outOfOffice.active) === value,
  online: ({ presence }, value) => String(presence.system !== "OFFLINE") === value,
  queueId: ({ memberOf }, value) => memberOf.some(({ id }) => id === value),
  activeQueueId: ({ active }, value) => active.queues.some(({ id }) => id === value),
  inactiveQueueId: ({ memberOf, active }, value) =>
    memberOf.some(({ id }) => id === value) && !active.queues.some(({ id }) => id === value)
}

const matches = (agent: Agent, { dimension, value }: Predicate): boolean => tests[dimension]?.(agent, value) ?? false

const query = (asked: Asked): Reply => {
  const { userFilter } = fieldsOf(asked.body)
  const filter = userFilter === undefined ? { passes: () => true } : filterOf(userFilter, Object.keys(tests), matches)
  if (typeof filter === "string") return invalid(`userFilter: ${filter}`)
  // The order is by name unless the query says otherwise, and who comes after the fiftieth is not shown.
  const found = asked.population.agents
    .filter((agent) => !agent.deactivated && filter.passes(agent))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return ok({ entities: found.slice(0, MOST).map((agent) => statusOf(asked, agent)) })
}

export const agentStatusRoutes: ReadonlyArray<Route> = [
  { method: "POST", path: "/api/v2/analytics/agents/status/query", permissions: VIEW, reply: query },
  {
    method: "GET",
    path: "/api/v2/analytics/agents/{id}/status",
    permissions: VIEW,
    reply: (asked) => {
      const agent = asked.population.agents.find(({ id, deactivated }) => id === asked.id && !deactivated)
      return agent === undefined ? notFound("User") : ok(statusOf(asked, agent))
    }
  }
]
