import { type Clock, Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"

/** Now, by a standing clock. */
export const AT = Date.UTC(2026, 4, 6, 10)

/** Lets what needs no time happen: a response and its body take a few turns of the event loop. */
export const settle = Effect.promise(async () => {
  for (let turn = 0; turn < 8; turn++) await new Promise(setImmediate)
})

/** Runs an effect as time passes, second by second, up to two hours. Returns what it came to, and after how many seconds. */
export const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.result(effect))
    for (let seconds = 0; seconds < 7_200; seconds++) {
      yield* settle
      if (fiber.pollUnsafe() !== undefined) return { result: yield* Fiber.join(fiber), seconds }
      yield* TestClock.adjust("1 second")
    }
    return yield* Effect.die("it never ended")
  })

/** A clock that always says the same time. A sleep is over at once, and moves on only what durations are measured by. */
export const standing = (): Clock.Clock => {
  let monotonic = 0n
  const at = BigInt(AT) * 1_000_000n
  return {
    currentTimeMillisUnsafe: () => AT,
    currentTimeMillis: Effect.succeed(AT),
    currentTimeNanosUnsafe: () => at,
    currentTimeNanos: Effect.succeed(at),
    monotonicTimeNanosUnsafe: () => monotonic,
    monotonicTimeNanos: Effect.sync(() => monotonic),
    sleep: (duration) =>
      Effect.suspend(() => {
        // Not the limit of a response or a token, which is no pause.
        const ms = Duration.toMillis(duration)
        if (ms >= 5_000) return Effect.never
        monotonic += BigInt(Math.ceil(ms)) * 1_000_000n
        return Effect.void
      })
  }
}
