import { Context, type Effect } from "effect"
import type { StoreError } from "./store-error.ts"

/** Where events wait for people: in `quarantine` what could not be appended, in `parked` what could not be brought back. */
export type Place = "quarantine" | "parked"

/** An event that is held, without its bytes. `received` is epoch ms. */
export interface RejectedEvent {
  readonly key: string
  readonly reason: string
  /** The queue that a parked event came from; absent in quarantine. */
  readonly from?: string
  readonly received: number
  readonly size: number
}

/** The bytes as they came, and what was noted beside them when they were rejected. */
export interface OpenedEvent {
  readonly raw: Uint8Array
  readonly reason: string
  /** One sentence that names the place and the rule, never the value. */
  readonly detail: string
  readonly received: number
  /** How often a parked event was tried. */
  readonly attempts?: number
}

/** Which events: by reason, and by arrival from `since` up to and without `until` (epoch ms); the oldest `limit` of them. */
export interface Selection {
  readonly reason?: string
  readonly since?: number
  readonly until?: number
  readonly limit: number
}

/**
 * Rejected events that wait for people. `list` returns the oldest first, and whether there are more. `open` returns undefined for a key that is not
 * there (any more). `retire` takes an event that was handed over out of its place; its bytes stay, under `retiredKey`, and a crash
 * in the middle leaves it in both places, never in none.
 */
export class RejectedEvents extends Context.Service<
  RejectedEvents,
  {
    readonly list: (
      place: Place,
      selection: Selection
    ) => Effect.Effect<{ readonly events: ReadonlyArray<RejectedEvent>; readonly more: boolean }, StoreError>
    readonly open: (key: string) => Effect.Effect<OpenedEvent | undefined, StoreError>
    readonly retire: (key: string, event: OpenedEvent, at: number) => Effect.Effect<void, StoreError>
  }
>()("projections/RejectedEvents") {}

/** A key taken apart: `<place>/<group>/<day>/<received>-<digest>`, the group being the reason or, of parked ones, the queue. */
export interface RejectedKey {
  readonly place: Place
  readonly group: string
  readonly received: number
}

const KEY = /^(quarantine|parked)\/([^/]+)\/\d{4}-\d\d-\d\d\/(\d{1,15})-[0-9a-f]+$/

/** The parts of a key; undefined for what is no key of a rejected event. */
export const parseRejectedKey = (key: string): RejectedKey | undefined => {
  const [, place, group, received] = KEY.exec(key) ?? []
  return group === undefined ? undefined : { place: place as Place, group, received: Number(received) }
}

/** Where the bytes of an event are kept after it was handed over. */
export const retiredKey = (key: string): string => `redriven/${key}`
