import { Clock, Effect } from "effect"

/** Batches a second at most: fewer, larger ones at high rates. */
const BATCHES_PER_SECOND = 10

/**
 * Runs `step` on all items in order, in batches, never ahead of `rate` items a second: by any time t after the first, at most rate * t
 * items and one batch have been begun. A slow step slows it down, and nothing is caught up on. `step` returns whether to go on; `done`
 * is told how many are through. Returns the items that were not tried.
 */
export const paced = Effect.fnUntraced(function* <A, E, R, E2, R2>(
  items: ReadonlyArray<A>,
  rate: number,
  step: (batch: ReadonlyArray<A>) => Effect.Effect<boolean, E, R>,
  done: (count: number) => Effect.Effect<void, E2, R2>
) {
  const size = Math.max(1, Math.floor(rate / BATCHES_PER_SECOND))
  let next = yield* Clock.currentTimeMillis
  for (let at = 0; at < items.length; at += size) {
    const now = yield* Clock.currentTimeMillis
    if (now < next) yield* Effect.sleep(next - now)
    next = Math.max(now, next)
    const batch = items.slice(at, at + size)
    next += (batch.length * 1_000) / rate
    const goOn = yield* step(batch)
    yield* done(at + batch.length)
    if (!goOn) return items.slice(at + batch.length)
  }
  return []
})
