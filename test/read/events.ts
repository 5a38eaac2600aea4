import { Result } from "effect"
import { decodeParsed } from "../../src/genesys/decoder.ts"
import type { Event } from "../../src/genesys/event.ts"
import { fillTemplate } from "../../src/genesys/template.ts"
import { START } from "../support/history.ts"

let ids = 0
const at = (ms: number) => new Date(START + ms).toISOString()

/** An event of a topic with its ids in order, about what happened `ms` after `START`, and that arrived `late` ms after that. */
export const event = (topic: string, id: string | ReadonlyArray<string>, body: unknown, ms: number, late = 0): Event =>
  Result.getOrThrow(
    decodeParsed(
      {
        id: `event-${++ids}`,
        "detail-type": topic,
        source: "aws.partner/genesys.com/cloud/o/s",
        detail: { topicName: fillTemplate(topic, [id].flat()), eventBody: body, metadata: {}, timestamp: at(ms) }
      },
      START + ms + late
    )
  )

export const presence = (agent: string, systemPresence: string, ms: number, late = 0): Event =>
  event(
    "v2.users.{id}.presence",
    agent,
    { source: "PURECLOUD", presenceDefinition: { id: "d", systemPresence }, modifiedDate: at(ms) },
    ms,
    late
  )

export const routing = (agent: string, status: string, ms: number, late = 0): Event =>
  event("v2.users.{id}.routingStatus", agent, { routingStatus: { status, startTime: at(ms) } }, ms, late)

export const member = (queue: string, agent: string, joined: boolean, ms: number): Event =>
  event(
    "v2.routing.queues.{id}.users",
    queue,
    { id: agent, user: { id: agent }, queueId: queue, joined, additionalProperties: {} },
    ms
  )

/** An audit that a user was deleted, deactivated or activated. */
export const userAudit = (agent: string, action: string, ms: number): Event =>
  event(
    "v2.audits.entitytype.{id}.entityid.{id}",
    ["User", agent],
    { entityType: "User", action, eventTime: at(ms) },
    ms
  )

/** An agent who is on queue with a routing status, both since the same time. */
export const onQueue = (agent: string, status: string, ms: number): ReadonlyArray<Event> => [
  presence(agent, "ON_QUEUE", ms),
  routing(agent, status, ms)
]

/** An id in the form of a UUID. */
export const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`
