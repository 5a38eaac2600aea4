import { Context, type Effect } from "effect"
import type { RowKey } from "./projection-store.ts"
import type { StoreError } from "./store-error.ts"

/** A row to remove: only while it still has this `version`; without one, whatever it is by now. */
export interface Removal extends RowKey {
  readonly version?: number
}

/**
 * Removes rows, which no function of a stack can: tombstones expire. Returns for each, in the order of its input, whether it is gone or
 * `conflict`: somebody has written it meanwhile. Removing what is not there is no error.
 */
export class RowEraser extends Context.Service<
  RowEraser,
  {
    readonly remove: (rows: ReadonlyArray<Removal>) => Effect.Effect<ReadonlyArray<"removed" | "conflict">, StoreError>
  }
>()("projections/RowEraser") {}
