import { type AgentCard, type Board, membersIn, nameIn, type QueueCard } from "../board.ts"
import { waitingOf } from "../view/need.ts"
import { stateText } from "../view/states.ts"
import type { View } from "./address.ts"

/** Without case and accents, so that "mull" finds Müller. */
const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()

const wordsOf = (text: string): ReadonlyArray<string> =>
  folded(text)
    .split(/\s+/)
    .filter((word) => word !== "")

/** The queues that each agent is a member of, by the agent's id. */
export const queuesOfAgents = (members: Board["members"]): ReadonlyMap<string, ReadonlyArray<string>> => {
  const all = new Map<string, Array<string>>()
  for (const [queueId, ids] of Object.entries(members))
    for (const id of ids) all.set(id, [...(all.get(id) ?? []), queueId])
  return all
}

const agentText = (agent: AgentCard, queueIds: ReadonlyArray<string>, names: Board["names"]): string => {
  const { agentId, presence, routingStatus, work } = agent
  const named = (id: string | undefined) => (id === undefined ? "" : `${id} ${nameIn(names, id) ?? ""}`)
  const media = work.map(({ phase, medium, queueId }) => `${phase} ${medium} ${named(queueId)}`)
  return folded([named(agentId), stateText(agent), presence, routingStatus, ...media, ...queueIds.map(named)].join(" "))
}

const queueText = ({ queueId, waiting }: QueueCard, names: Board["names"]): string =>
  folded(`${queueId} ${nameIn(names, queueId) ?? ""} ${Object.keys(waiting).join(" ")}`)

export interface Found {
  readonly agents: ReadonlyArray<AgentCard>
  readonly queues: ReadonlyArray<QueueCard>
  /** Agents before one state was chosen. */
  readonly ofAllStates: ReadonlyArray<AgentCard>
}

/**
 * What the view shows: agents who are, or whose queues are, called so, and queues that are. Where no queue is, those of the agents that were
 * found, so that a name of an agent leads to the queues of the agent.
 */
export const found = (
  { agents, queues, names, members }: Pick<Board, "agents" | "queues" | "names" | "members">,
  { find, state, queue }: Pick<View, "find" | "state" | "queue">
): Found => {
  const words = wordsOf(find)
  const has = (text: string) => words.every((word) => text.includes(word))
  const queuesOf = queuesOfAgents(members)
  const team = queue === "" ? undefined : new Set(membersIn(members, queue))
  const inTeam = agents.filter(({ agentId }) => team === undefined || team.has(agentId))
  const ofAllStates =
    words.length === 0
      ? inTeam
      : inTeam.filter((agent) => has(agentText(agent, queuesOf.get(agent.agentId) ?? [], names)))
  const pinned = queues.filter(({ queueId }) => queue === "" || queueId === queue)
  const called = pinned.filter((one) => has(queueText(one, names)))
  const theirs = new Set(ofAllStates.flatMap(({ agentId }) => queuesOf.get(agentId) ?? []))
  return {
    agents: state === "" ? ofAllStates : ofAllStates.filter((agent) => agent.state === state),
    queues: called.length > 0 || words.length === 0 ? called : pinned.filter(({ queueId }) => theirs.has(queueId)),
    ofAllStates
  }
}

/** Waiting, by medium as reported, over several queues. */
export const waitingByMedium = (
  queues: ReadonlyArray<Pick<QueueCard, "waiting">>
): ReadonlyArray<readonly [medium: string, waiting: number]> => {
  const counts = new Map<string, number>()
  for (const { waiting } of queues)
    for (const [medium, number] of Object.entries(waiting)) counts.set(medium, (counts.get(medium) ?? 0) + number)
  return [...counts].sort(([, a], [, b]) => b - a)
}

export const waitingIn = (queues: ReadonlyArray<Pick<QueueCard, "waiting">>): number =>
  queues.reduce((sum, queue) => sum + waitingOf(queue), 0)
