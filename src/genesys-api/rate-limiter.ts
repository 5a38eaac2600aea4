import { Clock, Effect } from "effect"
import { NoAnswer, type NoAnswerReason } from "./error.ts"

const WINDOW_MS = 60_000

/** Genesys counts by the minute: a hold that a response asks for is believed up to a few of them. */
export const LONGEST_HOLD_MS = 5 * WINDOW_MS

// Steps of the wall clock must neither lift the limit nor hold calls for an hour.
export const monotonicMs: Effect.Effect<number> = Effect.map(Clock.monotonicTimeNanos, (nanos) =>
  Number(nanos / 1_000_000n)
)

/** Who may send a request now. Nobody waits: who may not, is told how long. */
export interface RateLimiter {
  /** Takes a place for one request, or fails with the wait. */
  readonly take: Effect.Effect<void, NoAnswer>
  /** Lets nobody send for `ms`; gives the wait that was set, which is bounded. */
  readonly hold: (reason: NoAnswerReason, ms: number) => Effect.Effect<number>
}

/**
 * At most `perMinute` requests in any 60 s. A bucket that is filled again while it is emptied would let nearly twice as many pass in
 * its first minute, and Genesys would refuse the second half. The library's limiter is such a bucket, or a window that lets twice as
 * many pass around its end; and it lets callers wait, where ours are told how long.
 */
export const makeRateLimiter = (perMinute: number): RateLimiter => {
  const sent: Array<number> = []
  let oldest = 0
  let held: { readonly until: number; readonly reason: NoAnswerReason } | undefined

  const refusal = (now: number): NoAnswer | undefined => {
    if (held !== undefined && now < held.until)
      return new NoAnswer({ reason: held.reason, retryAfterMs: held.until - now })
    const first = sent[oldest]
    return first !== undefined && now - first < WINDOW_MS
      ? new NoAnswer({ reason: "rateLimited", retryAfterMs: first + WINDOW_MS - now })
      : undefined
  }

  return {
    take: Effect.flatMap(monotonicMs, (now) => {
      const refused = refusal(now)
      if (refused !== undefined) return Effect.fail(refused)
      sent[oldest] = now
      oldest = (oldest + 1) % perMinute
      return Effect.void
    }),
    hold: (reason, ms) =>
      Effect.map(monotonicMs, (now) => {
        const bounded = Math.min(ms, LONGEST_HOLD_MS)
        // A shorter hold does not lift a longer one.
        if (held === undefined || held.until < now + bounded) held = { until: now + bounded, reason }
        return bounded
      })
  }
}
