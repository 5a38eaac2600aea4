import type { Row } from "../src/domain/row.ts"
import { compareStamps } from "../src/domain/stamp.ts"
import { type Fact, type Facts, factsIn } from "./fact.ts"
import { sessionIdOf } from "./session.ts"

/** One session of a conversation. */
export interface Session extends Facts {
  readonly id: string
}

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

/** The facts that may name a medium. */
const media = ["user", "connected", "terminated", "acd", "customer", "customerEnd"]

/** The media that a session's facts name; `UNKNOWN` names none. */
const namedMedia = ({ fact }: Session): ReadonlyArray<string> =>
  media.flatMap((what) => fact(what)?.value.mediaType ?? []).filter((medium) => medium !== "UNKNOWN")

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

const agentOf = (session: Session, mediaType: string | undefined): Agent | undefined => {
  const [start, connected, end, terminated] = ["user", "connected", "userEnd", "terminated"].map(session.fact)
  // A snapshot tells of a session that has rows elsewhere, though nothing else of it came to this conversation.
  if ((start ?? connected ?? end ?? terminated ?? session.fact("seen")) === undefined) return undefined
  const { userId, queueId } = { ...terminated?.value, ...end?.value, ...bothOf(start, connected) }
  const since = start?.stamp.clock ?? connected?.value.sessionStart ?? connected?.stamp.clock ?? 0
  return { ...session, userId, queueId, mediaType, began: start ?? connected, since }
}

export interface Wait extends Session {
  readonly queueId: string | undefined
  readonly mediaType: string | undefined
  readonly began: Fact | undefined
  readonly end: Fact | undefined
}

/** Rows of queues and conversations are of one kind: a session that waits in a queue is no agent's. */
export const isWait = ({ fact }: Session): boolean => (fact("acd") ?? fact("acdEnd")) !== undefined

const waitOf = (session: Session, mediaType: string | undefined): Wait | undefined => {
  const [began, end] = ["acd", "acdEnd"].map(session.fact)
  return (began ?? end) && { ...session, queueId: bothOf(began, end).queueId, mediaType, began, end }
}

/** The sessions of a conversation, each as what it is. */
export interface Conversation {
  readonly agents: ReadonlyArray<Agent>
  readonly waits: ReadonlyArray<Wait>
  /** Of each customer the medium, and when they left: `customerEnd`, and `@customerGone` once that is long ago. */
  readonly customers: ReadonlyArray<Session & { readonly mediaType: string | undefined }>
}

export const conversationOf = (rows: ReadonlyMap<string, Row>): Conversation => {
  const sessions = [...rows].flatMap(([row, registers]): ReadonlyArray<Session> => {
    const id = sessionIdOf(row)
    return id === undefined ? [] : [{ id, ...factsIn(registers) }]
  })
  const [only, ...others] = new Set(sessions.flatMap(namedMedia))
  // A session that names no medium has the one of its conversation, where that has no other.
  const typed = sessions.map((session) => {
    const [own = others.length === 0 ? only : undefined] = namedMedia(session)
    return [session, own] as const
  })
  return {
    agents: typed.flatMap(([session, medium]) => agentOf(session, medium) ?? []),
    waits: typed.flatMap(([session, medium]) => waitOf(session, medium) ?? []),
    customers: typed.flatMap(([session, mediaType]) =>
      (session.fact("customer") ?? session.fact("customerEnd")) === undefined ? [] : [{ ...session, mediaType }]
    )
  }
}

/** The last of the customers of a medium to have left, by `register`; undefined while one of them is there, or none was ever seen. */
export const customersGone = (
  { customers }: Conversation,
  mediaType: string | undefined,
  register: "customerEnd" | "@customerGone"
) => {
  const ends = customers.filter((customer) => customer.mediaType === mediaType).map(({ fact }) => fact(register))
  return ends.includes(undefined) ? undefined : latest(ends as ReadonlyArray<Fact>)
}

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
