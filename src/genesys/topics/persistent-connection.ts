import { names, object, text, time } from "../body.ts"
import { invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { defineTopic, present, timed } from "../topic.ts"
import { persistentState } from "../words.ts"

export const persistentConnection = defineTopic({
  template: "v2.users.{id}.persistentconnection",
  meaning:
    "The line that an agent's phone keeps open between calls: whether it stands, carries a call, or was lost. An event can carry an error instead, and then states nothing.",
  body: object(
    { stationId: text, persistentState, eventTime: time },
    {
      ...names("userId"),
      errorInfo: object({}, names("text code userMessage userParams nestedErrorDetails locationInfo"))
    }
  ),
  clocks: { persistentConnection: "eventTime" },
  facets: ({ subject: agentId, body: { stationId, persistentState: state, eventTime } }) =>
    state
      ? [
          timed(parseTime(eventTime), {
            facet: "persistentConnection",
            agentId,
            value: { state, ...present({ stationId }) }
          })
        ]
      : [],
  example: {
    ids: [invented.agent],
    published: "2026-05-06T10:00:09.730Z",
    body: {
      userId: invented.agent,
      stationId: invented.station,
      persistentState: "ACTIVE_CALL",
      eventTime: "2026-05-06T10:00:09.641Z"
    }
  }
})
