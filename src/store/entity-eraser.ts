import { Context, type Effect } from "effect"
import type { EntityEntry, IndexedEntity } from "./entity-index.ts"
import type { StoreError } from "./store-error.ts"

/**
 * Takes entries out of the index by entity, which no function of a stack can. `remove` takes these entries, `drop` all of one entity and
 * returns how many there were. What is not there is no error.
 */
export class EntityEraser extends Context.Service<
  EntityEraser,
  {
    readonly remove: (entries: ReadonlyArray<EntityEntry>) => Effect.Effect<void, StoreError>
    readonly drop: (entity: IndexedEntity) => Effect.Effect<number, StoreError>
  }
>()("projections/EntityEraser") {}
