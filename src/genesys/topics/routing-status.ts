import { names, object, time } from "../body.ts"
import { invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { defineTopic, timed } from "../topic.ts"
import { routingStatusWord } from "../words.ts"
import { routingStatusValue } from "./facets.ts"

export const routingStatus = defineTopic({
  template: "v2.users.{id}.routingStatus",
  meaning:
    "What the platform observes an agent doing. An event can carry an error instead of a status, and then states nothing.",
  body: object(
    { routingStatus: object({ status: routingStatusWord, startTime: time }) },
    {
      ...names("id"),
      errorInfo: object({}, names("errorCode status correlationId userMessage userParamsMessage userParams"))
    }
  ),
  clocks: { routingStatus: "routingStatus.startTime" },
  facets: ({ subject: agentId, body }) => {
    const value = routingStatusValue(body.routingStatus?.status)
    if (value === undefined) return []
    return [timed(parseTime(body.routingStatus?.startTime), { facet: "routingStatus", agentId, value })]
  },
  example: {
    ids: [invented.agent],
    published: "2026-05-06T10:00:09.811Z",
    body: {
      id: invented.agent,
      routingStatus: { status: "INTERACTING", startTime: "2026-05-06T10:00:09.655Z" }
    }
  }
})
