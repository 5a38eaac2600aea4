import type { Row } from "../src/domain/row.ts"
import { compareStamps } from "../src/domain/stamp.ts"
import { type Fact, factIn } from "./fact.ts"
import { sessionIdOf } from "./session.ts"

/** One session of a conversation. */
export interface Session {
  readonly id: string
  readonly row: Row
  readonly fact: (what: string) => Fact | undefined
}

export const sessionsOf = (rows: ReadonlyMap<string, Row>): ReadonlyArray<Session> =>
  [...rows].flatMap(([row, registers]) => {
    const id = sessionIdOf(row)
    return id === undefined ? [] : [{ id, row: registers, fact: (what) => factIn(registers, what) }]
  })

export const clockOf = ({ stamp }: Fact): number => stamp.clock

export const isAfter = (fact: Fact, other: Fact): boolean => compareStamps(fact.stamp, other.stamp) > 0

/** By the whole stamp: of two events at one clock, every order must choose the same. */
const latest = (facts: ReadonlyArray<Fact>): Fact | undefined =>
  facts.reduce<Fact | undefined>((last, fact) => (last === undefined || isAfter(fact, last) ? fact : last), undefined)

export const earliest = (facts: ReadonlyArray<Fact>): Fact | undefined =>
  facts.reduce<Fact | undefined>(
    (first, fact) => (first === undefined || isAfter(first, fact) ? fact : first),
    undefined
  )

/** A medium that a fact names; `UNKNOWN` names none. */
const namedMedium = (fact: Fact | undefined): string | undefined =>
  fact?.value.mediaType === "UNKNOWN" ? undefined : fact?.value.mediaType

/** The medium of a session: what its facts say, or else the one of its conversation, where that has no other. */
const mediumOf = ({ fact }: Session, sessions: ReadonlyArray<Session>): string | undefined => {
  const own = media.map(fact).map(namedMedium).find(Boolean)
  if (own !== undefined) return own
  const all = new Set(sessions.flatMap((other) => media.flatMap((what) => namedMedium(other.fact(what)) ?? [])))
  return all.size === 1 ? [...all][0] : undefined
}

/** The facts that may name a medium. */
const media = ["user", "connected", "terminated", "acd", "customer", "customerEnd"]

/** The last of the customers of a medium to have left, by `register`; undefined while one of them is there, or none was ever seen. */
export const customersGone = (sessions: ReadonlyArray<Session>, mediaType: string | undefined, register: string) => {
  const customers = sessions.filter((session) => {
    const seen = session.fact("customer") ?? session.fact("customerEnd")
    return seen !== undefined && mediumOf(session, sessions) === mediaType
  })
  const ends = customers.map(({ fact }) => (fact("customerEnd") === undefined ? undefined : fact(register)))
  return ends.length === 0 || ends.includes(undefined) ? undefined : latest(ends as ReadonlyArray<Fact>)
}

const bothOf = (first: Fact | undefined, second: Fact | undefined): Fact["value"] => ({
  ...second?.value,
  ...first?.value
})

/** A session of an agent, as what the conversation knows of it. `since`: when it began, as far as that is known; epoch ms. */
export interface Agent extends Session {
  readonly userId: string | undefined
  readonly queueId: string | undefined
  readonly mediaType: string | undefined
  readonly began: Fact | undefined
  readonly since: number
}

export const agentsOf = (sessions: ReadonlyArray<Session>): ReadonlyArray<Agent> =>
  sessions.flatMap((session) => {
    const [start, connected, end] = ["user", "connected", "userEnd"].map(session.fact)
    const terminated = session.fact("terminated")
    if ((start ?? connected ?? end ?? terminated) === undefined) return []
    const { userId, queueId } = { ...terminated?.value, ...end?.value, ...bothOf(start, connected) }
    const began = start ?? connected
    const since = start?.stamp.clock ?? connected?.value.sessionStart ?? connected?.stamp.clock ?? 0
    return [{ ...session, userId, queueId, mediaType: mediumOf(session, sessions), began, since }]
  })

export interface Wait extends Session {
  readonly queueId: string | undefined
  readonly mediaType: string | undefined
  readonly began: Fact | undefined
  readonly end: Fact | undefined
}

/** Rows of queues and conversations are of one kind: a session that waits in a queue is no agent's. */
export const isWait = ({ fact }: Session): boolean => (fact("acd") ?? fact("acdEnd")) !== undefined

export const waitsOf = (sessions: ReadonlyArray<Session>): ReadonlyArray<Wait> =>
  sessions.filter(isWait).map((session) => {
    const [began, end] = [session.fact("acd"), session.fact("acdEnd")]
    return { ...session, queueId: bothOf(began, end).queueId, mediaType: mediumOf(session, sessions), began, end }
  })

/** How much later (ms) than an agent's session the wait may begin that it serves: their clocks need not agree. */
const SKEW_MS = 1_000

/** Whether the session may be one that serves the wait: in its queue and of its medium, and begun after it, and not after its end. */
export const isFor = (agent: Agent, wait: Wait): boolean =>
  wait.queueId !== undefined &&
  agent.queueId === wait.queueId &&
  (agent.mediaType === wait.mediaType || agent.mediaType === undefined || wait.mediaType === undefined) &&
  (wait.began === undefined || agent.since >= clockOf(wait.began) - SKEW_MS) &&
  (wait.end === undefined || agent.since <= clockOf(wait.end))

const last = (agents: ReadonlyArray<Agent>): Agent | undefined => {
  const began = latest(agents.flatMap((agent) => agent.began ?? []))
  return agents.find((agent) => agent.began === began)
}

const sayAnswered = new Set([undefined, "ANSWERED", "UNKNOWN"])

/**
 * The session that answered a wait which has ended: that of the agent whom the end names, or else the last that was alerted, for agents are
 * alerted one after another.
 */
export const answererOf = ({ end }: Wait, alerted: ReadonlyArray<Agent>): Agent | undefined => {
  if (end === undefined) return undefined
  const { answeredBy, outcome } = end.value
  if (answeredBy === undefined) return sayAnswered.has(outcome?.toUpperCase()) ? last(alerted) : undefined
  const named = alerted.filter(({ userId }) => userId === answeredBy)
  return last(named.length > 0 ? named : alerted.filter(({ userId }) => userId === undefined))
}

/** The wait of the same medium that follows in the conversation: a customer waits in one queue at a time. */
export const nextWait = ({ began, mediaType }: Wait, waits: ReadonlyArray<Wait>): Fact | undefined =>
  began &&
  earliest(
    waits.flatMap((other) =>
      other.began !== undefined && other.mediaType === mediaType && isAfter(other.began, began) ? [other.began] : []
    )
  )

/** The end of a session in which the agent was connected, by the durations that it tells. */
export const servedUntil = ({ fact }: Agent): Fact | undefined => {
  const end = fact("userEnd")
  return end?.value.served === true ? end : undefined
}
