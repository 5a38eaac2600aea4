import { agentFiguresOf, spansOf } from "../../projections/agent-figures.ts"
import type { Columns } from "../domain/projection.ts"
import { iso } from "../domain/stamp.ts"
import type { AgentDay, SessionSpan, StateBegin } from "./agent-day.ts"
import { sessionAfter } from "./day.ts"
import type { AgentFigures } from "./view/day-figures.ts"

/** What an agent did today, and how it adds up. */
export interface AgentToday {
  /** Since midnight, in the time zone of the wall. */
  readonly since: number
  /** One after the other without a gap. */
  readonly states: ReadonlyArray<StateBegin>
  readonly figures: Required<Pick<AgentFigures, "handled" | "notAnswered" | "transferred" | "talkMs" | "heldMs">>
}

/** The states in which one after the other is another. */
const changes = (states: ReadonlyArray<StateBegin>): ReadonlyArray<StateBegin> =>
  states.filter(({ state }, i) => states[i - 1]?.state !== state)

/**
 * What an agent did from `since` until `now` (epoch ms), as the reader counts it: `rows` of `agent-intervals` of that time, and of some
 * time before.
 */
export const agentTodayOf = (rows: ReadonlyArray<Columns>, since: number, now: number): AgentToday => {
  const spans = spansOf(rows, since, now)
  const ofToday = rows.filter(({ interval }) => String(interval) >= iso(since))
  const { handled, notAnswered, transferred, talkMs, heldMs } = agentFiguresOf(ofToday, spans, since, now)
  return {
    since,
    states: changes(spans.map(({ from, state }) => ({ at: from, state }))),
    figures: { handled, notAnswered, transferred, talkMs, heldMs }
  }
}

/** The day of an agent, and on from there what was seen since: a change that was just written may not have been read yet. */
export const withToday = (seen: AgentDay, today: Pick<AgentToday, "since" | "states"> | undefined): AgentDay => {
  if (today === undefined) return seen
  const last = today.states.at(-1)?.at ?? today.since
  return {
    since: today.since,
    states: changes([...today.states, ...seen.states.filter(({ at }) => at > last)]),
    sessions: seen.sessions
  }
}

/** How the day of an agent adds up, by the projections of queues and of agents, as far as both are folded. */
export const figuresWith = (
  handled: AgentFigures | undefined,
  today: Pick<AgentToday, "figures"> | undefined
): { readonly today?: AgentFigures } => {
  const figures = today === undefined ? handled : { ...handled, ...today.figures }
  return figures === undefined ? {} : { today: figures }
}

const SESSION = "session#"

/** Rows of sessions that have ended say since when they lasted, and nothing of their phases. */
const WHOLE = "session"

const earlier = (row: string, columns: Columns): SessionSpan => {
  const span = sessionAfter(undefined, row.slice(SESSION.length), columns)
  const { since } = columns
  return columns.phase === "ended" && typeof since === "string"
    ? { ...span, phases: [{ at: Date.parse(since), phase: WHOLE }] }
    : span
}

/** Sessions as they were seen, and those that the rows of `agents` tell of besides, which did not end before `since` (epoch ms). */
export const withEarlier = (
  seen: ReadonlyArray<SessionSpan>,
  rows: ReadonlyArray<{ readonly row: string; readonly columns: Columns }>,
  since: number
): ReadonlyArray<SessionSpan> => {
  const known = new Set(seen.map(({ sessionId }) => sessionId))
  const told = rows
    .filter(({ row }) => row.startsWith(SESSION) && !known.has(row.slice(SESSION.length)))
    .map(({ row, columns }) => earlier(row, columns))
  return [...told.filter(({ phases, endedAt }) => phases.length > 0 && (endedAt ?? since) >= since), ...seen]
}
