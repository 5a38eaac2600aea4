import { Context, type Effect } from "effect"
import type { StoreError } from "./store-error.ts"

/** Messages of a queue: `due` for whoever reads it, `taken` by somebody, `delayed` until their time. */
export interface QueueDepth {
  readonly due: number
  readonly taken: number
  readonly delayed: number
}

/** How much waits in a queue, about. */
export class QueueDepths extends Context.Service<
  QueueDepths,
  { readonly of: (url: string) => Effect.Effect<QueueDepth, StoreError> }
>()("projections/QueueDepths") {}
