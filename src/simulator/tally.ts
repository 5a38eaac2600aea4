import type { Queue, Work } from "./model.ts"

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

const INTERVAL_MS = 15 * 60_000
const IN_TIME_MS = 20_000
const SHORT_MS = 10_000

/** Intervals of a day: older ones are forgotten, so that a centre can run for ever. */
const KEPT = 96

const tallyOf = (queue: Queue, at: number): Tally => {
  const interval = at - (at % INTERVAL_MS)
  const held = queue.tallies.get(interval)
  if (held !== undefined) return held
  const tally: Tally = {
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
  }
  queue.tallies.set(interval, tally)
  for (const old of queue.tallies.keys()) if (queue.tallies.size > KEPT) queue.tallies.delete(old)
  return tally
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
export const countSession = ({ queue, answered, held }: Work, at: number, by: "agent" | "customer" | "transfer") => {
  const tally = tallyOf(queue, at)
  if (answered === 0) {
    if (by !== "customer") tally.notAnswered++
    return
  }
  tally.handled++
  tally.talkMs += at - answered - held
  tally.heldMs += held
  if (by === "transfer") tally.transferred++
}

/** An agent has finished after-call work. */
export const countWrapUp = (queue: Queue, at: number, wrapupMs: number): void => {
  tallyOf(queue, at).wrapupMs += wrapupMs
}
