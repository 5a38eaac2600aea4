import { type AgentCard, type Board, membersIn, nameIn, type QueueCard } from "../board.ts"
import { rankOf, toneOf } from "../view/states.ts"
import type { View } from "./address.ts"
import { byQueueUrgency } from "./urgency.ts"

/** Agents under one heading. */
export interface Group {
  readonly key: string
  readonly title: string
  readonly tone: string
  readonly agents: ReadonlyArray<AgentCard>
  /** What of the view shows this group alone. */
  readonly alone: Partial<View>
}

export const countsOf = (agents: ReadonlyArray<AgentCard>): ReadonlyArray<readonly [state: string, count: number]> => {
  const counts = new Map<string, number>()
  for (const { state } of agents) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => rankOf(a) - rankOf(b))
}

const byState = (agents: ReadonlyArray<AgentCard>): ReadonlyArray<Group> =>
  countsOf(agents).map(([state]) => ({
    key: state,
    title: state,
    tone: toneOf(state),
    agents: agents.filter((agent) => agent.state === state),
    alone: { state }
  }))

/** The members of each queue, the most urgent queue first, and who is in none of them. An agent stands under each of the own queues. */
const byQueue = (
  agents: ReadonlyArray<AgentCard>,
  queues: ReadonlyArray<QueueCard>,
  board: Board,
  now: number
): ReadonlyArray<Group> => {
  const grouped = queues.toSorted(byQueueUrgency(board, now)).map(({ queueId }) => {
    const members = new Set(membersIn(board.members, queueId))
    return {
      key: queueId,
      title: nameIn(board.names, queueId) ?? queueId.slice(0, 8),
      tone: "",
      agents: agents.filter(({ agentId }) => members.has(agentId)),
      alone: { queue: queueId }
    }
  })
  const placed = new Set(grouped.flatMap((group) => group.agents))
  const rest = agents.filter((agent) => !placed.has(agent))
  const others: Group = { key: "none", title: "In none of these queues", tone: "dim", agents: rest, alone: {} }
  return [...grouped, others].filter((group) => group.agents.length > 0)
}

/** Sorted agents under the headings that the view asks for; one without a title where it asks for none. */
export const groupsOf = (
  agents: ReadonlyArray<AgentCard>,
  queues: ReadonlyArray<QueueCard>,
  board: Board,
  group: View["group"],
  now: number
): ReadonlyArray<Group> => {
  if (group === "state") return byState(agents)
  if (group === "queue") return byQueue(agents, queues, board, now)
  return agents.length === 0 ? [] : [{ key: "all", title: "", tone: "", agents, alone: {} }]
}
