import type { Derivation, DerivedRow } from "../src/domain/derivation.ts"
import type { Json } from "../src/domain/json.ts"
import type { Register, Row } from "../src/domain/row.ts"
import { compareStamps } from "../src/domain/stamp.ts"
import { type Fact, factIn, namedIn } from "./fact.ts"
import { CONNECTION, type Connection, known, sessionIdOf, sessionRow } from "./session.ts"

/** One session of a conversation. */
interface Session {
  readonly id: string
  readonly row: Row
  readonly fact: (what: string) => Fact | undefined
}

const sessionsOf = (rows: ReadonlyMap<string, Row>): ReadonlyArray<Session> =>
  [...rows].flatMap(([row, registers]) => {
    const id = sessionIdOf(row)
    return id === undefined ? [] : [{ id, row: registers, fact: (what) => factIn(registers, what) }]
  })

/** What decided, and what it decided. */
interface Verdict {
  readonly by: Fact
  readonly value: Connection
}

const register = (verdict: Verdict | undefined): Register | undefined =>
  verdict && { value: known({ ...verdict.value }) as Json, stamp: verdict.by.stamp }

const clockOf = ({ stamp }: Fact): number => stamp.clock

/** By the whole stamp: of two events at one clock, every order must choose the same. */
const latest = (facts: ReadonlyArray<Fact>): Fact | undefined =>
  facts.reduce<Fact | undefined>(
    (last, fact) => (last === undefined || compareStamps(fact.stamp, last.stamp) > 0 ? fact : last),
    undefined
  )

const earliest = (facts: ReadonlyArray<Fact>): Fact | undefined =>
  facts.reduce<Fact | undefined>(
    (first, fact) => (first === undefined || compareStamps(fact.stamp, first.stamp) < 0 ? fact : first),
    undefined
  )

/** The last of the customers of a medium to have left, by `register`; undefined while one of them is there, or none was ever seen. */
const customersGone = (sessions: ReadonlyArray<Session>, mediaType: string | undefined, register: string) => {
  const customers = sessions.filter(({ fact }) => {
    const seen = fact("customer") ?? fact("customerEnd")
    return seen !== undefined && seen.value.mediaType === mediaType
  })
  const ends = customers.map(({ fact }) => (fact("customerEnd") === undefined ? undefined : fact(register)))
  return ends.length === 0 || ends.includes(undefined) ? undefined : latest(ends as ReadonlyArray<Fact>)
}

const bothOf = (first: Fact | undefined, second: Fact | undefined): Fact["value"] => ({
  ...second?.value,
  ...first?.value
})

/** A session of an agent, as what the conversation knows of it. */
interface Agent extends Session {
  readonly userId: string | undefined
  readonly queueId: string | undefined
  readonly mediaType: string | undefined
  readonly began: Fact | undefined
}

const agentsOf = (sessions: ReadonlyArray<Session>): ReadonlyArray<Agent> =>
  sessions.flatMap((session) => {
    const [start, connected, end] = ["user", "connected", "userEnd"].map(session.fact)
    const terminated = session.fact("terminated")
    if ((start ?? connected ?? end ?? terminated) === undefined) return []
    const { userId, queueId, mediaType } = {
      ...terminated?.value,
      ...end?.value,
      ...bothOf(start, connected)
    }
    return [{ ...session, userId, queueId, mediaType, began: start ?? connected }]
  })

interface Wait extends Session {
  readonly queueId: string | undefined
  readonly began: Fact | undefined
  readonly end: Fact | undefined
}

const waitsOf = (sessions: ReadonlyArray<Session>): ReadonlyArray<Wait> =>
  sessions.flatMap((session) => {
    const [began, end] = [session.fact("acd"), session.fact("acdEnd")]
    return (began ?? end) === undefined ? [] : [{ ...session, queueId: bothOf(began, end).queueId, began, end }]
  })

const answeredBy = ({ value }: Fact, userId: string | undefined): boolean =>
  value.answeredBy === undefined
    ? value.outcome === undefined || value.outcome.toUpperCase() === "ANSWERED"
    : value.answeredBy === userId

