import { derivedIn } from "../src/domain/derivation.ts"
import type { Json } from "../src/domain/json.ts"
import type { Columns } from "../src/domain/projection.ts"
import { latestIn, type Register, type Row } from "../src/domain/row.ts"
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

/**
 * What the conversation tells of a session of an agent: that it alerts, since when it is connected, or that it is over; and when the
 * platform's API listed it last (`seenAt`), or listed it no more (`goneAt`). Epoch ms.
 */
export type Connection = {
  readonly connectedAt?: number
  readonly seenAt?: number
  readonly goneAt?: number
} & (
  | { readonly alerting?: true; readonly endedAt?: undefined; readonly endedBy?: undefined }
  | { readonly alerting?: undefined; readonly endedAt: number; readonly endedBy: string }
)

/** The registers of a session of an agent that follow from other rows. */
export const CONNECTION = "connection"
export const PRESUMED = "presumed"

/** What conversations say of a session of an agent, or of a wait. */
export const connectionIn = (row: Row): Connection => valueOf<Connection>(derivedIn(row, CONNECTION)) ?? {}

/** A time before all others, in ms. */
export const NEVER = Number.NEGATIVE_INFINITY

/** The register of a session of which a snapshot names no conversation: whether the platform's API listed it. */
export const SEEN = "seen"

/** When (epoch ms) the platform's API listed a session last, and since when a complete answer does not; `NEVER` where none says so. */
export const snapshotIn = (row: Row): { readonly seenAt: number; readonly goneAt: number } => {
  const { seenAt = NEVER, goneAt = NEVER } = connectionIn(row)
  const own = row.get(SEEN)
  const last = Math.max(seenAt, own?.value === true ? own.stamp.clock : NEVER)
  const since = Math.max(goneAt, own?.value === false ? own.stamp.clock : NEVER)
  return { seenAt: last, goneAt: since > last ? since : NEVER }
}

/** How a row says that a complete answer of the API did not list the session any more. */
export const BY_SNAPSHOT = "snapshot"

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
  readonly endedAt?: number | undefined
  /** The event or rule that ended it. */
  readonly endedBy?: string
  /** Whether it was ended by a rule, and not by an event of its own. */
  readonly inferred?: boolean
}

const ended = (endedBy: string, endedAt?: number): UserSession => ({ phase: "ended", endedBy, endedAt })

const inferred = (endedBy: string, endedAt?: number): UserSession => ({
  ...ended(endedBy, endedAt),
  inferred: true
})

const valueOf = <A>(register: Register | undefined): A | undefined => register?.value as A | undefined

/** The registers of an agent's session that name the queue it came by, as `start <queueId>`: see `factName`. */
const naming = ["start", "segment"] as const

export const withQueue = (fact: (typeof naming)[number], queueId: string | undefined): string =>
  queueId === undefined ? fact : `${fact} ${queueId}`

/** The queue that a register names. */
export const queueIn = (register: string): string | undefined => {
  const fact = naming.find((name) => register.startsWith(`${name} `))
  return fact && register.slice(fact.length + 1)
}

/** The last of a session's facts of a name, with the queue that it names. */
export const sessionFact = (row: Row, fact: (typeof naming)[number]) => {
  const found = latestIn(row, fact)
  if (found === undefined) return undefined
  const [name, { stamp, value }] = found
  return {
    stamp,
    value: known({ ...(value as Columns), queueId: queueIn(name) ?? (value as Columns).queueId }) as Columns
  }
}

/** The latest time (epoch ms) at which the session was seen to go on. */
export const lastSeen = (row: Row): number =>
  Math.max(
    ...naming.map((name) => latestIn(row, name)?.[1].stamp.clock ?? NEVER),
    connectionIn(row).connectedAt ?? NEVER,
    snapshotIn(row).seenAt
  )

/** What a row tells of an agent's session. `stated`: the phase that the last segment means. */
const seenIn = (row: Row) => {
  const segment = latestIn(row, "segment")?.[1]
  const state = valueOf<Segment>(segment)?.state
  const segmentAt = segment?.stamp.clock ?? NEVER
  const connection = connectionIn(row)
  const { connectedAt } = connection
  const stated = state === undefined ? undefined : phaseOfSegment(state)
  const answered = stated === "alerting" && connectedAt !== undefined && connectedAt >= segmentAt
  const { seenAt, goneAt } = snapshotIn(row)
  return {
    end: row.get("end"),
    terminated: row.get("terminated"),
    wrapup: row.get("wrapup"),
    /** A queue is told of no hold: that an agent is connected may be all that is left of what it was told. */
    began: segment !== undefined || latestIn(row, "start") !== undefined || connectedAt !== undefined,
    activeAt: Math.max(segmentAt, seenAt),
    goneAt: goneAt > lastSeen(row) ? goneAt : undefined,
    stated,
    phase: answered ? "interacting" : (stated ?? (connection.alerting === true ? "alerting" : "interacting")),
    connection,
    /** Its own end, which named another row: `sessionId` pairs them. */
    paired: connection.endedBy === "user.end" || connection.endedBy === "TERMINATED" ? connection.endedBy : undefined,
    presumed: valueOf<{ readonly endedBy: string }>(derivedIn(row, PRESUMED))?.endedBy
  } as const
}

