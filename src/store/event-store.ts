import { Context, type Effect } from "effect"
import type { EventId } from "../domain/ids.ts"
import type { Event } from "../genesys/event.ts"
import type { StoreError } from "./store-error.ts"

/**
 * What became of one event.
 * `inserted`: stored by this call. `duplicate`: its id is stored already with the same content. `conflict`: its id is stored
 * with other content, and the first stays. `erased`: an event was erased under its id, and this one is not stored, whatever it says.
 * `failed`: nothing is known to be stored; try again.
 *
 * A duplicate carries the arrival and publication of the first (epoch ms), because the skew rule must decide as it did then.
 */
export type Appended =
  | { readonly _tag: "inserted" }
  | { readonly _tag: "duplicate"; readonly received: number }
  | { readonly _tag: "conflict" }
  | { readonly _tag: "erased" }
  | { readonly _tag: "failed"; readonly cause: StoreError }

/**
 * The immutable log, one item per event id, holding the first bytes received.
 *
 * `append` returns one outcome per event, in the order of its input, and fails as a whole only when no call could be made. The
 * same id may occur several times in one call; content is `source`, `detail-type` and `detail`. Throttled writes are retried
 * inside the call until the time in `Deadline` is nearly up.
 *
 * `read` gives back the stored envelopes, unknown fields included, with their arrival; ids that are not stored are absent, and so are
 * those of which nothing is left (`EventEraser`).
 */
export class EventStore extends Context.Service<
  EventStore,
  {
    readonly append: (events: ReadonlyArray<Event>) => Effect.Effect<ReadonlyArray<Appended>, StoreError>
    readonly read: (ids: ReadonlyArray<EventId>) => Effect.Effect<ReadonlyMap<EventId, StoredEvent>, StoreError>
  }
>()("projections/EventStore") {}

/** An event as stored: the envelope as it came, and its first arrival in epoch ms. */
export interface StoredEvent {
  readonly envelope: Event["envelope"]
  readonly received: number
}
