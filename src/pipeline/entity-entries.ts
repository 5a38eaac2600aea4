import type { Delta } from "../domain/delta.ts"
import { generation } from "../domain/projection.ts"
import type { EntityEntry } from "../store/entity-index.ts"

type Listed = ReadonlyArray<{ readonly name: string; readonly version: number }>

/**
 * What the index by entity is told of events whose deltas were derived: one entry for each entity of each projection, whatever its
 * version. `receivedOf` answers an event's first arrival in epoch ms, by which live folding and the index decide alike.
 */
export const entriesOf = (
  projections: Listed,
  deltas: ReadonlyArray<Delta>,
  receivedOf: ReadonlyMap<string, number>
): ReadonlyArray<EntityEntry> => {
  const names = new Map(projections.map((projection) => [generation(projection), projection.name]))
  const entries = new Map<string, EntityEntry>()
  for (const { projection: own, entity, stamp } of deltas) {
    const [projection, received] = [names.get(own), receivedOf.get(stamp.eventId)]
    if (projection === undefined || received === undefined) continue
    entries.set(JSON.stringify([projection, entity, stamp.eventId]), {
      ...{ projection, entity },
      ...{ eventId: stamp.eventId, received }
    })
  }
  return [...entries.values()]
}
