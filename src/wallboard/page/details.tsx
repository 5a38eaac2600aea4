import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import type { AgentDay } from "../agent-day.ts"
import { type AgentCard, type Board, nameIn, type QueueCard } from "../board.ts"
import type { Comparison } from "../view/comparison.ts"
import type { AgentFigures, Quarter } from "../view/day-figures.ts"
import { shortId } from "../view/numbers.ts"
import { stateText, toneOf } from "../view/states.ts"
import { deviceNow } from "./clock.ts"
import { Compared } from "./compared.tsx"
import { byUse, type Row, RowOf } from "./explained.tsx"
import { type Entry, Past } from "./past.tsx"
import { leave, type Subject } from "./route.ts"
import { Since } from "./since.tsx"
import { withNow } from "./spans.ts"
import { HandledToday, StatesToday } from "./states-today.tsx"
import { AgentTimeline, QueueTimeline } from "./timeline.tsx"
import { show } from "./view.ts"

interface Known {
  readonly generation: string
  readonly settleWindowMs: number
  /** Whether nobody here may read the events that set the fields. */
  readonly isEventless?: true
  readonly rows: ReadonlyArray<Row>
  readonly history: ReadonlyArray<Entry>
  readonly day?: AgentDay
  readonly quarters?: ReadonlyArray<Quarter>
  readonly compared?: ReadonlyArray<Comparison>
  readonly today?: AgentFigures
  /** Why the day of an agent could not be read. */
  readonly dayProblem?: string
}

type Answer = { readonly known: Known } | { readonly problem: string }

const ask = async ({ kind, id }: Subject): Promise<Answer> => {
  try {
    const response = await fetch(`/details/${kind}/${encodeURIComponent(id)}`)
    return response.ok ? { known: (await response.json()) as Known } : { problem: await response.text() }
  } catch {
    return { problem: "The wallboard does not answer. What is shown may be old." }
  }
}

/** Asking again waits at least so long, and longer where the answer takes its time: it reads a whole partition. */
const PAUSE_MS = 1_000
const SHARE = 1 / 20

/** What is known, asked again whenever the card has become another. */
const useKnown = (subject: Subject, card: unknown) => {
  const [answer, set] = useState<Answer | undefined>()
  const busy = useRef(false)
  const wanted = useRef(false)
  const gone = useRef(false)
  const refresh = async () => {
    if (gone.current) return
    if (busy.current) {
      wanted.current = true
      return
    }
    busy.current = true
    wanted.current = false
    const began = deviceNow()
    const next = await ask(subject)
    // What was known is better than nothing.
    if (!gone.current) set((before) => ("problem" in next && before !== undefined && "known" in before ? before : next))
    setTimeout(
      () => {
        busy.current = false
        if (wanted.current) void refresh()
      },
      Math.max(PAUSE_MS, (deviceNow() - began) / SHARE)
    )
  }
  // The subject stays as it is: another one has a panel of its own.
  useEffect(() => {
    void refresh()
  }, [card])
  useEffect(
    () => () => {
      gone.current = true
    },
    []
  )
  return answer
}

const AgentNow = ({ agent }: { readonly agent: AgentCard }) => (
  <p class="now">
    <strong class={`tone-${toneOf(agent.state)}`}>{stateText(agent)}</strong> for <Since at={agent.since} />
  </p>
)

const QueueNow = ({ queue }: { readonly queue: QueueCard }) => (
  <p class="now">
    <strong>{Object.values(queue.waiting).reduce((sum, n) => sum + n, 0)}</strong> waiting
    {queue.oldestWaitingSince !== undefined && (
      <>
        , the first for <Since at={queue.oldestWaitingSince} />
      </>
    )}
    , <strong>{queue.alerting}</strong> alerting, <strong>{queue.interacting}</strong> interacting,{" "}
    <strong>{queue.wrapup}</strong> in wrap-up (sessions)
  </p>
)

/** What is asked of whoever wants to see the time in each state. */
const NOT_COUNTED =
  "The time in each state today is not shown: this stack does not count it. Set agentIntervals to true and deploy the stack."

