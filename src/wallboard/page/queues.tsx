import type { ComponentChildren } from "preact"
import { type Board, nameIn, type QueueCard } from "../board.ts"
import { LEVELS, type Level } from "../view/limits.ts"
import { waitingOf } from "../view/need.ts"
import { count, duration, shortId } from "../view/numbers.ts"
import type { View } from "./address.ts"
import { now, useNow } from "./clock.ts"
import { useHeld } from "./hold.ts"
import { MEMBER_GROUPS, type MemberGroup, statesOf } from "./member-groups.ts"
import { memo } from "./memo.tsx"
import { hrefOf } from "./route.ts"
import { targetOf } from "./totals.ts"
import { byName, byQueueUrgency, queueLevel } from "./urgency.ts"
import { show } from "./view.ts"
import { percent, words } from "./words.ts"

/** How many members are in a group of states, and with the pointer on it in which. */
const Members = ({ queue, group }: { readonly queue: QueueCard; readonly group: MemberGroup }) => {
  const states = statesOf(queue, group)
  const number = states.reduce((sum, [, members]) => sum + members, 0)
  return (
    <td
      class={`members col-${group.id} number ${number === 0 ? "none" : `tone-${group.tone}`}`}
      title={states.map(([state, members]) => `${count(members)} ${state}`).join(", ")}
    >
      {count(number)}
    </td>
  )
}

interface CountProps {
  readonly of: View["queues"]
  readonly value: number | undefined
  readonly title?: string
}

const Count = ({ of, value, title }: CountProps) => (
  <td class={`col-${of} number ${value === undefined || value === 0 ? "none" : ""}`} title={title}>
    {value === undefined ? "–" : count(value)}
  </td>
)

const mediaText = ({ waiting }: QueueCard): string =>
  Object.entries(waiting)
    .map(([medium, number]) => `${number} ${words(medium)}`)
    .join(", ")

const Longest = ({ queue, level }: { readonly queue: QueueCard; readonly level: Level }) => {
  const at = queue.oldestWaitingSince
  const time = useNow()
  if (at === undefined) return <td class="col-longest number none">–</td>
  const { word, tone } = LEVELS[level]
  return (
    <td class={`col-longest number ${tone === "" ? "" : `tone-${tone}`}`}>
      {word !== "" && <em>{word}</em>} <b class="since">{duration(time - at)}</b>
    </td>
  )
}

interface RowProps {
  readonly queue: QueueCard
  readonly name: string | undefined
  readonly level: Level
  readonly target: number
  readonly isOpen: boolean
}

const ServiceLevel = ({ queue, target }: Pick<RowProps, "queue" | "target">) => {
  const share = queue.today?.serviceLevel
  if (share === undefined) return <td class="col-level number none">–</td>
  const isMissed = share < target
  return (
    <td class={`col-level level number ${isMissed ? "tone-warn" : ""}`}>
      {isMissed && <em>below</em>} <b>{percent(share)}</b>
    </td>
  )
}

const Queue = memo(({ queue, name, level, target, isOpen }: RowProps) => (
  <tr class={`queue ${isOpen ? "chosen" : ""}`} data-queue={queue.queueId}>
    <th scope="row">
      <a href={hrefOf({ kind: "queues", id: queue.queueId })}>
        {name !== undefined && (
          <b class="name" title={name}>
            <bdi>{name}</bdi>
          </b>
        )}
        <code>{shortId(queue.queueId)}</code>
      </a>
    </th>
    <Count of="waiting" value={waitingOf(queue)} title={mediaText(queue)} />
    <Longest queue={queue} level={level} />
    <Count of="alerting" value={queue.alerting} />
    <Count of="interacting" value={queue.interacting} />
    <Count of="wrapup" value={queue.wrapup} />
    {MEMBER_GROUPS.map((group) => (
      <Members key={group.id} queue={queue} group={group} />
    ))}
    <Count of="offered" value={queue.today?.offered} />
    <Count of="answered" value={queue.today?.answered} />
    <Count of="abandoned" value={queue.today?.abandoned} />
    <ServiceLevel queue={queue} target={target} />
  </tr>
))

interface Column {
  readonly id: View["queues"]
  readonly title: string
  /** What the number is, for those who ask. */
  readonly about: string
  readonly of: (queue: QueueCard) => number
}

/** What is not known comes after zero. */
const UNKNOWN = -1

