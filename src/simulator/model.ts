import { type Division, makeDivisions, makeTeams, type Named, nameOf, wrapupCodeNames } from "./names.ts"
import { makeIds, makeRandom, type Random } from "./random.ts"
import type { AgentTally, Tally } from "./tally.ts"

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

const QUEUE_NAMES = ["Service", "Claims", "Sales", "Billing", "Support", "Returns", "Renewals", "Orders"] as const
const PRESENCES: ReadonlyArray<SystemPresence> = [
  "OFFLINE",
  "AVAILABLE",
  "ON_QUEUE",
  "BREAK",
  "MEAL",
  "MEETING",
  "TRAINING",
  "BUSY",
  "AWAY",
  "IDLE"
]
const DAY_MS = 86_400_000

const skillSets: ReadonlyArray<readonly [number, ReadonlyArray<Medium>]> = [
  [0.35, ["VOICE"]],
  [0.25, ["CHAT", "MESSAGE"]],
  [0.4, ["VOICE", "CHAT", "MESSAGE"]]
]

const makeQueue = (number: number, id: string, random: Random, division: Division): Queue => {
  const round = Math.floor(number / QUEUE_NAMES.length)
  const name = `${QUEUE_NAMES[number % QUEUE_NAMES.length]}${round === 0 ? "" : ` ${round + 1}`}`
  // The first queue takes everything, so that no medium is without a queue.
  const offered = number === 0 ? allMedia : random.weighted(skillSets)
  return {
    id,
    name,
    division,
    media: new Set(offered),
    members: new Set(),
    waiting: new Map(),
    engaged: new Set(),
    changed: new Set(),
    counts: new Map(),
    tallies: new Map(allMedia.map((medium) => [medium, new Map()])),
    reported: new Map(),
    flushed: 0,
    flushing: false,
    last: 0,
    published: 0
  }
}

/**
 * The organisation before the day begins: everybody logged off. Its ids depend on `seed` alone, so that another run with the same seed
 * meets the same agents and queues.
 */
export const makePopulation = (seed: number, agents: number, queues: number, start: number): Population => {
  const random = makeRandom(`${seed}:population`)
  const id = makeIds(`${seed}:population`)
  const ids = (count: number) => Array.from({ length: count }, () => id())
  const definitions = new Map(PRESENCES.map((system) => [system, ids(system === "BREAK" || system === "BUSY" ? 2 : 1)]))
  const [divisions, teams] = [makeDivisions(seed), makeTeams(seed)]
  const allQueues = Array.from({ length: queues }, (_, number) =>
    makeQueue(number, id(), random, divisions[number % divisions.length] as Division)
  )

  const makeAgent = (number: number): Agent => {
    const skills = new Set(number === 0 ? allMedia : random.weighted(skillSets))
    const first = allQueues[number % queues] as Queue
    const memberOf = new Set([first])
    for (let extra = random.whole(0, 2); extra > 0; extra--) memberOf.add(random.pick(allQueues))
    const before = start - random.between(0.4, 3) * DAY_MS
    const station = { id: id(), name: `Desk ${number + 1}` }
    return {
      id: id(),
      number,
      ...nameOf(number),
      division: first.division,
      team: teams[number % teams.length] as Named,
      skills,
      station: skills.has("VOICE") ? station : undefined,
      seen: false,
      memberOf: [...memberOf],
      presence: { system: "OFFLINE", definition: definitions.get("OFFLINE")![0]!, since: Math.round(before) },
      routing: { status: "OFF_QUEUE", since: Math.round(before) },
      outOfOffice: { active: random.chance(0.06), since: Math.round(before - random.between(1, 20) * DAY_MS) },
      active: { queues: [], since: Math.round(before) },
      stationed: false,
      deactivated: false,
      missed: false,
      calling: false,
      reported: new Set(),
      work: new Set(),
      tallies: new Map(),
      shiftEnds: 0,
      last: 0,
      published: 0
    }
  }

  return {
    agents: Array.from({ length: agents }, (_, number) => makeAgent(number)),
    queues: allQueues,
    divisions,
    teams,
    definitions,
    wrapupCodes: wrapupCodeNames.map((name) => ({ id: id(), name })),
    skills: ids(8),
    languages: ids(3)
  }
}
