import { type Board, nameIn, type QueueCard } from "../board.ts"
import { LEVELS, type Level } from "../view/limits.ts"
import { count, duration } from "../view/numbers.ts"
import { useNow } from "./clock.ts"
import { waitingByMedium, waitingIn } from "./find.ts"
import { totalsOf } from "./totals.ts"
import { queueLevel } from "./urgency.ts"
import { percent, words } from "./words.ts"

interface Big {
  readonly name: string
  readonly value: string
  readonly note: string
  readonly tone?: string
  /** What is wrong with it, in a word. */
  readonly word?: string
}

const sum = (queues: ReadonlyArray<QueueCard>, phase: "alerting" | "interacting" | "wrapup") =>
  queues.reduce((total, queue) => total + queue[phase], 0)

const NO_DAY = "this stack folds no queue-intervals"

const waitingFigure = (queues: ReadonlyArray<QueueCard>): Big => ({
  name: "Waiting",
  value: count(waitingIn(queues)),
  note:
    waitingByMedium(queues)
      .map(([medium, number]) => `${count(number)} ${words(medium)}`)
      .join(", ") || "nobody waits"
})

const longestFigure = (board: Board, queues: ReadonlyArray<QueueCard>, now: number): Big => {
  const waits = queues.filter(({ oldestWaitingSince }) => oldestWaitingSince !== undefined)
  const [oldest] = waits.sort((a, b) => (a.oldestWaitingSince ?? 0) - (b.oldestWaitingSince ?? 0))
  if (oldest?.oldestWaitingSince === undefined) return { name: "Longest wait", value: "–", note: "nobody waits" }
  const level: Level = queueLevel(oldest, board, now)
  return {
    name: "Longest wait",
    value: duration(now - oldest.oldestWaitingSince),
    note: `in ${nameIn(board.names, oldest.queueId) ?? oldest.queueId.slice(0, 8)}`,
    ...(level === 0 ? {} : LEVELS[level])
  }
}

const dayFigures = (board: Board, queues: ReadonlyArray<QueueCard>): ReadonlyArray<Big> => {
  const totals = totalsOf(queues, board)
  if (totals === undefined)
    return ["Service level today", "Abandoned today"].map((name) => ({ name, value: "–", note: NO_DAY }))
  const { offered, answered, answeredInTime, judged, abandoned, shortAbandoned, serviceLevel, target, revised } = totals
  const isMissed = serviceLevel !== undefined && target !== undefined && serviceLevel < target
  return [
    {
      name: "Service level today",
      value: serviceLevel === undefined ? "–" : percent(serviceLevel),
      note:
        serviceLevel === undefined
          ? "no wait has ended yet"
          : `${count(answeredInTime)} of ${count(judged)} in time${target === undefined ? "" : `, target ${percent(target)}`}${revised ? ", revised" : ""}`,
      ...(isMissed ? { tone: "warn", word: "below target" } : {})
    },
    {
      name: "Abandoned today",
      value: count(abandoned),
      note: `${shortAbandoned === 0 ? "" : `${count(shortAbandoned)} of them short, `}${count(offered)} offered, ${count(answered)} answered`
    }
  ]
}

const bigFigures = (board: Board, queues: ReadonlyArray<QueueCard>, now: number): ReadonlyArray<Big> => {
  const [alerting, interacting, wrapup] = [sum(queues, "alerting"), sum(queues, "interacting"), sum(queues, "wrapup")]
  return [
    waitingFigure(queues),
    longestFigure(board, queues, now),
    { name: "Alerting", value: count(alerting), note: alerting === 1 ? "session" : "sessions" },
    {
      name: "Interacting",
      value: count(interacting),
      note: `${interacting === 1 ? "session" : "sessions"}, and ${count(wrapup)} in wrap-up`
    },
    ...dayFigures(board, queues)
  ]
}

/** How the centre does, over the queues that are shown. */
export const Centre = ({ board, queues }: { readonly board: Board; readonly queues: ReadonlyArray<QueueCard> }) => {
  const now = useNow()
  return (
    <section class="centre" aria-label={`The centre, ${count(queues.length)} queues`}>
      {bigFigures(board, queues, now).map(({ name, value, note, tone = "", word = "" }) => (
        <article key={name} class={`big edge-${tone}`} data-figure={name}>
          <h2>{name}</h2>
          <p class={`value ${tone === "" ? "" : `tone-${tone}`}`}>
            <b>{value}</b> {word !== "" && <em>{word}</em>}
          </p>
          <p class="note">
            <bdi>{note}</bdi>
          </p>
        </article>
      ))}
    </section>
  )
}
