import { Clock, Effect, Semaphore } from "effect"
import type { Bearings, Source } from "./source.ts"

/** What a reader remembers of the control table. */
export interface Remembered {
  /** Read by an earlier call, at most as long ago as is remembered, or now. */
  readonly now: Effect.Effect<Bearings, Effect.Error<Source["bearings"]>>
  /** Read after those: by another call meanwhile, or now. */
  readonly after: (held: Bearings) => Effect.Effect<Bearings, Effect.Error<Source["bearings"]>>
}

/** Reads bearings once for all calls that want them at the same time, and keeps them for `forMs`. A failure is not kept. */
export const remember = (read: Source["bearings"], forMs: number): Effect.Effect<Remembered> =>
  Effect.map(Semaphore.make(1), (gate) => {
    let last: Bearings | undefined
    const unless = (good: (held: Bearings, now: number) => boolean) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (last !== undefined && good(last, now)) return last
        last = yield* read
        return last
      })
    const fresh = (held: Bearings, now: number) => now - held.at < forMs && now >= held.at
    return {
      now: Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        return last !== undefined && fresh(last, now) ? last : yield* gate.withPermits(1)(unless(fresh))
      }),
      after: (held) => gate.withPermits(1)(unless((other) => other !== held))
    }
  })
