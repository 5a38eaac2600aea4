import { assert, describe, it } from "@effect/vitest"
import { lossyDay } from "./lossy.ts"

describe("an hour of which a tenth of the events were lost", () => {
  it("[P4] leaves no session open that an event told to be over, and ends none that goes on", async () => {
    const hour = await lossyDay({ seed: 1, agents: 8, rate: 2, hours: 1, lose: 0.1 })
    assert.isAbove(hour.lost, hour.published / 20)
    assert.isAbove(hour.inferred, 5)
    assert.deepStrictEqual(hour.open, [])
    assert.deepStrictEqual(hour.falseEnds, [])
    assert.isAtMost(hour.untold.length, hour.sessions / 100)
  }, 60_000)
})
