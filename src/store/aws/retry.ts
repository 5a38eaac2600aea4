import { Clock, Effect, Random, Result } from "effect"
import { Deadline } from "../deadline.ts"
import { RetryStatistics } from "../retry-statistics.ts"
import { Tracing } from "../tracing.ts"
import { isThrottle, toFault } from "./faults.ts"
import { meter } from "./metered.ts"

/** The first back-off in ms, which doubles up to `MAX_PAUSE`; each is drawn from its upper half. */
const FIRST_PAUSE = 25
const MAX_PAUSE = 1_000

/** How long to go on where no deadline is set, in ms. */
const PATIENCE = 30_000

/** The part of the time left that may go to retries; the rest is for what comes after. */
const SHARE = 0.8

/** Epoch ms after which nothing is tried again. */
const lastTry = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  return now + Math.min(((yield* Deadline) - now) * SHARE, PATIENCE)
})

/** Waits before the next try; false, without waiting, when that would end after `until`. */
const pause = Effect.fnUntraced(function* (round: number, until: number) {
  const ceiling = Math.min(FIRST_PAUSE * 2 ** round, MAX_PAUSE)
  const wait = (ceiling * (1 + (yield* Random.next))) / 2
  if ((yield* Clock.currentTimeMillis) + wait > until) return false
  yield* Effect.sleep(wait)
  return true
})

/** One SDK call, which names its operation as AWS does (`PutObject`). It is aborted when its fiber is interrupted. */
export const attempt = Effect.fnUntraced(function* <A>(operation: string, send: (signal: AbortSignal) => Promise<A>) {
  const call = Effect.tryPromise({ try: send, catch: toFault })
  const result = yield* Effect.result((yield* Tracing) ? Effect.withSpan(call, operation, { kind: "client" }) : call)
  if (Result.isSuccess(result)) yield* meter(operation, result.success)
  else if (isThrottle(result.failure)) (yield* RetryStatistics).throttles++
  return result
})

/** One SDK call, tried again while its fault is retryable and time is left. */
export const retry = Effect.fnUntraced(function* <A>(operation: string, send: (signal: AbortSignal) => Promise<A>) {
  const until = yield* lastTry
  for (let round = 0; ; round++) {
    const result = yield* attempt(operation, send)
    if (Result.isSuccess(result)) return result.success
    if (!result.failure.retryable || !(yield* pause(round, until))) return yield* Effect.fail(result.failure)
    ;(yield* RetryStatistics).retries++
  }
})

/** Runs `round` on all items, then on those it answers, until none are left or time is up. Answers what is left. */
export const inRounds = Effect.fnUntraced(function* <A, E>(
  items: ReadonlyArray<A>,
  round: (items: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<A>, E>
) {
  const until = yield* lastTry
  let open = items
  for (let n = 0; open.length > 0; n++) {
    open = yield* round(open)
    if (open.length === 0 || !(yield* pause(n, until))) break
    ;(yield* RetryStatistics).retries += open.length
  }
  return open
})

/** Consecutive groups of at most `size`. */
export const chunks = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
