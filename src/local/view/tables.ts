import { LONG_WAIT, waitingOf } from "./need.ts"
import type { AgentLine, QueueLine } from "./snapshot.ts"
import { toneOf } from "./states.ts"
import { type Column, GAP, tableWidth } from "./table.ts"
import { count, duration, shortId, span } from "./text.ts"

const NOTHING = span("·", "dim")
const number = (value: number) => (value === 0 ? NOTHING : span(count(value)))

export const agentColumns = (now: number): ReadonlyArray<Column<AgentLine>> => [
  { title: "agent", width: 8, align: "left", cell: ({ agentId }) => span(shortId(agentId), "dim") },
  { title: "state", width: 14, align: "left", cell: ({ state }) => span(state, toneOf(state)) },
  {
    title: "for",
    width: 6,
    align: "right",
    cell: ({ since }) => (since === undefined ? NOTHING : span(duration(now - since)))
  },
  { title: "work", width: 4, align: "right", cell: ({ sessions }) => number(sessions) },
  { title: "presence", width: 9, align: "left", drop: 1, cell: ({ presence }) => span(presence ?? "?", "dim") },
  {
    title: "routing",
    width: 14,
    align: "left",
    drop: 2,
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

/** The columns of queues in so much width. */
export const queueColumns = (
  queues: ReadonlyArray<QueueLine>,
  now: number,
  width: number
): ReadonlyArray<Column<QueueLine>> => {
  const columns: ReadonlyArray<Column<QueueLine>> = [
    { title: "queue", width: 8, align: "left", cell: ({ queueId }) => span(shortId(queueId), "dim") },
    { title: "members", width: 7, align: "right", drop: 1, cell: ({ members }) => number(members) },
    { title: "busy", width: 5, align: "right", cell: ({ interacting }) => number(interacting) },
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
      cell: ({ oldestWaitingSince }) => {
        if (oldestWaitingSince === undefined) return NOTHING
        const waited = now - oldestWaitingSince
        return span(duration(waited), waited > LONG_WAIT[1] ? "bad" : waited > LONG_WAIT[0] ? "warn" : "plain")
      }
    }
  ]
  return [...columns, ...mediaColumns(mediaOf(queues), width - tableWidth(columns) - GAP)]
}
