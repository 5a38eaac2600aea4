import { flag, names, object, time } from "../body.ts"
import { invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { defineTopic, timed } from "../topic.ts"
import { presenceDefinition, presenceValue } from "./facets.ts"

export const presence = defineTopic({
  template: "v2.users.{id}.presence",
  meaning: "An agent's presence from one of its sources. Only the primary source is the agent's presence.",
  body: object(
    { presenceDefinition, primary: flag, modifiedDate: time },
    { futurePresenceDefinition: presenceDefinition, ...names("source message") }
  ),
  clocks: { presence: "modifiedDate" },
  facets: ({ subject: agentId, body }) => {
    const value = presenceValue(body.presenceDefinition)
    if (value === undefined || body.primary === false) return []
    return [timed(parseTime(body.modifiedDate), { facet: "presence", agentId, value })]
  },
  example: {
    ids: [invented.agent],
    published: "2026-05-06T11:30:00.733Z",
    body: {
      source: "PURECLOUD",
      presenceDefinition: { id: invented.onBreak, systemPresence: "BREAK" },
      primary: true,
      message: "",
      modifiedDate: "2026-05-06T11:30:00.518Z"
    }
  }
})
