import { assert, describe, it } from "@effect/vitest"
import { TOLD_MS } from "../../src/pipeline/reconcile/compare.ts"
import { healing } from "./healed.ts"

const MINUTE = 60_000

describe("minutes of which a third of the events were lost, and one sweep", () => {
  it("[P4] end in rows that say what is so, and in nothing more to say", async () => {
    const run = healing({ seed: 3, agents: 8, queues: 2, rate: 4, minutes: 6, lose: 0.35 })
    await run.pass(6 * MINUTE)
    run.stand()
    await run.pass(2 * MINUTE)
    const before = await run.wrong()
    const { counts, took } = await run.sweep()
    await run.pass(MINUTE)
    assert.isAbove(before.differences.length, 5)
    assert.isAbove(counts.closed, 0)
    // It looks again at what might still be on its way, once, when that must have arrived.
    assert.isBelow(took, TOLD_MS + 10_000)
    assert.deepStrictEqual((await run.wrong()).differences, [])
    assert.deepStrictEqual((await run.sweep()).counts.stated, {})
  }, 60_000)
})
