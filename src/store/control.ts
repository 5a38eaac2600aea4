import { Context, type Effect } from "effect"
import type { Json } from "../domain/json.ts"
import type { StoreError } from "./store-error.ts"

/** What stands under a key. `version` counts its writes; 0 with `undefined` means that there is nothing yet. */
export interface Controlled {
  readonly value: Json | undefined
  readonly version: number
}

/**
 * What the stack remembers about its own running, by key. `read` is consistent. `write` happens only while `version` is still the one
 * that was read, and returns `conflict` otherwise: read and decide again. After a lost answer the conflict may be with one's own write.
 */
export class Control extends Context.Service<
  Control,
  {
    readonly read: (key: string) => Effect.Effect<Controlled, StoreError>
    readonly write: (key: string, value: Json, version: number) => Effect.Effect<"written" | "conflict", StoreError>
  }
>()("projections/Control") {}
