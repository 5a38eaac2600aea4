import { INTERVAL_MS } from "../src/domain/interval.ts"
import type { Columns } from "../src/domain/projection.ts"

/**
 * How a centre judges its queues. Genesys lets each centre choose these too, and applies a choice to the past as well:
 * https://help.mypurecloud.com/articles/configure-the-service-level-calculation/.
 */
export interface ServiceLevelRule {
  /** A wait that is answered within so many seconds is answered in time. */
  readonly answerSeconds: number
  /** The share of waits, 0 to 1, that is to be answered in time. */
  readonly target: number
  /** An abandoned wait of fewer seconds is a short abandon: somebody dialled the wrong number. */
  readonly shortAbandonSeconds: number
  /** Count abandons as missed. */
  readonly withAbandons: boolean
  /** Count short abandons as missed too. */
  readonly withShortAbandons: boolean
  /** Count flow-outs as missed. */
  readonly withFlowOuts: boolean
}

/** 80/20 is what Genesys proposes for a new queue; the rest is what it does until somebody chooses otherwise. */
export const serviceLevelRule: ServiceLevelRule = {
  answerSeconds: 20,
  target: 0.8,
  shortAbandonSeconds: 10,
  withAbandons: true,
  withShortAbandons: false,
  withFlowOuts: false
}

/** What happened in a queue in some time, summed over its sessions. Times are in ms. */
export interface QueueFigures {
  /** Waits that began. */
  readonly offered: number
  /** Waits that an agent ended by answering. */
  readonly answered: number
  /** Of these, in time. */
  readonly answeredInTime: number
  /** Waits that the customer ended, short abandons included. */
  readonly abandoned: number
  readonly shortAbandoned: number
  /** Waits that ended otherwise: a voicemail, a callback, another queue. */
  readonly flowOut: number
  /** Waits of which the event did not say how they ended. */
  readonly otherEnds: number
  /** From 0 to 1; absent where nothing counts towards it. */
  readonly serviceLevel?: number
  /** Whether the service level reaches its target. */
  readonly targetMet?: boolean
  /** Of the waits that were answered, as far as their length is known. */
  readonly averageSpeedOfAnswerMs?: number
  /** Of all waits that ended. */
  readonly longestWaitMs?: number
  /** Agents' sessions that ended and in which the agent was connected. */
  readonly handled: number
  /** Dialling, talk, hold and after-call work, by `handled`; absent where none was handled. */
  readonly averageHandleMs?: number
  readonly talkMs: number
  readonly heldMs: number
  readonly wrapupMs: number
  /** Of `handled`, those that the agent ended by a transfer. */
  readonly transferred: number
  /** Alerts that ended without the agent being connected, and not because the customer left. */
  readonly notAnswered: number
  /** Whether something of it arrived after its interval was taken for whole. */
  readonly revised: boolean
}

/** The ends of sessions by which an agent hands the customer on. */
const transfers = new Set(["TRANSFER", "CONSULT_TRANSFER", "CONFERENCE_TRANSFER", "FORWARD_TRANSFER"])

const ms = (value: unknown): number => (typeof value === "number" && value > 0 ? value : 0)

const waitMsOf = ({ waitMs, offeredAt, endedAt }: Columns): number | undefined => {
  if (typeof waitMs === "number") return ms(waitMs)
  return typeof offeredAt === "string" && typeof endedAt === "string"
    ? ms(Date.parse(endedAt) - Date.parse(offeredAt))
    : undefined
}

/**
 * Whether the wait began in the interval of its row. An end whose beginning was lost says when that was by its length; without one it
 * says nothing.
 */
const isOffered = ({ interval, offeredAt, endedAt, waitMs }: Columns): boolean => {
  if (offeredAt !== undefined) return true
  if (typeof waitMs !== "number" || typeof endedAt !== "string") return false
  const age = Date.parse(endedAt) - ms(waitMs) - Date.parse(String(interval))
  return age >= 0 && age < INTERVAL_MS
}

const outcomes: Readonly<Record<string, "answered" | "abandoned" | "flowOut">> = {
  ANSWERED: "answered",
  ABANDON: "abandoned",
  FLOW_OUT: "flowOut"
}

const outcomeOf = ({ outcome, answeredBy }: Columns) =>
  outcomes[String(outcome).toUpperCase()] ?? (answeredBy === undefined ? "otherEnds" : "answered")

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/** The mean of times, whole ms; nothing of none. */
const mean = <K extends string>(name: K, total: number, of: number): { readonly [_ in K]?: number } =>
  (of === 0 ? {} : { [name]: Math.round(total / of) }) as { readonly [_ in K]?: number }

const levelOf = (serviceLevel: number, { target }: ServiceLevelRule) => ({
  serviceLevel,
  targetMet: serviceLevel >= target
})

