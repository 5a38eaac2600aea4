import type { Json } from "../src/domain/json.ts"
import type { Columns } from "../src/domain/projection.ts"
import type { Register, Row } from "../src/domain/row.ts"
import { iso } from "../src/domain/stamp.ts"
import type { Segment } from "../src/genesys/event.ts"

/** The rows that sessions have in every projection. */
export const SESSION = "session#"

export const sessionRow = (sessionId: string): string => SESSION + sessionId

export const sessionIdOf = (row: string): string | undefined =>
  row.startsWith(SESSION) ? row.slice(SESSION.length) : undefined

/**
 * How long (ms) a session may outlast what should have ended it: the customer's end, or the agent's log-off. An agent may still write
 * notes, talk to a colleague, or come back after a lost connection. It and the settle window fit into the longest delay of a message.
 */
export const LOST_END_MS = 600_000

/** What an agent does in a session. `monitoring` serves nobody; `wrapup` is neither open work nor over. */
export type Phase = "alerting" | "interacting" | "monitoring" | "wrapup" | "ended"

/** What the conversation tells of a session of an agent: that it alerts, since when it is connected, or that it is over. Epoch ms. */
export interface Connection {
  readonly alerting?: true
  readonly connectedAt?: number
  readonly endedAt?: number
  readonly endedBy?: string
}

/** The registers of a session of an agent that follow from other rows. */
export const CONNECTION = "~connection"
export const PRESUMED = "~presumed"

const phases: Readonly<Record<string, Phase>> = {
  ALERT: "alerting",
  DIALING: "alerting",
  CONTACTING: "alerting",
  INTERACT: "interacting",
  HOLD: "interacting",
  PARKED: "interacting",
  MONITORING: "monitoring",
  COACHING: "monitoring",
  BARGING: "monitoring",
  WRAPUP: "wrapup"
}

/** The phase that a segment of the state topic means; undefined for one that says nothing of it. */
export const phaseOfSegment = (state: string): Phase | undefined => phases[state.toUpperCase()]

export interface UserSession {
  readonly phase: Phase
  readonly endedAt?: number
  /** The event or rule that ended it. */
  readonly endedBy?: string
  /** Whether it was ended by a rule, and not by an event of its own. */
  readonly inferred: boolean
}

const ended = (endedBy: string, endedAt?: number, inferred = false): UserSession => ({
  phase: "ended",
  endedBy,
  inferred,
  ...(endedAt === undefined ? {} : { endedAt })
})

const valueOf = <A>(register: Register | undefined): A | undefined => register?.value as A | undefined

/** The latest time (epoch ms) at which the session was seen to go on. */
export const lastSeen = (row: Row): number =>
  Math.max(
    row.get("start")?.stamp.clock ?? 0,
    row.get("segment")?.stamp.clock ?? 0,
    valueOf<Connection>(row.get(CONNECTION))?.connectedAt ?? 0
  )

/** What an agent's session has come to, by its row in `agents` or `queues`. An end is final, whatever the clocks say. */
export const userSession = (row: Row): UserSession => {
  const [end, terminated, wrapup, segment] = ["end", "terminated", "wrapup", "segment"].map((name) => row.get(name))
  const connection = valueOf<Connection>(row.get(CONNECTION)) ?? {}
  const presumed = valueOf<{ readonly endedBy: string }>(row.get(PRESUMED))
  const state = valueOf<Segment>(segment)?.state
  const stated = state === undefined ? undefined : phaseOfSegment(state)
  if (terminated !== undefined) return ended("TERMINATED", (end ?? terminated).stamp.clock)
  if (wrapup !== undefined) return ended(end === undefined ? "acw" : "user.end", (end ?? wrapup).stamp.clock)
  const paired = connection.endedBy === "user.end" || connection.endedBy === "TERMINATED"
  if (end !== undefined || paired) {
    if (stated === "wrapup" && connection.endedBy !== "TERMINATED")
      return presumed === undefined
        ? { phase: "wrapup", inferred: false }
        : ended(presumed.endedBy, end?.stamp.clock ?? connection.endedAt, true)
    return end === undefined
      ? ended(connection.endedBy as string, connection.endedAt)
      : ended("user.end", end.stamp.clock)
  }
  if (segment === undefined && !row.has("start")) return ended("unknown")
  const phase = stated ?? (connection.alerting === true ? "alerting" : "interacting")
  if (presumed !== undefined) return ended(presumed.endedBy, undefined, true)
  const { endedAt = 0, endedBy } = connection
  const refuted =
    phase === "wrapup" ||
    (segment?.stamp.clock ?? 0) > endedAt ||
    (endedBy === "acd.end" && stated !== undefined && stated !== "alerting")
  return endedBy === undefined || refuted ? { phase, inferred: false } : ended(endedBy, endedAt, true)
}

/** Whether an agent still works on it: what is over, and wrap-up, is no open work. */
export const isOpenWork = (phase: Phase): boolean => phase !== "ended" && phase !== "wrapup"

/** The session's own data: those of its start, or else of its segment. */
const details = (row: Row): Columns => {
  const start = row.get("start")
  if (start !== undefined) return { ...(start.value as Columns), since: iso(start.stamp.clock) }
  const { state: _, sessionStart, ...session } = (row.get("segment")?.value ?? {}) as Partial<Segment>
  return { ...(session as Columns), ...(sessionStart === undefined ? {} : { since: iso(sessionStart) }) }
}

/** The columns that a session of an agent has in `agents` and `queues` alike. */
export const userSessionColumns = (sessionId: string, row: Row): Columns => {
  const { phase, endedAt, endedBy } = userSession(row)
  const connectedAt = valueOf<Connection>(row.get(CONNECTION))?.connectedAt
  const state = valueOf<Segment>(row.get("segment"))?.state
  const wrapup = row.get("wrapup")
  return {
    sessionId,
    phase,
    ...details(row),
    ...(state === undefined || phase === "ended" ? {} : { segment: state }),
    ...(phase === "interacting" && connectedAt !== undefined ? { connectedSince: iso(connectedAt) } : {}),
    ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    ...(endedBy === undefined || phase !== "ended" ? {} : { endedBy }),
    ...(wrapup === undefined ? {} : { wrapup: wrapup.value })
  }
}

/** A value without its absent fields. */
export const known = (fields: { readonly [name: string]: Json | undefined }): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Json
