import type { Derivation, DerivedRow } from "../src/domain/derivation.ts"
import type { Json } from "../src/domain/json.ts"
import type { Register } from "../src/domain/row.ts"
import {
  type Agent,
  answererOf,
  type Conversation,
  clockOf,
  conversationOf,
  customersGone,
  earliest,
  isAfter,
  isFor,
  isWait,
  nextWait,
  type Session,
  servedUntil,
  type Wait
} from "./conversation-sessions.ts"
import type { Fact } from "./fact.ts"
import { CONNECTION, type Connection, known, sessionRow } from "./session.ts"

/** What decided, and what it decided. */
interface Verdict {
  readonly by: Fact
  readonly value: Connection
}

/** The verdict with what snapshots say of the session: whether the platform's API listed it, and when. */
const withSnapshot = ({ fact }: Session, verdict: Verdict | undefined): Verdict | undefined => {
  const seen = fact("seen")
  if (seen === undefined) return verdict
  return {
    by: verdict === undefined || isAfter(seen, verdict.by) ? seen : verdict.by,
    value: { ...verdict?.value, [seen.value.listed === true ? "seenAt" : "goneAt"]: clockOf(seen) }
  }
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
  conversation: Conversation,
  key: "userId" | "queueId" | undefined
): Verdict | undefined => {
  const own = ownEnd(agent, key)
  if (own !== "none") return own
  const { began, since, mediaType } = agent
  if (began === undefined) return undefined
  const agents = conversation.agents.map((other) => (other.id === agent.id ? agent : other))
  const waits = conversation.waits
    .filter((wait) => isFor(agent, wait))
    .map((wait) => ({ ...wait, alerted: agents.filter((other) => isFor(other, wait)) }))
  const ends = (found: typeof waits) => found.flatMap(({ end }) => end ?? [])
  const connected = earliest([
    ...ends(waits.filter((wait) => answererOf(wait, wait.alerted)?.id === agent.id)),
    ...[agent.fact("connected")].filter((fact) => fact !== undefined)
  ])
  const left = customersGone(conversation, mediaType, "customerEnd")
  const gone =
    left !== undefined && clockOf(left) >= since ? customersGone(conversation, mediaType, "@customerGone") : undefined
  if (connected !== undefined) {
    const value = { connectedAt: clockOf(connected) }
    return gone !== undefined && clockOf(gone) > clockOf(connected)
      ? { by: gone, value: { ...value, endedAt: clockOf(gone), endedBy: "customer.end" } }
      : { by: connected, value }
  }
  const over = earliest(ends(waits))
  if (over !== undefined) return { by: over, value: { endedAt: clockOf(over), endedBy: "acd.end" } }
  const customerGone = gone && { by: gone, value: { endedAt: clockOf(gone), endedBy: "customer.end" } }
  const open = waits.find((wait) => wait.began !== undefined && nextWait(wait, conversation.waits) === undefined)
  if (open === undefined) return customerGone
  const answered = earliest(open.alerted.flatMap(({ fact }) => fact("connected") ?? []))
  if (answered !== undefined && clockOf(answered) >= since)
    return { by: answered, value: { endedAt: clockOf(answered), endedBy: "agent.state" } }
  const next = earliest(open.alerted.flatMap((other) => other.began ?? []).filter((other) => isAfter(other, began)))
  if (next !== undefined) return { by: next, value: { endedAt: clockOf(next), endedBy: "user.start" } }
  if (answered !== undefined || open.alerted.some(servedUntil)) return customerGone
  return left !== undefined && clockOf(left) >= since
    ? { by: left, value: { endedAt: clockOf(left), endedBy: "customer.end" } }
    : { by: began, value: { alerting: true } }
}

/**
 * What the conversation says of a wait: an end that named no queue; that an agent of the queue was connected after it began; that the
 * customer waits in another queue by now; or that the customer of that medium has left, and a customer who is gone waits no more.
 */
const endOfWait = (wait: Wait, conversation: Conversation, inQueue: boolean): Verdict | undefined => {
  const { began, end, queueId } = wait
  if (end !== undefined)
    return inQueue && end.value.queueId !== queueId
      ? { by: end, value: { endedAt: clockOf(end), endedBy: "acd.end" } }
      : undefined
  if (began === undefined) return undefined
  const alerted = conversation.agents.filter((agent) => isFor(agent, wait))
  const told = (of: (agent: Agent) => Fact | undefined) => earliest(alerted.flatMap((agent) => of(agent) ?? []))
  const signs = [
    ["agent.state", told(({ fact }) => fact("connected"))],
    ["user.end", told(servedUntil)],
    ["acd.start", nextWait(wait, conversation.waits)],
    ["customer.end", customersGone(conversation, wait.mediaType, "customerEnd")]
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
  rows: (conversation: Conversation, conversationId: string) => ReadonlyArray<DerivedRow>
): Derivation => ({
  from: "conversations",
  register: name,
  reads: () => "all",
  rows: (conversationId, found) => rows(conversationOf(found), conversationId)
})

/** What their conversation says of an agent's sessions, for `agents`. */
export const connectionsOfAgents: Derivation = {
  ...derivation(CONNECTION, (conversation) =>
    conversation.agents.flatMap((agent) =>
      agent.named("userId").map((userId) => ({
        entity: userId,
        row: sessionRow(agent.id),
        of: () => register(withSnapshot(agent, connectionOf({ ...agent, userId }, conversation, "userId")))
      }))
    )
  ),
  shared: true
}

/** The same of sessions and waits in a queue, for `queues`. */
export const connectionsOfQueues: Derivation = {
  ...derivation(CONNECTION, (conversation) => {
    const rows = <S extends Session>(session: S, verdict: (session: S) => Verdict | undefined) =>
      session.named("queueId").map((queueId) => ({
        entity: queueId,
        row: sessionRow(session.id),
        of: () => register(withSnapshot(session, verdict({ ...session, queueId })))
      }))
    return [
      ...ownAgents(conversation).flatMap((agent) => rows(agent, (one) => connectionOf(one, conversation, "queueId"))),
      ...conversation.waits.flatMap((wait) => rows(wait, (one) => endOfWait(one, conversation, true)))
    ]
  }),
  shared: true
}

const ownAgents = ({ agents }: Conversation) => agents.filter((agent) => !isWait(agent))

const ending = (verdict: Verdict | undefined): Verdict | undefined =>
  verdict?.value.endedBy === undefined ? undefined : verdict

/** The register of a session in `conversations` that tells its end, where no event of the session itself did. */
export const OVER = "over"

export const endsOfConversation = derivation(OVER, (conversation, conversationId) =>
  [
    ...ownAgents(conversation).map((agent) => [agent, connectionOf(agent, conversation, undefined)] as const),
    ...conversation.waits.map((wait) => [wait, endOfWait(wait, conversation, false)] as const)
  ].map(([{ id }, verdict]) => ({ entity: conversationId, row: sessionRow(id), of: () => register(ending(verdict)) }))
)
