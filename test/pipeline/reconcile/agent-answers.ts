import { agents } from "../../../projections/agents.ts"
import type { Columns } from "../../../src/domain/projection.ts"
import type { Event } from "../../../src/genesys/event.ts"
import type { AgentSession } from "../../../src/genesys-api/organisation.ts"
import type { AgentAnswer, SaidOfSessions, SaidOfUser } from "../../../src/pipeline/reconcile/answers.ts"
import { AGENT, asked, CALL, compareAgent, event, heldBy, iso, noon, QUEUE, sent } from "./support.ts"

export const user = (said: Partial<SaidOfUser>): AgentAnswer => ({
  agentId: AGENT,
  user: { asked, said: { conversations: [], ...said } }
})
export const status = (sessions: ReadonlyArray<AgentSession>, complete = true): AgentAnswer => ({
  agentId: AGENT,
  status: { asked, said: { complete, sessions } satisfies SaidOfSessions }
})
export const interacting = (since: number | undefined, state = "INTERACT"): AgentSession => ({
  sessionId: "s1",
  state,
  conversationId: CALL,
  queueId: QUEUE,
  mediaType: "VOICE",
  ...(since === undefined ? {} : { since: noon + since })
})

export const presence = (systemPresence: string, at: number) =>
  event(
    "v2.users.{id}.presence",
    AGENT,
    { presenceDefinition: { id: "p", systemPresence }, primary: true, modifiedDate: iso(at) },
    at
  )
export const station = (id: string, at: number) =>
  event("v2.users.{id}.station", AGENT, { associatedStation: { id } }, at)
export const summary = (active: number, acw: number, at: number) =>
  event(
    "v2.users.{id}.conversationsummary",
    AGENT,
    { call: { contactCenter: { active, acw }, enterprise: { active: 0, acw: 0 } } },
    at
  )

export const compared = (answer: AgentAnswer, events: ReadonlyArray<Event>, when: Parameters<typeof heldBy>[2] = {}) =>
  compareAgent(answer, heldBy(AGENT, events, when))
export const stated = (answer: AgentAnswer, ...events: ReadonlyArray<Event>) =>
  compared(answer, events).statements.map(({ facet, at }) => [facet.facet, at - noon])
/** The agent's rows after what was stated has come in as well. */
export const healed = (answer: AgentAnswer, row: string, ...events: ReadonlyArray<Event>): Columns => {
  const { rows } = heldBy(AGENT, [...events, ...sent(compared(answer, events).statements)])
  return agents.view(row, rows.get(row) ?? new Map())
}
