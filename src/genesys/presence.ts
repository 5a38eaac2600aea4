/** System presences in the spelling of events. The set is open: others are kept as they came. */
export const presences = [
  "AVAILABLE",
  "ON_QUEUE",
  "BUSY",
  "AWAY",
  "BREAK",
  "MEAL",
  "MEETING",
  "TRAINING",
  "IDLE",
  "OFFLINE"
] as const

/** Routing statuses in the spelling of events. The set is open: others are kept as they came. */
export const routingStatuses = ["OFF_QUEUE", "IDLE", "INTERACTING", "NOT_RESPONDING", "COMMUNICATING"] as const

// Events say ON_QUEUE, the definition API OnQueue, audits and user REST "On Queue".
const bare = (value: string): string => value.replace(/[ _]/g, "").toUpperCase()

const normaliser = (known: ReadonlyArray<string>) => {
  const spellings = new Map(known.flatMap((word) => [[word, word] as const, [bare(word), word] as const]))
  return (value: string): string => spellings.get(value) ?? spellings.get(bare(value)) ?? value
}

/** `ON_QUEUE` for `ON_QUEUE`, `OnQueue` and `On Queue` in any case; an unknown value exactly as it came. */
export const normalisePresence = normaliser(presences)

/** The same for a routing status: `NOT_RESPONDING` for `NotResponding`. */
export const normaliseRoutingStatus = normaliser(routingStatuses)

const words = (value: string): string =>
  /^[A-Z0-9][A-Z0-9_]*$/.test(value)
    ? value
        .split("_")
        .filter((word) => word !== "")
        .map((word) => word[0] + word.slice(1).toLowerCase())
        .join(" ")
    : value

/** What is known of an agent, in any spelling. An absent facet was never seen. */
export interface Known {
  readonly presence?: string | undefined
  readonly routingStatus?: string | undefined
  readonly outOfOffice?: boolean | undefined
  readonly userState?: string | undefined
}

const gone: ReadonlyMap<string | undefined, string> = new Map([
  ["inactive", "Inactive"],
  ["deleted", "Deleted"]
])

/** Whether a user of that state was deleted or deactivated. One of whom nothing is known was not. */
export const isGone = (userState: string | undefined): boolean => gone.has(userState)

/** `state` in the words of Genesys; `decidedBy` names the facet whose time is the state's time. */
export interface EffectiveState {
  readonly state: string
  readonly decidedBy?: "presence" | "routingStatus" | "outOfOffice" | "userState"
}

// Where the declared presence speaks, because the observed status has nothing to add or is in transition.
const presenceDecides = {
  onQueue: new Set(["OFF_QUEUE"]),
  offQueue: new Set(["OFF_QUEUE", "IDLE", "NOT_RESPONDING"])
}

/**
 * The state a supervisor would read: presence is what the agent declared, routing status what the platform observed, and the
 * latter decides unless it has nothing to say. Offline needs no routing status; otherwise a facet never seen makes it `Unknown`.
 *
 * Out of office overlays what the agent declared, as the label of Genesys does, and changes no routing: an agent who is on queue or still
 * on a conversation is shown by that, and one who is off queue or logged off as out of office. A user who was deleted or deactivated is
 * `Deleted` or `Inactive`, whatever was reported before.
 */
export const effectiveState = ({ presence: p, routingStatus: r, outOfOffice, userState }: Known): EffectiveState => {
  const left = gone.get(userState)
  if (left !== undefined) return { state: left, decidedBy: "userState" }
  const presence = p === undefined ? undefined : normalisePresence(p)
  const declared = (state: string): EffectiveState =>
    outOfOffice === true && presence !== "ON_QUEUE"
      ? { state: "Out of Office", decidedBy: "outOfOffice" }
      : { state, decidedBy: "presence" }
  if (presence === "OFFLINE") return declared("Offline")
  if (presence === undefined || r === undefined) return { state: "Unknown" }
  const routing = normaliseRoutingStatus(r)
  const onQueue = presence === "ON_QUEUE"
  if (presenceDecides[onQueue ? "onQueue" : "offQueue"].has(routing)) return declared(words(presence))
  return { state: onQueue && routing === "IDLE" ? "On Queue" : words(routing), decidedBy: "routingStatus" }
}

/** Whether the platform would offer the agent new ACD work; `possibly` depends on utilisation. */
export type Availability = "yes" | "possibly" | "no" | "unknown"

const onQueueAvailability = new Map<string, Availability>([
  ["IDLE", "yes"],
  ["INTERACTING", "possibly"],
  ["COMMUNICATING", "possibly"],
  ["NOT_RESPONDING", "no"],
  ["OFF_QUEUE", "no"]
])

/** `yes` still presumes that the queue is among the agent's active ones and that skills match. */
export const availability = ({ presence: p, routingStatus: r, userState }: Known): Availability => {
  if (isGone(userState)) return "no"
  const presence = p === undefined ? undefined : normalisePresence(p)
  if (presence === "OFFLINE") return "no"
  if (presence === undefined || r === undefined) return "unknown"
  if (presence !== "ON_QUEUE") return "no"
  return onQueueAvailability.get(normaliseRoutingStatus(r)) ?? "unknown"
}
