import type { AgentSession as AgentSessionRow, AgentState as AgentStateRow } from "../../projections/agents-rows.ts"
import type { QueueState as QueueStateRow } from "../../projections/queues-rows.ts"
import type { Columns } from "../domain/projection.ts"

/** The columns of rows, as docs/tables.md lists them. A facet that was never seen is absent. */
export type AgentState = typeof AgentStateRow.Type
export type AgentSession = typeof AgentSessionRow.Type
export type QueueState = typeof QueueStateRow.Type

/** How far an answer can be relied upon. Every time in an answer is ISO-8601 text in UTC with milliseconds, as in the tables. */
export interface Freshness {
  /** When the latest event happened that made the answer what it is. */
  readonly asOf: string
  /**
   * What happened before, as far as it has arrived, is in the answer: the settle window has passed for it. Absent until anything has
   * settled.
   */
  readonly settledThrough?: string
  /** Whether `asOf` is after `settledThrough`: events that are still on their way may yet come before it. */
  readonly inWindow: boolean
  /** The last time that an update came too late for its window and changed the answer: when that was seen, and how long after its due time. */
  readonly revised?: { readonly at: string; readonly lateMs: number }
  /** What was read, such as `agents-v1`. All of an answer is of one generation of each projection. */
  readonly generation: string
  /** When it was read, by the clock of this machine. */
  readonly readAt: string
}

/** An agent without its sessions: the row `state`. */
export interface Agent extends AgentState, Freshness {
  readonly agentId: string
}

/** An agent with what it is on: the open sessions, longest first. */
export interface AgentDetail extends Agent {
  readonly sessions: ReadonlyArray<AgentSession>
}

/** What the members of a queue do. An agent of whom presence or routing status was never seen is `unknown`. */
export type MemberStatus = "idle" | "interacting" | "notResponding" | "offQueue" | "unknown"

/** How many of the joined members are on queue and idle, in a conversation, not responding; off queue; unknown. The five add up. */
export interface Joined extends Readonly<Record<MemberStatus, number>> {
  /** Of which generation the states are, such as `agents-v1`. */
  readonly generation: string
}

/** A queue with its counts: the row `state`. */
export interface Queue extends QueueState, Freshness {
  readonly queueId: string
}

/** A queue and what its joined members do. */
export interface JoinedQueue extends Queue {
  readonly joined: Joined
}

/** The joined members of a queue who are on queue and idle now, longest idle first. */
export interface Available extends Freshness {
  readonly queueId: string
  readonly agents: ReadonlyArray<Agent>
}

/** One row of any projection, with its columns as the projection's `view` or `summary` made them. */
export interface EntityRow<C extends object = Columns> extends Freshness {
  readonly entity: string
  readonly row: string
  readonly columns: C
  /** Whether it is a tombstone: it says how the row ended, and is deleted some time later. */
  readonly closed: boolean
}

/** The rows of one entity of any projection that are not closed, in the order of their keys. */
export interface EntityRows<C extends object = Columns> extends Freshness {
  readonly entity: string
  readonly rows: ReadonlyArray<Pick<EntityRow<C>, "row" | "columns" | "asOf">>
}
