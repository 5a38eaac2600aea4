import { assert, describe, it } from "@effect/vitest"
import { seeds } from "../support/seeds.ts"
import { lossyDay } from "./lossy.ts"

describe("two hours of 40 agents of which a twentieth of the events were lost", () => {
  it.each(seeds(4))(
    "[P4] leave no session open that an event told to be over, and end none that goes on (seed %i)",
    async (seed) => {
      const day = await lossyDay({ seed, agents: 40, rate: 6, hours: 2, lose: 0.05 })
      assert.isAbove(day.lost, day.published / 25)
      assert.isAbove(day.inferred, 20)
      assert.deepStrictEqual(day.open, [])
      assert.deepStrictEqual(day.falseEnds, [])
      // Of the end of these nothing told in time: every event that could was lost.
      assert.isAtMost(day.untold.length, day.sessions / 500)
    },
    300_000
  )
})
