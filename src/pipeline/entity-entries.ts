import type { Delta } from "../domain/delta.ts"
import type { EventId, ProjectionName } from "../domain/ids.ts"
import { generation } from "../domain/projection.ts"
import type { EntityEntry } from "../store/entity-index.ts"

type Listed = ReadonlyArray<{ readonly name: ProjectionName; readonly version: number }>

/**
 * What the index by entity is told of events whose deltas were derived: one entry for each entity of each projection, whatever its
 * version. `stored`: the events, each with its first arrival in epoch ms, by which live folding and the index decide alike.
 */
export const entriesOf = (
  projections: Listed,
  deltas: ReadonlyArray<Delta>,
  stored: ReadonlyArray<{ readonly event: { readonly id: EventId }; readonly received: number }>
): ReadonlyArray<EntityEntry> => {
  const arrivals = new Map(stored.map(({ event, received }) => [event.id, received]))
  const names = new Map(projections.map((projection) => [generation(projection), projection.name]))
  const entries = new Map<string, EntityEntry>()
  for (const { projection: own, entity, stamp } of deltas) {
    const [projection, received] = [names.get(own), arrivals.get(stamp.eventId)]
    if (projection === undefined || received === undefined) continue
    const { eventId } = stamp
    entries.set(JSON.stringify([projection, entity, eventId]), { projection, entity, eventId, received })
  }
  return [...entries.values()]
}
