import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import {
  addCounts,
  dollarsOf,
  isSpent,
  limitRate,
  noCounts,
  ReplayBounds,
  shareOf
} from "../../../src/pipeline/replay/budget.ts"
import { partOfStore, ReplayError, ReplayRefused } from "../../../src/pipeline/replay/plan.ts"

describe("what a replay has done", () => {
  it("is nothing at first, and adds up", () => {
    for (const [name, count] of Object.entries(noCounts)) assert.strictEqual(count, 0, name)
    assert.lengthOf(Object.keys(noCounts), 10)
    const some = addCounts(noCounts, { scanned: 2, rows: 3 })
    assert.deepStrictEqual(some, { ...noCounts, scanned: 2, rows: 3 })
    assert.deepStrictEqual(addCounts(some, { scanned: 5, parked: 1 }), { ...noCounts, scanned: 7, rows: 3, parked: 1 })
    assert.deepStrictEqual(noCounts.scanned, 0, "it is not changed by it")
  })

  it("[P9] costs its units, at the prices of a table on demand", () => {
    assert.closeTo(dollarsOf({ ...noCounts, readUnits: 1e6 }), 0.125, 1e-9)
    assert.closeTo(dollarsOf({ ...noCounts, writeUnits: 1e6 }), 0.625, 1e-9)
    assert.closeTo(dollarsOf({ ...noCounts, readUnits: 1e6, writeUnits: 1e6 }), 0.75, 1e-9)
  })
})

describe("the share that a segment has of a budget", () => {
  it("is a part of each amount, and whole events, of which there are as many as in the budget", () => {
    assert.deepStrictEqual(shareOf({ readUnits: 10, writeUnits: 6, dollars: 1 }, 0, 4), {
      ...{ readUnits: 2.5, writeUnits: 1.5, dollars: 0.25 }
    })
    const items = [0, 1, 2, 3].map((segment) => shareOf({ items: 10 }, segment, 4).items)
    assert.deepStrictEqual(items, [3, 3, 2, 2])
    assert.deepStrictEqual(shareOf({}, 0, 4), {})
  })

  it("is spent from the amount on that it allows", () => {
    const counts = { ...noCounts, scanned: 5, readUnits: 6, writeUnits: 7 }
    assert.isFalse(isSpent(counts, {}))
    assert.isFalse(isSpent(counts, { items: 6, readUnits: 7, writeUnits: 8, dollars: 1 }))
    for (const allowance of [
      { items: 5 },
      { readUnits: 6 },
      { writeUnits: 7 },
      { dollars: dollarsOf(counts) },
      { items: 6, readUnits: 6 }
    ])
      assert.isTrue(isSpent(counts, allowance), JSON.stringify(allowance))
  })

  it.effect("is held in memory within bounds, unless a test sets others", () =>
    Effect.gen(function* () {
      const bounds = { registers: 20_000, flushMs: 60_000, verifyRows: 200_000 }
      assert.deepStrictEqual([yield* ReplayBounds, ReplayBounds.defaultValue()], [bounds, bounds])
    })
  )
})

describe("a rate", () => {
  it.effect("is held from the first on, and caught up on for a while where one was slow", () =>
    Effect.gen(function* () {
      const pace = yield* limitRate(10, 500)
      const waited = Effect.fnUntraced(function* (count: number) {
        const fiber = yield* Effect.forkChild(pace(count))
        yield* Effect.yieldNow
        let ms = 0
        while (fiber.pollUnsafe() === undefined) {
          yield* TestClock.adjust(50)
          ms += 50
        }
        yield* Fiber.join(fiber)
        return ms
      })
      assert.strictEqual(yield* waited(2), 0)
      assert.strictEqual(yield* waited(1), 200)
      assert.strictEqual(yield* waited(1), 100)
      // A second passes in which nothing is done: half of it is caught up on.
      yield* TestClock.adjust(1_100)
      assert.strictEqual(yield* waited(5), 0)
      assert.strictEqual(yield* waited(1), 0)
      assert.strictEqual(yield* waited(1), 100)
    })
  )
})

describe("a plan", () => {
  const plan = { scope: {}, id: "r" } as never

  it("asks the source for what it has bounds of", () => {
    assert.deepStrictEqual(partOfStore(plan), {})
    const whole = { ...(plan as object), sealed: 3, scope: { since: 1, until: 2, entity: "e" } } as never
    assert.deepStrictEqual(partOfStore(whole), { sealed: 3, since: 1, until: 2 })
    assert.deepStrictEqual(partOfStore({ scope: { since: 0 } } as never), { since: 0 })
    assert.deepStrictEqual(partOfStore({ scope: { until: 0 } } as never), { until: 0 })
  })

  it("says which event it was refused for, and what to do", () => {
    const refused = { eventId: "e1", reason: "it is too long" }
    assert.strictEqual(
      new ReplayRefused(refused).message,
      "event e1 is refused: it is too long; fix the fold, or park the event"
    )
    assert.strictEqual(
      new ReplayRefused({ ...refused, topic: "v2.x" }).message,
      "event e1 (v2.x) is refused: it is too long; fix the fold, or park the event"
    )
    assert.strictEqual(new ReplayError({ reason: "so" }).message, "replay: so")
  })
})