/**
 * What the conversation says of an agent's session: an event that ended it without naming the row (`key`) that it is in; that an agent is
 * connected, or is still alerted while the customer waits in that queue; that the alert is over because the wait ended without this
 * agent, or the customer left; and that the customer has been gone for so long that nobody is served.
 */
const connectionOf = (
  agent: Agent,
  sessions: ReadonlyArray<Session>,
  key: "userId" | "queueId" | undefined
): Verdict | undefined => {
  for (const [name, endedBy] of [
    ["terminated", "TERMINATED"],
    ["userEnd", "user.end"]
  ] as const) {
    const end = agent.fact(name)
    if (end === undefined) continue
    const named = key === undefined || end.value[key] === agent[key]
    return named ? undefined : { by: end, value: { endedAt: clockOf(end), endedBy } }
  }
  const { began, userId, queueId, mediaType } = agent
  if (began === undefined) return undefined
  const waits = queueId === undefined ? [] : waitsOf(sessions).filter((wait) => wait.queueId === queueId)
  const ends = waits.flatMap(({ end }) => (end !== undefined && clockOf(end) >= clockOf(began) ? [end] : []))
  const connected = earliest([
    ...ends.filter((end) => answeredBy(end, userId)),
    ...[agent.fact("connected")].filter((fact) => fact !== undefined)
  ])
  const gone = customersGone(sessions, mediaType, "@customerGone")
  if (connected !== undefined) {
    const value = { connectedAt: clockOf(connected) }
    return gone !== undefined && clockOf(gone) > clockOf(connected)
      ? { by: gone, value: { ...value, endedAt: clockOf(gone), endedBy: "customer.end" } }
      : { by: connected, value }
  }
  const over = earliest(ends)
  if (over !== undefined) return { by: over, value: { endedAt: clockOf(over), endedBy: "acd.end" } }
  const waiting = waits.find(
    (wait) => wait.end === undefined && wait.began !== undefined && clockOf(wait.began) <= clockOf(began)
  )
  if (waiting === undefined)
    return gone === undefined || clockOf(gone) < clockOf(began)
      ? undefined
      : { by: gone, value: { endedAt: clockOf(gone), endedBy: "customer.end" } }
  const left = customersGone(sessions, mediaType, "customerEnd")
  return left !== undefined && clockOf(left) >= clockOf(began)
    ? { by: left, value: { endedAt: clockOf(left), endedBy: "customer.end" } }
    : { by: began, value: { alerting: true } }
}

/**
 * What the conversation says of a wait: an end that named no queue; that an agent of the queue was connected after it began; or that the
 * customer of that medium has left, and a customer who is gone waits no more.
 */
const endOfWait = (wait: Wait, sessions: ReadonlyArray<Session>, key: "queueId" | undefined): Verdict | undefined => {
  const { began, end, queueId } = wait
  if (end !== undefined)
    return key !== undefined && end.value.queueId !== queueId
      ? { by: end, value: { endedAt: clockOf(end), endedBy: "acd.end" } }
      : undefined
  if (began === undefined) return undefined
  const served = earliest(
    agentsOf(sessions).flatMap((agent) => {
      const connected = agent.queueId === queueId ? agent.fact("connected") : undefined
      return connected !== undefined && clockOf(connected) >= clockOf(began) ? [connected] : []
    })
  )
  if (served !== undefined) return { by: served, value: { endedAt: clockOf(served), endedBy: "agent.state" } }
  const left = customersGone(sessions, began.value.mediaType, "customerEnd")
  return left !== undefined && clockOf(left) >= clockOf(began)
    ? { by: left, value: { endedAt: clockOf(left), endedBy: "customer.end" } }
    : undefined
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

/** Rows of queues and conversations are of one kind: a session that waits in a queue is no agent's. */
const isWait = ({ fact }: Session): boolean => (fact("acd") ?? fact("acdEnd")) !== undefined

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
