import { summaryMediumOf } from "../../../projections/presumed.ts"
import {
  lastSeen,
  phaseOfSegment,
  SEEN,
  sessionFact,
  sessionIdOf,
  sessionRow,
  userSession,
  userSessionColumns
} from "../../../projections/session.ts"
import { emptyRow, latestIn, merge, type Row } from "../../domain/row.ts"
import type { Load } from "../../genesys/event.ts"
import type { Stated } from "../../genesys/snapshot.ts"
import type { AgentSession } from "../../genesys-api/organisation.ts"
import type { Answer, Held, SaidOfSessions } from "./answers.ts"
import { believed, type Finding, isRecent, isToldByEvents, SKEW_MS, statedAt, undatedAt } from "./finding.ts"

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** An object without its fields that are undefined. */
const given = <T extends { readonly [key: string]: string | number | undefined }>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>
  }

const segmentOf = (
  userId: string,
  { sessionId, state, queueId, sessionStart, conversationId, mediaType, direction }: AgentSession
): Stated => ({
  facet: "segment",
  userId,
  ...given({ queueId }),
  sessionId,
  value: { state, ...given({ conversationId, mediaType, direction, sessionStart }) }
})

const seenOf = (userId: string, sessionId: string, row: Row, value: boolean): Stated => {
  const { conversationId, queueId } = userSessionColumns(sessionId, row)
  const named = given({ conversationId: textOf(conversationId), queueId: textOf(queueId) })
  return { facet: "sessionSeen", userId, ...named, sessionId, value }
}

/** Whether an event of the session itself ended it: nothing that the API says opens it again. */
const isOver = (row: Row): boolean => {
  const { phase, inferred, endedBy } = userSession(row)
  return row.has("end") || (phase === "ended" && !inferred && endedBy !== "unknown")
}

/**
 * Whether the row shows another state than the API, and an older one. Where segments are told, the last of them decides; where they are not, only
 * what the row concludes from other events can differ.
 */
const isBehind = (row: Row, { state, since }: AgentSession): boolean => {
  const segment = latestIn(row, "segment")?.[1]
  if (segment !== undefined) {
    const isSame = (segment.value as { readonly state?: unknown } | null)?.state === state
    return since !== undefined && since > segment.stamp.clock + (isSame ? SKEW_MS : 0)
  }
  const { phase } = userSession(row)
  const said = phaseOfSegment(state)
  const start = sessionFact(row, "start")?.stamp.clock ?? 0
  return said !== undefined && said !== phase && (since === undefined || since >= start - SKEW_MS)
}

/** The row as it is once it is told that the API lists its session. */
const asListed = (row: Row, asked: number): Row =>
  merge(row, [[SEEN, { value: true, stamp: { clock: asked, published: asked, eventId: "" } }]])

/** A session with those of its times that can be. */
const withBelieved = ({ since, sessionStart, ...session }: AgentSession, asked: number): AgentSession => ({
  ...session,
  ...given({ since: believed(since, asked), sessionStart: believed(sessionStart, asked) })
})

/** A session that the API lists: what it says and the row does not. */
const listedFindings = (
  userId: string,
  said: AgentSession,
  asked: number,
  { rows, heard }: Held
): ReadonlyArray<Finding> => {
  const row = rows.get(sessionRow(said.sessionId)) ?? emptyRow
  if (isOver(row)) return []
  const { phase, endedAt = 0, endedBy } = userSession(row)
  const isKnown = endedBy !== "unknown"
  const began = said.sessionStart ?? said.since
  const segment: Finding = {
    statement: { facet: segmentOf(userId, said), at: statedAt(said.since, asked) },
    expected: isKnown ? isToldByEvents(row) : heard !== undefined && began !== undefined && began >= heard
  }
  if (!isKnown) return [segment]
  const isWrong = phase === "ended" && !isRecent(Math.max(endedAt, lastSeen(row)), asked)
  const seen: Finding = {
    statement: { facet: seenOf(userId, said.sessionId, row, true), at: undatedAt(asked) },
    expected: false
  }
  const isNews =
    phase === "ended" && !isWrong
      ? said.since !== undefined && said.since > Math.max(endedAt, lastSeen(row)) + SKEW_MS
      : isBehind(asListed(row, asked), said)
  return [...(isNews ? [segment] : []), ...(isWrong ? [seen] : [])]
}

/** Wrap-up of a session is over for sure only where the agent's summary counts none of its medium: a list need not have it. */
const countsNoWrapup = (row: Row, conversations: ReadonlyArray<{ readonly media: string; readonly value: Load }>) => {
  const medium = summaryMediumOf(row)
  const counted = conversations.filter(({ media }) => medium === undefined || media === medium)
  return counted.length > 0 && counted.every(({ value: { acw = 0, enterpriseAcw = 0 } }) => acw + enterpriseAcw === 0)
}

/**
 * What an agent's status says of sessions. One that it lists is stated where the rows do not have it, or in an older state, or as ended by a
 * rule. One that a complete list does not have is over, unless something was heard of it within a minute of the question.
 */
export const sessionFindings = (
  userId: string,
  { asked, said }: Answer<SaidOfSessions>,
  conversations: ReadonlyArray<{ readonly media: string; readonly value: Load }> | undefined,
  held: Held
): ReadonlyArray<Finding> => {
  const listed = new Set(said.sessions.map(({ sessionId }) => sessionRow(sessionId)))
  const gone = [...held.rows].flatMap(([name, row]): ReadonlyArray<Finding> => {
    const sessionId = sessionIdOf(name)
    if (!said.complete || sessionId === undefined || listed.has(name)) return []
    const { phase } = userSession(row)
    if (phase === "ended" || (phase === "wrapup" && !countsNoWrapup(row, conversations ?? []))) return []
    if (isRecent(Math.max(lastSeen(row), row.get("end")?.stamp.clock ?? 0), asked)) return []
    const facet = seenOf(userId, sessionId, row, false)
    return [{ statement: { facet, at: undatedAt(asked) }, expected: isToldByEvents(row), missing: "session" }]
  })
  return [
    ...said.sessions.flatMap((session) => listedFindings(userId, withBelieved(session, asked), asked, held)),
    ...gone
  ]
}
