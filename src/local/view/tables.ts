import { defaultThresholds, LEVELS, levelOf } from "../../wallboard/view/limits.ts"
import { waitingOf } from "../../wallboard/view/need.ts"
import type { AgentLine, QueueLine } from "../../wallboard/view/snapshot.ts"
import { stateText, toneOf } from "../../wallboard/view/states.ts"
import { nameText } from "./name.ts"
import { type Column, GAP, tableWidth } from "./table.ts"
import { count, duration, shortId, span } from "./text.ts"

const NOTHING = span("·", "dim")
const number = (value: number) => (value === 0 ? NOTHING : span(count(value)))

/** What holds both axes of most states, and what holds every state alone. */
export const STATE_WIDTH = { both: 19, one: 14 } as const

/** Columns of a name. */
const NAME_WIDTH = 16

/** The name, or the id where there is none. */
const nameCell = (name: string | undefined, id: string) => {
  const text = name === undefined ? undefined : nameText(name, NAME_WIDTH)
  return text === undefined ? span(shortId(id), "dim") : span(text)
}

/** What says who it is: the id alone while nobody has a name, and otherwise the name, with the id behind it where there is room. */
const whoColumns = <A extends { readonly name?: string }>(
  title: string,
  rows: ReadonlyArray<A>,
  idOf: (row: A) => string
): ReadonlyArray<Column<A>> => {
  const id: Column<A> = { title, width: 8, align: "left", cell: (row) => span(shortId(idOf(row)), "dim") }
  return rows.every(({ name }) => name === undefined)
    ? [id]
    : [
        { title, width: NAME_WIDTH, align: "left", cell: (row) => nameCell(row.name, idOf(row)) },
        { ...id, title: "id", drop: 3 }
      ]
}

export const agentColumns = (
  agents: ReadonlyArray<AgentLine>,
  now: number,
  stateWidth: number = STATE_WIDTH.both
): ReadonlyArray<Column<AgentLine>> => [
  ...whoColumns("agent", agents, ({ agentId }) => agentId),
  { title: "state", width: stateWidth, align: "left", cell: (agent) => span(stateText(agent), toneOf(agent.state)) },
  {
    title: "for",
    width: 6,
    align: "right",
    cell: ({ since }) => (since === undefined ? NOTHING : span(duration(now - since)))
  },
  { title: "work", width: 4, align: "right", cell: ({ sessions }) => number(sessions) },
  { title: "alert", width: 5, align: "right", drop: 1, cell: ({ alerting }) => number(alerting) },
  { title: "wrap", width: 4, align: "right", drop: 1, cell: ({ wrapup }) => number(wrapup) },
  { title: "presence", width: 9, align: "left", drop: 2, cell: ({ presence }) => span(presence ?? "?", "dim") },
  {
    title: "routing",
    width: 14,
    align: "left",
    drop: 4,
    cell: ({ routingStatus }) => span(routingStatus ?? "?", "dim")
  }
]

const KNOWN_MEDIA = ["VOICE", "CHAT", "MESSAGE"]

/** The media that anybody waits in now, after those that every contact centre has. */
const mediaOf = (queues: ReadonlyArray<QueueLine>): ReadonlyArray<string> => [
  ...new Set([...KNOWN_MEDIA, ...queues.flatMap(({ waiting }) => Object.keys(waiting)).sort()])
]

const waitingIn = (title: string, media: ReadonlyArray<string>): Column<QueueLine> => ({
  title,
  width: Math.max(5, Math.min(title.length, 9)),
  align: "right",
  cell: ({ waiting }) => number(media.reduce((sum, medium) => sum + (waiting[medium] ?? 0), 0))
})

/** A column for each medium. Where these do not fit, the last ones become one, `other`, so that they add up to what waits. */
const mediaColumns = (media: ReadonlyArray<string>, width: number): ReadonlyArray<Column<QueueLine>> => {
  for (let own = media.length; own > 0; own--) {
    const others = media.slice(own)
    const columns = [
      ...media.slice(0, own).map((medium) => waitingIn(medium.toLowerCase(), [medium])),
      ...(others.length === 0 ? [] : [waitingIn("other", others)])
    ]
    if (tableWidth(columns) <= width) return columns
  }
  return []
}

const members: Column<QueueLine> = {
  title: "members",
  width: 7,
  align: "right",
  drop: 1,
  cell: ({ members }) => number(members)
}

/** What is on its way to an agent, and what agents still write notes of. */
const around: ReadonlyArray<Column<QueueLine>> = [
  { title: "alert", width: 5, align: "right", cell: ({ alerting }) => number(alerting) },
  { title: "wrap", width: 4, align: "right", cell: ({ wrapup }) => number(wrapup) }
]

/** The columns of queues in so much width: those that all fit beside every medium, and otherwise the fewest. */
export const queueColumns = (
  queues: ReadonlyArray<QueueLine>,
  now: number,
  width: number
): ReadonlyArray<Column<QueueLine>> => {
  const media = mediaOf(queues)
  const [who, ...id] = whoColumns("queue", queues, ({ queueId }) => queueId)
  const sets = [
    ...(id.length === 0 ? [] : [[[...id, members], around] as const]),
    [[members], around],
    [[], around],
    [[members], []]
  ] as const
  const found = sets.map(([before, after]) =>
    withMedia([...(who === undefined ? [] : [who]), ...ownColumns(now, before, after)], media, width)
  )
  return (found.find(({ isWhole }) => isWhole) ?? found[found.length - 1])!.columns
}

const withMedia = (columns: ReadonlyArray<Column<QueueLine>>, media: ReadonlyArray<string>, width: number) => {
  const shown = mediaColumns(media, width - tableWidth(columns) - GAP)
  return { columns: [...columns, ...shown], isWhole: shown.length === media.length }
}

const ownColumns = (
  now: number,
  before: ReadonlyArray<Column<QueueLine>>,
  after: ReadonlyArray<Column<QueueLine>>
): ReadonlyArray<Column<QueueLine>> => {
  return [
    ...before,
    { title: "busy", width: 5, align: "right", cell: ({ interacting }) => number(interacting) },
    ...after,
    {
      title: "waiting",
      width: 7,
      align: "right",
      cell: (queue) => (waitingOf(queue) === 0 ? NOTHING : span(count(waitingOf(queue)), "strong"))
    },
    {
      title: "oldest",
      width: 6,
      align: "right",
      cell: ({ oldestWaitingSince, limits = defaultThresholds.waiting }) => {
        if (oldestWaitingSince === undefined) return NOTHING
        const waited = now - oldestWaitingSince
        return span(duration(waited), LEVELS[levelOf(waited, limits)].tone || "plain")
      }
    }
  ]
}
