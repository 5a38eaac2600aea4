import { Effect } from "effect"
import { hourAt, WINDOW_MS, windowAt } from "../domain/archive-window.ts"
import type { EventId } from "../domain/ids.ts"
import { Archive, type ArchiveObject } from "./archive.ts"
import type { StoredEvent } from "./event-store.ts"

/** The objects of the archive that hold what arrived in the hours of these times (epoch ms). */
export const objectsOfArrivals = Effect.fnUntraced(function* (arrivals: Iterable<number>) {
  const hours = new Set([...arrivals].map(hourAt))
  const found: Array<ArchiveObject> = []
  if (hours.size === 0) return found
  const archive = yield* Archive
  for (const window of yield* archive.windows)
    for (const object of yield* archive.objects(window)) if (hours.has(object.hour)) found.push(object)
  return found
})

/**
 * The objects of the archive that may hold an event which was published at one of these times (epoch ms). `latestMs`: how long after it was
 * published an event is still stored.
 */
export const objectsOfPublished = Effect.fnUntraced(function* (published: ReadonlyArray<number>, latestMs: number) {
  const archive = yield* Archive
  const found: Array<ArchiveObject> = []
  for (const one of yield* archive.windows) {
    // A clock that runs ahead publishes in a week that has not begun.
    const wanted = published.filter(
      (time) => one.window >= windowAt(time - WINDOW_MS) && one.window <= windowAt(time + latestMs)
    )
    if (wanted.length === 0) continue
    for (const object of yield* archive.objects(one)) {
      const [least, greatest] = object.published
      if (wanted.some((time) => least <= time && time <= greatest)) found.push(object)
    }
  }
  return found
})

/** The events of these ids that are in these objects, by id. */
export const eventsIn = Effect.fnUntraced(function* (
  objects: ReadonlyArray<ArchiveObject>,
  ids: { readonly has: (id: EventId) => boolean }
) {
  const found = new Map<EventId, StoredEvent>()
  const archive = yield* Archive
  for (const object of objects)
    for (const { id, received, envelope } of yield* archive.read(object))
      if (envelope !== undefined && ids.has(id)) found.set(id, { envelope, received })
  return found
})
