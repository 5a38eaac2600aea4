import { Effect, Layer } from "effect"
import { type EntityEntry, EntityIndex, type EntityRequest } from "../entity-index.ts"

/** Entries of a page. */
const PAGE = 100

const order = (a: EntityEntry, b: EntityEntry): number =>
  a.received - b.received || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0)

/** An index by entity in memory. `entries` looks inside. */
export const memoryEntityIndex = () => {
  const held = new Map<string, EntityEntry>()

  const page = ({ projection, entity, until = Number.POSITIVE_INFINITY, cursor = "0" }: EntityRequest) => {
    const from = Number(cursor)
    const found = [...held.values()]
      .filter((entry) => entry.projection === projection && entry.entity === entity && entry.received <= until)
      .sort(order)
    const eventIds = found.slice(from, from + PAGE).map(({ eventId }) => eventId)
    return { eventIds, ...(from + PAGE < found.length ? { cursor: String(from + PAGE) } : {}) }
  }

  return {
    layer: Layer.succeed(EntityIndex, {
      add: (entries) =>
        Effect.sync(() => {
          for (const entry of entries)
            held.set(JSON.stringify([entry.projection, entry.entity, entry.received, entry.eventId]), entry)
        }),
      page: (request) => Effect.sync(() => page(request))
    }),
    entries: (): ReadonlyArray<EntityEntry> => [...held.values()]
  }
}
