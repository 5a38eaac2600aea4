import { Context, type Effect } from "effect"
import type { EntityId, EventId, ProjectionName } from "../domain/ids.ts"
import type { PageKey } from "./projection-store.ts"
import type { StoreError } from "./store-error.ts"

/** An agent, a queue, or whatever a projection folds, by the projection's name without its version. */
export interface IndexedEntity {
  readonly projection: ProjectionName
  readonly entity: EntityId
}

/** That a stored event says something about an entity. `received` is the event's first arrival in epoch ms. */
export interface EntityEntry extends IndexedEntity {
  readonly eventId: EventId
  readonly received: number
}

/** Events of an entity that arrived up to `until` (epoch ms, inclusive; absent: all), from where another page ended. */
export interface EntityRequest extends IndexedEntity {
  readonly until?: number
  readonly cursor?: string
}

/** Ids in the order of arrival, and when each arrived (epoch ms); more follow where there is a cursor. */
export interface EntityPage {
  readonly eventIds: ReadonlyArray<EventId>
  readonly arrivals: ReadonlyMap<EventId, number>
  readonly cursor?: string
}

/** Entries of a part of the whole index, with what reading them cost. Without a `cursor` it is the last page of its part. */
export interface EntriesPage {
  readonly entries: ReadonlyArray<EntityEntry>
  readonly cursor?: string
  readonly readUnits: number
}

/**
 * Which stored events say something about which entity. Optional: without it whoever asks for the past of an entity reads the whole
 * event store.
 *
 * `add` may be told the same entry any number of times, and fails as a whole: some entries may have been added then. Every entry can be
 * added, however long its ids are. `page` returns what was added a second ago or earlier; an entity of which nothing is known has an
 * empty page. `missing` returns those of some entries that were never added, by consistent reads; `remove` takes entries out.
 * `pages` reads the whole index, in no order and in parts that can be read side by side, as a table of rows is; of an id that no key can
 * hold it returns the hash that stands in its place, by which an entry is found again.
 */
export class EntityIndex extends Context.Service<
  EntityIndex,
  {
    readonly add: (entries: ReadonlyArray<EntityEntry>) => Effect.Effect<void, StoreError>
    readonly page: (request: EntityRequest) => Effect.Effect<EntityPage, StoreError>
    readonly missing: (entries: ReadonlyArray<EntityEntry>) => Effect.Effect<ReadonlyArray<EntityEntry>, StoreError>
    readonly pages: (key: PageKey) => Effect.Effect<EntriesPage, StoreError>
    readonly remove: (entries: ReadonlyArray<EntityEntry>) => Effect.Effect<void, StoreError>
  }
>()("projections/EntityIndex") {}
