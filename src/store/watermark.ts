import { Context, type Effect, Schema } from "effect"
import type { Watermark } from "../domain/watermark.ts"

export class WatermarkError extends Schema.TaggedError<WatermarkError>()("WatermarkError", {
  op: Schema.String,
  reason: Schema.String,
  retryable: Schema.Boolean
}) {
  override get message() {
    return `watermark: ${this.op}: ${this.reason}`
  }
}

/**
 * How far the projections are settled, for whoever reads them. `advance` moves forward only, and answers `behind` where somebody else
 * has moved as far or farther. `read` is consistent; undefined before anything was folded.
 */
export class WatermarkStore extends Context.Service<
  WatermarkStore,
  {
    readonly advance: (level: Watermark) => Effect.Effect<"moved" | "behind", WatermarkError>
    readonly read: Effect.Effect<Watermark | undefined, WatermarkError>
  }
>()("projections/WatermarkStore") {}
