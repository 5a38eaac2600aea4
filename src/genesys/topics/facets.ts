import type { Presence } from "../event.ts"
import { normalisePresence, normaliseRoutingStatus } from "../presence.ts"
import { group, text } from "../tolerant.ts"

/** How bodies name a presence: the organisation's definition and the system presence behind it. */
export const presenceDefinition = group({ id: text, systemPresence: text })

type Nullable<T> = T | null | undefined

export const presenceValue = (
  definition: Nullable<{ readonly id?: Nullable<string>; readonly systemPresence?: Nullable<string> }>
): Presence | undefined => {
  if (!definition?.systemPresence) return undefined
  const systemPresence = normalisePresence(definition.systemPresence)
  return definition.id ? { systemPresence, definitionId: definition.id } : { systemPresence }
}

export const routingStatusValue = (status: Nullable<string>): string | undefined =>
  status ? normaliseRoutingStatus(status) : undefined

/** Analytics bodies write media in lower case and leave them out where a number covers all of them. */
export const mediaName = (mediaType: Nullable<string>): string => (mediaType ? mediaType.toLowerCase() : "all")
