import { Clock, Effect, Layer } from "effect"
import { appendBatch } from "../pipeline/append.ts"
import { SettleWindow } from "../pipeline/window.ts"
import * as Aws from "../store/aws/layers.ts"
import { receive } from "./records.ts"
import type { LambdaFunction } from "./runtime.ts"

const layer = Layer.mergeAll(Aws.eventStore, Aws.settleQueue, Aws.quarantine, SettleWindow.layer)

/** Events from the stream (or a queue, or a bus) into the event store, and their deltas into the settle queue. */
export const append = {
  name: "append",
  layer,
  handle: Effect.fnUntraced(function* (event: unknown) {
    const now = yield* Clock.currentTimeMillis
    const { arrivals, respond } = yield* Effect.try({ try: () => receive(event, now), catch: (error) => error })
    const { failed, ...report } = yield* appendBatch(arrivals)
    yield* Effect.logInfo("append").pipe(
      Effect.annotateLogs({ ...report, failed: failed.length, ms: (yield* Clock.currentTimeMillis) - now })
    )
    return yield* Effect.try({ try: () => respond(failed), catch: (error) => error })
  })
} satisfies LambdaFunction<Layer.Success<typeof layer>, Layer.Error<typeof layer>, unknown>
