import { Context, type Effect } from "effect"
import type { StoreError } from "./store-error.ts"

/** A message to people. Both are plain ASCII; the subject has at most 100 characters and one line. Neither holds a value of an event. */
export interface Notice {
  readonly subject: string
  readonly text: string
}

/** How functions tell people. A notice whose answer is lost may reach them twice. */
export class Notices extends Context.Service<
  Notices,
  { readonly publish: (notice: Notice) => Effect.Effect<void, StoreError> }
>()("projections/Notices") {}