const AgentsDay = ({
  known,
  day,
  names,
  agent
}: AnsweredProps & { readonly day: AgentDay; readonly agent: AgentCard | undefined }) => {
  const { today, dayProblem } = known
  const whole = withNow(day, agent)
  return (
    <>
      <h3>{day.since === undefined ? "Since the start" : "Today"}: states, and sessions below</h3>
      <AgentTimeline day={whole} names={names} />
      {today !== undefined && <HandledToday today={today} />}
      {day.since === undefined ? <p class="note">{dayProblem ?? NOT_COUNTED}</p> : <StatesToday day={whole} />}
    </>
  )
}

const Timeline = ({ known, names, agent }: AnsweredProps & { readonly agent: AgentCard | undefined }) => (
  <section class="day" aria-label="The day">
    {known.day !== undefined && <AgentsDay known={known} day={known.day} names={names} agent={agent} />}
    {known.quarters !== undefined && (
      <>
        <h3>Today, by quarters of an hour</h3>
        <QueueTimeline quarters={known.quarters} />
        <Compared all={known.compared ?? []} />
      </>
    )}
  </section>
)

interface AnsweredProps {
  readonly known: Known
  readonly names: Board["names"]
}

const Answered = ({ known, names }: AnsweredProps) => (
  <div class="answered">
    <section aria-label="Fields">
      <h3>{known.isEventless === true ? "Fields" : "Fields and the events that set them"}</h3>
      {known.rows.toSorted(byUse).map((row) => (
        <RowOf
          key={row.row}
          row={row}
          settleWindowMs={known.settleWindowMs}
          names={names}
          isEventless={known.isEventless === true}
        />
      ))}
      {known.isEventless === true && (
        <p class="note">Which events set them: npx projections explain, with the rights to read the event store.</p>
      )}
    </section>
    <section aria-label="History">
      <h3>Since the start, newest first</h3>
      <Past history={known.history} names={names} />
    </section>
  </div>
)

/** Where the details stand beside the wall: as in the style sheet. */
const WIDE = "(min-width: 1101px)"

/** Escape closes the details, also where they are no modal dialog, but for who is in a field. */
const useEscape = () =>
  useEffect(() => {
    const listener = ({ key, target, defaultPrevented }: KeyboardEvent) => {
      if (key === "Escape" && !defaultPrevented && !(target instanceof HTMLInputElement)) leave()
    }
    addEventListener("keydown", listener)
    return () => removeEventListener("keydown", listener)
  }, [])

/** All about one agent or queue. The dialog keeps the focus while it is open, and gives it back to the card that opened it. */
export const Details = ({ subject, board }: { readonly subject: Subject; readonly board: Board | undefined }) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const { kind, id } = subject
  const agent = kind === "agents" ? board?.agents.find(({ agentId }) => agentId === id) : undefined
  const queue = kind === "queues" ? board?.queues.find(({ queueId }) => queueId === id) : undefined
  const label = kind === "agents" ? "Agent" : "Queue"
  const names = board?.names ?? {}
  const name = nameIn(names, id)
  const answer = useKnown(subject, agent ?? queue)
  useEscape()
  useLayoutEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    // Beside the wall where there is room for both.
    if (matchMedia(WIDE).matches) element?.show()
    else element?.showModal()
    return () => {
      element?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click is one beside the dialog; keys have Escape
    <dialog
      ref={dialog}
      class="details"
      aria-labelledby="details-title"
      onCancel={(event) => {
        event.preventDefault()
        leave()
      }}
      onClick={({ target, currentTarget }) => {
        if (target === currentTarget) leave()
      }}
    >
      <div class="sheet">
        <div class="head">
          <div>
            <h2 id="details-title">
              {name === undefined && `${label} `}
              <bdi>{name ?? shortId(id)}</bdi>
            </h2>
            <p class="whose">
              {name !== undefined && `${label} `}
              <code>{id}</code>
            </p>
          </div>
          <button type="button" class="close" onClick={leave} aria-label="Close">
            ✕
          </button>
        </div>
        {agent !== undefined && <AgentNow agent={agent} />}
        {queue !== undefined && <QueueNow queue={queue} />}
        {answer === undefined && <p class="empty">Asking …</p>}
        {answer !== undefined && "problem" in answer && <p class="empty">{answer.problem}</p>}
        {queue !== undefined && (
          <button type="button" class="plain" onClick={() => show({ queue: id })}>
            Show this queue and its members alone
          </button>
        )}
        {answer !== undefined && "known" in answer && <Timeline known={answer.known} names={names} agent={agent} />}
        {answer !== undefined && "known" in answer && <Answered known={answer.known} names={names} />}
      </div>
    </dialog>
  )
}
