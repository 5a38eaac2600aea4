import type { AgentCard } from "../board.ts"
import { LEVELS, type Level } from "../view/limits.ts"
import { count, duration, shortId } from "../view/numbers.ts"
import { stateText, toneOf } from "../view/states.ts"
import { useNow } from "./clock.ts"
import { memo } from "./memo.tsx"
import { hrefOf } from "./route.ts"
import { words } from "./words.ts"

/** What is said before the medium; of one that is interacting, nothing. */
const PHASES: Readonly<Record<string, string>> = {
  alerting: "alerting ",
  monitoring: "monitoring ",
  wrapup: "wrap-up "
}

const workText = ({ work, routingStatus, presence }: AgentCard, queueName: string | undefined): string => {
  const [first, ...more] = work
  if (first === undefined)
    return (
      [presence, routingStatus].flatMap((text) => (text === undefined ? [] : [words(text)])).join(" · ") ||
      "nothing known"
    )
  const queue = first.queueId === undefined ? "" : ` · ${queueName ?? shortId(first.queueId)}`
  return `${PHASES[first.phase] ?? ""}${words(first.medium ?? "a conversation")}${queue}${more.length === 0 ? "" : ` +${more.length}`}`
}

export interface AgentProps {
  readonly agent: AgentCard
  readonly name: string | undefined
  /** Of the first conversation. */
  readonly queueName: string | undefined
  /** How long the agent has been in the state. */
  readonly level: Level
  /** Whether the state is said by the group around it. */
  readonly isGrouped: boolean
  readonly isOpen: boolean
}

/** The time in the state, ticking, with a word where that is long. */
const Lasting = ({ at, level }: { readonly at: number | undefined; readonly level: Level }) => {
  const now = useNow()
  const { word, tone } = LEVELS[level]
  return (
    <span class={`since ${tone === "" ? "" : `tone-${tone}`}`}>
      {word !== "" && <em>{word}</em>} {at === undefined ? "–" : duration(now - at)}
    </span>
  )
}

const cause = ({ agent, name, queueName }: AgentProps): string =>
  `${name ?? agent.agentId}: ${stateText(agent)}, ${workText(agent, queueName)}`

/** One line: who, what where no group says it, and for how long. */
export const AgentRow = memo((props: AgentProps) => {
  const { agent, name, level, isGrouped, isOpen } = props
  const { state } = agent
  // Who has declared a break while a conversation goes on shows both.
  const isMore = stateText(agent) !== state
  return (
    <li>
      <a
        class={`agent slim edge-${toneOf(state)} ${isOpen ? "chosen" : ""}`}
        href={hrefOf({ kind: "agents", id: agent.agentId })}
        data-agent={agent.agentId}
        title={cause(props)}
      >
        {name === undefined ? (
          <code>{shortId(agent.agentId)}</code>
        ) : (
          <b class="name">
            <bdi>{name}</bdi>
          </b>
        )}
        {isGrouped ? (
          <span class="state-beside">
            <span class="unseen state">{stateText(agent)}</span>
            {isMore && stateText(agent).slice(state.length + 3)}
          </span>
        ) : (
          <span class={`state tone-${toneOf(state)}`}>{stateText(agent)}</span>
        )}
        <Lasting at={agent.since} level={level} />
      </a>
    </li>
  )
})

/** Three lines, where there is room, with what was handled today. */
export const AgentBox = memo((props: AgentProps) => {
  const { agent, name, queueName, level, isOpen } = props
  return (
    <li>
      <a
        class={`agent edge-${toneOf(agent.state)} ${isOpen ? "chosen" : ""}`}
        href={hrefOf({ kind: "agents", id: agent.agentId })}
        data-agent={agent.agentId}
      >
        <span class="line">
          {name === undefined ? (
            <code>{shortId(agent.agentId)}</code>
          ) : (
            <b class="name" title={name}>
              <bdi>{name}</bdi>
            </b>
          )}
          <Lasting at={agent.since} level={level} />
        </span>
        <span class="line">
          <strong class={`state tone-${toneOf(agent.state)}`}>{stateText(agent)}</strong>
          {agent.handledToday !== undefined && (
            <span class="done" title="today">
              {count(agent.handledToday)} handled
            </span>
          )}
        </span>
        <span class="line">
          <span class="what">{workText(agent, queueName)}</span>
          {name !== undefined && <code>{shortId(agent.agentId)}</code>}
        </span>
      </a>
    </li>
  )
})
