import type { AgentFigures } from "../../projections/agent-figures.ts"
import type { AgentSession as AgentSessionRow, AgentState as AgentStateRow } from "../../projections/agents-rows.ts"
import type { QueueFigures, ServiceLevelRule } from "../../projections/queue-figures.ts"
import type { QueueState as QueueStateRow } from "../../projections/queues-rows.ts"
import type { DirectoryKind } from "../domain/directory.ts"
import type { Columns } from "../domain/projection.ts"

/** The columns of an agent's row `state`. A facet that was never seen is absent. */
export type AgentState = typeof AgentStateRow.Type
/** The columns of an agent's session. */
export type AgentSession = typeof AgentSessionRow.Type
/** The columns of a queue's row `state`. */
export type QueueState = typeof QueueStateRow.Type

/** How fresh an answer is. Every time in an answer is an ISO-8601 string in UTC with milliseconds, as in the tables. */
export interface Freshness {
  /** When the latest event happened that made the answer what it is. */
  readonly asOf: string
  /**
   * Everything that happened before this time and has arrived is in the answer: its settle window is over. Absent until anything has
   * settled.
   */
  readonly settledThrough?: string
  /** Whether `asOf` is after `settledThrough`: events that are still on their way may come before it. */
  readonly inWindow: boolean
  /** The last update that came too late for its window and changed the answer: when it became visible (`at`), and how long after its due time. */
  readonly revised?: { readonly at: string; readonly lateMs: number }
  /** The generation that was read, such as `agents-v2`. An answer reads one generation of each projection. */
  readonly generation: string
  /** When it was read, by the clock of this machine. */
  readonly readAt: string
}

/** What the ids of an answer mean, where the call asked for `names`. */
export interface Named {
  /** By id: the name of each agent, queue and wrap-up code, and the label of each presence, that the answer names and the directory knows. */
  readonly names?: Readonly<Record<string, string>>
}

/** What can be listed. */
export type ListKind = DirectoryKind

/** One entry of a list, by its id. What is not known or not kept is absent. */
export interface ListEntry {
  readonly id: string
  readonly name?: string
  /** Of an agent; only where the setting `directory` is `emails`. */
  readonly email?: string
  /** The id of its division. */
  readonly division?: string
  /** The id of an agent's team. */
  readonly team?: string
}

/** A page of a list, in the order of names. */
export interface ListPage {
  readonly entries: ReadonlyArray<ListEntry>
  /** Where the next page begins: the option `after` of the next call. Absent on the last page. */
  readonly next?: string
}

/** An agent without its sessions: the row `state`. */
export interface Agent extends AgentState, Freshness, Named {
  readonly agentId: string
}

/** An agent with its sessions that are not over, the longest first. */
export interface AgentDetail extends Agent {
  readonly sessions: ReadonlyArray<AgentSession>
}

/** What a member of a queue is doing. An agent whose presence or routing status was never seen is `unknown`. */
export type MemberStatus = "idle" | "interacting" | "notResponding" | "offQueue" | "unknown"

/** The number of joined members in each status: on queue and idle, in a conversation, not responding, off queue, unknown. The five add up. */
export interface Joined extends Readonly<Record<MemberStatus, number>> {
  /** The generation of the agents' states, such as `agents-v2`. */
  readonly generation: string
}

/** A queue with its counts: the row `state`. */
export interface Queue extends QueueState, Freshness, Named {
  readonly queueId: string
}

/** A queue and the statuses of its joined members. */
export interface JoinedQueue extends Queue {
  readonly joined: Joined
}

/** The joined members of a queue who are on queue and idle now, the longest idle first. */
export interface Available extends Freshness, Named {
  readonly queueId: string
  readonly agents: ReadonlyArray<Agent>
}

/**
 * A joined member of a queue: the columns of the agent's row `state`, and what the member does for the queue. Only `agentId` and `status` of
 * an agent that no event spoke of.
 */
export interface Member extends Partial<AgentState>, Partial<Pick<Freshness, "asOf">> {
  readonly agentId: string
  readonly status: MemberStatus
}

/** The joined members of a queue, in the order of their ids. */
export interface Members extends Freshness, Named {
  readonly queueId: string
  readonly members: ReadonlyArray<Member>
}

/** What happened in a queue from one time until another. */
export interface QueueInterval extends QueueFigures {
  readonly from: string
  readonly to: string
  /** Whether all is counted that happened in it and has arrived: its settle window is over. What is lost or late by then may still come. */
  readonly settled: boolean
}

/** What happened in a queue, in all and interval by interval. An interval that has not begun is not listed. */
export interface QueueReport extends QueueFigures, Named, Pick<Freshness, "settledThrough" | "generation" | "readAt"> {
  readonly queueId: string
  readonly from: string
  readonly to: string
  /** By what the service level was judged. */
  readonly rule: ServiceLevelRule
  readonly intervals: ReadonlyArray<QueueInterval>
}

/** What an agent did from one time until another. */
export interface AgentInterval extends AgentFigures {
  readonly from: string
  readonly to: string
  /** Whether all is counted that happened in it and has arrived: its settle window is over. What is lost or late by then may still come. */
  readonly settled: boolean
}

/** A time in which an agent's state was the same. What was not known then is absent, and `state` is `Unknown` where that matters. */
export interface AgentStateSpan {
  readonly from: string
  readonly to: string
  readonly state: string
  readonly presence?: string
  readonly routingStatus?: string
}

/**
 * What an agent did, in all and interval by interval: an interval that has not begun is not listed. `spans` are without a gap, from `from`
 * until `to` or now.
 */
export interface AgentReport extends AgentFigures, Named, Pick<Freshness, "settledThrough" | "generation" | "readAt"> {
  readonly agentId: string
  readonly from: string
  readonly to: string
  readonly spans: ReadonlyArray<AgentStateSpan>
  readonly intervals: ReadonlyArray<AgentInterval>
}

/** One row of any projection, with its columns as the projection's `view` or `summary` made them. */
export interface EntityRow<C extends object = Columns> extends Freshness, Named {
  readonly entity: string
  readonly row: string
  readonly columns: C
  /** Whether the row is a tombstone, which shows how the row ended and is deleted some time later. */
  readonly closed: boolean
}

/** The open rows of one entity of any projection, and with `closed` those that have closed, in the order of their keys. */
export interface EntityRows<C extends object = Columns> extends Freshness, Named {
  readonly entity: string
  readonly rows: ReadonlyArray<Pick<EntityRow<C>, "row" | "columns" | "asOf"> & { readonly closed?: boolean }>
}
