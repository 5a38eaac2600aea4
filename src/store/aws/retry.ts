import { Clock, Duration, Effect, Random, References, Result, Schedule } from "effect"
import { RetryStatistics } from "../counters.ts"
import { Deadline } from "../deadline.ts"
import { type Fault, isThrottle, toFault } from "./faults.ts"
import { meter } from "./metered.ts"

/** The first back-off in ms, which doubles up to `MAX_PAUSE`; each is drawn from its upper half. */
const FIRST_PAUSE = 25
const MAX_PAUSE = 1_000

/** How long to go on where no deadline is set, in ms. */
const PATIENCE = 30_000

/** The part of the time left that may go to retries; the rest is for what comes after. */
const SHARE = 0.8

/**
 * When to try again: after a back-off, until the next try would come later than retries may. `retries` tells of what came, how many
 * calls or items it leaves to be tried again; none ends it.
 */
const backOff = <A>(retries: (input: A) => number) =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeMillis
    const until = began + Math.min(((yield* Deadline) - began) * SHARE, PATIENCE)
    const statistics = yield* RetryStatistics
    return Schedule.exponential(FIRST_PAUSE).pipe(
      Schedule.setInputType<A>(),
      Schedule.while(({ input }) => retries(input) > 0),
      Schedule.modifyDelay(({ duration }) => {
        const ceiling = Math.min(Duration.toMillis(duration), MAX_PAUSE)
        return Effect.map(Random.next, (random) => (ceiling * (1 + random)) / 2)
      }),
      Schedule.while(({ now, duration }) => now + Duration.toMillis(duration) <= until),
      Schedule.tap(({ input }) => Effect.sync(() => statistics.add("retries", retries(input))))
    )
  })

/** One SDK call, which names its operation as AWS does (`PutObject`). It is aborted when its fiber is interrupted. */
export const attempt = Effect.fnUntraced(function* <A>(operation: string, send: (signal: AbortSignal) => Promise<A>) {
  const call = Effect.tryPromise({ try: send, catch: toFault })
  // A span that nobody collects would still take the stack of its call.
  const traced = (yield* References.TracerEnabled) ? Effect.withSpan(call, operation, { kind: "client" }) : call
  const result = yield* Effect.result(traced)
  if (Result.isSuccess(result)) yield* meter(operation, result.success)
  else if (isThrottle(result.failure)) (yield* RetryStatistics).add("throttles", 1)
  return result
})

/** One SDK call, tried again while its fault is retryable and time is left. */
export const retry = Effect.fnUntraced(function* <A>(operation: string, send: (signal: AbortSignal) => Promise<A>) {
  const call = Effect.flatMap(attempt(operation, send), Effect.fromResult)
  return yield* Effect.retry(call, yield* backOff(({ retryable }: Fault) => (retryable ? 1 : 0)))
})

/** Runs `round` on all items, then on those it returns, until none are left or time is up. Returns what is left. */
export const inRounds = Effect.fnUntraced(function* <A, E>(
  items: ReadonlyArray<A>,
  round: (items: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<A>, E>
) {
  let open = items
  const next = Effect.suspend(() =>
    Effect.map(round(open), (left) => {
      open = left
      return left
    })
  )
  if (open.length > 0) yield* Effect.repeat(next, yield* backOff((left: ReadonlyArray<A>) => left.length))
  return open
})

/** Consecutive groups of at most `size`. */
export const chunks = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
