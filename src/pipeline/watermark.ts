import { Clock, Context, Effect, Layer } from "effect"
import { Deadline } from "../store/deadline.ts"
import type { SettleMessage } from "../store/settle-queue.ts"
import { WatermarkStore } from "../store/watermark.ts"
import { SettleWindow } from "./folding.ts"

/** How often one environment moves the watermark at most, in ms: each move is a write unit, taken or not. */
const EVERY_MS = 1_000

/** How long a batch waits for it, in ms. */
const PATIENCE_MS = 1_000

/** How long heartbeats count for nothing after updates have failed, in ms: what failed is delivered again within that time. */
const DISTRUST_MS = 300_000

/** What a batch came to, as far as the watermark goes: see `MessagesReport`. */
export interface Folded {
  readonly deltas: number
  readonly failed: ReadonlyArray<number>
  readonly through?: number
}

/**
 * What became of it. `behind`: another environment was farther. `kept`: it was moved a moment ago, or there is nothing to move it by
 * that can be trusted.
 * `failed`: the control table was unavailable; the next batch moves it.
 */
export type Advanced = "moved" | "behind" | "kept" | "failed"

/**
 * Up to which event time (epoch ms) a batch that was folded has settled things; undefined where it says nothing of that.
 *
 * A message is visible when the newest of its updates is due, so it settles things up to the event time of that one. Of a batch
 * the oldest message counts: a queue that works off what has piled up hands out old and new in one. Late updates count for
 * nothing, for their time was over when they came.
 */
export const settledBy = (messages: ReadonlyArray<SettleMessage>): number | undefined => {
  let oldest = Number.POSITIVE_INFINITY
  for (const { deltas, through = Number.NEGATIVE_INFINITY } of messages) {
    let newest = through
    for (const { stamp, late } of deltas) if (!late) newest = Math.max(newest, stamp.clock)
    if (newest !== Number.NEGATIVE_INFINITY) oldest = Math.min(oldest, newest)
  }
  return oldest === Number.POSITIVE_INFINITY ? undefined : oldest
}

/**
 * Moves the watermark as far as a batch says, at most once a second, and never beyond what is due by now. Never fails: that a row is
 * right does not hang on anybody knowing it. Heartbeats touch no table, so that where updates have just failed they prove nothing until
 * others succeed.
 *
 * It is a heuristic watermark, as in any stream processor. Messages are not handed out in order, so that one which another
 * environment still works on, or which failed and comes back, may be older; and an event that comes later than W after its time is
 * older always. The watermark does not go back for them: what late events change is marked as revised (`revisedAt`). A heartbeat
 * tries one shard of the stream, and nothing of what is before the stream.
 */
export class AdvanceWatermark extends Context.Service<AdvanceWatermark, (batch: Folded) => Effect.Effect<Advanced>>()(
  "projections/AdvanceWatermark"
) {
  static readonly layer = Layer.effect(
    AdvanceWatermark,
    Effect.gen(function* () {
      const [watermark, { settle: windowMs }] = [yield* WatermarkStore, yield* SettleWindow]
      let from = Number.NEGATIVE_INFINITY
      let reached = Number.NEGATIVE_INFINITY
      let distrusted = Number.NEGATIVE_INFINITY
      return Effect.fnUntraced(function* (batch: Folded) {
        const now = yield* Clock.currentTimeMillis
        if (batch.failed.length > 0) distrusted = now + DISTRUST_MS
        else if (batch.deltas > 0) distrusted = Number.NEGATIVE_INFINITY
        const through = Math.floor(Math.min(batch.through ?? reached, now - windowMs))
        if (now < from || now < distrusted || through <= reached) return "kept" as const
        from = now + EVERY_MS
        const deadline = Math.min(yield* Deadline, now + PATIENCE_MS)
        return yield* watermark.advance({ through, windowMs }).pipe(
          Effect.provideService(Deadline, deadline),
          Effect.tap(() =>
            Effect.sync(() => {
              reached = through
            })
          ),
          Effect.catch((error) => Effect.as(Effect.logWarning(error.message), "failed" as const))
        )
      })
    })
  )
}
