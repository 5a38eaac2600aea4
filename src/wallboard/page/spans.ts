import type { AgentDay, SessionSpan, StateBegin } from "../agent-day.ts"
import type { AgentCard } from "../board.ts"

/** A state from a time until another, epoch ms. */
export interface Band {
  readonly from: number
  readonly to: number
  readonly state: string
}

/** A phase of a session, on a line of its own where sessions overlap. */
export interface Bar {
  readonly from: number
  readonly to: number
  readonly phase: string
  readonly lane: number
  readonly session: SessionSpan
}

/** States one after the other until `until`; a state that was said twice is one band. */
export const bandsOf = (states: ReadonlyArray<StateBegin>, until: number): ReadonlyArray<Band> => {
  const begins = states.filter(({ at, state }, i) => at < until && states[i - 1]?.state !== state)
  return begins.map(({ at, state }, i) => ({ from: at, to: begins[i + 1]?.at ?? until, state }))
}

/** How long each state lasted in all, the longest first. */
export const timesOf = (bands: ReadonlyArray<Band>): ReadonlyArray<readonly [state: string, ms: number]> => {
  const times = new Map<string, number>()
  for (const { from, to, state } of bands) times.set(state, (times.get(state) ?? 0) + to - from)
  return [...times].sort(([, a], [, b]) => b - a)
}

/** The phases of sessions as bars, each session on the first line that is free. */
export const barsOf = (sessions: ReadonlyArray<SessionSpan>, until: number): ReadonlyArray<Bar> => {
  /** Until when each line is taken. */
  const lanes: Array<number> = []
  const begun = (session: SessionSpan): number => session.phases[0]?.at ?? until
  return sessions
    .toSorted((a, b) => begun(a) - begun(b))
    .flatMap((session) => {
      const end = Math.max(session.endedAt ?? until, begun(session))
      const free = lanes.findIndex((taken) => taken <= begun(session))
      const lane = free < 0 ? lanes.length : free
      lanes[lane] = end
      return session.phases
        .map(({ at, phase }, i) => ({
          from: at,
          to: Math.min(session.phases[i + 1]?.at ?? end, end),
          phase,
          lane,
          session
        }))
        .filter(({ from, to }) => to > from)
    })
}

/** Only what lies after a time, epoch ms. */
export const cut = <A extends { readonly from: number; readonly to: number }>(
  pieces: ReadonlyArray<A>,
  from: number
): ReadonlyArray<A> =>
  pieces.filter(({ to }) => to > from).map((piece) => (piece.from < from ? { ...piece, from } : piece))

/** When a day begins, or else the first of it did; at least a minute ago. */
export const beginOf = ({ since, states, sessions }: AgentDay, until: number): number =>
  Math.min(
    until - 60_000,
    since ?? Math.min(...states.map(({ at }) => at), ...sessions.flatMap(({ phases }) => phases.map(({ at }) => at)))
  )

/**
 * With the state as it is, where that began after what is known of the day, or nothing has changed since the run began. What the day itself
 * does not know is that state too, from when on it holds: the rows that would tell it are gone after 35 days, and an agent may be away longer.
 */
export const withNow = (day: AgentDay, agent: Pick<AgentCard, "since" | "state"> | undefined): AgentDay => {
  const { since, state } = agent ?? {}
  const last = day.states.at(-1)
  if (since === undefined || state === undefined) return day
  if (last === undefined || since > last.at) return { ...day, states: [...day.states, { at: since, state }] }
  return last.state === "Unknown" ? { ...day, states: [...day.states.slice(0, -1), { at: last.at, state }] } : day
}
