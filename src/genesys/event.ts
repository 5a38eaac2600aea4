import type { EventId } from "../domain/ids.ts"
import type { Json } from "../domain/json.ts"

/**
 * One statement that an event makes about one thing, with its own clock. An `.activity` event makes four; three topics and an
 * audit can all state a presence. Projections fold facets, so they need not know which topic said it.
 *
 * `clock` is epoch ms from the body, absent where the body has no (valid) time: then the publication time decides. `audited` marks
 * what an audit states: its clock is when the change was logged, which may be minutes after the change.
 */
export type Facet =
  | {
      readonly facet: "presence"
      readonly agentId: string
      readonly clock?: number
      readonly audited?: true
      readonly value: Presence
    }
  | { readonly facet: "routingStatus"; readonly agentId: string; readonly clock?: number; readonly value: string }
  | { readonly facet: "outOfOffice"; readonly agentId: string; readonly clock?: number; readonly value: boolean }
  | {
      readonly facet: "activeQueues"
      readonly agentId: string
      readonly clock?: number
      /** When the list last changed, as far as the platform knows (epoch ms): for reference, and no clock. */
      readonly changed?: number
      readonly value: ReadonlyArray<string>
    }
  | {
      readonly facet: "conversations"
      readonly agentId: string
      readonly clock?: number
      readonly media: string
      readonly value: Load
    }
  | { readonly facet: "station"; readonly agentId: string; readonly clock?: number; readonly value: Station | null }
  | {
      /** The line that an agent's station keeps open between calls. */
      readonly facet: "persistentConnection"
      readonly agentId: string
      readonly clock?: number
      readonly value: PersistentConnection
    }
  | {
      /** A presence in another product (`MICROSOFTTEAMS`). It is not the agent's presence, which the primary source decides. */
      readonly facet: "integrationPresence"
      readonly agentId: string
      readonly source: string
      readonly clock?: number
      readonly value: Presence
    }
  | {
      /** Which source's presence is shown as the agent's from now on: an id that Genesys gives the source. */
      readonly facet: "presenceSource"
      readonly agentId: string
      readonly clock?: number
      readonly value: string
    }
  | { readonly facet: "userState"; readonly agentId: string; readonly clock?: number; readonly value: UserState }
  | {
      readonly facet: "member"
      readonly queueId: string
      readonly userId: string
      readonly clock?: number
      readonly audited?: true
      readonly joined: boolean
    }
  | {
      readonly facet: "acdSession"
      readonly conversationId: string
      readonly queueId?: string
      readonly sessionId: string
      readonly clock?: number
      /** Of an end: how it ended, as Genesys spells it, who answered, the medium, and how long (ms) it waited. */
      readonly outcome?: string
      readonly answeredBy?: string
      readonly mediaType?: string
      readonly waitMs?: number
      readonly value: Session | null
    }
  | {
      readonly facet: "userSession"
      readonly conversationId: string
      readonly userId?: string
      readonly queueId?: string
      readonly sessionId: string
      readonly clock?: number
      /** Of an end: whether the agent was connected in it; absent where the event does not tell. */
      readonly served?: boolean
      /** Of an end: the medium, why it ended, as Genesys spells it, and how long its parts took. */
      readonly mediaType?: string
      readonly disconnectType?: string
      readonly spent?: Spent
      /** `null`: the session has ended. */
      readonly value: Session | null
    }
  | {
      readonly facet: "customerSession"
      readonly conversationId: string
      readonly sessionId: string
      /** Also of an end. */
      readonly mediaType?: string
      readonly clock?: number
      readonly value: Session | null
    }
  | {
      /** A customer who records a voicemail, for a queue or for an agent. Such a session neither waits nor is served. */
      readonly facet: "voicemailSession"
      readonly userId?: string
      readonly queueId?: string
      readonly sessionId: string
      readonly clock?: number
      readonly value: Session | null
    }
  | {
      readonly facet: "segment"
      readonly userId: string
      readonly queueId?: string
      readonly sessionId: string
      readonly clock?: number
      readonly value: Segment
    }
  | {
      /** Whether the platform's API still lists a session: a snapshot that lists it, or a complete one that does not. */
      readonly facet: "sessionSeen"
      readonly conversationId?: string
      readonly userId?: string
      readonly queueId?: string
      readonly sessionId: string
      readonly clock?: number
      readonly value: boolean
    }
  | {
      readonly facet: "wrapup"
      readonly userId?: string
      readonly queueId?: string
      readonly mediaType?: string
      readonly sessionId: string
      readonly clock?: number
      readonly value: { readonly code?: string; readonly durationMs?: number }
    }
  | {
      readonly facet: "observation"
      readonly queueId: string
      /** Lower case (`voice`); `all` for a group without media type. */
      readonly media: string
      readonly metric: string
      readonly qualifier?: string
      readonly clock?: number
      /** Of an aggregate, the time over which it is taken; absent for an observation, which is of an instant. */
      readonly interval?: Interval
      /** `count` and whatever other numbers the metric carries. */
      readonly value: { readonly [stat: string]: number }
    }

/** System presence in the spelling of events (`ON_QUEUE`); an unknown one as it came. */
export interface Presence {
  readonly systemPresence: string
  readonly definitionId?: string
}

/**
 * Absolute counts of an agent's conversations in one medium: ACD (`active`, `acw`), absent where the event does not report
 * ACD work, and other (`enterprise*`), absent where there is none.
 */
export interface Load {
  readonly active?: number
  readonly acw?: number
  readonly enterpriseActive?: number
  readonly enterpriseAcw?: number
}

/** The station that an agent is at. */
export interface Station {
  readonly id: string
  readonly name?: string
}

/** An interval in epoch ms, without its end. */
export interface Interval {
  readonly start: number
  readonly end: number
}

/** `state` as it came (`PERSISTED`, `ACTIVE_CALL`, `DISCONNECTED`, `FAILED`, ...). */
export interface PersistentConnection {
  readonly state: string
  readonly stationId?: string
}

/** `inactive` users were deactivated and can come back; so can `deleted` ones, which is rare. */
export type UserState = "active" | "inactive" | "deleted"

/** How long the parts of an agent's session took, in ms; a part that the event does not name is absent. */
export interface Spent {
  readonly alertingMs?: number
  readonly contactingMs?: number
  readonly dialingMs?: number
  readonly interactingMs?: number
  readonly heldMs?: number
}

/** An open session. Its start time is the clock of the facet. Holds no address, name or text of a customer. */
export interface Session {
  readonly conversationId?: string
  readonly mediaType?: string
  readonly direction?: string
}

/** What an agent is doing in a session (`state`, as it came), and since when the session has been open (epoch ms). */
export interface Segment extends Session {
  readonly state: string
  readonly sessionStart?: number
}

/**
 * A decoded event: an envelope that the decoder accepted, and the facets that its body states.
 *
 * `topic` is the `detail-type` (a template such as `v2.users.{id}.activity`); `published` (`detail.timestamp`) and `received`
 * (first arrival) are epoch ms. `envelope` is what came in, unknown fields included.
 */
export interface Event {
  readonly id: EventId
  readonly topic: string
  readonly topicName: string
  readonly published: number
  readonly received: number
  /** False for a topic that the contract does not know: it is stored and counted, and has no facets. */
  readonly routed: boolean
  /** The id in `topicName` that the topic is about (for audits the entity id); absent for unknown topics. */
  readonly subject?: string
  readonly facets: ReadonlyArray<Facet>
  readonly envelope: { readonly [key: string]: Json }
}
