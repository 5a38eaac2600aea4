import { useEffect, useRef, useState } from "preact/hooks"
import { count, shortId } from "../../view/numbers.ts"
import { byInterest, rankOf, stateText, toneOf } from "../../view/states.ts"
import { type AgentCard, type Board, nameIn } from "../board.ts"
import { memo } from "./memo.tsx"
import { hrefOf } from "./route.ts"
import { Since } from "./since.tsx"

/** `ON_QUEUE` as people write it. */
const words = (text: string): string => text.toLowerCase().replaceAll("_", " ")

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

interface AgentProps {
  readonly agent: AgentCard
  readonly name: string | undefined
  /** Of the first conversation. */
  readonly queueName: string | undefined
}

const Agent = memo(({ agent, name, queueName }: AgentProps) => (
  <li>
    <a
      class={`agent edge-${toneOf(agent.state)}`}
      href={hrefOf({ kind: "agents", id: agent.agentId })}
      data-agent={agent.agentId}
    >
      <span class="line">
        <strong class={`state tone-${toneOf(agent.state)}`}>{stateText(agent)}</strong>
        <Since at={agent.since} />
      </span>
      {name !== undefined && (
        <span class="line">
          <b class="name" title={name}>
            <bdi>{name}</bdi>
          </b>
        </span>
      )}
      <span class="line">
        <span class="what">{workText(agent, queueName)}</span>
        <code>{shortId(agent.agentId)}</code>
      </span>
    </a>
  </li>
))

interface AgentsProps {
  readonly agents: ReadonlyArray<AgentCard>
  readonly names: Board["names"]
}

const queueNameOf = ({ work: [first] }: AgentCard, names: Board["names"]): string | undefined =>
  first?.queueId === undefined ? undefined : nameIn(names, first.queueId)

const List = ({ agents, names }: AgentsProps) => (
  <ul class="agents">
    {agents.map((agent) => (
      <Agent
        key={agent.agentId}
        agent={agent}
        name={nameIn(names, agent.agentId)}
        queueName={queueNameOf(agent, names)}
      />
    ))}
  </ul>
)

const byAge = (a: AgentCard, b: AgentCard) =>
  (a.since ?? Number.POSITIVE_INFINITY) - (b.since ?? Number.POSITIVE_INFINITY)
const byId = (a: AgentCard, b: AgentCard) => (a.agentId < b.agentId ? -1 : 1)

const ORDERS = ["urgency", "time in state", "name", "id"] as const
type Order = (typeof ORDERS)[number]

/** Those without a name come last. */
const byName =
  (names: Board["names"]) =>
  (a: AgentCard, b: AgentCard): number => {
    const [one, other] = [nameIn(names, a.agentId), nameIn(names, b.agentId)]
    if (one === undefined || other === undefined)
      return Number(one === undefined) - Number(other === undefined) || byId(a, b)
    return one.localeCompare(other) || byId(a, b)
  }

const orderOf = (order: Order, names: Board["names"]) =>
  order === "urgency" ? byInterest : order === "time in state" ? byAge : order === "name" ? byName(names) : byId

/** More than this would make the browser slow, and nobody reads them. */
const SHOWN = 400

const countsOf = (agents: ReadonlyArray<AgentCard>): ReadonlyArray<readonly [state: string, count: number]> => {
  const counts = new Map<string, number>()
  for (const { state } of agents) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => rankOf(a) - rankOf(b))
}

/** Without case and accents, so that "mull" finds Müller. */
const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()

const matches = (agent: AgentCard, names: Board["names"], wanted: ReadonlyArray<string>): boolean => {
  const { agentId, presence, routingStatus, work } = agent
  const nameOf = (id: string | undefined) => (id === undefined ? "" : (nameIn(names, id) ?? ""))
  const media = work.map(({ phase, medium, queueId }) => `${phase} ${medium} ${queueId} ${nameOf(queueId)}`)
  const text = folded([agentId, nameOf(agentId), stateText(agent), presence, routingStatus, ...media].join(" "))
  return wanted.every((word) => text.includes(word))
}

/** Leads to the filter from anywhere but a field that takes the key itself. */
const useSlash = () => {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      const { target } = event
      const isField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement
      if (event.key !== "/" || isField || document.querySelector("dialog[open]") !== null) return
      event.preventDefault()
      field.current?.focus()
    }
    addEventListener("keydown", listener)
    return () => removeEventListener("keydown", listener)
  }, [])
  return field
}

const Grouped = ({ agents, names }: AgentsProps) => (
  <>
    {countsOf(agents).map(([state, number]) => (
      <section key={state} aria-label={`${number} agents are ${state}`}>
        <h3 class={`group tone-${toneOf(state)}`}>
          {state} <span>{count(number)}</span>
        </h3>
        <List agents={agents.filter((agent) => agent.state === state)} names={names} />
      </section>
    ))}
  </>
)

export const Agents = ({ agents, names }: AgentsProps) => {
  const [text, setText] = useState("")
  const [only, setOnly] = useState<string | undefined>()
  const [order, setOrder] = useState<Order>("urgency")
  const [grouped, group] = useState(false)
  const [all, showAll] = useState(false)
  const field = useSlash()
  const wanted = folded(text)
    .split(/\s+/)
    .filter((word) => word !== "")
  const found = agents
    .filter((agent) => (only === undefined || agent.state === only) && matches(agent, names, wanted))
    .sort(orderOf(order, names))
  const shown = all ? found : found.slice(0, SHOWN)
  const isFiltered = only !== undefined || wanted.length > 0
  return (
    <section class="people" aria-labelledby="agents-title">
      <div class="bar-of-title">
        <h2 id="agents-title">
          Agents <span>{count(agents.length)}</span>
        </h2>
        <p aria-live="polite">{isFiltered ? `${count(found.length)} of ${count(agents.length)} shown` : ""}</p>
      </div>
      <div class="states">
        {countsOf(agents).map(([state, number]) => (
          <button
            key={state}
            type="button"
            class={`chip edge-${toneOf(state)}`}
            aria-pressed={only === state}
            onClick={() => setOnly(only === state ? undefined : state)}
          >
            <b class={`tone-${toneOf(state)}`}>{count(number)}</b> {state}
          </button>
        ))}
      </div>
      <div class="tools">
        <label class="find">
          <span class="unseen">Filter agents</span>
          <input
            ref={field}
            type="search"
            placeholder="Filter by name, id, state, medium or queue"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
            onKeyDown={({ key, currentTarget }) => {
              if (key !== "Escape") return
              setText("")
              currentTarget.blur()
            }}
          />
          <span class="key" aria-hidden="true">
            /
          </span>
        </label>
        <label>
          Sort by{" "}
          <select value={order} onChange={({ currentTarget }) => setOrder(currentTarget.value as Order)}>
            {ORDERS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          <input type="checkbox" checked={grouped} onChange={({ currentTarget }) => group(currentTarget.checked)} />{" "}
          Group by state
        </label>
      </div>
      {found.length === 0 && (
        <p class="empty">{agents.length === 0 ? "No agent was heard of yet." : "No agent matches."}</p>
      )}
      {grouped ? <Grouped agents={shown} names={names} /> : <List agents={shown} names={names} />}
      {shown.length < found.length && (
        <button type="button" class="more" onClick={() => showAll(true)}>
          Show all {count(found.length)}
        </button>
      )}
    </section>
  )
}
