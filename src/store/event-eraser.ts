import { Context, type Effect } from "effect"
import type { EventId } from "../domain/ids.ts"
import type { Event } from "../genesys/event.ts"
import type { StoreError } from "./store-error.ts"

/**
 * An event that is erased, and what is `left` of it: the event without what named somebody, or nothing. `at`: when, epoch ms.
 * `request`: the number of the request, which names nobody.
 */
export interface ErasedEvent {
  readonly id: EventId
  readonly left?: Event
  readonly at: number
  readonly request: string
}

/**
 * The one way to change the immutable log, for people who must: no function of a stack has it.
 *
 * `erase` replaces what is stored under each id, if anything, by what is left of it, or by an entry that the id was erased. From then on
 * `EventStore.append` returns `erased` for the id and stores nothing. Erasing twice is the same as once; it fails as a whole, and some
 * events may be erased then.
 *
 * A body that no item could hold outlives its item, so that whoever is cut off can still find it: `bodies` returns the names of those of
 * these ids, to be noted before `erase`; `drop` deletes them, with all their versions.
 */
export class EventEraser extends Context.Service<
  EventEraser,
  {
    readonly bodies: (ids: ReadonlyArray<EventId>) => Effect.Effect<ReadonlyArray<string>, StoreError>
    readonly erase: (events: ReadonlyArray<ErasedEvent>) => Effect.Effect<void, StoreError>
    readonly drop: (bodies: ReadonlyArray<string>) => Effect.Effect<void, StoreError>
  }
>()("projections/EventEraser") {}
