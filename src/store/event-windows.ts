import { Context, type Effect } from "effect"
import type { EventId } from "../domain/ids.ts"
import type { ArchivedEvent } from "./archive.ts"
import type { StoreError } from "./store-error.ts"

/** Which page of the table, and of which windows the events are restored: of others their ids alone are returned. */
export interface WindowRequest {
  readonly segment: number
  readonly segments: number
  readonly cursor?: string
  readonly restore: (window: number, received: number) => boolean
}

/** A stored event. `event` where it was asked for. `received` is epoch ms. */
export interface WindowedEvent {
  readonly id: EventId
  readonly window: number
  readonly received: number
  readonly event?: ArchivedEvent
}

export interface WindowPage {
  readonly events: ReadonlyArray<WindowedEvent>
  readonly cursor?: string
  readonly readUnits: number
}

/**
 * The event table by the windows in which its events were stored. `page` leaves out what was stored without one, which never leaves the
 * table. `expiring` is the one window whose events the table deletes; `expire` names another, or none, in steps that DynamoDB takes an hour for:
 * `changing` means that it is to be called again.
 */
export class EventWindows extends Context.Service<
  EventWindows,
  {
    readonly page: (request: WindowRequest) => Effect.Effect<WindowPage, StoreError>
    readonly expiring: Effect.Effect<number | undefined, StoreError>
    readonly expire: (window: number | undefined) => Effect.Effect<"set" | "changing", StoreError>
  }
>()("projections/EventWindows") {}
