import type { ServiceLevelRule } from "../../projections/queue-figures.ts"
import type { DayFigures } from "./view/day-figures.ts"
import type { Thresholds } from "./view/limits.ts"
import type { AgentLine, QueueLine, Run, Snapshot } from "./view/snapshot.ts"

/** A conversation that an agent is on. Times are epoch ms. */
export interface Work {
  /** What the agent does in it: `alerting`, `interacting`, `monitoring` or `wrapup`. */
  readonly phase: string
  /** As reported, such as `VOICE`. */
  readonly medium?: string
  readonly queueId?: string
  readonly since?: number
}

export interface AgentCard extends AgentLine {
  readonly work: ReadonlyArray<Work>
  /** Sessions of today over all queues; absent where the stack does not fold `queue-intervals`. */
  readonly handledToday?: number
}

export interface QueueCard extends QueueLine {
  /** How many of the members are in each effective state. A member of whom nothing is known is `Unknown`; deleted users are left out. */
  readonly states: { readonly [state: string]: number }
  /** What happened in it today; absent where the stack does not fold `queue-intervals`. */
  readonly today?: DayFigures
}

/** How the centre judges itself, see `Judgement`; it stays as it is for the whole run. */
export interface Settings {
  readonly thresholds: Thresholds
  readonly serviceLevel: ServiceLevelRule
  readonly serviceLevels: { readonly [queue: string]: ServiceLevelRule }
}

/** The figures of one moment (epoch ms): events a second, the lag of what settled lately (ms), and what was late and is parked so far. */
export interface Sample {
  readonly at: number
  readonly perSecond: number
  readonly p50?: number
  readonly p99?: number
  readonly late: number
  readonly parked: number
}

/** What the engine of a stack on one machine knows of its events. */
export interface PipelineFigures extends Pick<Snapshot, "counters" | "settleLag" | "backlog"> {
  /** Messages and objects that were given up and wait for people, by place; places where there is nothing are left out. */
  readonly parked: { readonly [place: string]: number }
}

/** How the wall of a deployed stack gets what it shows. Times are epoch ms. */
export interface Reading {
  readonly by: "polling" | "streams"
  /** Seconds between two readings of all. */
  readonly everySeconds: number
  /** When all was read last. */
  readonly readAt: number
  /** Up to which event time all is settled; absent until the stack has said it. */
  readonly settledThrough?: number
  /** Read units of the last minute, and as they were stated before. */
  readonly unitsLastMinute: number
  readonly unitsAMinute: number
  /** Why the last reading failed. */
  readonly problem?: string
  /** What this wall cannot show, and where it is, in one line. */
  readonly without: string
}

/** What the page shows besides agents, queues and the past. */
export interface Figures {
  readonly run: Pick<Run, "now" | "stack"> & Partial<Run>
  readonly settleWindowMs: number
  /** Absent of a deployed stack. */
  readonly pipeline?: PipelineFigures
  /** Of a deployed stack. */
  readonly reading?: Reading
  /** When the day of the queues' figures began, epoch ms, and by which time zone; absent where there are none. */
  readonly day?: { readonly since: number; readonly timeZone: string }
}

/** All that the page shows, as it gets it when it connects. Agents and queues are in the order of their ids, samples in that of time. */
export interface Board {
  readonly figures: Figures
  readonly agents: ReadonlyArray<AgentCard>
  readonly queues: ReadonlyArray<QueueCard>
  /** What the directory calls agents and queues, by id. */
  readonly names: { readonly [id: string]: string }
  /** The ids of those who are joined to each queue. */
  readonly members: { readonly [queueId: string]: ReadonlyArray<string> }
  readonly settings: Settings
  readonly samples: ReadonlyArray<Sample>
}

/** What is new since the message before: agents and queues that are others now, ids of those that are gone, samples that came to it. */
export interface Change {
  readonly figures: Figures
  readonly agents?: ReadonlyArray<AgentCard>
  readonly queues?: ReadonlyArray<QueueCard>
  readonly gone?: ReadonlyArray<string>
  /** Names that are others now, and null for an id that has none any more. */
  readonly names?: { readonly [id: string]: string | null }
  /** Queues whose members are others now. */
  readonly members?: { readonly [queueId: string]: ReadonlyArray<string> }
  readonly samples?: ReadonlyArray<Sample>
}

/** The names of the two kinds of message on `/events`, and of the one that says that the run is over. */
export const EVENTS = { board: "board", change: "change", end: "end" } as const

/** How many samples are kept, one a second. */
export const SAMPLES = 300

const merged = <A>(
  before: ReadonlyArray<A>,
  changed: ReadonlyArray<A> | undefined,
  gone: ReadonlySet<string>,
  idOf: (one: A) => string
): ReadonlyArray<A> => {
  if (changed === undefined && gone.size === 0) return before
  const byId = new Map(before.map((one) => [idOf(one), one]))
  for (const one of changed ?? []) byId.set(idOf(one), one)
  for (const id of gone) byId.delete(id)
  return [...byId.values()].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
}

/** The names after a change. Ids are of any form, `__proto__` too. */
const renamed = (before: Board["names"], changed: Change["names"]): Board["names"] => {
  if (changed === undefined) return before
  const all = new Map<string, string | null>([...Object.entries(before), ...Object.entries(changed)])
  return Object.fromEntries([...all].flatMap(([id, name]) => (name === null ? [] : [[id, name] as const])))
}

/** The ids of a queue's members; none where nobody has said it. */
export const membersIn = (members: Board["members"], queueId: string): ReadonlyArray<string> =>
  Object.hasOwn(members, queueId) ? (members[queueId] ?? []) : []

/** What an agent or queue is called; undefined where nobody has said it. */
export const nameIn = (names: Board["names"], id: string): string | undefined =>
  Object.hasOwn(names, id) ? names[id] : undefined

/** The board after a change. What has not changed is the same value as before. */
export const applied = (
  board: Board,
  { figures, agents, queues, gone = [], names, members, samples = [] }: Change
): Board => ({
  figures,
  agents: merged(board.agents, agents, new Set(gone), ({ agentId }) => agentId),
  queues: merged(board.queues, queues, new Set(gone), ({ queueId }) => queueId),
  names: renamed(board.names, names),
  members:
    members === undefined
      ? board.members
      : Object.fromEntries([...Object.entries(board.members), ...Object.entries(members)]),
  settings: board.settings,
  samples: samples.length === 0 ? board.samples : [...board.samples, ...samples].slice(-SAMPLES)
})
