import { list, names, number, object, text, time } from "../body.ts"
import type { Facet, Session } from "../event.ts"
import { type Example, invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { defineTopic, type Notice, present, type Topic, timed } from "../topic.ts"
import { acdOutcome, direction, disconnectType, flowType, mediaType, routing } from "../words.ts"
import { sessionFields } from "./session-fields.ts"

const read = { eventTime: time, sessionId: text, mediaType, direction }

/** What only one of the topics carries, and nothing reads. */
const known = {
  "acd.start": names("divisionId routingPriority requestedRoutingSkillIds skillExpressionApplied"),
  "acd.end": {
    ...names(
      `divisionId requestedRoutingSkillIds requestedSkillExpressionIds requestedLanguageId
       requestedRoutingUserIds routingPriority`
    ),
    disconnectType,
    flowType,
    usedRouting: routing,
    requestedRoutings: list(routing)
  },
  "user.start": names("divisionId"),
  "user.end": names("divisionId callbackDurationMs"),
  "customer.start": {
    ...names("externalContactId externalOrganizationId divisionId"),
    journeyContext: object({}, names("sessionId sessionIdType actionId actionMapId"))
  },
  "customer.end": {
    ...names("externalContactId externalOrganizationId divisionId interactingDurationMs"),
    disconnectType
  },
  "voicemail.start": names("divisionId"),
  "voicemail.end": { ...names("divisionId voicemailDurationMs"), disconnectType }
} as const

type Participant = "acd" | "user" | "customer" | "voicemail"
type Phase = "start" | "end"

interface Own {
  readonly userId?: string
  readonly queueId?: string
  readonly answeredUserId?: string
  readonly acdOutcome?: string
  readonly mediaType?: string
  readonly disconnectType?: string
  readonly connectedDurationMs?: number
  readonly alertingDurationMs?: number
  readonly contactingDurationMs?: number
  readonly dialingDurationMs?: number
  readonly interactingDurationMs?: number
  readonly heldDurationMs?: number
}

/** How long the parts of an agent's session took, in ms. */
const durations = {
  alertingDurationMs: number,
  contactingDurationMs: number,
  dialingDurationMs: number,
  interactingDurationMs: number,
  heldDurationMs: number
}

/** What one kind of participant makes of a session that has started (`value`) or ended (`null`), and what it reads for that. */
type Kind = {
  readonly facet: "acdSession" | "userSession" | "customerSession" | "voicemailSession"
  readonly meaning: { readonly [P in Phase]: string }
  readonly read: {
    readonly userId?: typeof text
    readonly queueId?: typeof text
    readonly answeredUserId?: typeof text
    readonly acdOutcome?: typeof acdOutcome
  }
  /** What is read of an end alone. */
  readonly readAtEnd?: Partial<typeof durations> & {
    readonly connectedDurationMs?: typeof number
    readonly disconnectType?: typeof disconnectType
  }
  readonly state: (sessionId: string, value: Session | null, notice: Notice<Own>) => Facet | undefined
}

/** What the end of an agent's session tells of it. */
const endOf = (body: Own) => {
  const { mediaType, disconnectType, interactingDurationMs: interactingMs, heldDurationMs: heldMs } = body
  const { alertingDurationMs: alertingMs, contactingDurationMs: contactingMs, dialingDurationMs: dialingMs } = body
  const spent = present({ alertingMs, contactingMs, dialingMs, interactingMs, heldMs })
  return {
    ...present({ mediaType, disconnectType }),
    ...(interactingMs === undefined ? {} : { served: interactingMs > 0 }),
    ...(Object.keys(spent).length === 0 ? {} : { spent })
  }
}

const kinds: { readonly [P in Participant]: Kind } = {
  acd: {
    facet: "acdSession",
    meaning: { start: "A session begins to wait in a queue.", end: "It waits no more, whatever came of it." },
    read: { queueId: text, answeredUserId: text, acdOutcome },
    readAtEnd: { connectedDurationMs: number },
    state: (sessionId, value, { subject: conversationId, body }) => {
      const { queueId, answeredUserId: answeredBy, acdOutcome: outcome, mediaType, connectedDurationMs: waitMs } = body
      return queueId || value === null
        ? {
            facet: "acdSession",
            conversationId,
            ...present({ queueId, ...(value === null ? { outcome, answeredBy, mediaType, waitMs } : {}) }),
            sessionId,
            value
          }
        : undefined
    }
  },
  user: {
    facet: "userSession",
    meaning: {
      start: "An agent is alerted or calls somebody: the agent's session begins, before anybody has answered.",
      end: "The agent's session ends. The conversation may go on: a rejected alert and a transfer end one too."
    },
    read: { userId: text, queueId: text },
    readAtEnd: { ...durations, disconnectType },
    state: (sessionId, value, { subject: conversationId, body }) => {
      const { userId, queueId } = body
      return userId || queueId || value === null
        ? {
            facet: "userSession",
            conversationId,
            ...present({ userId, queueId }),
            sessionId,
            ...(value === null ? endOf(body) : {}),
            value
          }
        : undefined
    }
  },
  customer: {
    facet: "customerSession",
    meaning: { start: "A customer joins the conversation.", end: "The customer is gone." },
    read: {},
    state: (sessionId, value, { subject: conversationId, body: { mediaType } }) => ({
      facet: "customerSession",
      conversationId,
      ...present({ mediaType }),
      sessionId,
      value
    })
  },
  voicemail: {
    facet: "voicemailSession",
    meaning: {
      start: "A customer begins to record a voicemail for a queue or an agent.",
      end: "The voicemail is recorded, or the customer has left it."
    },
    read: { userId: text, queueId: text },
    state: (sessionId, value, { body: { userId, queueId } }) =>
      userId || queueId ? { facet: "voicemailSession", ...present({ userId, queueId }), sessionId, value } : undefined
  }
}

const example = (published: string, eventTime: number, sessionId: string, extra: Example["body"]): Example => ({
  ids: [invented.conversation],
  published,
  body: {
    eventTime,
    conversationId: invented.conversation,
    sessionId,
    mediaType: "VOICE",
    provider: "Edge",
    direction: "INBOUND",
    ...extra
  }
})

const sessionTopic = (participant: Participant, phase: Phase, sample: Example): Topic => {
  const { facet, meaning, read: own, readAtEnd, state } = kinds[participant]
  return defineTopic({
    template: `v2.detail.events.conversation.{id}.${participant}.${phase}`,
    meaning: meaning[phase],
    body: object(
      { ...read, ...own, ...(phase === "end" ? readAtEnd : {}) },
      { ...sessionFields, ...known[`${participant}.${phase}`] }
    ),
    clocks: { [facet]: "eventTime" },
    facets: (notice) => {
      const { eventTime, sessionId, mediaType, direction } = notice.body
      if (!sessionId) return []
      const value = phase === "end" ? null : { conversationId: notice.subject, ...present({ mediaType, direction }) }
      const stated = state(sessionId, value, notice)
      return stated === undefined ? [] : [timed(parseTime(eventTime), stated)]
    },
    example: sample
  })
}

const { acdSession, agentSession, customerSession, voicemailSession, agent: userId, queue: queueId } = invented

/**
 * Sessions of a conversation: waiting in a queue (`acd`), with an agent (`user`), the customer's own, and a voicemail. Starts and ends
 * pair by session id; nothing of the customer's address, name or words is read.
 */
export const conversationSessions: ReadonlyArray<Topic> = [
  sessionTopic("acd", "start", example("2026-05-06T10:00:00.164Z", 1778061600090, acdSession, { queueId })),
  sessionTopic(
    "acd",
    "end",
    example("2026-05-06T10:00:09.715Z", 1778061609641, acdSession, {
      queueId,
      acdOutcome: "ANSWERED",
      connectedDurationMs: 9_551
    })
  ),
  sessionTopic("user", "start", example("2026-05-06T10:00:05.410Z", 1778061605330, agentSession, { userId, queueId })),
  sessionTopic(
    "user",
    "end",
    example("2026-05-06T10:04:41.087Z", 1778061881002, agentSession, {
      userId,
      queueId,
      disconnectType: "PEER",
      alertingDurationMs: 4_311,
      interactingDurationMs: 271_361,
      heldDurationMs: 0
    })
  ),
  sessionTopic("customer", "start", example("2026-05-06T09:59:44.871Z", 1778061584800, customerSession, {})),
  sessionTopic(
    "customer",
    "end",
    example("2026-05-06T10:04:41.061Z", 1778061880990, customerSession, { disconnectType: "ENDPOINT" })
  ),
  sessionTopic("voicemail", "start", example("2026-05-06T10:06:12.380Z", 1778061972310, voicemailSession, { queueId })),
  sessionTopic(
    "voicemail",
    "end",
    example("2026-05-06T10:06:58.902Z", 1778062018844, voicemailSession, { queueId, voicemailDurationMs: 46_534 })
  )
]
