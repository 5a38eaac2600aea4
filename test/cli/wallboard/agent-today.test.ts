import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { makeAgentDays } from "../../../src/cli/wallboard/agent-today.ts"
import { priceOf } from "../../../src/cli/wallboard/price.ts"
import type { Reads } from "../../../src/cli/wallboard/reads.ts"
import { pollingEvery } from "../../../src/cli/wallboard/rhythm.ts"

const NOW = Date.parse("2026-05-06T10:05:00.000Z")

const row = (interval: string, columns: object) => ({ interval: `2026-05-06T${interval}:00.000Z`, ...columns })

describe("the day of an agent whom somebody opens", () => {
  it.effect("is read once in 15 seconds, from midnight in the time zone of the wall to the quarter that goes on", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(NOW)
      const asked: Array<readonly [string, ReadonlyArray<string>]> = []
      const reads = {
        agentIntervals: Effect.succeed({}),
        agentRows: (_: unknown, id: string, range: ReadonlyArray<number>) => {
          asked.push([id, range.map((at) => new Date(at).toISOString())])
          return Effect.succeed({
            earlier: [
              row("00:00", {
                interval: "2026-05-05T20:00:00.000Z",
                presence: { "2026-05-05T20:01:00.000Z": "OFFLINE" },
                routingStatus: { "2026-05-05T20:01:00.000Z": "OFF_QUEUE" }
              })
            ],
            rows: [
              row("08:00", {
                presence: { "2026-05-06T08:00:10.000Z": "ON_QUEUE" },
                routingStatus: { "2026-05-06T08:00:10.000Z": "IDLE" },
                handled: 2,
                talkMs: 90_000
              })
            ]
          })
        }
      } as unknown as Reads
      const clock = yield* Clock.Clock
      const days = makeAgentDays(reads, () => clock.currentTimeMillisUnsafe(), "Europe/Berlin")
      const first = yield* days.of("ada")
      assert.deepStrictEqual(first, {
        since: Date.parse("2026-05-05T22:00:00.000Z"),
        states: [
          { at: Date.parse("2026-05-05T22:00:00.000Z"), state: "Offline" },
          { at: Date.parse("2026-05-06T08:00:10.000Z"), state: "On Queue" }
        ],
        figures: { handled: 2, notAnswered: 0, transferred: 0, talkMs: 90_000, heldMs: 0 }
      })
      yield* TestClock.adjust(14_000)
      assert.strictEqual(yield* days.of("ada"), first)
      yield* TestClock.adjust(2_000)
      yield* days.of("ada")
      yield* days.of("bob")
      const range = ["2026-05-05T22:00:00.000Z", "2026-05-06T10:15:00.000Z"]
      assert.deepStrictEqual(asked, [
        ["ada", range],
        ["ada", range],
        ["bob", range]
      ])
      // Another day begins with nothing of the one before.
      yield* TestClock.adjust("12 hours")
      assert.strictEqual((yield* days.of("ada")).since, Date.parse("2026-05-06T22:00:00.000Z"))
    })
  )

  it("has a price of its own: all rows of the agent every 3 seconds, and the day every 15, at most", () => {
    const measured = { round: { agents: 2, queues: 1, sessions: 0, units: 2 }, context: 2, names: 1, spent: 9 }
    const price = (opened: object) => priceOf({ ...measured, ...opened }, pollingEvery(5), 0)
    assert.strictEqual(price({ opened: { rows: 0.5, day: 1.5 } }).unitsAMinuteOpened, 20 * 0.5 + 4 * 1.5)
    assert.strictEqual(price({}).unitsAMinuteOpened, 0)
    assert.strictEqual(price({}).unitsAMinute, price({ opened: { rows: 0.5, day: 1.5 } }).unitsAMinute)
  })
})
