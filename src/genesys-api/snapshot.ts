import { iso } from "../domain/stamp.ts"
import { normalisePresence, normaliseRoutingStatus } from "../genesys/presence.ts"
import { parseTime } from "../genesys/time.ts"
import { type Fields, fieldsOf, textOf } from "./http.ts"

/** A facet as one source states it: in the spelling of events, and since when (ISO-8601 in UTC) where the source says. */
export interface Facet {
  readonly value: string
  readonly since?: string
}

/** What Genesys says of an agent. */
export interface GenesysSnapshot {
  readonly presence: Facet
  readonly routingStatus: Facet
}

const facetOf = (value: string | undefined, since: unknown): Facet | undefined => {
  if (value === undefined) return undefined
  const clock = parseTime(since)
  return clock === undefined ? { value } : { value, since: iso(clock) }
}

/** The presence in a `UserPresence` of the API. Another source than the primary one does not speak for the agent. */
export const presenceIn = (body: Fields): Facet | undefined => {
  const value = textOf(fieldsOf(body.presenceDefinition).systemPresence)
  return body.primary === false ? undefined : facetOf(value && normalisePresence(value), body.modifiedDate)
}

/** The routing status in a `RoutingStatus` of the API. */
export const routingStatusIn = (body: Fields): Facet | undefined => {
  const value = textOf(body.status)
  return facetOf(value && normaliseRoutingStatus(value), body.startTime)
}

/** Whether a `User` of the API is this one: what stands between may answer with another's. */
export const isAbout = (agentId: string, { id }: Fields): boolean =>
  typeof id === "string" && id.toLowerCase() === agentId.toLowerCase()
