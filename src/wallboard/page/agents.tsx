import { useState } from "preact/hooks"
import { type AgentCard, type Board, nameIn, type QueueCard } from "../board.ts"
import { count } from "../view/numbers.ts"
import type { View } from "./address.ts"
import { AgentBox, AgentRow } from "./agent.tsx"
import { now } from "./clock.ts"
import { type Group, groupsOf } from "./groups.ts"
import { useHeld } from "./hold.ts"
import { agentLevel, byAge, byName, byUrgency } from "./urgency.ts"
import { show } from "./view.ts"

const queueNameOf = ({ work: [first] }: AgentCard, names: Board["names"]): string | undefined =>
  first?.queueId === undefined ? undefined : nameIn(names, first.queueId)

const byId = (a: AgentCard, b: AgentCard) => (a.agentId < b.agentId ? -1 : 1)

/** How the agents of a view are sorted. */
export const compareAgents = (order: View["sort"], board: Board, at: number) =>
  order === "urgency"
    ? byUrgency(board, at)
    : order === "time in state"
      ? byAge
      : order === "name"
        ? byName<AgentCard>(board.names, ({ agentId }) => agentId)
        : byId

/** More than this would make the browser slow, and nobody reads them. */
const SHOWN = 400

/** From so many agents on, one line has to do for each. */
const MANY = 48

interface ListProps {
  readonly group: Group
  readonly board: Board
  readonly isSlim: boolean
  readonly isGrouped: boolean
  readonly opened: string | undefined
}

const List = ({ group, board, isSlim, isGrouped, opened }: ListProps) => {
  const at = now()
  const Of = isSlim ? AgentRow : AgentBox
  return (
    <ul class={isSlim ? "rows" : "agents"}>
      {group.agents.map((agent) => (
        <Of
          key={agent.agentId}
          agent={agent}
          name={nameIn(board.names, agent.agentId)}
          queueName={queueNameOf(agent, board.names)}
          level={agentLevel(agent, board, at)}
          isGrouped={isGrouped}
          isOpen={opened === agent.agentId}
        />
      ))}
    </ul>
  )
}

const Heading = ({ group }: { readonly group: Group }) => (
  <h3 class={`group ${group.tone === "" ? "" : `tone-${group.tone}`}`}>
    <button type="button" title="Show this group alone" onClick={() => show(group.alone)}>
      <bdi>{group.title}</bdi> <span>{count(group.agents.length)}</span>
    </button>
  </h3>
)

/** A group with its heading, where it has one. */
export const GroupList = (props: ListProps) => {
  const { group } = props
  return (
    <section class="of-group" aria-label={`${count(group.agents.length)} ${group.title}`}>
      {group.title !== "" && <Heading group={group} />}
      <List {...props} />
    </section>
  )
}

/** The agents that were found, in groups. */
export const Agents = ({
  board,
  agents,
  queues,
  view,
  opened
}: {
  readonly board: Board
  readonly agents: ReadonlyArray<AgentCard>
  readonly queues: ReadonlyArray<QueueCard>
  readonly view: View
  /** Whose details are shown. */
  readonly opened: string | undefined
}) => {
  const [all, showAll] = useState(false)
  const { touch, order } = useHeld()
  const at = now()
  const sorted = order(view.sort, agents.toSorted(compareAgents(view.sort, board, at)), ({ agentId }) => agentId)
  const shown = all ? sorted : sorted.slice(0, SHOWN)
  const isSlim = view.size === "rows" || (view.size === "auto" && agents.length > MANY)
  const groups = groupsOf(shown, queues, board, view.group, at)
  return (
    <section class={`people ${isSlim ? "slim" : ""}`} aria-label={`${count(agents.length)} agents`} {...touch}>
      {groups.map((group) => (
        <GroupList
          key={group.key}
          group={group}
          board={board}
          isSlim={isSlim}
          isGrouped={view.group === "state"}
          opened={opened}
        />
      ))}
      {agents.length === 0 && (
        <p class="empty">{board.agents.length === 0 ? "No agent was heard of yet." : "No agent matches."}</p>
      )}
      {shown.length < sorted.length && (
        <button type="button" class="more" onClick={() => showAll(true)}>
          Show all {count(sorted.length)}
        </button>
      )}
    </section>
  )
}
