import type { Derivation, DerivedRow } from "../src/domain/derivation.ts"
import { STATE_ROW } from "../src/domain/projection.ts"
import { DERIVED, emptyRow, latestIn, type Register, type Row } from "../src/domain/row.ts"
import { BACK, expand, IDLE, LOGGED_OFF } from "./remembered.ts"
import { LOST_END_MS, lastSeen, NEVER, PRESUMED, queueIn, sessionIdOf, userSession } from "./session.ts"

/** How much later (ms) than the last sign of a session a summary must be published, for it may have been made a moment before. */
const SUMMARY_LAG_MS = 5_000

/** The name of a medium in sessions, and in summaries. */
const summaryMedia: ReadonlyMap<string | undefined, string> = new Map([
  ["VOICE", "call"],
  ["CALLBACK", "callback"],
  ["EMAIL", "email"],
  ["MESSAGE", "message"],
  ["CHAT", "chat"],
  ["VIDEO", "video"]
])

/**
 * When (epoch ms) a summary last counted no conversation of a medium. Of one that is not known the first of these times of all media: so
 * long was there none of any.
 */
const idleAt = (state: Row, mediaType: string | undefined): number => {
  const media = [...summaryMedia].filter(([name]) => mediaType === undefined || mediaType === name)
  const times = media.map(([, medium]) => state.get(IDLE + medium)?.stamp.clock ?? NEVER)
  return times.length === 0 ? NEVER : Math.min(...times)
}

const mediumOf = (session: Row): string | undefined => {
  for (const register of ["start", "segment"]) {
    const value = latestIn(session, register)?.[1].value as { readonly mediaType?: unknown } | null | undefined
    if (typeof value?.mediaType === "string" && value.mediaType !== "UNKNOWN") return value.mediaType
  }
  return undefined
}

/** The medium of a session as summaries name it; undefined where it is not known, or no summary counts it. */
export const summaryMediumOf = (session: Row): string | undefined => summaryMedia.get(mediumOf(session))

/**
 * When (epoch ms) the agent logged off for good, which ends all their connections: one who is back before the timer has gone off had lost
 * the line of the browser, and not that of the phone.
 */
const loggedOffAt = (state: Row): number => {
  const at = (state.get(LOGGED_OFF)?.stamp.clock ?? NEVER) - LOST_END_MS
  const back = state.get(BACK)?.stamp.clock ?? NEVER
  return back > at && back <= at + LOST_END_MS ? NEVER : at
}

/**
 * That a session whose end was lost is over, because the agent says so in other words: a summary without any conversation of its medium,
 * published after the session was last seen; or the agent logged off so long ago. An alert is in no summary, and none lasts as long as the
 * timer. The register has the stamp of the last sign, so that later summaries that say the same change nothing.
 */
const presumedEnd = (session: Row, state: Row): Register | undefined => {
  const { phase, inferred } = userSession(withoutPresumption(session))
  if (phase === "ended" && !inferred) return undefined
  const last = latestIn(session, "segment") ?? latestIn(session, "start")
  if (last === undefined) return undefined
  const seen = lastSeen(session)
  const lag = phase === "alerting" ? LOST_END_MS : SUMMARY_LAG_MS
  const by = (endedBy: string): Register => ({ value: { endedBy }, stamp: last[1].stamp })
  if (idleAt(state, mediumOf(session)) > seen + lag) return by("conversationsummary")
  return loggedOffAt(state) > seen ? by("presence") : undefined
}

/** All queues that a session of an agent ever named. */
const queuesOf = (session: Row): ReadonlyArray<string> => [
  ...new Set([...session.keys()].flatMap((name) => queueIn(name) ?? []))
]

const withoutPresumption = (session: Row): Row =>
  new Map([...session].filter(([name]) => !name.startsWith(DERIVED + PRESUMED)))

const isEvidence = (row: string, register: string): boolean =>
  row === STATE_ROW && (register.startsWith(IDLE) || register === LOGGED_OFF || register === BACK)

const presumedRows = (
  rows: ReadonlyMap<string, Row>,
  targets: (session: Row) => ReadonlyArray<string>
): ReadonlyArray<DerivedRow> => {
  const state = expand(rows.get(STATE_ROW) ?? emptyRow)
  return [...rows].flatMap(([row, session]) =>
    sessionIdOf(row) === undefined
      ? []
      : targets(session).map((entity) => ({ entity, row, of: () => presumedEnd(session, state) }))
  )
}

const reads: Derivation["reads"] = (updated) => {
  const sessions = [...new Set(updated.map(([row]) => row))].filter((row) => sessionIdOf(row) !== undefined)
  const open = updated.some(([row, register]) => isEvidence(row, register))
  return open || sessions.length > 0 ? { rows: [STATE_ROW, ...sessions], open } : undefined
}

/** Presumed ends of an agent's sessions, for `agents`. */
export const presumedOfAgents: Derivation = {
  from: "agents",
  register: PRESUMED,
  reads,
  rows: (agentId, rows) => presumedRows(rows, () => [agentId])
}

/** The same, for the queues that the sessions came by. */
export const presumedOfQueues: Derivation = {
  from: "agents",
  since: 2,
  register: PRESUMED,
  shared: true,
  reads,
  rows: (_, rows) => presumedRows(rows, (session) => queuesOf(session))
}
