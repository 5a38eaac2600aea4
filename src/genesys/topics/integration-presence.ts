import { names, object, text, time } from "../body.ts"
import type { Facet } from "../event.ts"
import { invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { defineTopic, timed } from "../topic.ts"
import { presenceEventType } from "../words.ts"
import { presenceDefinition, presenceValue } from "./facets.ts"

/**
 * A change of the primary source says nothing of the presence: Genesys publishes that on `.presence`, with `primary`. What else its event
 * names of a presence is the one of a source, and may be that of the source that was left.
 */
export const integrationPresence = defineTopic({
  template: "v2.users.{id}.integrationpresence",
  meaning:
    "An agent's presence in another product (Microsoft Teams, Zoom Phone), or that another source is the primary one from now on. Neither states the agent's presence at Genesys.",
  body: object(
    {
      eventType: presenceEventType,
      source: text,
      presenceDefinition,
      currentDisplaySourceId: text,
      modifiedDate: time
    },
    names("userId message previousDisplaySourceId")
  ),
  clocks: { integrationPresence: "modifiedDate", presenceSource: "modifiedDate" },
  facets: ({ subject: agentId, body }) => {
    const clock = parseTime(body.modifiedDate)
    const facets: Array<Facet> = []
    const { source, currentDisplaySourceId } = body
    const value = presenceValue(body.presenceDefinition)
    if (body.eventType === "UserPresenceStatusChanged" && source && value !== undefined)
      facets.push(timed(clock, { facet: "integrationPresence", agentId, source, value }))
    if (body.eventType === "UserPrimaryPresenceSourceChanged" && currentDisplaySourceId)
      facets.push(timed(clock, { facet: "presenceSource", agentId, value: currentDisplaySourceId }))
    return facets
  },
  example: {
    ids: [invented.agent],
    published: "2026-05-06T12:15:00.611Z",
    body: {
      userId: invented.agent,
      eventType: "UserPresenceStatusChanged",
      source: "MICROSOFTTEAMS",
      presenceDefinition: { id: invented.teams, systemPresence: "BUSY" },
      modifiedDate: "2026-05-06T12:15:00.402Z"
    }
  }
})
