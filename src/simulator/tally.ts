import type { Agent, Queue, Work } from "./model.ts"

/** What happened in a queue in one interval, counted as it happens. Times are in ms. */
export interface Tally {
  offered: number
  answered: number
  answeredInTime: number
  abandoned: number
  shortAbandoned: number
  /** The waits that were answered, together. */
  speedMs: number
  longestWaitMs: number
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

const INTERVAL_MS = 15 * 60_000
const IN_TIME_MS = 20_000
const SHORT_MS = 10_000

/** Intervals of a day: older ones are forgotten, so that a centre can run for ever. */
const KEPT = 96

const startOf = (at: number): number => at - (at % INTERVAL_MS)

/** The tally of an interval that begins at `interval`; a new one where there is none. */
const tallyIn = <A>(tallies: Map<number, A>, interval: number, make: () => A): A => {
  const held = tallies.get(interval)
  if (held !== undefined) return held
  const tally = make()
  tallies.set(interval, tally)
  for (const old of tallies.keys()) if (tallies.size > KEPT) tallies.delete(old)
  return tally
}

const newTally = (): Tally => ({
  offered: 0,
  answered: 0,
  answeredInTime: 0,
  abandoned: 0,
  shortAbandoned: 0,
  speedMs: 0,
  longestWaitMs: 0,
  handled: 0,
  talkMs: 0,
  heldMs: 0,
  wrapupMs: 0,
  transferred: 0,
  notAnswered: 0
})

const newAgentTally = (): AgentTally => ({
  presenceMs: new Map(),
  routingStatusMs: new Map(),
  handled: 0,
  notAnswered: 0,
  transferred: 0,
  talkMs: 0,
  heldMs: 0
})

const tallyOf = (queue: Queue, at: number): Tally => tallyIn(queue.tallies, startOf(at), newTally)

/** A state of an agent has lasted from one time until another. */
export const countState = (
  tallies: Map<number, AgentTally>,
  kind: "presenceMs" | "routingStatusMs",
  word: string,
  from: number,
  to: number
): void => {
  for (let at = Math.max(from, startOf(to) - (KEPT - 1) * INTERVAL_MS); at < to; ) {
    const end = Math.min(to, startOf(at) + INTERVAL_MS)
    const times = tallyIn(tallies, startOf(at), newAgentTally)[kind]
    times.set(word, (times.get(word) ?? 0) + end - at)
    at = end
  }
}

/** What an agent did by intervals, with what still lasts, until a time. */
export const agentTallies = ({ tallies, presence, routing }: Agent, until: number): Map<number, AgentTally> => {
  const all = new Map(
    [...tallies].map(([at, tally]) => [
      at,
      { ...tally, presenceMs: new Map(tally.presenceMs), routingStatusMs: new Map(tally.routingStatusMs) }
    ])
  )
  countState(all, "presenceMs", presence.system, presence.since, until)
  countState(all, "routingStatusMs", routing.status, routing.since, until)
  return all
}

/** A customer begins to wait. */
export const countOffer = (queue: Queue, at: number): void => {
  tallyOf(queue, at).offered++
}

/** A wait ends: an agent has answered, or the customer has left. */
export const countWait = (queue: Queue, at: number, waitMs: number, answered: boolean): void => {
  const tally = tallyOf(queue, at)
  tally.longestWaitMs = Math.max(tally.longestWaitMs, waitMs)
  if (answered) {
    tally.answered++
    tally.speedMs += waitMs
    if (waitMs <= IN_TIME_MS) tally.answeredInTime++
  } else {
    tally.abandoned++
    if (waitMs < SHORT_MS) tally.shortAbandoned++
  }
}

/** An agent's session ends. */
export const countSession = (
  { queue, agent, answered, held }: Work,
  at: number,
  by: "agent" | "customer" | "transfer"
): void => {
  for (const tally of [tallyOf(queue, at), tallyIn(agent.tallies, startOf(at), newAgentTally)]) {
    if (answered === 0) {
      if (by !== "customer") tally.notAnswered++
      continue
    }
    tally.handled++
    tally.talkMs += at - answered - held
    tally.heldMs += held
    if (by === "transfer") tally.transferred++
  }
}

/** An agent has finished after-call work. */
export const countWrapUp = (queue: Queue, at: number, wrapupMs: number): void => {
  tallyOf(queue, at).wrapupMs += wrapupMs
}
