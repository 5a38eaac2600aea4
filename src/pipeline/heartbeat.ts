import { Clock, Effect } from "effect"
import { heartbeatText } from "../domain/heartbeat.ts"
import { Deadline } from "../store/deadline.ts"
import { StreamSink } from "../store/hand-over.ts"

/** How long the heartbeat may keep what is done beside it waiting, in ms. */
const PATIENCE_MS = 1_000

/**
 * Puts one heartbeat on the stream, on another shard each time, as chance has it. It takes the way of an event, without being one: append
 * sends it on as a settle message without deltas, and project moves the watermark by it. Where one of them is stuck the watermark
 * stands, and where merely nobody calls it goes on. Never fails, and tells no breaker: one that is missed is followed by the next.
 *
 * At one a minute that is 43,200 times a month a record of the stream, a message (three requests) and a write unit of the control
 * table, and where nothing else happens an invocation of append and of project each: about 0.20 USD.
 */
export const beat = Effect.gen(function* () {
  const { put } = yield* StreamSink
  const now = Math.floor(yield* Clock.currentTimeMillis)
  const record = { key: String(now), data: Buffer.from(heartbeatText(now)) }
  const deadline = Math.min(yield* Deadline, now + PATIENCE_MS)
  const [outcome] = yield* put([record]).pipe(Effect.provideService(Deadline, deadline))
  if (outcome?._tag === "accepted") return "sent" as const
  yield* Effect.logWarning(`the stream takes no heartbeat: ${outcome?.reason ?? "NoAnswer"}`)
  return "missed" as const
})
