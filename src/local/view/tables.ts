import type { AgentLine, QueueLine } from "./snapshot.ts"
import { toneOf } from "./states.ts"
import type { Column } from "./table.ts"
import { count, duration, shortId, span } from "./text.ts"

const NOTHING = span("·", "dim")
const number = (value: number) => (value === 0 ? NOTHING : span(count(value)))

/** A customer who waits longer than this, ms, deserves a look, and longer than that one, help. */
const LONG_WAIT = [30_000, 120_000] as const

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

const waitingOf = ({ waiting }: QueueLine): number => Object.values(waiting).reduce((sum, number) => sum + number, 0)

const KNOWN_MEDIA = ["VOICE", "CHAT", "MESSAGE"]

/** One column a medium that anybody waits in now, and always those that a centre has. */
const mediaOf = (queues: ReadonlyArray<QueueLine>): ReadonlyArray<string> => [
  ...new Set([...KNOWN_MEDIA, ...queues.flatMap(({ waiting }) => Object.keys(waiting)).sort()])
]

export const queueColumns = (queues: ReadonlyArray<QueueLine>, now: number): ReadonlyArray<Column<QueueLine>> => [
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
  },
  ...mediaOf(queues).map(
    (medium, i): Column<QueueLine> => ({
      title: medium.toLowerCase(),
      width: Math.max(5, Math.min(medium.length, 9)),
      align: "right",
      drop: 2 + i,
      cell: ({ waiting }) => number(waiting[medium] ?? 0)
    })
  )
]

/** Where somebody waits, the longest first; then the busiest. */
export const byNeed = (a: QueueLine, b: QueueLine): number =>
  (a.oldestWaitingSince ?? Number.POSITIVE_INFINITY) - (b.oldestWaitingSince ?? Number.POSITIVE_INFINITY) ||
  b.interacting - a.interacting ||
  (a.queueId < b.queueId ? -1 : 1)

export const byId = (a: QueueLine, b: QueueLine): number => (a.queueId < b.queueId ? -1 : 1)
