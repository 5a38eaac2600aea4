import { Context, type Effect } from "effect"
import type { Load, Presence, Station, UserState } from "../genesys/event.ts"
import type { CallFailed } from "./call-failed.ts"

/** A facet as the API states it, in the spelling of events, and since when (epoch ms) where the API says. */
export interface Said<A> {
  readonly value: A
  readonly since?: number
}

/** A user, with as much as the API says. What an answer was asked to expand and does not is absent: then the API states nothing. */
export interface OrganisationUser {
  readonly id: string
  readonly name?: string
  readonly email?: string
  readonly division?: string
  readonly team?: string
  /** What the team is called. */
  readonly teamName?: string
  readonly state?: UserState
  readonly presence?: Said<Presence>
  readonly routingStatus?: Said<string>
  readonly outOfOffice?: boolean
  readonly station?: Station | null
  readonly conversations: ReadonlyArray<{ readonly media: string; readonly value: Load }>
}

/** What became of users whom `users` leaves out. */
export type FormerState = Exclude<UserState, "active">

/** A user who cannot log on any more. */
export interface FormerUser {
  readonly id: string
  readonly state: FormerState
}

export interface OrganisationQueue {
  readonly id: string
  readonly name?: string
  readonly division?: string
}

/** A user as a member of a queue. `joined`: the queue is active for the user. */
export interface QueueMember {
  readonly userId: string
  readonly joined: boolean
}

/** A conversation that waits in a queue, or alerts an agent of it, and since when. */
export interface Waiting {
  readonly conversationId: string
  readonly sessionId?: string
  readonly since?: number
  readonly mediaType?: string
  readonly direction?: string
}

/** What waits in a queue (`waiting`) and what alerts its agents. `complete`: no medium was left out or cut short. */
export interface QueueObservation {
  readonly queueId: string
  readonly complete: boolean
  readonly waiting: ReadonlyArray<Waiting>
  readonly alerting: ReadonlyArray<Waiting>
}

/** A session of an agent: what the agent does in it (`state`), and since when. Times are epoch ms. */
export interface AgentSession {
  readonly sessionId: string
  readonly state: string
  readonly since?: number
  readonly sessionStart?: number
  readonly conversationId?: string
  readonly queueId?: string
  readonly mediaType?: string
  readonly direction?: string
}

/** What an agent is doing. `complete`: `sessions` are all that there are. */
export interface AgentStatus {
  readonly userId: string
  readonly complete: boolean
  readonly sessions: ReadonlyArray<AgentSession>
}

/** A presence, wrap-up code or division by its name. */
export interface OrganisationName {
  readonly id: string
  readonly name?: string
}

/** What an answer holds, and when it was asked for (epoch ms): all of it was so at that time or later. */
export interface Answered<A> {
  readonly asked: number
  readonly items: ReadonlyArray<A>
}

/** A page of answers. `next`: where the next one is; without it this is the last. `total`: of all pages, where the API says. */
export interface OrganisationPage<A> extends Answered<A> {
  readonly next?: string
  readonly total?: number
}

/** Reads a page: the first, or the one that `next` of the page before it says. */
export type ReadPage<A> = (next?: string) => Effect.Effect<OrganisationPage<A>, CallFailed>

/** Users in one call of `statuses`. The API returns no more, however many match. */
export const STATUSES_A_CALL = 50

/** Queues in one call of `observations`. */
export const OBSERVATIONS_A_CALL = 50

/**
 * What a Genesys Cloud organisation says of itself now. Reads only.
 *
 * `users` are those who are active, and `former` those who are not any more. They, `queues` and `members` are pages; `statuses` and `observations` take up to `STATUSES_A_CALL` and `OBSERVATIONS_A_CALL` ids. An
 * answer may leave out what it was asked for, and then says nothing of it. What the documentation does not allow is left out, and
 * makes its answer incomplete.
 */
export class Organisation extends Context.Service<
  Organisation,
  {
    readonly users: ReadPage<OrganisationUser>
    readonly former: (state: FormerState) => ReadPage<FormerUser>
    readonly statuses: (userIds: ReadonlyArray<string>) => Effect.Effect<Answered<AgentStatus>, CallFailed>
    readonly queues: ReadPage<OrganisationQueue>
    readonly members: (
      queueId: string,
      next?: string
    ) => Effect.Effect<OrganisationPage<QueueMember> & { readonly complete: boolean }, CallFailed>
    readonly observations: (queueIds: ReadonlyArray<string>) => Effect.Effect<Answered<QueueObservation>, CallFailed>
    readonly presences: ReadPage<OrganisationName>
    readonly wrapUpCodes: ReadPage<OrganisationName>
    readonly divisions: ReadPage<OrganisationName>
    /** Requests that were sent so far. */
    readonly requests: Effect.Effect<number>
  }
>()("projections/Organisation") {}
