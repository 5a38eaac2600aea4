import * as bodies from "../bodies.ts"
import type { Agent } from "../model.ts"
import { display } from "../presences.ts"
import { paged } from "./page.ts"
import { type Asked, iso, listed, notFound, ok, type Reply, type Route } from "./route.ts"

const ref = (kind: string, { id, name }: { readonly id: string; readonly name?: string }) => ({
  id,
  ...(name === undefined ? {} : { name }),
  selfUri: `/api/v2/${kind}/${id}`
})

export const divisionOf = ({ division }: { readonly division: Agent["division"] }) =>
  ref("authorization/divisions", division)

export const presenceOf = (agent: Agent) => ({
  id: "PURECLOUD",
  source: "PURECLOUD",
  primary: true,
  presenceDefinition: {
    id: agent.presence.definition,
    systemPresence: display(agent.presence.system),
    selfUri: `/api/v2/presence/definitions/${agent.presence.definition}`
  },
  message: "",
  modifiedDate: iso(agent.presence.since),
  selfUri: `/api/v2/users/${agent.id}/presences/PURECLOUD`
})

export const routingStatusOf = (agent: Agent) => ({
  userId: agent.id,
  status: agent.routing.status,
  startTime: iso(agent.routing.since)
})

const outOfOfficeOf = (agent: Agent) => ({
  user: ref("users", agent),
  active: agent.outOfOffice.active,
  indefinite: agent.outOfOffice.active,
  ...(agent.outOfOffice.active ? { startDate: iso(agent.outOfOffice.since) } : {}),
  selfUri: `/api/v2/users/${agent.id}/outofoffice`
})

const stationOf = (agent: Agent) =>
  agent.stationed && agent.station !== undefined
    ? { associatedStation: { ...agent.station, type: "inin_webrtc_softphone", associatedUser: ref("users", agent) } }
    : {}

/** Parts of a user that are shown only to those who ask. */
const expands: Readonly<Record<string, (agent: Agent) => unknown>> = {
  presence: presenceOf,
  routingStatus: routingStatusOf,
  conversationSummary: bodies.conversationSummary,
  outOfOffice: outOfOfficeOf,
  station: stationOf,
  team: (agent) => ref("teams", agent.team)
}

/** The parts of a user that were asked for, unless they are missing this time. */
export const expanded = ({ query, faults }: Asked, agent: Agent): { readonly [part: string]: unknown } =>
  Object.fromEntries(
    listed(query, "expand").flatMap((name) => {
      const make = Object.hasOwn(expands, name) ? expands[name] : undefined
      return make === undefined || faults.happens("missingExpand") ? [] : [[name, make(agent)] as const]
    })
  )

export const userOf = (asked: Asked, agent: Agent) => ({
  id: agent.id,
  name: agent.name,
  division: divisionOf(agent),
  chat: { jabberId: `${agent.id}@organisation.orgspan.com` },
  email: agent.email,
  primaryContactInfo: [{ address: agent.email, mediaType: "EMAIL", type: "PRIMARY" }],
  addresses: [],
  state: agent.deactivated ? "inactive" : "active",
  username: agent.email,
  version: 1 + agent.number,
  acdAutoAnswer: false,
  ...expanded(asked, agent),
  selfUri: `/api/v2/users/${agent.id}`
})

const STATES = { active: [false], inactive: [true], any: [false, true], deleted: [] } as const

const users = (asked: Asked): Reply => {
  const { query, population } = asked
  const state = query.get("state") ?? "active"
  const wanted: ReadonlyArray<boolean> = Object.hasOwn(STATES, state) ? STATES[state as keyof typeof STATES] : []
  const ids = new Set(listed(query, "id"))
  const found = population.agents.filter(
    ({ id, deactivated }) => wanted.includes(deactivated) && (ids.size === 0 || ids.has(id))
  )
  return paged(asked, 500, found, (agent) => userOf(asked, agent))
}

const agentOf = ({ id, population }: Asked) => population.agents.find((agent) => agent.id === id)

export const userRoutes: ReadonlyArray<Route> = [
  { method: "GET", path: "/api/v2/users", permissions: ["directory:user:view"], reply: users },
  {
    method: "GET",
    path: "/api/v2/users/{id}",
    reply: (asked) => {
      const agent = agentOf(asked)
      return agent === undefined ? notFound("User") : ok(userOf(asked, agent))
    }
  },
  {
    method: "GET",
    path: "/api/v2/users/{id}/presences/purecloud",
    reply: (asked) => {
      const agent = agentOf(asked)
      return agent === undefined ? notFound("User") : ok({ userId: agent.id, ...presenceOf(agent) })
    }
  },
  {
    method: "GET",
    path: "/api/v2/users/{id}/routingstatus",
    // Of a user who does not exist the API says OFF_QUEUE.
    reply: (asked) => {
      const agent = agentOf(asked)
      return ok(agent === undefined ? { userId: asked.id, status: "OFF_QUEUE" } : routingStatusOf(agent))
    }
  }
]
