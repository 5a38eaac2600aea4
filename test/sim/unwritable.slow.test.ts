import { assert, describe, it } from "@effect/vitest"
import { seededRandom } from "aws-in-process/random"
import { LOST_END_MS } from "../../projections/session.ts"
import { modelOf } from "../support/core.ts"
import { historyOf } from "../support/history.ts"
import { hostileLine } from "../support/hostile.ts"
import { seeds, UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"

describe("hostile keys, columns and values", () => {
  it.each(seeds(4))(
    "[P7] [P2] keep nobody's rows back, and nothing is tried for ever (seed %i)",
    UNHURRIED,
    async (seed) => {
      const random = seededRandom(seed)
      const run = await runStack({ seed })
      const good = historyOf(120, { seed })
      const bad = Array.from({ length: 120 }, (_, i) => hostileLine(`hostile-${i}`, random))
      const published = Math.max(...good.map(({ at }) => at))
      run.clock.at(published, () => {
        for (const line of random.shuffle([...good.map(({ line }) => line), ...bad])) run.send(line)
      })
      await run.reach(published + LOST_END_MS + 8_000)
      await run.settle()
      assert.deepStrictEqual(
        Object.entries(run.stack.parked()).filter(([place, count]) => count > 0 && !place.endsWith("unwritable")),
        []
      )
      const events = await run.events()
      const { received, appended, quarantined } = run.counters
      assert.deepStrictEqual([received, events.size], [appended + quarantined, appended])
      const model = modelOf(new Map([...events].filter(([id]) => !id.startsWith("hostile"))))
      const entities = new Set(model.map((line) => line.split(" ", 2).join(" ")))
      const dump = (await run.dump()).filter((line) => entities.has(line.split(" ", 2).join(" ")))
      assert.deepStrictEqual(dump, model)
      assert.isAbove(run.stack.parked()[`${run.captured.outputs.prefix}-quarantine/parked/unwritable`] ?? 0, 5)
      await run.stack.stop()
    }
  )
})
