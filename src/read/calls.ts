import type { Effect } from "effect"
import type { Columns } from "../domain/projection.ts"
import type {
  Agent,
  AgentDetail,
  AgentReport,
  Available,
  EntityRow,
  EntityRows,
  JoinedQueue,
  ListKind,
  ListPage,
  Members,
  Queue,
  QueueReport
} from "./answers.ts"
import type { Decision } from "./critical.ts"
import type { NotConfirmed } from "./critical-error.ts"
import type { ReadError } from "./errors.ts"
import type { AgentIntervalOptions, IntervalOptions, ListOptions, ReadOptions, RowsOptions } from "./options.ts"
import type { Projection } from "./source.ts"

/**
 * What a reader can be asked. An entity that no event ever spoke of is `undefined`, not an error.
 * Costs are in eventual reads, of which half a unit reads 4 KB of one item or of one query; `consistent` doubles them. To all of them
 * comes, at most every 5 s, one `BatchGetItem` on the control table (3 units, and one for each other projection that is read).
 */
export interface Calls {
  /** One agent and its sessions that are not over. One `Query`: half a unit for each 4 KB of what the agent did in the last day. */
  readonly agent: (id: string, options?: ReadOptions) => Effect.Effect<AgentDetail | undefined, ReadError>
  /**
   * Any number of agents without their sessions, in the order of `ids`, `undefined` where never seen. One `BatchGetItem` for each 100
   * different ids: half a unit an agent.
   */
  readonly agents: (
    ids: ReadonlyArray<string>,
    options?: ReadOptions
  ) => Effect.Effect<ReadonlyArray<Agent | undefined>, ReadError>
  /**
   * One queue: members, how many sessions are in each phase, in all and by medium, and since when the longest waits. One `GetItem`: half a unit. With `join` what its members
   * do as well: also one `Query` on the index `open` (half a unit for about 40 members), and half a unit for each member.
   */
  readonly queue: {
    (id: string, options: ReadOptions & { readonly join: true }): Effect.Effect<JoinedQueue | undefined, ReadError>
    (id: string, options?: ReadOptions & { readonly join?: false }): Effect.Effect<Queue | undefined, ReadError>
  }
  /** Who of a queue's joined members is on queue and idle now, longest idle first. Costs as `queue` with `join`. */
  readonly available: (queueId: string, options?: ReadOptions) => Effect.Effect<Available | undefined, ReadError>
  /** The joined members of a queue and what each of them does, in the order of their ids. Costs as `queue` with `join`. */
  readonly members: (queueId: string, options?: ReadOptions) => Effect.Effect<Members | undefined, ReadError>
  /**
   * What happened in a queue from one quarter of an hour until another, in all and by intervals, counted by event time: offered, answered,
   * abandoned, service level, handle time. Zeros where nothing did. Needs the projection `queue-intervals`. One `Query`: half a unit for about
   * three conversations.
   */
  readonly interval: (
    queueId: string,
    from: string | Date,
    to: string | Date,
    options?: IntervalOptions
  ) => Effect.Effect<QueueReport, ReadError>
  /** The same from the beginning of this day in a time zone (`Europe/Berlin`) until now. */
  readonly today: (
    queueId: string,
    timeZone: string,
    options?: IntervalOptions
  ) => Effect.Effect<QueueReport, ReadError>
  /**
   * What an agent did from one quarter of an hour until another, in all and by intervals, counted by event time: how long in each presence,
   * routing status and state, what was handled and not answered. A state that began before counts from the first moment that is asked for,
   * one that still holds until now. Needs the projection `agent-intervals`. Two `Query`s: half a unit for about six quarters of an hour in which
   * something changed, and half a unit or two for what the agent was in at the beginning.
   */
  readonly agentInterval: (
    agentId: string,
    from: string | Date,
    to: string | Date,
    options?: AgentIntervalOptions
  ) => Effect.Effect<AgentReport, ReadError>
  /** The same from the beginning of this day in a time zone (`Europe/Berlin`) until now. */
  readonly agentToday: (
    agentId: string,
    timeZone: string,
    options?: AgentIntervalOptions
  ) => Effect.Effect<AgentReport, ReadError>
  /**
   * The rows of one entity of any projection with their columns; `C` says what these are, and is not checked. Closed rows are left out
   * unless `closed` asks for them, as the sessions of an agent that have ended, and count for `asOf` as these do. One `Query`: half a unit
   * for each 4 KB of the entity.
   */
  readonly rows: <C extends object = Columns>(
    projection: Projection,
    entity: string,
    options?: RowsOptions
  ) => Effect.Effect<EntityRows<C> | undefined, ReadError>
  /** One row of one entity of any projection as it stands, closed or not: the row `state` unless named. One `GetItem`: half a unit for each 4 KB. */
  readonly row: <C extends object = Columns>(
    projection: Projection,
    entity: string,
    row?: string,
    options?: ReadOptions
  ) => Effect.Effect<EntityRow<C> | undefined, ReadError>
  /**
   * Which agents, queues, divisions, teams, wrap-up codes or presences there are, in the order of names and in pages: `next` of one is
   * `after` of the following. Fails with `NoDirectory` where an empty list would say something else than that there is nobody. One `Query`
   * on an index: half a unit for about 17 entries; `division` and `team` together may take several.
   */
  readonly list: (kind: ListKind, options?: ListOptions) => Effect.Effect<ListPage, ReadError>
  /**
   * One agent for a decision that must not be wrong: asks the Genesys Cloud API now as well, and takes the newer of both for presence and
   * for routing status. Fails with `NotConfirmed` where Genesys does not say. One request of the 300 a minute, and one consistent read: a unit.
   */
  readonly critical: (agentId: string) => Effect.Effect<Decision, ReadError | NotConfirmed>
}
