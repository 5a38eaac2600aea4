import { Effect, Layer } from "effect"
import type { Watermark } from "../../domain/readers.ts"
import { WatermarkStore } from "../watermark.ts"

/** A watermark in memory. `held` looks inside. */
export const memoryWatermark = () => {
  let held: Watermark | undefined
  const layer = Layer.succeed(WatermarkStore, {
    advance: (watermark) =>
      Effect.sync(() => {
        if (held !== undefined && held.through >= watermark.through) return "behind"
        held = watermark
        return "moved"
      }),
    read: Effect.sync(() => held)
  })
  return { layer, held: () => held }
}
