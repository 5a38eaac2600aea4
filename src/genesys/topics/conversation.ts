import { Schema } from "effect"
import type { Facet, Session } from "../event.ts"
import { type Example, invented } from "../example.ts"
import { type Fields, list as listOf, names, object } from "../shape.ts"
import { parseTime } from "../time.ts"
import { raw, text } from "../tolerant.ts"
import { defineTopic, type Notice, present, type Topic, timed } from "../topic.ts"
import { acdOutcome, disconnectType, flowType, routing } from "../words.ts"
import { sessionFields } from "./session-fields.ts"

const Body = Schema.Struct({
  eventTime: raw,
  sessionId: text,
  userId: text,
  queueId: text,
  mediaType: text,
  direction: text
})

/** What only one of the topics carries. */
const extras: Readonly<Record<string, Fields>> = {
  "acd.start": names("queueId divisionId routingPriority requestedRoutingSkillIds skillExpressionApplied"),
  "acd.end": {
    ...names(
      `queueId divisionId answeredUserId requestedRoutingSkillIds requestedSkillExpressionIds requestedLanguageId
       requestedRoutingUserIds routingPriority connectedDurationMs`
    ),
    disconnectType,
    acdOutcome,
    flowType,
    usedRouting: routing,
    requestedRoutings: listOf(routing)
  },
  "user.start": names("userId divisionId queueId"),
  "user.end": {
    ...names(
      `userId divisionId queueId interactingDurationMs heldDurationMs alertingDurationMs contactingDurationMs dialingDurationMs
       callbackDurationMs`
    ),
    disconnectType
  },
  "customer.start": {
    ...names("externalContactId externalOrganizationId divisionId"),
    journeyContext: object(names("sessionId sessionIdType actionId actionMapId"))
  },
  "customer.end": {
    ...names("externalContactId externalOrganizationId divisionId interactingDurationMs"),
    disconnectType
  }
}

type Phase = "start" | "end"

/** What one kind of participant makes of a session that has started (`value`) or ended (`null`). */
type Kind = {
  readonly facet: "acdSession" | "userSession" | "customerSession"
  readonly state: (sessionId: string, value: Session | null, notice: Notice<typeof Body.Type>) => Facet | undefined
}

const kinds: { readonly [participant: string]: Kind } = {
  acd: {
    facet: "acdSession",
    state: (sessionId, value, { body: { queueId } }) =>
      queueId ? { facet: "acdSession", queueId, sessionId, value } : undefined
  },
  user: {
    facet: "userSession",
    state: (sessionId, value, { body: { userId, queueId } }) =>
      userId || queueId ? { facet: "userSession", ...present({ userId, queueId }), sessionId, value } : undefined
  },
  customer: {
    facet: "customerSession",
    state: (sessionId, value, { subject: conversationId }) => ({
      facet: "customerSession",
      conversationId,
      sessionId,
      value
    })
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

const sessionTopic = (participant: string, phase: Phase, sample: Example): Topic => {
  const { facet, state } = kinds[participant] as Kind
  return defineTopic({
    template: `v2.detail.events.conversation.{id}.${participant}.${phase}`,
    body: Body,
    shape: object({ ...sessionFields, ...extras[`${participant}.${phase}`] }),
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

const { acdSession, agentSession, customerSession, agent: userId, queue: queueId } = invented

/**
 * Sessions of a conversation: waiting in a queue (`acd`), with an agent (`user`), and the customer's own. Starts and ends pair
 * by session id; nothing of the customer's address, name or words is read.
 */
export const conversationSessions: ReadonlyArray<Topic> = [
  sessionTopic("acd", "start", example("2026-05-06T10:00:00.164Z", 1778061600090, acdSession, { queueId })),
  sessionTopic(
    "acd",
    "end",
    example("2026-05-06T10:00:09.715Z", 1778061609641, acdSession, { queueId, acdOutcome: "ANSWERED" })
  ),
  sessionTopic("user", "start", example("2026-05-06T10:00:05.410Z", 1778061605330, agentSession, { userId, queueId })),
  sessionTopic(
    "user",
    "end",
    example("2026-05-06T10:04:41.087Z", 1778061881002, agentSession, { userId, queueId, disconnectType: "PEER" })
  ),
  sessionTopic("customer", "start", example("2026-05-06T09:59:44.871Z", 1778061584800, customerSession, {})),
  sessionTopic(
    "customer",
    "end",
    example("2026-05-06T10:04:41.061Z", 1778061880990, customerSession, { disconnectType: "ENDPOINT" })
  )
]
