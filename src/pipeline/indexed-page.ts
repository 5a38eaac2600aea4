import { Effect, Option } from "effect"
import type { EventId } from "../domain/ids.ts"
import { Archive } from "../store/archive.ts"
import { eventsIn, objectsOfArrivals } from "../store/archived-events.ts"
import { CapacityUsed, countCapacity } from "../store/counters.ts"
import type { EntityIndex, EntityRequest } from "../store/entity-index.ts"
import type { EventPage, SourcedEvent } from "../store/event-source.ts"
import type { StoredEvent } from "../store/event-store.ts"
import { readEvents } from "./read-events.ts"

const nothing = { archived: new Map<EventId, StoredEvent>(), bytes: 0 }

/** Those of these ids that are in the archive, by the hours of their arrivals (epoch ms), and the bytes of the objects that this reads. */
const readCold = Effect.fnUntraced(function* (arrivals: ReadonlyMap<EventId, number>) {
  const objects = yield* objectsOfArrivals(arrivals.values())
  return { archived: yield* eventsIn(objects, arrivals), bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) }
})

/**
 * A page of the events about an entity, as a page of the whole store would hold them: from the table, or from the archive. What the index lists and the store does not have
 * or cannot give back is unreadable, and alone so. `readUnits` are those of both tables where the client is told.
 */
export const indexedPage = Effect.fnUntraced(function* (index: EntityIndex["Service"], request: EntityRequest) {
  const consumed = countCapacity()

  const work = Effect.gen(function* () {
    const { eventIds, arrivals, cursor } = yield* index.page(request)
    const { stored: inTable } = yield* readEvents(eventIds)
    const gone = new Map(eventIds.filter((id) => !inTable.has(id)).map((id) => [id, arrivals.get(id) ?? 0]))
    const archive = yield* Effect.serviceOption(Archive)
    const cold = Option.isNone(archive) ? nothing : yield* Effect.provideService(readCold(gone), Archive, archive.value)
    const stored = new Map([...inTable, ...cold.archived])
    const events = [...stored].map(
      ([id, event]): SourcedEvent => ({ id, topic: String(event.envelope["detail-type"]), ...event })
    )
    const unreadable = eventIds
      .filter((id) => !stored.has(id))
      .map((id) => ({ id, topic: "", reason: "the event store does not give it back" }))
    const archiveBytes = cold.bytes
    return { events, unreadable, skipped: 0, archiveBytes, ...(cursor === undefined ? {} : { cursor }) }
  })
  const page = yield* Effect.provideService(work, CapacityUsed, consumed)
  return { ...page, readUnits: consumed.counts().readUnits } satisfies EventPage as EventPage
})
