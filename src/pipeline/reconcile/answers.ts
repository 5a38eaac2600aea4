import type { Row } from "../../domain/row.ts"
import type { Stated, Statement } from "../../genesys/snapshot.ts"
import type { AgentStatus, OrganisationUser, QueueMember, QueueObservation } from "../../genesys-api/organisation.ts"

// What the platform's API answered, as `compareAgent` and `compareQueue` take it, and what they return. Words are in the spelling of events,
// times are epoch ms. `asked` is when the request was sent: the answer was so at that time or later.

/** What the API said of a user. A facet that is absent was not told, and nothing follows from that. */
export type SaidOfUser = Omit<OrganisationUser, "id" | "name" | "email" | "division" | "team" | "teamName">

/** `complete`: these are all sessions that the agent has, so that others are over. */
export type SaidOfSessions = Omit<AgentStatus, "userId">

/** `complete`: these are all that wait in the queue and alert its agents, so that other waits are over. */
export type SaidOfWaits = Omit<QueueObservation, "queueId">

/** `complete`: all pages were read, without a filter, so that others are no members. */
export interface SaidOfMembers {
  readonly complete: boolean
  readonly items: ReadonlyArray<QueueMember>
}

/** What was said, and when it was asked for. */
export interface Answer<A> {
  readonly asked: number
  readonly said: A
}

/** What the API said of one agent; what was not asked for, or not answered, is absent. */
export interface AgentAnswer {
  readonly agentId: string
  readonly user?: Answer<SaidOfUser>
  readonly status?: Answer<SaidOfSessions>
}

/** The same of one queue. */
export interface QueueAnswer {
  readonly queueId: string
  /** `asked`: when the first page was asked for. */
  readonly members?: Answer<SaidOfMembers>
  readonly waits?: Answer<SaidOfWaits>
}

/**
 * The rows of an agent or a queue, by their names: the row `state`, all that are open, and those of the sessions and members that the answer
 * names. `read`: when they were read, which is after the API was asked. `heard`: since when events of sessions are known to come, such as the start
 * of the last whole sweep; absent before that.
 */
export interface Held {
  readonly rows: ReadonlyMap<string, Row>
  readonly read: number
  readonly heard?: number
}

/** How many statements there are of each facet. */
export type Counts = { readonly [facet in Stated["facet"]]?: number }

/**
 * What a statement says of events. `corrected`: they should have told it by the time the rows were read, so they were lost. `early`: they may still be
 * on their way; look again `TOLD_MS` after the answer. `new`: nobody knows that they ever told such a thing here.
 */
export type Told = "corrected" | "early" | "new"

/** What a complete answer may leave out that the rows have: a session of an agent, a wait in a queue, a member of a queue. */
export type MissingKind = "session" | "wait" | "member"

/** How many of each kind. */
export type ByKind = { readonly [kind in MissingKind]?: number }

/** One thing that is over as far as an answer goes, and the statement of that, which waits until the whole sweep has been answered. */
export interface Missing {
  readonly kind: MissingKind
  readonly statement: Statement
  readonly told: Told
}

/**
 * `statements`: what to send now; how many of them are `corrected` and `early`, by facet. `missing`: what to say once the sweep is whole. `known`: how
 * many of each kind the rows have that the answer could have left out.
 */
export interface Compared {
  readonly statements: ReadonlyArray<Statement>
  readonly corrected: Counts
  readonly early: Counts
  readonly missing: ReadonlyArray<Missing>
  readonly known: ByKind
}
