/** From when on an agent was in a state, epoch ms. */
export interface StateBegin {
  readonly at: number
  readonly state: string
}

/** A session of an agent: its phases and when each began, and its end where it has one. Times are epoch ms. */
export interface SessionSpan {
  readonly sessionId: string
  readonly medium?: string
  readonly queueId?: string
  readonly phases: ReadonlyArray<{ readonly at: number; readonly phase: string }>
  readonly endedAt?: number
}

/** What an agent did in the order of time: since the day began (epoch ms), or since the run did where nobody counts the day. */
export interface AgentDay {
  readonly since?: number
  readonly states: ReadonlyArray<StateBegin>
  readonly sessions: ReadonlyArray<SessionSpan>
}