type Seen = ReturnType<typeof seenIn>

/** What ends a session, or keeps it in wrap-up. The first that says something decides: events before what follows from others. */
const endings: ReadonlyArray<(seen: Seen) => UserSession | undefined> = [
  ({ terminated, end }) => terminated && ended("TERMINATED", (end ?? terminated).stamp.clock),
  ({ wrapup, end }) => wrapup && ended(end === undefined ? "acw" : "user.end", (end ?? wrapup).stamp.clock),
  ({ end, paired, stated, presumed, goneAt, connection }) => {
    if ((end === undefined && paired === undefined) || stated !== "wrapup" || paired === "TERMINATED") return undefined
    const over = presumed ?? (goneAt === undefined ? undefined : BY_SNAPSHOT)
    return over === undefined ? { phase: "wrapup" } : inferred(over, end?.stamp.clock ?? connection.endedAt)
  },
  ({ end }) => end && ended("user.end", end.stamp.clock),
  ({ paired, connection }) => (paired === undefined ? undefined : ended(paired, connection.endedAt)),
  ({ presumed }) => (presumed === undefined ? undefined : inferred(presumed)),
  ({ began, goneAt }) => (began || goneAt !== undefined ? undefined : ended("unknown")),
  // What the conversation says is refuted by what the session itself did after it.
  ({ connection, phase, activeAt, stated }) => {
    if (connection.endedBy === undefined || phase === "wrapup" || activeAt > connection.endedAt) return undefined
    const connectedSince = connection.endedBy === "acd.end" && stated !== undefined && stated !== "alerting"
    return connectedSince ? undefined : inferred(connection.endedBy, connection.endedAt)
  },
  ({ goneAt }) => (goneAt === undefined ? undefined : inferred(BY_SNAPSHOT, goneAt))
]

/**
 * What an agent's session has come to, by its row in `agents` or `queues`. An end is final, whatever the clocks say. The last segment decides
 * what goes on, save that an agent who has answered since is alerted no more.
 */
export const userSession = (row: Row): UserSession => {
  const seen = seenIn(row)
  for (const ending of endings) {
    const found = ending(seen)
    if (found !== undefined) return found
  }
  return { phase: seen.phase }
}

/** Whether an agent still works on it: what is over, and wrap-up, is no open work. */
export const isOpenWork = (phase: Phase): boolean => phase !== "ended" && phase !== "wrapup"

/** The session's own data: those of its start, or else of its segment. */
const details = (row: Row): Columns => {
  const start = sessionFact(row, "start")
  if (start !== undefined) return { ...start.value, since: iso(start.stamp.clock) }
  const { state: _, sessionStart, ...session } = (sessionFact(row, "segment")?.value ?? {}) as Partial<Segment>
  return { ...(session as Columns), ...(sessionStart === undefined ? {} : { since: iso(sessionStart) }) }
}

/** The columns that a session of an agent has in `agents` and `queues` alike. */
export const userSessionColumns = (sessionId: string, row: Row): Columns => {
  // Nothing follows from nothing: who asks which registers a column follows from asks for that too.
  if (row.size === 0) return { sessionId }
  const { phase, endedAt, endedBy } = userSession(row)
  const { connectedAt } = connectionIn(row)
  const state = valueOf<Segment>(latestIn(row, "segment")?.[1])?.state
  const wrapup = row.get("wrapup")
  return {
    sessionId,
    phase,
    ...details(row),
    // A segment that another event has overruled is none any more.
    ...(state === undefined || phase === "ended" || (phaseOfSegment(state) ?? phase) !== phase
      ? {}
      : { segment: state }),
    ...(phase === "interacting" && connectedAt !== undefined ? { connectedSince: iso(connectedAt) } : {}),
    ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    ...(endedBy === undefined ? {} : { endedBy }),
    ...(wrapup === undefined ? {} : { wrapup: wrapup.value })
  }
}

/** A value without its absent fields. */
export const known = (fields: { readonly [name: string]: Json | undefined }): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Json
