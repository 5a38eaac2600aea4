import { names, number, object, text, time } from "../body.ts"
import type { Facet } from "../event.ts"
import { invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { defineTopic, present, type Topic, timed } from "../topic.ts"
import { mediaType } from "../words.ts"
import { sessionFields } from "./session-fields.ts"

const read = { eventTime: time, sessionId: text, queueId: text, mediaType, wrapupCode: text, wrapupDurationMs: number }
const known = { ...sessionFields, ...names("wrapupNotes") }

const wrapUpTopic = (kind: "acw" | "wrapup", meaning: string, published: string): Topic =>
  defineTopic({
    template: `v2.detail.events.conversation.{id}.${kind}`,
    meaning,
    // Only `acw` says whose work it was.
    body: object({ ...read, ...(kind === "acw" ? { userId: text } : {}) }, known),
    clocks: { wrapup: "eventTime" },
    facets: ({ body }) => {
      const { eventTime, sessionId, userId, queueId, mediaType, wrapupCode: code, wrapupDurationMs: durationMs } = body
      if (!sessionId) return []
      const facet: Facet = {
        facet: "wrapup",
        ...present({ userId, queueId, mediaType }),
        sessionId,
        value: present({ code, durationMs })
      }
      return [timed(parseTime(eventTime), facet)]
    },
    example: {
      ids: [invented.conversation],
      published,
      body: {
        eventTime: 1778061920417,
        conversationId: invented.conversation,
        sessionId: invented.agentSession,
        mediaType: "VOICE",
        provider: "Edge",
        direction: "INBOUND",
        ...(kind === "acw" ? { userId: invented.agent } : {}),
        queueId: invented.queue,
        wrapupCode: invented.wrapupCode,
        wrapupDurationMs: 39_415
      }
    }
  })

export const afterCallWork = wrapUpTopic(
  "acw",
  "After-call work done by an agent. Its notes are people's words, and are not read.",
  "2026-05-06T10:05:20.502Z"
)

export const wrapUp = wrapUpTopic(
  "wrapup",
  "The same work as the queue sees it, without the agent.",
  "2026-05-06T10:05:20.530Z"
)
