import type { Agent, AgentTally, Medium, Queue, Tally, Work } from "./model.ts"

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
  longestAnswerMs: 0,
  abandonedMs: 0,
  longestAbandonMs: 0,
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

const talliesIn = ({ tallies }: Queue, medium: Medium): Map<number, Tally> => {
  const held = tallies.get(medium)
  if (held === undefined) throw new Error(`no tallies of ${medium}`)
  return held
}

const tallyOf = (queue: Queue, medium: Medium, at: number): Tally =>
  tallyIn(talliesIn(queue, medium), startOf(at), newTally)

const isLongest = (name: string): boolean => name.startsWith("longest")

const together = (one: Tally, other: Tally): Tally =>
  Object.fromEntries(
    Object.entries(one).map(([name, value]) => {
      const more = other[name as keyof Tally]
      return [name, isLongest(name) ? Math.max(value, more) : value + more]
    })
  ) as unknown as Tally

/** What happened in a queue in a medium from one time until another, both the beginnings of intervals, epoch ms. */
export const talliedIn = (queue: Queue, medium: Medium, from: number, until: number): Tally => {
  const tallies = talliesIn(queue, medium)
  let sum = newTally()
  for (let at = from; at < until; at += INTERVAL_MS) sum = together(sum, tallies.get(at) ?? newTally())
  return sum
}

/** What happened in a queue by intervals, over all media. */
export const queueTallies = ({ tallies }: Queue): Map<number, Tally> => {
  const all = new Map<number, Tally>()
  for (const [at, tally] of [...tallies.values()].flatMap((held) => [...held]))
    all.set(at, together(tally, all.get(at) ?? newTally()))
  return new Map([...all].sort(([a], [b]) => a - b))
}

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
export const countOffer = (queue: Queue, medium: Medium, at: number): void => {
  tallyOf(queue, medium, at).offered++
}

/** A wait ends: an agent has answered, or the customer has left. */
export const countWait = (queue: Queue, medium: Medium, at: number, waitMs: number, answered: boolean): void => {
  const tally = tallyOf(queue, medium, at)
  if (answered) {
    tally.answered++
    tally.speedMs += waitMs
    tally.longestAnswerMs = Math.max(tally.longestAnswerMs, waitMs)
    if (waitMs <= IN_TIME_MS) tally.answeredInTime++
  } else {
    tally.abandoned++
    tally.abandonedMs += waitMs
    tally.longestAbandonMs = Math.max(tally.longestAbandonMs, waitMs)
    if (waitMs < SHORT_MS) tally.shortAbandoned++
  }
}

/** An agent's session ends. */
export const countSession = (
  { queue, agent, conversation, answered, held }: Work,
  at: number,
  by: "agent" | "customer" | "transfer"
): void => {
  for (const tally of [tallyOf(queue, conversation.medium, at), tallyIn(agent.tallies, startOf(at), newAgentTally)]) {
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
export const countWrapUp = (queue: Queue, medium: Medium, at: number, wrapupMs: number): void => {
  tallyOf(queue, medium, at).wrapupMs += wrapupMs
}
