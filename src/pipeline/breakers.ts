import { Clock, Effect, Result, Schema } from "effect"
import { type Breaker, type BreakerEvent, type BreakerRules, closed, step } from "../domain/breaker.ts"
import type { Json } from "../domain/json.ts"
import { Control } from "../store/control.ts"
import { StoreError } from "../store/store-error.ts"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))

/** Epoch ms. A clock may tell fractions, and what it told must be readable again. */
const Time = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))

const Stored: Schema.Codec<Breaker, unknown> = Schema.Union([
  Schema.Struct({ state: Schema.Literal("closed"), inARow: Count, since: Time, calls: Count, failed: Count }),
  Schema.Struct({ state: Schema.Literal("open"), until: Time, rounds: Count }),
  Schema.Struct({
    state: Schema.Literal("halfOpen"),
    rounds: Count,
    succeeded: Count,
    probe: Schema.optionalKey(Schema.Struct({ holder: Schema.String, until: Time }))
  })
])

const decode = Schema.decodeUnknownResult(Stored)

/** Writers of one breaker are few, and one of them wins each round. */
const MAX_ROUNDS = 10

/** The key under which the breaker of a dependency is kept. */
export const breakerKey = (dependency: string): string => `breaker/${dependency}`

/**
 * Tells the breaker of a dependency what happened and returns its new state. Fails when its state cannot be read or kept, or is
 * none: whoever asks must then take it for open. Where an answer is lost, a failure may count twice; nothing else can.
 */
export const tellBreaker = Effect.fnUntraced(function* (rules: BreakerRules, dependency: string, event: BreakerEvent) {
  const control = yield* Control
  const key = breakerKey(dependency)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { value, version } = yield* control.read(key)
    const decoded = value === undefined ? Result.succeed(closed) : decode(value)
    if (Result.isFailure(decoded))
      return yield* new StoreError({
        store: "control table",
        operation: "read",
        reason: `${key} holds no breaker`,
        retryable: false
      })
    const before = decoded.success
    const after = step(rules, before, event, yield* Clock.currentTimeMillis)
    if (after === before) return after
    if ((yield* control.write(key, after as unknown as Json, version)) === "written") return after
  }
  return yield* new StoreError({
    store: "control table",
    operation: "write",
    reason: `${key} is contended`,
    retryable: true
  })
})
