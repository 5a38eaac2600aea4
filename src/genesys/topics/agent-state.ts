import { Schema } from "effect"
import type { Facet } from "../event.ts"
import { invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { raw, text } from "../tolerant.ts"
import { defineTopic, present, timed } from "../topic.ts"

/**
 * One session of an agent: that it is open since `sessionStart` (ended at `currentStateStart` when terminated), and what the
 * agent is doing in it.
 */
export const agentState = defineTopic({
  template: "v2.detail.events.agent.{id}.state",
  body: Schema.Struct({
    conversationId: text,
    sessionId: text,
    sessionStart: raw,
    currentState: text,
    currentStateStart: raw,
    queueId: text,
    mediaType: text,
    originatingDirection: text
  }),
  clocks: { userSession: "sessionStart", segment: "currentStateStart" },
  facets: ({ subject: userId, body }) => {
    const { sessionId, currentState, conversationId, mediaType, originatingDirection: direction } = body
    if (!sessionId) return []
    const session = { userId, ...present({ queueId: body.queueId }), sessionId }
    const start = parseTime(body.sessionStart)
    const stateStart = parseTime(body.currentStateStart)
    const facets: Array<Facet> = []
    if (currentState?.toUpperCase() === "TERMINATED")
      facets.push(timed(stateStart, { facet: "userSession", ...session, value: null }))
    // Without its start the publication would decide, and reopen a session that has ended.
    else if (start !== undefined)
      facets.push(
        timed(start, { facet: "userSession", ...session, value: present({ conversationId, mediaType, direction }) })
      )
    if (currentState) facets.push(timed(stateStart, { facet: "segment", ...session, value: currentState }))
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
