import type { Derivation, DerivedRow } from "../src/domain/derivation.ts"
import type { Json } from "../src/domain/json.ts"
import type { Register } from "../src/domain/row.ts"
import {
  type Agent,
  agentsOf,
  answererOf,
  clockOf,
  customersGone,
  earliest,
  isAfter,
  isFor,
  isWait,
  nextWait,
  type Session,
  servedUntil,
  sessionsOf,
  type Wait,
  waitsOf
} from "./conversation-sessions.ts"
import { type Fact, namedIn } from "./fact.ts"
import { CONNECTION, type Connection, known, sessionRow } from "./session.ts"

/** What decided, and what it decided. */
interface Verdict {
  readonly by: Fact
  readonly value: Connection
}

const register = (verdict: Verdict | undefined): Register | undefined =>
  verdict && { value: known({ ...verdict.value }) as Json, stamp: verdict.by.stamp }

/** An event of the session itself that ended it without naming the row (`key`) that it is in. */
const ownEnd = (agent: Agent, key: "userId" | "queueId" | undefined): Verdict | "none" | undefined => {
  for (const [name, endedBy] of [
    ["terminated", "TERMINATED"],
    ["userEnd", "user.end"]
  ] as const) {
    const end = agent.fact(name)
    if (end === undefined) continue
    const named = key === undefined || end.value[key] === agent[key]
    return named ? undefined : { by: end, value: { endedAt: clockOf(end), endedBy } }
  }
  return "none"
}

/**
 * What the conversation says of an agent's session: an event that ended it without naming the row (`key`) that it is in; that an agent is
 * connected, or is still alerted while the customer waits in that queue; that the alert is over because the wait ended without this
 * agent, another was alerted, or the customer left; and that the customer has been gone for so long that nobody is served. A customer
 * who had left before the session began is not the one whom it serves.
 */
const connectionOf = (
  agent: Agent,
  sessions: ReadonlyArray<Session>,
  key: "userId" | "queueId" | undefined
): Verdict | undefined => {
  const own = ownEnd(agent, key)
  if (own !== "none") return own
  const { began, since, mediaType } = agent
  if (began === undefined) return undefined
  const [all, agents] = [waitsOf(sessions), agentsOf(sessions).map((other) => (other.id === agent.id ? agent : other))]
  const waits = all
    .filter((wait) => isFor(agent, wait))
    .map((wait) => ({ ...wait, alerted: agents.filter((other) => isFor(other, wait)) }))
  const ends = (found: typeof waits) => found.flatMap(({ end }) => end ?? [])
  const connected = earliest([
    ...ends(waits.filter((wait) => answererOf(wait, wait.alerted)?.id === agent.id)),
    ...[agent.fact("connected")].filter((fact) => fact !== undefined)
  ])
  const left = customersGone(sessions, mediaType, "customerEnd")
  const gone =
    left !== undefined && clockOf(left) >= since ? customersGone(sessions, mediaType, "@customerGone") : undefined
  if (connected !== undefined) {
    const value = { connectedAt: clockOf(connected) }
    return gone !== undefined && clockOf(gone) > clockOf(connected)
      ? { by: gone, value: { ...value, endedAt: clockOf(gone), endedBy: "customer.end" } }
      : { by: connected, value }
  }
  const over = earliest(ends(waits))
  if (over !== undefined) return { by: over, value: { endedAt: clockOf(over), endedBy: "acd.end" } }
  const customerGone = gone && { by: gone, value: { endedAt: clockOf(gone), endedBy: "customer.end" } }
  const open = waits.find((wait) => wait.began !== undefined && nextWait(wait, all) === undefined)
  if (open === undefined) return customerGone
  const others = open.alerted.filter(({ id }) => id !== agent.id)
  const answered = earliest(others.flatMap(({ fact }) => fact("connected") ?? []))
  if (answered !== undefined && clockOf(answered) >= since)
    return { by: answered, value: { endedAt: clockOf(answered), endedBy: "agent.state" } }
  const next = earliest(others.flatMap((other) => other.began ?? []).filter((other) => isAfter(other, began)))
  if (next !== undefined) return { by: next, value: { endedAt: clockOf(next), endedBy: "user.start" } }
  if (answered !== undefined || others.some(servedUntil)) return customerGone
  return left !== undefined && clockOf(left) >= since
    ? { by: left, value: { endedAt: clockOf(left), endedBy: "customer.end" } }
    : { by: began, value: { alerting: true } }
}

