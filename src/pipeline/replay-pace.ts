import { Clock, Effect } from "effect"

/**
 * Holds a rate: `pace(count)` says that so many are about to be done, and waits until those before have had their time. What was
 * missed by being slow is caught up on for at most `behind` ms.
 */
export const makeRateLimiter = Effect.fnUntraced(function* (perSecond: number, behind: number) {
  let due = yield* Clock.currentTimeMillis
  return Effect.fnUntraced(function* (count: number) {
    const now = yield* Clock.currentTimeMillis
    if (due > now) yield* Effect.sleep(due - now)
    due = Math.max(due, now - behind) + (count * 1_000) / perSecond
  })
})
