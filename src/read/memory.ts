import { Clock, Effect } from "effect"
import { type Columns, STATE_ROW } from "../domain/projection.ts"
import { iso } from "../domain/time.ts"
import { effectiveState } from "../genesys/presence.ts"
import type { AgentSession, AgentState, Freshness, QueueState } from "./answers.ts"
import type { GenesysFixture } from "./genesys/memory.ts"
import type { Found, Source } from "./source.ts"

/** What may be said of each entity besides its columns; `asOf` is the time of the call unless given. */
type Seen = Partial<Pick<Freshness, "asOf" | "revised">>

/** Agents and queues as a test wants them. Times are ISO-8601. What is left out was never seen. */
export interface Fixture {
  /** By id. `state` and `since` follow from presence and routing status unless given. */
  readonly agents?: Readonly<
    Record<string, Partial<AgentState> & Seen & { readonly sessions?: ReadonlyArray<AgentSession> }>
  >
  /** By id. `members` are the ids of those that are joined; counts that are left out are 0. */
  readonly queues?: Readonly<
    Record<string, Partial<Omit<QueueState, "members">> & Seen & { readonly members?: ReadonlyArray<string> }>
  >
  /** What the Genesys Cloud API says; without it, `critical` fails as it does without the option `genesys`. */
  readonly genesys?: GenesysFixture
  /** The settle window in ms; 5,000 unless given. */
  readonly windowMs?: number
  /** By how much more than the window answers are old, in ms; 0 unless given. */
  readonly behindMs?: number
}

const agentColumns = (given: Partial<AgentState>): Columns => {
  const { state, decidedBy } = effectiveState(given)
  const since = decidedBy === undefined ? undefined : given[`${decidedBy}Since`]
  return { state, ...(since === undefined ? {} : { since }), ...given } as Columns
}

/** Rows from a fixture. */
export const memory = ({ agents = {}, queues = {}, windowMs = 5_000, behindMs = 0 }: Fixture): Source => {
  const found = (row: string, columns: Columns, { asOf, revised }: Seen) =>
    Effect.map(
      Clock.currentTimeMillis,
      (now): Found => ({ row, columns, asOf: asOf ?? iso(now), ...(revised === undefined ? {} : { revised }) })
    )

  const agentState = (id: string) => {
    const { asOf: _, revised: __, sessions: ___, ...columns } = agents[id] ?? {}
    return found(STATE_ROW, agentColumns(columns), agents[id] ?? {})
  }

  const queueState = (id: string) => {
    const { asOf: _, revised: __, members = [], ...columns } = queues[id] ?? {}
    const none = { waiting: 0, waitingByMedia: {}, interacting: 0, interactingByMedia: {} }
    return found(STATE_ROW, { ...none, ...columns, members: members.length } as Columns, queues[id] ?? {})
  }

  return {
    bearings: Effect.map(Clock.currentTimeMillis, (at) => ({
      generations: new Map([
        ["agents", "agents-v1"],
        ["queues", "queues-v1"]
      ] as const),
      level: { through: at - windowMs - behindMs, windowMs },
      at
    })),
    rows: (_, id) => {
      const given = Object.hasOwn(agents, id) ? agents[id] : undefined
      if (given === undefined) return Effect.succeed([])
      const sessions = (given.sessions ?? []).map((session) =>
        found(`session#${session.sessionId}`, session as unknown as Columns, given)
      )
      return Effect.all([agentState(id), ...sessions])
    },
    states: ({ projection }, ids) => {
      const held = projection === "agents" ? agents : queues
      const known = ids.filter((id) => Object.hasOwn(held, id))
      const state = projection === "agents" ? agentState : queueState
      return Effect.map(Effect.forEach(known, state), (rows) => new Map(known.map((id, i) => [id, rows[i] as Found])))
    },
    members: (_, id) => Effect.succeed(Object.hasOwn(queues, id) ? (queues[id]?.members ?? []) : [])
  }
}
