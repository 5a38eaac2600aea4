import { Effect, Layer } from "effect"
import { type EntityEntry, EntityIndex, type EntityRequest } from "../entity-index.ts"

/** Entries of a page. */
const PAGE = 100

const order = (a: EntityEntry, b: EntityEntry): number => a.received - b.received || (a.eventId < b.eventId ? -1 : 1)

/** An index by entity in memory. `entries` looks inside. */
export const memoryEntityIndex = () => {
  const held = new Map<string, EntityEntry>()

  const page = ({ projection, entity, until = Number.POSITIVE_INFINITY, cursor = "0" }: EntityRequest) => {
    const from = Number(cursor)
    const found = [...held.values()]
      .filter((entry) => entry.projection === projection && entry.entity === entity && entry.received <= until)
      .sort(order)
    const entries = found.slice(from, from + PAGE)
    const eventIds = entries.map(({ eventId }) => eventId)
    const arrivals = new Map(entries.map(({ eventId, received }) => [eventId, received]))
    return { eventIds, arrivals, ...(from + PAGE < found.length ? { cursor: String(from + PAGE) } : {}) }
  }

  const keyOf = ({ projection, entity, received, eventId }: EntityEntry) =>
    JSON.stringify([projection, entity, received, eventId])

  /** As DynamoDB does: an entity is whole in one segment. */
  const segmentOf = ({ projection, entity }: EntityEntry, segments: number) =>
    [...`${projection}#${entity}`].reduce((sum, char) => (Math.imul(sum, 31) + (char.codePointAt(0) ?? 0)) >>> 0, 0) %
    segments

  return {
    layer: Layer.succeed(EntityIndex, {
      add: (entries) =>
        Effect.sync(() => {
          for (const entry of entries) held.set(keyOf(entry), entry)
        }),
      missing: (entries) => Effect.sync(() => entries.filter((entry) => !held.has(keyOf(entry)))),
      pages: ({ segment, segments, cursor = "0", limit = PAGE }) =>
        Effect.sync(() => {
          const from = Number(cursor)
          const found = [...held.values()].filter((entry) => segmentOf(entry, segments) === segment)
          const to = from + Math.min(limit, PAGE)
          const entries = found.slice(from, to)
          return { entries, readUnits: 0, ...(to < found.length ? { cursor: String(to) } : {}) }
        }),
      remove: (entries) =>
        Effect.sync(() => {
          for (const entry of entries) held.delete(keyOf(entry))
        }),
      page: (request) => Effect.sync(() => page(request))
    }),
    entries: (): ReadonlyArray<EntityEntry> => [...held.values()]
  }
}