/** How many waits count towards the service level, by what a centre counts as missed: the sum over queues divides by their sum. */
export const judgedWaits = (
  {
    answered,
    abandoned,
    shortAbandoned,
    flowOut
  }: Pick<QueueFigures, "answered" | "abandoned" | "shortAbandoned" | "flowOut">,
  { withAbandons, withShortAbandons, withFlowOuts }: ServiceLevelRule
): number =>
  answered + (withAbandons ? abandoned - (withShortAbandons ? 0 : shortAbandoned) : 0) + (withFlowOuts ? flowOut : 0)

const waitFigures = (rows: ReadonlyArray<Columns>, rule: ServiceLevelRule) => {
  const ended = rows.filter(({ endedAt }) => endedAt !== undefined)
  const times = { answered: [], abandoned: [], flowOut: [], otherEnds: [] } as Record<
    Outcome,
    Array<number | undefined>
  >
  for (const row of ended) times[outcomeOf(row)].push(waitMsOf(row))
  const { answered, abandoned, flowOut, otherEnds } = times
  const speeds = answered.filter((time) => time !== undefined)
  const inTime = speeds.filter((time) => time <= rule.answerSeconds * 1_000)
  const short = abandoned.filter((time) => time !== undefined && time < rule.shortAbandonSeconds * 1_000)
  const counts = {
    answered: answered.length,
    abandoned: abandoned.length,
    shortAbandoned: short.length,
    flowOut: flowOut.length
  }
  const judged = judgedWaits(counts, rule)
  const known = Object.values(times).flatMap((all) => all.filter((time) => time !== undefined))
  return {
    offered: rows.filter(isOffered).length,
    ...counts,
    answeredInTime: inTime.length,
    otherEnds: otherEnds.length,
    ...(judged === 0 ? {} : levelOf(inTime.length / judged, rule)),
    ...mean("averageSpeedOfAnswerMs", sum(speeds), speeds.length),
    ...(known.length === 0 ? {} : { longestWaitMs: known.reduce((longest, time) => Math.max(longest, time)) })
  }
}

type Outcome = ReturnType<typeof outcomeOf>

const isServed = ({ interactingMs, heldMs }: Columns): boolean => ms(interactingMs) + ms(heldMs) > 0

/** Sums over sessions of agents, times in ms. */
export interface SessionSums {
  /** Sessions that ended and in which the agent was connected. */
  readonly handled: number
  /** Alerts that ended without the agent being connected, and not because the customer left. */
  readonly notAnswered: number
  /** Of `handled`, those that the agent ended by a transfer. */
  readonly transferred: number
  /** Dialling, talk, hold and after-call work. */
  readonly handleMs: number
  readonly talkMs: number
  readonly heldMs: number
  readonly wrapupMs: number
}

/** Sums over sessions of agents: what an end says of each, with `endedAt`, and `wrapupMs` of its after-call work. */
export const sessionSums = (rows: ReadonlyArray<Columns>): SessionSums => {
  const ended = rows.filter(({ endedAt }) => endedAt !== undefined)
  const served = ended.filter(isServed)
  const total = (of: ReadonlyArray<Columns>, part: string) => sum(of.map((row) => ms(row[part])))
  const [dialMs, contactMs] = [total(served, "dialingMs"), total(served, "contactingMs")]
  const [talkMs, heldMs, wrapupMs] = [total(served, "interactingMs"), total(served, "heldMs"), total(rows, "wrapupMs")]
  const missed = ended.filter((row) => !isServed(row) && ms(row.alertingMs) > 0 && row.disconnectType !== "PEER")
  return {
    handled: served.length,
    notAnswered: missed.length,
    transferred: served.filter(({ disconnectType }) => transfers.has(String(disconnectType))).length,
    handleMs: dialMs + contactMs + talkMs + heldMs + wrapupMs,
    talkMs,
    heldMs,
    wrapupMs
  }
}

const agentFigures = (rows: ReadonlyArray<Columns>) => {
  const { handleMs, ...sums } = sessionSums(rows)
  return { ...sums, ...mean("averageHandleMs", handleMs, sums.handled) }
}

/**
 * Sums over rows of `queue-intervals`, of one interval or of many, of one queue or of many. It counts rows, so nothing is counted twice,
 * and any order ends alike.
 */
export const figuresOf = (rows: ReadonlyArray<Columns>, rule: ServiceLevelRule = serviceLevelRule): QueueFigures => ({
  ...waitFigures(
    rows.filter(({ participant }) => participant === "acd"),
    rule
  ),
  ...agentFigures(rows.filter(({ participant }) => participant === "user")),
  revised: rows.some(({ late }) => late === true)
})
