import { assert, describe, it } from "@effect/vitest"
import { effectClock } from "aws-in-process/clock"
import { Effect } from "effect"
import type { BreakerRules } from "../../src/domain/breaker.ts"
import { tellBreaker } from "../../src/pipeline/breakers.ts"
import { memoryControl } from "../../src/store/memory/control.ts"

const rules: BreakerRules = {
  failures: 2,
  share: 0.5,
  calls: 10,
  window: 60_000,
  coolDown: 30_000,
  longestCoolDown: 60_000,
  lease: 60_000,
  successes: 1
}

describe("the breaker as it is kept", () => {
  it.effect("can be read again, whatever fractions of a millisecond the clock tells", () => {
    let now = 1_778_061_600_000.25
    const clock = effectClock({ now: () => now, at: () => () => {} })
    const { layer } = memoryControl()
    const tell = (type: "ask" | "failed" | "succeeded") => tellBreaker(rules, "stream", { type, holder: "one" })
    return Effect.gen(function* () {
      assert.include(yield* tell("failed"), { state: "closed", since: now })
      assert.include(yield* tell("failed"), { state: "open", until: now + 30_000 })
      now += 30_000.5
      assert.include(yield* tell("ask"), { state: "halfOpen" })
      assert.include(yield* tell("succeeded"), { state: "closed" })
    }).pipe(Effect.provide([layer, clock]))
  })
})
