import { object, text } from "../body.ts"
import type { Presence } from "../event.ts"
import { normalisePresence, normaliseRoutingStatus } from "../presence.ts"
import { systemPresence } from "../words.ts"

/** How bodies name a presence: the organisation's definition and the system presence behind it. */
export const presenceDefinition = object({ id: text, systemPresence })

export const presenceValue = (
  definition: { readonly id?: string; readonly systemPresence?: string } | undefined
): Presence | undefined => {
  if (!definition?.systemPresence) return undefined
  const systemPresence = normalisePresence(definition.systemPresence)
  return definition.id ? { systemPresence, definitionId: definition.id } : { systemPresence }
}

export const routingStatusValue = (status: string | undefined): string | undefined =>
  status ? normaliseRoutingStatus(status) : undefined

/** Analytics bodies write media in lower case and leave them out where a number covers all of them. */
export const mediaName = (mediaType: string | undefined): string => (mediaType ? mediaType.toLowerCase() : "all")
