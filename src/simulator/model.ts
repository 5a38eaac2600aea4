import type { Division, Named } from "./names.ts"

export type Medium = "VOICE" | "CHAT" | "MESSAGE"

/** What a medium is called where, how many of its conversations an agent can hold, and its natural durations in seconds. */
export const media = {
  VOICE: { lower: "voice", load: "call", capacity: 1, share: 0.5, greet: 9, answer: 4, ring: 12, handle: 150, acw: 25 },
  CHAT: { lower: "chat", load: "chat", capacity: 2, share: 0.22, greet: 1, answer: 6, ring: 25, handle: 220, acw: 15 },
  MESSAGE: {
    lower: "message",
    load: "message",
    capacity: 3,
    share: 0.28,
    greet: 2,
    answer: 9,
    ring: 40,
    handle: 300,
    acw: 12
  }
} as const

export const allMedia = Object.keys(media) as ReadonlyArray<Medium>

export type SystemPresence =
  | "OFFLINE"
  | "AVAILABLE"
  | "ON_QUEUE"
  | "BREAK"
  | "MEAL"
  | "MEETING"
  | "TRAINING"
  | "BUSY"
  | "AWAY"
  | "IDLE"

export type RoutingStatus = "OFF_QUEUE" | "IDLE" | "INTERACTING" | "NOT_RESPONDING" | "COMMUNICATING"

/** Somebody that things happen to. `last` is the instant (epoch ms) of the latest of them: no two share one. */
export interface Party {
  last: number
}

/** A party with topics whose bodies hold no clock: these are ordered by publication, so `published` only rises. */
export interface Publisher extends Party {
  published: number
}

/** What happened in a queue in one interval, in one medium or in several, counted as it happens. Times are in ms. */
export interface Tally {
  offered: number
  answered: number
  answeredInTime: number
  abandoned: number
  shortAbandoned: number
  /** The waits that were answered, together, and the longest of them. */
  speedMs: number
  longestAnswerMs: number
  /** The waits that were abandoned, together, and the longest of them. */
  abandonedMs: number
  longestAbandonMs: number
  handled: number
  talkMs: number
  heldMs: number
  wrapupMs: number
  transferred: number
  notAnswered: number
}

/** What an agent did in one interval, counted as it happens. Times are in ms, those in a state by its word. */
export interface AgentTally {
  readonly presenceMs: Map<string, number>
  readonly routingStatusMs: Map<string, number>
  handled: number
  notAnswered: number
  transferred: number
  talkMs: number
  heldMs: number
}

export interface Agent extends Publisher {
  readonly id: string
  readonly number: number
  readonly name: string
  readonly email: string
  readonly division: Division
  readonly team: Named
  readonly skills: ReadonlySet<Medium>
  readonly station: Named | undefined
  /** Whether anything was ever said about the agent. */
  seen: boolean
  memberOf: Array<Queue>
  presence: { system: SystemPresence; definition: string; since: number }
  routing: { status: RoutingStatus; since: number }
  outOfOffice: { active: boolean; since: number }
  /** Queues that the agent is active in; empty while logged off. */
  active: { queues: ReadonlyArray<Queue>; since: number }
  stationed: boolean
  /** The user was deactivated and cannot log on. */
  deactivated: boolean
  /** Missed an alert and has not come back yet. */
  missed: boolean
  /** On a call that is not queue work. */
  calling: boolean
  /** Media whose load was ever reported. */
  readonly reported: Set<Medium>
  readonly work: Set<Work>
  /** What the agent did, by the beginning of each interval, epoch ms. */
  readonly tallies: Map<number, AgentTally>
  shiftEnds: number
}

export interface Queue extends Publisher {
  readonly id: string
  readonly name: string
  readonly division: Division
  readonly media: ReadonlySet<Medium>
  readonly members: Set<Agent>
  /** Open queue sessions by session id, longest waiting first. */
  readonly waiting: Map<string, Conversation>
  /** Open agent sessions. */
  readonly engaged: Set<Work>
  /** Media whose counts have changed since they were last published, longest unpublished first. */
  readonly changed: Set<Medium>
  readonly counts: Map<string, number>
  /** What happened in it by medium, and by the beginning of each interval, epoch ms. */
  readonly tallies: ReadonlyMap<Medium, Map<number, Tally>>
  /** What was last published of the half hour of a medium that began at `from`, epoch ms: the stats of each metric as JSON. */
  readonly reported: Map<Medium, { readonly from: number; readonly stats: ReadonlyMap<string, string> }>
  flushed: number
  flushing: boolean
}

/** One customer and what happens to them. */
export interface Conversation extends Party {
  readonly id: string
  readonly medium: Medium
  /** Fields that every detail event of the conversation repeats. */
  readonly contact: { readonly [field: string]: unknown }
  readonly contactIds: ReadonlyArray<string>
  readonly customer: { readonly participantId: string; readonly sessionId: string; readonly since: number }
  queue: Queue
  /** The queue session, while waiting. */
  acd: { readonly participantId: string; readonly sessionId: string; readonly since: number } | undefined
  alerting: Work | undefined
  over: boolean
}

export type Segment = "ALERT" | "INTERACT" | "HOLD" | "WRAPUP" | "TERMINATED"

/** One agent session. It is open until `user.end`, which precedes its wrap-up. */
export interface Work {
  readonly agent: Agent
  readonly queue: Queue
  readonly conversation: Conversation
  readonly sessionId: string
  readonly participantId: string
  readonly since: number
  segment: Segment
  /** When the segment began. */
  entered: number
  answered: number
  held: number
}

export interface Population {
  readonly agents: ReadonlyArray<Agent>
  readonly queues: ReadonlyArray<Queue>
  /** The first is the home division: customers belong to it. */
  readonly divisions: ReadonlyArray<Division>
  readonly teams: ReadonlyArray<Named>
  /** Presence definition ids of the organisation; some system presences have several. */
  readonly definitions: ReadonlyMap<SystemPresence, ReadonlyArray<string>>
  readonly wrapupCodes: ReadonlyArray<Named>
  readonly skills: ReadonlyArray<string>
  readonly languages: ReadonlyArray<string>
}
