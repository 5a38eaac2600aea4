import { AGENT, event, iso, noon, QUEUE } from "./support.ts"

export const SECOND = 1_000
export const CALL = "c1"

type Body = Readonly<Record<string, unknown>>

/** Events of the sessions of one conversation. Times are seconds after noon. */
export const callOf = (mediaType: string | null, conversationId = CALL) => {
  const detail = (topic: string, sessionId: string, at: number, more: Body) =>
    event(
      `v2.detail.events.conversation.{id}.${topic}`,
      conversationId,
      { eventTime: noon + at * SECOND, sessionId, mediaType, ...more },
      at * SECOND + 80
    )
  const of =
    (topic: string, own: Body) =>
    (sessionId: string, at: number, more: Body = {}) =>
      detail(topic, sessionId, at, { ...own, ...more })
  return {
    joins: of("customer.start", {}),
    leaves: of("customer.end", {}),
    waits: of("acd.start", { queueId: QUEUE }),
    answered: of("acd.end", { queueId: QUEUE, acdOutcome: "ANSWERED" }),
    starts: of("user.start", { userId: AGENT, queueId: QUEUE }),
    ends: of("user.end", { userId: AGENT, queueId: QUEUE }),
    /** Notes after the call. */
    notes: of("acw", { userId: AGENT, queueId: QUEUE, mediaType: undefined }),
    segment: (currentState: string, sessionId: string, at: number, userId = AGENT, more: Body = {}) =>
      event(
        "v2.detail.events.agent.{id}.state",
        userId,
        {
          conversationId,
          sessionId,
          currentState,
          currentStateStart: noon + at * SECOND,
          sessionStart: noon + 10 * SECOND,
          mediaType,
          queueId: QUEUE,
          ...more
        },
        at * SECOND + 90
      )
  }
}

export const call = callOf("VOICE")

/** An event of the agent's presence, which changed and was published at seconds after noon. */
export const presence = (systemPresence: string, at: number, published = at) =>
  event(
    "v2.users.{id}.presence",
    AGENT,
    { presenceDefinition: { id: "p", systemPresence }, modifiedDate: iso(at * SECOND) },
    published * SECOND
  )