/**
 * What the conversation says of a wait: an end that named no queue; that an agent of the queue was connected after it began; that the
 * customer waits in another queue by now; or that the customer of that medium has left, and a customer who is gone waits no more.
 */
const endOfWait = (wait: Wait, sessions: ReadonlyArray<Session>, key: "queueId" | undefined): Verdict | undefined => {
  const { began, end, queueId } = wait
  if (end !== undefined)
    return key !== undefined && end.value.queueId !== queueId
      ? { by: end, value: { endedAt: clockOf(end), endedBy: "acd.end" } }
      : undefined
  if (began === undefined) return undefined
  const alerted = agentsOf(sessions).filter((agent) => isFor(agent, wait))
  const told = (of: (agent: Agent) => Fact | undefined) => earliest(alerted.flatMap((agent) => of(agent) ?? []))
  const signs = [
    ["agent.state", told(({ fact }) => fact("connected"))],
    ["user.end", told(servedUntil)],
    ["acd.start", nextWait(wait, waitsOf(sessions))],
    ["customer.end", customersGone(sessions, wait.mediaType, "customerEnd")]
  ] as const
  const found = signs.flatMap(([endedBy, by]) =>
    by !== undefined && clockOf(by) >= clockOf(began) ? [{ by, endedBy }] : []
  )
  const first = earliest(found.map(({ by }) => by))
  const verdict = found.find(({ by }) => by === first)
  return verdict && { by: verdict.by, value: { endedAt: clockOf(verdict.by), endedBy: verdict.endedBy } }
}

const derivation = (
  name: string,
  rows: (conversationId: string, sessions: ReadonlyArray<Session>) => ReadonlyArray<DerivedRow>
): Derivation => ({
  from: "conversations",
  register: name,
  shared: true,
  reads: () => "all",
  rows: (conversationId, found) => rows(conversationId, sessionsOf(found))
})

/** What their conversation says of an agent's sessions, for `agents`. */
export const connectionsOfAgents = derivation(CONNECTION, (_, sessions) =>
  agentsOf(sessions).flatMap((agent) =>
    namedIn(agent.row, "userId").map((userId) => ({
      entity: userId,
      row: sessionRow(agent.id),
      of: () => register(connectionOf({ ...agent, userId }, sessions, "userId"))
    }))
  )
)

/** The same of sessions and waits in a queue, for `queues`. */
export const connectionsOfQueues = derivation(CONNECTION, (_, sessions) => {
  const [waits, agents] = [waitsOf(sessions), agentsOf(sessions).filter((agent) => !isWait(agent))]
  const rows = <S extends Session>(session: S, verdict: (session: S) => Verdict | undefined) =>
    namedIn(session.row, "queueId").map((queueId) => ({
      entity: queueId,
      row: sessionRow(session.id),
      of: () => register(verdict({ ...session, queueId }))
    }))
  return [
    ...agents.flatMap((agent) => rows(agent, (one) => connectionOf(one, sessions, "queueId"))),
    ...waits.flatMap((wait) => rows(wait, (one) => endOfWait(one, sessions, "queueId")))
  ]
})

const ending = (verdict: Verdict | undefined): Verdict | undefined =>
  verdict?.value.endedBy === undefined ? undefined : verdict

/** The register of a session in `conversations` that tells its end, where no event of the session itself did. */
export const OVER = "over"

export const endsOfConversation: Derivation = {
  from: "conversations",
  register: OVER,
  reads: () => "all",
  rows: (conversationId, found) => {
    const sessions = sessionsOf(found)
    return [
      ...agentsOf(sessions)
        .filter((agent) => !isWait(agent))
        .map((agent) => [agent, connectionOf(agent, sessions, undefined)] as const),
      ...waitsOf(sessions).map((wait) => [wait, endOfWait(wait, sessions, undefined)] as const)
    ].map(([{ id }, verdict]) => ({ entity: conversationId, row: sessionRow(id), of: () => register(ending(verdict)) }))
  }
}
