import { Context, type Effect } from "effect"
import type { HandedOver } from "./hand-over.ts"

/** An event for a bus. `detail` is a JSON object as text; `at` is epoch ms. */
export interface BusEvent {
  readonly source: string
  readonly topic: string
  readonly detail: string
  readonly at: number
}

/**
 * The bus that a stack takes events from. `put` returns one outcome each, in the order of its input, and retries what is throttled while there
 * is time. A bus that a partner feeds takes events from nobody else.
 */
export class EventBus extends Context.Service<
  EventBus,
  { readonly put: (events: ReadonlyArray<BusEvent>) => Effect.Effect<ReadonlyArray<HandedOver>> }
>()("projections/EventBus") {}
