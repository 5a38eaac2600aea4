import { assert, describe, it } from "@effect/vitest"
import { agentIntervals } from "../../projections/agent-intervals.ts"
import { generation } from "../../src/domain/projection.ts"
import { modelOf } from "../support/core.ts"
import { historyOf } from "../support/history.ts"
import { seeds, UNHURRIED } from "../support/seeds.ts"
import { devStack, runStack } from "../support/stack.ts"

describe("a stack with agentIntervals", () => {
  it.each(seeds(2, 36))(
    "[P1] [P3] [P8] keeps when each state of each agent began, whatever fails and comes twice (seed %i)",
    UNHURRIED,
    async (seed) => {
      const captured = await devStack({ agentIntervals: true })
      const run = await runStack({ captured, seed, chaos: 0.2 })
      const history = historyOf(600, { seed, chaos: 0.3 })
      run.feed(history)
      await run.reach(Math.max(...history.map(({ at }) => at)))
      await run.settle()
      assert.deepStrictEqual(run.stack.denied(), [])
      const events = await run.events()
      assert.deepStrictEqual(await run.dump(), modelOf(events, captured.projections))

      const own = (await run.rows()).filter(({ projection }) => projection === generation(agentIntervals))
      const agents = new Set(own.map(({ entity }) => entity))
      assert.isAbove(agents.size, 5)
      assert.isAbove(run.counters.duplicates, 0)
      await run.stack.stop()
    }
  )
})
