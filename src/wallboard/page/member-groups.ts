import type { QueueCard } from "../board.ts"
import { rankOf } from "../view/states.ts"
import type { Tone } from "../view/tone.ts"

/** A column in which members of a queue are counted. */
export interface MemberGroup {
  readonly id: "notResponding" | "withSession" | "onQueue" | "otherStates"
  readonly title: string
  readonly about: string
  readonly tone: Tone
  /** The state of the members; that of the last column is any other. */
  readonly state?: string
}

/** One state has a column where a supervisor acts on its number. The others share one, which names them with the pointer on it. */
export const MEMBER_GROUPS: ReadonlyArray<MemberGroup> = [
  {
    id: "notResponding",
    title: "Not resp",
    about: "Members who are Not Responding",
    tone: "bad",
    state: "Not Responding"
  },
  { id: "withSession", title: "Interact", about: "Members who are Interacting", tone: "busy", state: "Interacting" },
  { id: "onQueue", title: "On queue", about: "Members who are On Queue, and free", tone: "good", state: "On Queue" },
  { id: "otherStates", title: "Other", about: "Members in any other state, such as Break", tone: "warn" }
]

const OWN = new Set(MEMBER_GROUPS.map(({ state }) => state))

/** The states of a queue's members that a column counts, each with how many, in the order in which a supervisor looks for them. */
export const statesOf = (
  { states }: Pick<QueueCard, "states">,
  { state: own }: MemberGroup
): ReadonlyArray<readonly [state: string, members: number]> =>
  Object.entries(states)
    .filter(([state]) => (own === undefined ? !OWN.has(state) : state === own))
    .sort(([a], [b]) => rankOf(a) - rankOf(b))
