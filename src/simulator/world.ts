import type { Agent, Medium, Party, Population } from "./model.ts"
import type { Random } from "./random.ts"
import type { EmissionRate } from "./rate.ts"
import type { Wire } from "./wire.ts"

/** What every step of the simulation works with. Durations given to `after` are natural seconds. */
export interface World {
  readonly random: Random
  /** Of what happens seldom, so that it disturbs nothing before it happens. */
  readonly seldom: Random
  readonly id: () => string
  readonly population: Population
  readonly pace: EmissionRate
  readonly publish: Wire["publish"]
  readonly after: (seconds: number, task: () => void) => void
  /** Stretches the time between breaks and between shifts, so that they do not use up a small rate. */
  readonly leisure: number
  /** Conversations that have begun and not ended. */
  conversations: number
  /** Agents on queue. */
  onQueue: number
}

/**
 * The instant of a step: now, yet later than anything that has happened to its parties. No party has two steps at one instant, so event
 * time alone tells their order, as it does at Genesys.
 */
export const instant = (world: World, ...parties: ReadonlyArray<Party>): number => {
  let at = world.pace.now()
  for (const party of parties) if (party.last >= at) at = party.last + 1
  for (const party of parties) party.last = at
  return at
}

/** Whether the agent could be offered one more conversation of the medium from a queue that they are active in. */
export const canTake = (agent: Agent, medium: Medium, capacity: number): boolean => {
  if (agent.presence.system !== "ON_QUEUE" || agent.missed || agent.calling || !agent.skills.has(medium)) return false
  if (agent.work.size === 0) return true
  if (medium === "VOICE" || agent.work.size >= 3) return false
  let held = 0
  for (const work of agent.work) {
    if (work.segment === "ALERT" || work.conversation.medium === "VOICE") return false
    if (work.conversation.medium === medium) held++
  }
  return held < capacity
}
