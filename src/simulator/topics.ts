/** The topics that the simulated organisation has switched on. */
export const topics = [
  "v2.users.{id}.activity",
  "v2.users.{id}.presence",
  "v2.users.{id}.routingStatus",
  "v2.users.{id}.conversationsummary",
  "v2.users.{id}.outofoffice",
  "v2.users.{id}.station",
  "v2.routing.queues.{id}.users",
  "v2.analytics.queues.{id}.observations",
  "v2.analytics.queues.{id}.activity",
  "v2.detail.events.conversation.{id}.acd.start",
  "v2.detail.events.conversation.{id}.acd.end",
  "v2.detail.events.conversation.{id}.user.start",
  "v2.detail.events.conversation.{id}.user.end",
  "v2.detail.events.conversation.{id}.customer.start",
  "v2.detail.events.conversation.{id}.customer.end",
  "v2.detail.events.conversation.{id}.acw",
  "v2.detail.events.conversation.{id}.wrapup",
  "v2.detail.events.agent.{id}.state",
  "v2.audits.entitytype.{id}.entityid.{id}"
] as const

export type Topic = (typeof topics)[number]

/** Topics that exist at Genesys, have no fold here, and arrive under chaos as if somebody had switched them on. */
export const unknownTopics = [
  "v2.operations.events.{id}",
  "v2.conversations.{id}.transcription",
  "v2.analytics.conversation.{id}.metrics",
  "v2.users.{id}.geolocation",
  "v2.analytics.flow.{id}.aggregates"
] as const
