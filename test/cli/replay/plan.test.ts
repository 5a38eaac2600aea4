import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { estimate } from "../../../src/cli/replay/plan.ts"
import { ReplayBounds } from "../../../src/pipeline/replay/budget.ts"
import type { ReplayPlan } from "../../../src/pipeline/replay/plan.ts"

const bounds = Effect.runSync(ReplayBounds)

const planOf = (changes: Partial<ReplayPlan> = {}): ReplayPlan => ({
  id: "r",
  generation: "agents-v3",
  scope: {},
  segments: 1,
  write: true,
  park: false,
  eventsPerSecond: 1e9,
  budget: {},
  ...changes
})

/** Items of half a KB: a unit each. */
const sizeOf = (items: number) => ({ items, bytes: items * 512, counted: true })

const writes = (changes: Partial<ReplayPlan>, events: number, rows: number) =>
  estimate(planOf(changes), sizeOf(events), sizeOf(rows), bounds).cost.writeUnits

describe("the estimate of a replay", () => {
  it("writes a row once, where one segment reads all of it between two writes", () => {
    assert.strictEqual(writes({}, 20_000, 100), 100)
  })

  it("writes a row once for each segment that meets it", () => {
    assert.isAtLeast(writes({ segments: 16 }, 20_000, 100), 1_599)
    // Few events for many rows: about one row each.
    assert.approximately(writes({ segments: 64 }, 6_400, 100_000), 6_400, 10)
  })

  it("never has more rows than events, nor fewer than there are", () => {
    for (const [segments, events, rows] of [
      [1, 10, 1_000],
      [64, 100_000, 50],
      [16, 1_000_000, 40_000]
    ] as const) {
      const found = writes({ segments, eventsPerSecond: 320 }, events, rows)
      assert.isAtMost(found, events)
      assert.isAtLeast(found, Math.min(rows, events) * 0.63)
    }
  })

  it("writes more often the slower it reads, for it writes each minute", () => {
    assert.isAbove(
      writes({ eventsPerSecond: 10 }, 100_000, 1_000),
      10 * writes({ eventsPerSecond: 1_000 }, 100_000, 1_000)
    )
  })

  it("reads the rows that it derives from: to merge them, for what follows, and again after it was written", () => {
    const [store, rows, source] = [sizeOf(20_000), sizeOf(100), sizeOf(40)]
    const without = estimate(planOf(), store, rows, bounds).cost
    const { cost } = estimate(planOf(), store, rows, bounds, undefined, [source, source])
    assert.strictEqual(cost.readUnits, without.readUnits + 2 * 3 * 40)
    assert.deepStrictEqual([cost.items, cost.writeUnits], [without.items, without.writeUnits])
    const compared = estimate(planOf({ write: false }), store, rows, bounds, undefined, [source]).cost
    assert.deepStrictEqual(compared, estimate(planOf({ write: false }), store, rows, bounds).cost)
  })

  it("reads each row that it writes, and is of nothing where there is nothing", () => {
    const { cost } = estimate(planOf(), sizeOf(0), sizeOf(0), bounds)
    assert.deepStrictEqual(cost, { items: 0, readUnits: 0, writeUnits: 0, dollars: 0 })
    const some = estimate(planOf(), sizeOf(20_000), sizeOf(100), bounds).cost
    assert.strictEqual(some.readUnits, (20_000 * 512) / 8_192 + 100)
    const compared = estimate(planOf({ write: false }), sizeOf(20_000), sizeOf(100), bounds).cost
    assert.strictEqual(compared.writeUnits, 0)
  })
})
