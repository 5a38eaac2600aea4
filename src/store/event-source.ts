import { Context, type Effect } from "effect"
import type { EventId } from "../domain/ids.ts"
import type { StoredEvent } from "./event-store.ts"
import type { StoreError } from "./store-error.ts"

/**
 * Which page: of segment `segment` (from 0) out of `segments`, from the beginning or from where an earlier page ended (`cursor`). At
 * most `limit` events, where given; an own bound of the source holds always. `topics`: events of others are counted and not restored.
 * `sealed`: what the archive has of windows before this one is read from there and left out of the table; the same for all pages of one
 * reading. `archived`: those windows, as a table is told of them; what was stored in any other is in the table alone. `since`, `until` (epoch ms): events that were published at other times may be left out.
 */
export interface PageRequest {
  readonly segment: number
  readonly segments: number
  readonly cursor?: string
  readonly limit?: number
  readonly topics?: ReadonlySet<string>
  readonly sealed?: number
  readonly archived?: ReadonlySet<number>
  readonly since?: number
  readonly until?: number
}

/** A stored event with what its columns say. */
export interface SourcedEvent extends StoredEvent {
  readonly id: EventId
  readonly topic: string
}

/** A stored item that no event can be restored from, and why, without a value of it. */
export interface Unreadable {
  readonly id: EventId
  readonly topic: string
  readonly reason: string
}

/** `skipped`: how many events are of other topics than those asked for. `cursor`: where the next page begins; absent after the last. `readUnits`: what the page cost, in units of the store. `archiveBytes`: of objects of the archive that were read for it alone. */
export interface EventPage {
  readonly events: ReadonlyArray<SourcedEvent>
  readonly unreadable: ReadonlyArray<Unreadable>
  readonly skipped: number
  readonly cursor?: string
  readonly readUnits: number
  readonly archiveBytes?: number
  /** Whether it took nothing of the table, so that no pace of the table holds for it. */
  readonly cold?: true
}

/**
 * All stored events, in no order, in segments that can be read side by side. The pages of all segments hold every event that was stored
 * before the first of them was read, once each; one that is stored meanwhile may be among them. A page may be empty and have a cursor
 * all the same. What cannot be restored is in `unreadable` and never left out.
 */
export class EventSource extends Context.Service<
  EventSource,
  { readonly page: (request: PageRequest) => Effect.Effect<EventPage, StoreError> }
>()("projections/EventSource") {}
