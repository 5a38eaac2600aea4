import { assert, describe, it } from "@effect/vitest"
import { historyOf } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"

/**
 * Write units per event, at the pace of a working day: ten agents for each event a second. Measured in this very run: 1.88 in the tables; it
 * was 2.19 before there were conversations, when each metric of a queue had a row of its own.
 */
const MOST = { events: 1.05, projections: 1.95 }

describe("what a day of the contact centre costs", () => {
  it("[P9] one write unit per event in the event store, and no more than 1.95 in the tables", UNHURRIED, async () => {
    const run = await runStack()
    const history = historyOf(3_000, { agents: 40, queues: 6, rate: 4 })
    run.feed(history)
    await run.reach(history.at(-1)?.at ?? 0)
    await run.settle()
    const units = run.units()
    const events = units.events / history.length
    const projections = units.projections / history.length
    process.stdout.write(
      `write units per event: ${events.toFixed(3)} in the event store, ${projections.toFixed(3)} in the projections\n`
    )
    assert.strictEqual(run.counters.appended, history.length)
    assert.isAtLeast(events, 1)
    assert.isAtMost(events, MOST.events)
    assert.isAtMost(projections, MOST.projections)
    await run.stack.stop()
  })
})
