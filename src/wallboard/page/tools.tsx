import { useEffect, useRef } from "preact/hooks"
import { type Board, nameIn } from "../board.ts"
import { count } from "../view/numbers.ts"
import { toneOf } from "../view/states.ts"
import { DEFAULTS, GROUPS, ORDERS, SIZES, type View } from "./address.ts"
import type { Found } from "./find.ts"
import { countsOf } from "./groups.ts"
import { byName } from "./urgency.ts"
import { show } from "./view.ts"

/** Leads to the search from anywhere but a field that takes the key itself. */
const useSlash = () => {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      const { target } = event
      const isField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement
      if (event.key !== "/" || isField || document.querySelector("dialog:modal") !== null) return
      event.preventDefault()
      field.current?.focus()
    }
    addEventListener("keydown", listener)
    return () => removeEventListener("keydown", listener)
  }, [])
  return field
}

const Choice = <A extends string>({
  label,
  value,
  all,
  onChoose
}: {
  readonly label: string
  readonly value: A
  readonly all: ReadonlyArray<A>
  readonly onChoose: (value: A) => void
}) => (
  <label>
    <span>{label}</span>
    <select value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value as A)}>
      {all.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  </label>
)

const QueueChoice = ({ board, view }: { readonly board: Board; readonly view: View }) => (
  <label>
    <span>Queue</span>
    <select value={view.queue} onChange={({ currentTarget }) => show({ queue: currentTarget.value })}>
      <option value="">all</option>
      {board.queues.toSorted(byName(board.names, ({ queueId }) => queueId)).map(({ queueId }) => (
        <option key={queueId} value={queueId}>
          {nameIn(board.names, queueId) ?? queueId.slice(0, 8)}
        </option>
      ))}
    </select>
  </label>
)

/** What chooses what is shown: one search for agents and queues, the states, and how they are grouped and sorted. */
export const Tools = ({
  board,
  shown,
  view
}: {
  readonly board: Board
  readonly shown: Found
  readonly view: View
}) => {
  const field = useSlash()
  const states = countsOf(shown.ofAllStates)
  const isChosen = view.find !== "" || view.state !== "" || view.queue !== ""
  return (
    <section class="tools" aria-label="What is shown">
      <label class="find">
        <span class="unseen">Search agents and queues</span>
        <input
          ref={field}
          type="search"
          placeholder="Search agents and queues"
          value={view.find}
          onInput={({ currentTarget }) => show({ find: currentTarget.value })}
          onKeyDown={({ key, currentTarget }) => {
            if (key !== "Escape") return
            show({ find: "" })
            currentTarget.blur()
          }}
        />
        <span class="key" aria-hidden="true">
          /
        </span>
      </label>
      <div class="choices">
        <QueueChoice board={board} view={view} />
        <Choice label="Group" value={view.group} all={GROUPS} onChoose={(group) => show({ group })} />
        <Choice label="Sort" value={view.sort} all={ORDERS} onChoose={(sort) => show({ sort })} />
        <Choice label="Size" value={view.size} all={SIZES} onChoose={(size) => show({ size })} />
      </div>
      <div class="states">
        <span class="people-count">
          <b>{count(shown.ofAllStates.length)}</b> agents
        </span>
        {states.map(([state, number]) => (
          <button
            key={state}
            type="button"
            class={`chip edge-${toneOf(state)}`}
            aria-pressed={view.state === state}
            onClick={() => show({ state: view.state === state ? "" : state })}
          >
            <b class={`tone-${toneOf(state)}`}>{count(number)}</b> {state}
          </button>
        ))}
        {view.state !== "" && states.every(([state]) => state !== view.state) && (
          <button type="button" class="chip" aria-pressed={true} onClick={() => show({ state: "" })}>
            <b>0</b> {view.state}
          </button>
        )}
      </div>
      <p class="shown" aria-live="polite">
        {isChosen
          ? `${count(shown.agents.length)} of ${count(board.agents.length)} agents, ${count(shown.queues.length)} of ${count(board.queues.length)} queues `
          : ""}
        {isChosen && (
          <button
            type="button"
            class="plain"
            onClick={() => show({ find: DEFAULTS.find, state: DEFAULTS.state, queue: DEFAULTS.queue })}
          >
            Show all
          </button>
        )}
      </p>
    </section>
  )
}
