import { names, object, text, time } from "../body.ts"
import type { Facet } from "../event.ts"
import { invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { defineTopic, present, timed } from "../topic.ts"
import { direction, mediaType, segmentState } from "../words.ts"

/** The state that ends a session. */
export const isTerminated = (state: string): boolean => state.toUpperCase() === "TERMINATED"

/**
 * That a session is open is no facet of its own: each of its states would set that one again, at the same clock, and change nothing
 * that anybody sees.
 */
export const agentState = defineTopic({
  template: "v2.detail.events.agent.{id}.state",
  meaning: "What an agent is doing in one session, and that the session has ended when it says so.",
  body: object(
    {
      conversationId: text,
      sessionId: text,
      sessionStart: time,
      currentState: segmentState,
      currentStateStart: time,
      queueId: text,
      mediaType,
      originatingDirection: direction
    },
    names("userId requestedLanguageId requestedSkillIds")
  ),
  clocks: { userSession: "currentStateStart", segment: "currentStateStart" },
  facets: ({ subject: userId, body }) => {
    const { sessionId, currentState, conversationId, mediaType, originatingDirection: direction } = body
    if (!sessionId || !currentState) return []
    const session = { userId, ...present({ queueId: body.queueId }), sessionId }
    const clock = parseTime(body.currentStateStart)
    const sessionStart = parseTime(body.sessionStart)
    const value = { state: currentState, ...present({ conversationId, mediaType, direction, sessionStart }) }
    const facets: Array<Facet> = [timed(clock, { facet: "segment", ...session, value })]
    if (isTerminated(currentState)) facets.push(timed(clock, { facet: "userSession", ...session, value: null }))
    return facets
  },
  example: {
    ids: [invented.agent],
    published: "2026-05-06T10:00:09.780Z",
    body: {
      conversationId: invented.conversation,
      sessionId: invented.agentSession,
      sessionStart: 1778061605330,
      currentStateStart: 1778061609641,
      currentState: "INTERACT",
      userId: invented.agent,
      originatingDirection: "INBOUND",
      mediaType: "VOICE",
      queueId: invented.queue,
      requestedSkillIds: []
    }
  }
})