const columns: ReadonlyArray<Column> = [
  { id: "waiting", title: "Waiting", about: "Customers who wait now", of: waitingOf },
  {
    id: "longest",
    title: "Longest",
    about: "For how long the first of them has waited",
    of: ({ oldestWaitingSince }) => (oldestWaitingSince === undefined ? 0 : 1e15 - oldestWaitingSince)
  },
  { id: "alerting", title: "Alert", about: "Sessions that alert an agent now", of: ({ alerting }) => alerting },
  { id: "interacting", title: "Interact", about: "Sessions with an agent now", of: ({ interacting }) => interacting },
  { id: "wrapup", title: "Wrap", about: "Sessions in wrap-up now", of: ({ wrapup }) => wrapup },
  ...MEMBER_GROUPS.map((group) => ({
    id: group.id,
    title: group.title,
    about: group.about,
    of: (queue: QueueCard) => statesOf(queue, group).reduce((sum, [, members]) => sum + members, 0)
  })),
  { id: "offered", title: "Offered", about: "Waits that began today", of: ({ today }) => today?.offered ?? UNKNOWN },
  {
    id: "answered",
    title: "Answ",
    about: "Waits that an agent answered today",
    of: ({ today }) => today?.answered ?? UNKNOWN
  },
  {
    id: "abandoned",
    title: "Aband",
    about: "Waits that customers gave up today",
    of: ({ today }) => today?.abandoned ?? UNKNOWN
  },
  {
    id: "level",
    title: "Level",
    about: "Service level today",
    // The worst first.
    of: ({ today }) => -(today?.serviceLevel ?? 2)
  }
]

/** How the queues of a view are sorted. */
export const compareQueues = (by: View["queues"], board: Board, at: number) => {
  const named = byName<QueueCard>(board.names, ({ queueId }) => queueId)
  if (by === "name") return named
  const column = columns.find(({ id }) => id === by)
  if (column === undefined) return byQueueUrgency(board, at)
  return (a: QueueCard, b: QueueCard) => column.of(b) - column.of(a) || named(a, b)
}

const Head = ({
  id,
  view,
  about,
  children
}: {
  readonly id: View["queues"]
  readonly view: View
  readonly about: string
  readonly children: ComponentChildren
}) => (
  <th
    scope="col"
    class={`col-${id}`}
    aria-sort={view.queues === id ? (id === "name" ? "ascending" : "descending") : undefined}
  >
    <button type="button" title={about} onClick={() => show({ queues: view.queues === id ? "urgency" : id })}>
      {children}
    </button>
  </th>
)

/**
 * What a group of columns is about. A page that is too narrow for all of them shows the last span instead of the first: a cell over columns
 * that are not there would keep room for them.
 */
const Kind = ({
  id,
  spans,
  children
}: {
  readonly id: string
  readonly spans: ReadonlyArray<number>
  readonly children: string
}) =>
  spans.map((span, i) => (
    <th key={span} scope="colgroup" colSpan={span} class={`kind-${id} ${i === 0 ? "" : "fewer"}`}>
      {children}
    </th>
  ))

/** From so many queues on their rows are low. */
const MANY = 20

interface TableProps {
  readonly board: Board
  /** In their order. */
  readonly queues: ReadonlyArray<QueueCard>
  /** Of how many queues they are. */
  readonly count: number
  readonly view: View
  /** Whose details are shown. */
  readonly opened: string | undefined
}

export const QueueTable = ({ board, queues, count: all, view, opened }: TableProps) => {
  const at = now()
  return (
    <table>
      <colgroup>
        <col class="col-name" />
        {columns.map(({ id }) => (
          <col key={id} class={`col-${id}`} />
        ))}
      </colgroup>
      <thead>
        <tr class="kinds">
          <th scope="col" id="queues-title">
            Queues <span>{count(all)}</span>
          </th>
          <Kind id="sessions" spans={[5, 4]}>
            Sessions now
          </Kind>
          <Kind id="members" spans={[4]}>
            Agents now
          </Kind>
          <Kind id="today" spans={[4, 2]}>
            Today
          </Kind>
        </tr>
        <tr>
          <Head id="name" view={view} about="What the directory calls it, and the beginning of its id">
            Name
          </Head>
          {columns.map(({ id, title, about }) => (
            <Head key={id} id={id} view={view} about={about}>
              {title}
            </Head>
          ))}
        </tr>
      </thead>
      <tbody>
        {queues.map((queue) => (
          <Queue
            key={queue.queueId}
            queue={queue}
            name={nameIn(board.names, queue.queueId)}
            level={queueLevel(queue, board, at)}
            target={targetOf(queue.queueId, board)}
            isOpen={opened === queue.queueId}
          />
        ))}
      </tbody>
    </table>
  )
}

/** The queues as a table, the most urgent first or as somebody sorts it. */
export const Queues = ({ board, queues, view, opened }: Omit<TableProps, "count">) => {
  const { touch, order } = useHeld()
  const rows = order(view.queues, queues.toSorted(compareQueues(view.queues, board, now())), ({ queueId }) => queueId)
  return (
    <section
      class={`queues ${queues.length > MANY && view.size !== "cards" ? "dense" : ""}`}
      aria-labelledby="queues-title"
      {...touch}
    >
      <QueueTable board={board} queues={rows} count={queues.length} view={view} opened={opened} />
      {rows.length === 0 && (
        <p class="empty">{board.queues.length === 0 ? "No queue was heard of yet." : "No queue matches."}</p>
      )}
    </section>
  )
}
