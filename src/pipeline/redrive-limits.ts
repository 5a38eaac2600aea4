import { Config, Context, Effect, Layer } from "effect"
import type { BreakerRules } from "../domain/breaker.ts"

/** How much a run of redrive may do, and when it must not. `maxAttempts` bounds how often one message is brought back. */
export interface Limits {
  readonly perSecond: number
  readonly perRun: number
  readonly maxAttempts: number
  readonly breaker: BreakerRules
}

const seconds = (name: string) => Effect.map(Config.Finite(name), (value) => value * 1_000)

/** The limits in force, from REDRIVE_PER_SECOND, REDRIVE_PER_RUN, REDRIVE_MAX_ATTEMPTS and the BREAKER_ variables. */
export class RedriveLimits extends Context.Service<RedriveLimits, Limits>()("projections/RedriveLimits") {
  static readonly layer = Layer.effect(
    RedriveLimits,
    Effect.gen(function* () {
      return {
        perSecond: yield* Config.Finite("REDRIVE_PER_SECOND"),
        perRun: yield* Config.Finite("REDRIVE_PER_RUN"),
        maxAttempts: yield* Config.Finite("REDRIVE_MAX_ATTEMPTS"),
        breaker: {
          failures: yield* Config.Finite("BREAKER_FAILURES"),
          share: (yield* Config.Finite("BREAKER_FAILURE_PERCENT")) / 100,
          calls: yield* Config.Finite("BREAKER_CALLS"),
          window: yield* seconds("BREAKER_WINDOW_SECONDS"),
          coolDown: yield* seconds("BREAKER_COOL_DOWN_SECONDS"),
          longestCoolDown: yield* seconds("BREAKER_LONGEST_COOL_DOWN_SECONDS"),
          lease: yield* seconds("BREAKER_LEASE_SECONDS"),
          successes: yield* Config.Finite("BREAKER_PROBES")
        }
      }
    })
  )
}
