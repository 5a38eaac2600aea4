import { Effect } from "effect"
import { hourAt } from "../domain/archive-window.ts"
import type { EventId } from "../domain/ids.ts"
import { Archive } from "./archive.ts"
import type { StoredEvent } from "./event-store.ts"

/**
 * The events of these ids that are in the archive, by id. `arrivals`: when each arrived (epoch ms); the objects of those hours are read, and no
 * others.
 */
export const archivedEvents = Effect.fnUntraced(function* (arrivals: ReadonlyMap<EventId, number>) {
  const found = new Map<EventId, StoredEvent>()
  if (arrivals.size === 0) return found
  const archive = yield* Archive
  const hours = new Set([...arrivals.values()].map(hourAt))
  for (const window of yield* archive.windows)
    for (const object of yield* archive.objects(window)) {
      if (!hours.has(object.hour)) continue
      for (const { id, received, envelope } of yield* archive.read(object))
        if (envelope !== undefined && arrivals.has(id)) found.set(id, { envelope, received })
    }
  return found
})
