import { Clock, Effect } from "effect"
import { Deadline } from "../store/deadline.ts"
import type { Places } from "./client.ts"
import { NoAnswer, type NoAnswerReason } from "./error.ts"
import { LONGEST_HOLD_MS, monotonicMs } from "./rate-limiter.ts"

/** Whose turn it is to send. Who may not send yet, waits. */
export interface Pace extends Places {
  /** Ends once nothing that a response asked for keeps requests back. Fails with the wait where the deadline comes first. */
  readonly ready: Effect.Effect<void, NoAnswer>
  /** Requests that went out so far. */
  readonly sent: Effect.Effect<number>
}

/** One of so many requests of a minute may be sent at once at the beginning: a small organisation answers all of it in that. */
const AT_ONCE = 20

/**
 * Requests at even distances, no more than `perMinute` in any minute. The first few go out at once, and the others of the first minute are as
 * much further apart. If all of a minute went out at once, nobody else who uses the OAuth client would have any of it, and the
 * next invocation of a function, which knows nothing of this one, would send as many again.
 */
export const makePace = (perMinute: number): Pace => {
  const free = Math.max(1, Math.floor(perMinute / AT_ONCE))
  const even = 60_000 / perMinute
  const wide = 60_000 / (perMinute - free + 1)
  let taken = 0
  let began = 0
  let next = 0
  let held: { readonly until: number; readonly reason: NoAnswerReason } = { until: 0, reason: "rateLimited" }
  let sent = 0

  /** Sleeps until then, unless the deadline of the invocation comes before. */
  const wait = Effect.fnUntraced(function* (ms: number, reason: NoAnswerReason) {
    if ((yield* Clock.currentTimeMillis) + ms > (yield* Deadline))
      return yield* new NoAnswer({ reason, retryAfterMs: Math.ceil(ms) })
    yield* Effect.sleep(ms)
  })

  const ready: Effect.Effect<void, NoAnswer> = Effect.suspend(() =>
    Effect.flatMap(monotonicMs, (now) =>
      now >= held.until ? Effect.void : Effect.andThen(wait(held.until - now, held.reason), ready)
    )
  )

  const turn: Effect.Effect<void, NoAnswer> = Effect.suspend(() =>
    Effect.flatMap(monotonicMs, (now) => {
      // Who wakes with others at the same moment, waits again.
      if (now < next) return Effect.andThen(wait(next - now, "rateLimited"), take)
      if (taken === 0) began = now
      if (++taken >= free) next = Math.max(now, next) + (now < began + 60_000 ? wide : even)
      sent++
      return Effect.void
    })
  )
  const take: Effect.Effect<void, NoAnswer> = Effect.andThen(ready, turn)

  return {
    take,
    // The login counts by itself, and a token must not wait for its turn among hundreds of requests.
    login: Effect.andThen(
      ready,
      Effect.sync(() => {
        sent++
      })
    ),
    ready,
    sent: Effect.sync(() => sent),
    hold: (reason, ms) =>
      Effect.map(monotonicMs, (now) => {
        const bounded = Math.min(ms, LONGEST_HOLD_MS)
        if (held.until < now + bounded) held = { until: now + bounded, reason }
        return bounded
      })
  }
}
