import { type Derivation, type DerivedRow, derivedIn } from "../src/domain/derivation.ts"
import { STATE_ROW } from "../src/domain/projection.ts"
import { DERIVED, latestIn, type Register, type Row } from "../src/domain/row.ts"
import { compareStamps } from "../src/domain/stamp.ts"
import type { Load } from "../src/genesys/event.ts"
import { LOST_END_MS, lastSeen, PRESUMED, queueIn, sessionIdOf, userSession } from "./session.ts"

/** Registers of the row `state` of an agent. */
export const CONVERSATIONS = "conversations."
export const IDLE = "idle."
export const LOGGED_OFF = "@loggedOff"

/** How much later (ms) than the last sign of a session a summary must be published, for it may have been made a moment before. */
const SUMMARY_LAG_MS = 5_000

/** The name of a medium in summaries, by its name in sessions. */
const summaryMedia: Readonly<Record<string, string>> = {
  VOICE: "call",
  CALLBACK: "callback",
  EMAIL: "email",
  MESSAGE: "message",
  CHAT: "chat",
  VIDEO: "video"
}

export const isZero = ({ active, acw, enterpriseActive = 0, enterpriseAcw = 0 }: Load): boolean =>
  active === 0 && acw === 0 && enterpriseActive === 0 && enterpriseAcw === 0

/** Whether the last summary of a medium, which is in the register, had no conversation of it. */
export const isIdle = (register: Register): boolean => isZero(register.value as unknown as Load)

/** The last summary without a conversation of the medium: the last of all, where that has none, and no register of its own is kept. */
const lastIdle = (state: Row, medium: string): Register | undefined => {
  const last = state.get(CONVERSATIONS + medium)
  const idle = state.get(IDLE + medium)
  if (last === undefined || !isIdle(last)) return idle
  return idle === undefined || compareStamps(last.stamp, idle.stamp) > 0 ? last : idle
}

const mediumOf = (session: Row): string | undefined => {
  for (const register of ["start", "segment"]) {
    const value = latestIn(session, register)?.[1].value as { readonly mediaType?: unknown } | null | undefined
    if (typeof value?.mediaType === "string") return value.mediaType
  }
  return undefined
}

/**
 * That a session whose end was lost is over, because the agent says so in other words: a summary without any conversation of its medium,
 * published after the session was last seen; or the agent logged off so long ago, which ends all their connections. An alert is in no
 * summary. The register has the stamp of the last sign, so that later summaries that say the same change nothing.
 */
const presumedEnd = (session: Row, state: Row): Register | undefined => {
  const { phase, inferred } = userSession(withoutPresumption(session))
  if (phase === "ended" && !inferred) return undefined
  const seen = lastSeen(session)
  const last = latestIn(session, "segment")?.[1] ?? latestIn(session, "start")?.[1]
  if (last === undefined) return undefined
  const medium = summaryMedia[mediumOf(session) ?? ""]
  const idle = medium === undefined ? undefined : lastIdle(state, medium)
  const endedBy =
    idle !== undefined && phase !== "alerting" && idle.stamp.clock > seen + SUMMARY_LAG_MS
      ? "conversationsummary"
      : (state.get(LOGGED_OFF)?.stamp.clock ?? 0) - LOST_END_MS > seen
        ? "presence"
        : undefined
  return endedBy === undefined ? undefined : { value: { endedBy }, stamp: last.stamp }
}

/** All queues that a session of an agent ever named. */
const queuesOf = (session: Row): ReadonlyArray<string> => [
  ...new Set([...session.keys()].flatMap((name) => queueIn(name) ?? []))
]

const withoutPresumption = (session: Row): Row =>
  derivedIn(session, PRESUMED) === undefined
    ? session
    : new Map([...session].filter(([name]) => !name.startsWith(DERIVED + PRESUMED)))

const isEvidence = (row: string, register: string): boolean =>
  row === STATE_ROW && (register.startsWith(IDLE) || register === LOGGED_OFF)

const presumedRows = (
  rows: ReadonlyMap<string, Row>,
  targets: (session: Row) => ReadonlyArray<string>
): ReadonlyArray<DerivedRow> => {
  const state: Row = rows.get(STATE_ROW) ?? new Map()
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
  register: PRESUMED,
  shared: true,
  reads,
  rows: (_, rows) => presumedRows(rows, (session) => queuesOf(session))
}
