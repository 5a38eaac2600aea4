import { Context, type Effect } from "effect"
import type { EntityId, EventId, ProjectionName } from "../domain/ids.ts"
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

/** Ids in the order of arrival; more follow where there is a cursor. */
export interface EntityPage {
  readonly eventIds: ReadonlyArray<EventId>
  readonly cursor?: string
}

/**
 * Which stored events say something about which entity. Optional: without it whoever asks for the past of an entity reads the whole
 * event store.
 *
 * `add` may be told the same entry any number of times, and fails as a whole: some entries may have been added then. Every entry can be
 * added, however long its ids are. `page` returns what was added a second ago or earlier; an entity of which nothing is known has an
 * empty page.
 */
export class EntityIndex extends Context.Service<
  EntityIndex,
  {
    readonly add: (entries: ReadonlyArray<EntityEntry>) => Effect.Effect<void, StoreError>
    readonly page: (request: EntityRequest) => Effect.Effect<EntityPage, StoreError>
  }
>()("projections/EntityIndex") {}
