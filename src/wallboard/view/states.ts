import { effectiveState } from "../../genesys/presence.ts"
import type { AgentLine } from "./snapshot.ts"
import type { Tone } from "./tone.ts"

/** States in the order in which a supervisor looks for them. A state that is not listed comes before `Available`. */
const order: ReadonlyArray<readonly [state: string, tone: Tone]> = [
  ["Not Responding", "bad"],
  ["Interacting", "busy"],
  ["Communicating", "other"],
  ["On Queue", "good"],
  ["Break", "warn"],
  ["Meal", "warn"],
  ["Meeting", "warn"],
  ["Training", "warn"],
  ["Busy", "warn"],
  ["Away", "warn"],
  ["Idle", "warn"],
  ["Out of Office", "warn"],
  ["Available", "good"],
  ["Unknown", "odd"],
  ["Offline", "dim"]
]

const tones = new Map(order)
const ranks = new Map(order.map(([state], rank) => [state, rank]))
const UNLISTED = ranks.get("Available")! - 0.5

/** A state that nobody has named yet looks as odd as it is. */
export const toneOf = (state: string): Tone => tones.get(state) ?? "odd"

/** On these an agent takes work, so they add nothing to a state that says what the agent is on. */
const WORKING = new Set(["ON_QUEUE", "AVAILABLE"])

const BUSY = new Set(["Interacting", "Communicating"])

/** `Interacting`, or `Interacting · Break` of an agent who has declared a break while a conversation is still open. */
export const stateText = ({ state, presence }: Pick<AgentLine, "state" | "presence">): string =>
  presence === undefined || WORKING.has(presence) || !BUSY.has(state)
    ? state
    : `${state} · ${effectiveState({ presence, routingStatus: "OFF_QUEUE" }).state}`

/** The place of a state in that order: the lower, the sooner it is looked for. */
export const rankOf = (state: string): number => ranks.get(state) ?? UNLISTED

/** By urgency, the longest in each state first. */
export const byInterest = (a: AgentLine, b: AgentLine): number =>
  rankOf(a.state) - rankOf(b.state) ||
  (a.since ?? Number.POSITIVE_INFINITY) - (b.since ?? Number.POSITIVE_INFINITY) ||
  (a.agentId < b.agentId ? -1 : 1)
