import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { lanes, refusedForGood } from "../../src/pipeline/redrive-lanes.ts"
import { RedriveLimits } from "../../src/pipeline/redrive-limits.ts"
import { parkedNotice } from "../../src/pipeline/redrive-notice.ts"
import type { DeadLetter } from "../../src/store/dead-letters.ts"
import { eventBody, settlementBody } from "../support/redrive.ts"

const letter = (body: string, more: Partial<DeadLetter> = {}): DeadLetter => ({
  ...{ body, receipt: "r", receives: 1, attempts: 0, sent: 0 },
  ...more
})

describe("a lane", () => {
  it("leads from each queue of dead letters back to where they came from", () => {
    assert.deepStrictEqual(
      lanes.map(({ source, dependency }) => [source, dependency]),
      [
        ["rule", "stream"],
        ["settle", "settle"]
      ]
    )
  })

  it("takes no letter that nothing will come of, and says why without a value of it", () => {
    const [rule, settle] = lanes
    assert.isUndefined(rule?.unrecoverable(letter(eventBody(1), { attempts: 99 }), 4))
    assert.deepStrictEqual(rule?.unrecoverable(letter("{}"), 4), {
      ...{ reason: "NotAnEvent", detail: "the body is not an event with an id and a detail" }
    })
    assert.isUndefined(settle?.unrecoverable(letter(settlementBody(1), { attempts: 3 }), 4))
    assert.deepStrictEqual(settle?.unrecoverable(letter("{}", { attempts: 4 }), 4), {
      ...{ reason: "NotASettlement", detail: "the body is not a settle message" }
    })
    assert.deepStrictEqual(settle?.unrecoverable(letter(settlementBody(1), { attempts: 4 }), 4), {
      ...{ reason: "TooManyAttempts", detail: "project gave it up again after it was brought back 4 times" }
    })
  })

  it("gives up what is refused after so many receives, and nothing that is merely unavailable", () => {
    const outcomeOf = (_tag: "refused" | "unavailable", receives: number) =>
      refusedForGood(letter("", { receives }), { _tag, reason: "TooLarge" }, 4)
    assert.isUndefined(outcomeOf("refused", 3))
    assert.deepStrictEqual(outcomeOf("refused", 4), {
      reason: "Refused",
      detail: "refused as TooLarge after 4 receives"
    })
    assert.isUndefined(outcomeOf("unavailable", 99))
    assert.isUndefined(refusedForGood(letter("", { receives: 4 }), { _tag: "accepted" }, 4))
  })
})

describe("the notice of what was parked", () => {
  it("counts by queue and reason, says what that means, and where to look", () => {
    const { subject, text } = parkedNotice("dev", [
      { from: "rule", reason: "NotAnEvent", count: 2 },
      { from: "settle", reason: "NotASettlement", count: 1 },
      { from: "settle", reason: "TooManyAttempts", count: 3 },
      { from: "rule", reason: "Refused", count: 4 }
    ])
    assert.strictEqual(subject, "dev: 10 messages were parked")
    assert.strictEqual(
      text,
      [
        "Redrive of the stack dev does not bring these back by itself any more:",
        "",
        "- 2 from the rule's dead letters: NotAnEvent (what came out of the queue is no event)",
        "- 1 from the settle queue's dead letters: NotASettlement (what came out of the queue is no settle message)",
        "- 3 from the settle queue's dead letters: TooManyAttempts (project gave it up each time that it was brought back)",
        "- 4 from the rule's dead letters: Refused (the stream or queue that it belongs to will not take it)",
        "",
        "They are kept as they were in the quarantine bucket, under parked/. Look at them with the operator's command,",
        "mend what they trip over, and hand them back with it."
      ].join("\n")
    )
  })

  it("speaks of one message as of one, in at most 100 characters, of which the last say the most", () => {
    const of = (stack: string) => parkedNotice(stack, [{ from: "rule", reason: "Refused", count: 1 }]).subject
    assert.strictEqual(of("dev"), "dev: 1 message was parked")
    assert.strictEqual(of("x".repeat(78)).length, 100)
    assert.strictEqual(of(`y${"x".repeat(78)}`), of("x".repeat(78)))
  })
})

describe("the limits of redrive", () => {
  it.effect("are those of the environment, in seconds and percent there", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* RedriveLimits, {
        ...{ perSecond: 1, perRun: 2, maxAttempts: 3 },
        breaker: {
          ...{ failures: 4, share: 0.05, calls: 6, window: 7_000, coolDown: 8_000, longestCoolDown: 9_000 },
          ...{ lease: 10_000, successes: 11 }
        }
      })
    }).pipe(
      Effect.provide(
        RedriveLimits.layer.pipe(
          Layer.provide(
            ConfigProvider.layer(
              ConfigProvider.fromUnknown({
                ...{ REDRIVE_PER_SECOND: "1", REDRIVE_PER_RUN: "2", REDRIVE_MAX_ATTEMPTS: "3", BREAKER_FAILURES: "4" },
                ...{ BREAKER_FAILURE_PERCENT: "5", BREAKER_CALLS: "6", BREAKER_WINDOW_SECONDS: "7" },
                ...{ BREAKER_COOL_DOWN_SECONDS: "8", BREAKER_LONGEST_COOL_DOWN_SECONDS: "9" },
                ...{ BREAKER_LEASE_SECONDS: "10", BREAKER_PROBES: "11" }
              })
            )
          )
        )
      )
    )
  )
})
