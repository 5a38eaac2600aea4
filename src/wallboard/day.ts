import type { Columns } from "../domain/projection.ts"
import type { AgentDay, SessionSpan, StateBegin } from "./agent-day.ts"
import type { RowChange } from "./row-change.ts"

/** How many states and sessions are kept of each agent, and of how many agents. */
const EACH = 300
const ALL = 5_000

const SESSION = "session#"

const timeOf = (value: Columns[string] | undefined): number | undefined =>
  typeof value === "string" ? Date.parse(value) : undefined

const textOf = (value: Columns[string] | undefined): string | undefined =>
  typeof value === "string" ? value : undefined

/** The list with one more, in the order of time; what was said of the same time before is replaced. */
const placed = <A extends { readonly at: number }>(list: ReadonlyArray<A>, one: A): ReadonlyArray<A> =>
  [...list.filter(({ at }) => at !== one.at), one].sort((a, b) => a.at - b.at)

/** A session with what its row says now. */
export const sessionAfter = (before: SessionSpan | undefined, sessionId: string, columns: Columns): SessionSpan => {
  const { medium = before?.medium, queueId = before?.queueId } = {
    medium: textOf(columns.mediaType),
    queueId: textOf(columns.queueId)
  }
  const [phase, at, endedAt] = [textOf(columns.phase), timeOf(columns.since), timeOf(columns.endedAt)]
  const phases = before?.phases ?? []
  return {
    sessionId,
    ...(medium === undefined ? {} : { medium }),
    ...(queueId === undefined ? {} : { queueId }),
    phases: phase === undefined || phase === "ended" || at === undefined ? phases : placed(phases, { at, phase }),
    ...(endedAt === undefined ? {} : { endedAt })
  }
}

/** The oldest of a map, as it was filled. */
const dropOldest = (map: Map<string, unknown>): void => {
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}

/** Remembers the states and sessions of agents since the start, by event time; the last of each, and of no more agents than there is room for. */
export const makeDays = ({ each = EACH, all = ALL }: { readonly each?: number; readonly all?: number } = {}) => {
  const days = new Map<string, { states: ReadonlyArray<StateBegin>; readonly sessions: Map<string, SessionSpan> }>()
  const dayOf = (agentId: string) => {
    const day = days.get(agentId) ?? { states: [], sessions: new Map<string, SessionSpan>() }
    days.set(agentId, day)
    if (days.size > all) dropOldest(days)
    return day
  }
  const noteState = (agentId: string, columns: Columns | undefined) => {
    const [state, at] = [textOf(columns?.state), timeOf(columns?.since)]
    if (state === undefined || at === undefined) return
    const day = dayOf(agentId)
    day.states = placed(day.states, { at, state }).slice(-each)
  }
  return {
    note: ({ kind, entity, row, before, after }: RowChange): void => {
      if (kind !== "agents") return
      if (row === "state") {
        noteState(entity, before)
        noteState(entity, after)
      }
      if (!row.startsWith(SESSION)) return
      const { sessions } = dayOf(entity)
      const id = row.slice(SESSION.length)
      const known = sessions.get(id) ?? (before === undefined ? undefined : sessionAfter(undefined, id, before))
      sessions.set(id, sessionAfter(known, id, after))
      if (sessions.size > each) dropOldest(sessions)
    },
    of: (agentId: string): AgentDay => {
      const { states = [], sessions = new Map<string, SessionSpan>() } = days.get(agentId) ?? {}
      return { states, sessions: [...sessions.values()].filter(({ phases }) => phases.length > 0) }
    }
  }
}

export type Days = ReturnType<typeof makeDays>
