import { anything, flag, list, names, object, time } from "../body.ts"
import type { Facet } from "../event.ts"
import { invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { defineTopic, timed } from "../topic.ts"
import { routingStatusWord } from "../words.ts"
import { presenceDefinition, presenceValue, routingStatusValue } from "./facets.ts"

export const activity = defineTopic({
  template: "v2.users.{id}.activity",
  meaning:
    'An agent\'s four facets in one event. The primary source of agent state. Three have a clock of their own; the list of active queues holds at publication, because Genesys calls `dateActiveQueuesChanged` "for reference only".',
  body: object(
    {
      routingStatus: object({ status: routingStatusWord, startTime: time }),
      presence: object({ presenceDefinition, modifiedDate: time }, names("presenceMessage")),
      outOfOffice: object({ active: flag, modifiedDate: time }),
      activeQueueIds: list(anything),
      dateActiveQueuesChanged: time
    },
    names("id")
  ),
  clocks: {
    presence: "presence.modifiedDate",
    routingStatus: "routingStatus.startTime",
    outOfOffice: "outOfOffice.modifiedDate",
    activeQueues: null
  },
  facets: ({
    subject: agentId,
    body: { presence, routingStatus, outOfOffice, activeQueueIds, dateActiveQueuesChanged }
  }) => {
    const facets: Array<Facet> = []
    const presenceNow = presenceValue(presence?.presenceDefinition)
    if (presenceNow !== undefined)
      facets.push(timed(parseTime(presence?.modifiedDate), { facet: "presence", agentId, value: presenceNow }))
    const routingNow = routingStatusValue(routingStatus?.status)
    if (routingNow !== undefined)
      facets.push(timed(parseTime(routingStatus?.startTime), { facet: "routingStatus", agentId, value: routingNow }))
    if (typeof outOfOffice?.active === "boolean")
      facets.push(
        timed(parseTime(outOfOffice.modifiedDate), { facet: "outOfOffice", agentId, value: outOfOffice.active })
      )
    if (activeQueueIds?.every((id): id is string => typeof id === "string" && id !== "")) {
      const changed = parseTime(dateActiveQueuesChanged)
      facets.push({
        facet: "activeQueues",
        agentId,
        ...(changed === undefined ? {} : { changed }),
        value: [...new Set(activeQueueIds)].sort()
      })
    }
    return facets
  },
  example: {
    ids: [invented.agent],
    published: "2026-05-06T09:58:31.402Z",
    body: {
      id: invented.agent,
      routingStatus: { status: "IDLE", startTime: "2026-05-06T09:58:31.207Z" },
      presence: {
        presenceDefinition: { id: invented.onQueue, systemPresence: "ON_QUEUE" },
        presenceMessage: "",
        modifiedDate: "2026-05-06T09:58:31.190Z"
      },
      outOfOffice: { active: false, modifiedDate: "2026-04-27T06:00:00.000Z" },
      activeQueueIds: [invented.queue, invented.otherQueue],
      dateActiveQueuesChanged: "2026-05-06T09:58:30.874Z"
    }
  }
})
