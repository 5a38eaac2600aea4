import { Effect, Layer } from "effect"
import type { Watermark } from "../../domain/watermark.ts"
import { WatermarkStore } from "../watermark.ts"

/** A watermark in memory. `held` looks inside. */
export const memoryWatermark = () => {
  let held: Watermark | undefined
  const layer = Layer.succeed(WatermarkStore, {
    advance: (level) =>
      Effect.sync(() => {
        if (held !== undefined && held.through >= level.through) return "behind"
        held = level
        return "moved"
      }),
    read: Effect.sync(() => held)
  })
  return { layer, held: () => held }
}
