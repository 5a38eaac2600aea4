import { Context, type Effect } from "effect"
import type { Watermark } from "../domain/watermark.ts"
import type { StoreError } from "./store-error.ts"

/**
 * How far the projections are settled, for whoever reads them. `advance` moves forward only, and returns `behind` where somebody else
 * has moved as far or farther. `read` is consistent; undefined before anything was folded.
 */
export class WatermarkStore extends Context.Service<
  WatermarkStore,
  {
    readonly advance: (level: Watermark) => Effect.Effect<"moved" | "behind", StoreError>
    readonly read: Effect.Effect<Watermark | undefined, StoreError>
  }
>()("projections/WatermarkStore") {}
