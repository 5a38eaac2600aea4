import { type AgentCard, type Board, nameIn, type QueueCard } from "../board.ts"
import { type Level, levelOf, stateLimits, waitLimits } from "../view/limits.ts"
import { rankOf } from "../view/states.ts"

type Known = Pick<Board, "names" | "settings">

/** How long an agent has been in the state, against the limits of the queue that the agent works for, or of all. */
export const agentLevel = (
  { state, since, work: [first] }: Pick<AgentCard, "state" | "since" | "work">,
  { names, settings }: Known,
  now: number
): Level => {
  if (since === undefined) return 0
  const { queueId } = first ?? {}
  const name = queueId === undefined ? undefined : nameIn(names, queueId)
  return levelOf(now - since, stateLimits(settings.thresholds, state, queueId, name))
}

export const queueLevel = (
  { queueId, oldestWaitingSince }: Pick<QueueCard, "queueId" | "oldestWaitingSince">,
  { names, settings }: Known,
  now: number
): Level =>
  oldestWaitingSince === undefined
    ? 0
    : levelOf(now - oldestWaitingSince, waitLimits(settings.thresholds, queueId, nameIn(names, queueId)))

type Compare<A> = (a: A, b: A) => number

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Those without a name come last. */
export const byName =
  <A>(names: Board["names"], idOf: (one: A) => string): Compare<A> =>
  (a, b) => {
    const [one, other] = [nameIn(names, idOf(a)), nameIn(names, idOf(b))]
    if (one === undefined || other === undefined)
      return Number(one === undefined) - Number(other === undefined) || text(idOf(a), idOf(b))
    return one.localeCompare(other, undefined, { numeric: true }) || text(idOf(a), idOf(b))
  }

const sinceOf = ({ since }: AgentCard): number => since ?? Number.POSITIVE_INFINITY

export const byAge: Compare<AgentCard> = (a, b) => sinceOf(a) - sinceOf(b) || text(a.agentId, b.agentId)

/** Who is too long in a state, then who is long, then by state and time: a card moves when its state or its word changes, and else never. */
export const byUrgency = (known: Known, now: number): Compare<AgentCard> => {
  const levels = new Map<AgentCard, Level>()
  const level = (agent: AgentCard): Level => {
    const found = levels.get(agent) ?? agentLevel(agent, known, now)
    levels.set(agent, found)
    return found
  }
  return (a, b) => level(b) - level(a) || rankOf(a.state) - rankOf(b.state) || byAge(a, b)
}

/** Where a wait is too long, then long, then where somebody waits; by name among these, so that a row moves when its word changes. */
export const byQueueUrgency = (known: Known, now: number): Compare<QueueCard> => {
  const named = byName<QueueCard>(known.names, ({ queueId }) => queueId)
  const urgency = (queue: QueueCard) =>
    queueLevel(queue, known, now) * 2 + Number(queue.oldestWaitingSince !== undefined)
  return (a, b) => urgency(b) - urgency(a) || named(a, b)
}
