import { names, object, text, time } from "../body.ts"
import { invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { defineTopic, present, timed } from "../topic.ts"
import { direction, mediaType, segmentState } from "../words.ts"

export const agentState = defineTopic({
  template: "v2.detail.events.agent.{id}.state",
  meaning: "What an agent is doing in one session; `TERMINATED` ends it.",
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
  clocks: { segment: "currentStateStart" },
  facets: ({ subject: userId, body }) => {
    const { sessionId, currentState, conversationId, mediaType, originatingDirection: direction } = body
    if (!sessionId || !currentState) return []
    const session = { userId, ...present({ queueId: body.queueId }), sessionId }
    const clock = parseTime(body.currentStateStart)
    const sessionStart = parseTime(body.sessionStart)
    const value = { state: currentState, ...present({ conversationId, mediaType, direction, sessionStart }) }
    return [timed(clock, { facet: "segment", ...session, value })]
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
