import { Clock, Effect } from "effect"
import { type Columns, STATE_ROW } from "../domain/projection.ts"
import { iso } from "../domain/stamp.ts"
import { effectiveState } from "../genesys/presence.ts"
import type { GenesysFixture } from "../genesys-api/memory.ts"
import type { AgentSession, AgentState, Freshness, QueueState } from "./answers.ts"
import { type DirectoryFixture, directoryMemory } from "./directory-memory.ts"
import { AGENTS, type Found, type From, type KeyRange, QUEUES, type Source } from "./source.ts"

/** What may be said of each entity besides its columns; `asOf` is the time of the call unless given. */
type Said = Partial<Pick<Freshness, "asOf" | "revised">>

/** What may be said of a row. */
type Seen = Said & { readonly closed?: boolean }

/** Agents and queues of a test. Times are ISO-8601. What you leave out was never seen. */
export interface Fixture {
  /** By id. `state` and `since` are derived from presence and routing status unless given. */
  readonly agents?: Readonly<
    Record<string, Partial<AgentState> & Said & { readonly sessions?: ReadonlyArray<AgentSession> }>
  >
  /** By id. `members` are the ids of the joined agents; counts that you leave out are 0. */
  readonly queues?: Readonly<
    Record<string, Partial<Omit<QueueState, "members">> & Said & { readonly members?: ReadonlyArray<string> }>
  >
  /** Any other projection: by its name, the entity and the row. `closed` makes a row a tombstone. */
  readonly projections?: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, Seen & { readonly columns: Columns }>>>>>
  >
  /** What `list` and `names` return. Without it, `list` fails as it does before the first sweep. */
  readonly directory?: DirectoryFixture
  /** What the Genesys Cloud API returns. Without it, `critical` fails as it does without the option `genesys`. */
  readonly genesys?: GenesysFixture
  /** The settle window in ms. Default: 5,000. */
  readonly windowMs?: number
  /** How much older than the settle window answers are, in ms. Default: 0. */
  readonly behindMs?: number
}

const agentColumns = (given: Partial<AgentState>): Columns => {
  const { state, decidedBy } = effectiveState(given)
  const since = decidedBy === undefined || decidedBy === "outOfOffice" ? undefined : given[`${decidedBy}Since`]
  return { state, ...(since === undefined ? {} : { since }), ...given } as Columns
}

const own = <A>(record: Readonly<Record<string, A>>, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

const byRow = ({ row: one }: Found, { row: other }: Found) => (one < other ? -1 : 1)

const NONE = {
  ...{ waiting: 0, waitingByMedia: {} },
  ...{ alerting: 0, alertingByMedia: {} },
  ...{ interacting: 0, interactingByMedia: {} },
  ...{ monitoring: 0, monitoringByMedia: {} },
  ...{ wrapup: 0, wrapupByMedia: {} }
}

/** Rows from a fixture. */
export const memory = (fixture: Fixture): Source => {
  const { agents = {}, queues = {}, projections = {}, directory = {}, windowMs = 5_000, behindMs = 0 } = fixture

  const found = (row: string, columns: Columns, { asOf, revised, closed = false }: Seen, now: string): Found => ({
    row,
    columns,
    asOf: asOf ?? now,
    closed,
    ...(revised === undefined ? {} : { revised })
  })

  const agentRows = (id: string, now: string) => {
    const given = own(agents, id)
    if (given === undefined) return []
    const { asOf: _, revised: __, sessions = [], ...columns } = given
    return [
      ...sessions.map((session) =>
        found(
          `session#${session.sessionId}`,
          session as unknown as Columns,
          { ...given, closed: !session.open && session.phase !== "wrapup" },
          now
        )
      ),
      found(STATE_ROW, agentColumns(columns), given, now)
    ]
  }

  const queueRows = (id: string, now: string) => {
    const given = own(queues, id)
    if (given === undefined) return []
    const { asOf: _, revised: __, members = [], ...columns } = given
    return [
      ...members.map((userId) =>
        found(`member#${userId}`, { userId, joined: true, since: given.asOf ?? now }, given, now)
      ),
      found(STATE_ROW, { ...NONE, ...columns, members: members.length } as Columns, given, now)
    ]
  }

  const rowsOf = (name: string, id: string, now: string): ReadonlyArray<Found> => {
    if (name === AGENTS.name) return agentRows(id, now)
    if (name === QUEUES.name) return queueRows(id, now)
    const rows = own(own(projections, name) ?? {}, id) ?? {}
    return Object.entries(rows).map(([row, given]) => found(row, given.columns, given, now))
  }

  const rows = ({ projection }: From, id: string, keys?: KeyRange) =>
    Effect.map(Clock.currentTimeMillis, (now) =>
      rowsOf(projection.name, id, iso(now))
        .filter(({ row }) => keys === undefined || (row >= keys.first && row <= keys.last))
        .toSorted(byRow)
        .slice(-(keys?.most ?? Number.POSITIVE_INFINITY))
    )

  const row = (from: From, id: string, name: string) =>
    Effect.map(rows(from, id), (all) => all.find(({ row }) => row === name))

  return {
    context: (names) =>
      Effect.map(Clock.currentTimeMillis, (at) => ({
        asked: new Set(names),
        generations: new Map(names.map((name) => [name, `${name}-v1`])),
        level: { through: at - windowMs - behindMs, windowMs },
        at
      })),
    rows,
    row,
    states: (from, ids) =>
      Effect.map(
        Effect.forEach(ids, (id) => row(from, id, STATE_ROW)),
        (states) => new Map(states.flatMap((state, i) => (state === undefined ? [] : [[ids[i] as string, state]])))
      ),
    members: (_, id) => Effect.succeed(own(queues, id)?.members ?? []),
    directory: directoryMemory(directory)
  }
}
