import { assert, describe, it } from "@effect/vitest"
import { LOST_END_MS } from "../../projections/session.ts"
import { modelOf } from "../support/core.ts"
import { START } from "../support/history.ts"
import { makeReplays } from "../support/replay.ts"
import { cases } from "../support/seeds.ts"
import type { Difference } from "../support/truth.ts"
import { type HealedDay, healing } from "./healed.ts"

const MINUTE = 60_000

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, one) => all + one, 0)

const text = (differences: ReadonlyArray<Difference>): ReadonlyArray<string> =>
  differences.map(({ entity, facet, shown, truth }) => JSON.stringify({ entity, facet, shown, truth }))

/** Lines that one has and the other has not: thousands of equal ones help nobody. */
const others = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [a, b] = [new Set(one), new Set(other)]
  return [...one.filter((line) => !b.has(line)), ...other.filter((line) => !a.has(line))].slice(0, 6)
}

/** A day of which events were lost, and one sweep of the organisation when nothing happens in it any more. */
const healed = async (day: HealedDay) => {
  const run = healing(day)
  await run.pass(day.minutes * MINUTE)
  run.stand()
  // What is late has arrived by then, and what is a minute old may be closed.
  await run.pass(6 * MINUTE)
  const before = await run.wrong()
  const swept = await run.sweep()
  await run.pass(MINUTE)
  const after = await run.wrong()
  return { run, before, swept, after }
}

describe("a lossy day and one sweep", () => {
  it.each(
    cases<HealedDay>([
      { seed: 1, agents: 60, queues: 8, rate: 20, minutes: 20, lose: 0.05 },
      { seed: 2, agents: 20, queues: 5, rate: 8, minutes: 40, lose: 0.3 },
      { seed: 3, agents: 40, queues: 3, rate: 12, minutes: 25, lose: 0.1 },
      {
        seed: 4,
        agents: 60,
        queues: 8,
        rate: 20,
        minutes: 20,
        lose: 0.05,
        twice: 0.1,
        late: 0.1,
        api: { faults: 0.5 }
      },
      { seed: 5, agents: 12, queues: 2, rate: 8, minutes: 40, lose: 0.6, twice: 0.1, late: 0.05 }
    ])
  )(
    "[P4] end in rows that say what is so, with seed $seed and $lose lost",
    async (day) => {
      const { run, before, swept, after } = await healed(day)
      const { lost } = run.figures()
      const { stated, corrected, closed } = swept.counts
      assert.isAbove(lost, 500)
      assert.isAbove(before.differences.length, 10)
      assert.deepStrictEqual(text(after.differences), [])
      assert.isAtMost(sum(corrected), sum(stated))
      assert.isAtMost(closed, stated.sessionSeen ?? 0)
      // A second sweep finds nothing to say, unless the first one was not told of everything.
      const again = await run.sweep()
      if (day.api === undefined) assert.deepStrictEqual(again.counts.stated, {})

      // What was learned replays: rows from the store alone are the same, once all timers of the rules have run out.
      await run.pass(LOST_END_MS + MINUTE)
      const replays = makeReplays(run.core.events)
      await replays.rebuild()
      assert.deepStrictEqual(others(await replays.dump(), run.core.dump()), [])
      assert.deepStrictEqual(others(run.core.dump(), modelOf(run.core.events.stored())), [])
    },
    300_000
  )
})

describe("sweeps beside events that come and are lost", () => {
  it.each(
    cases<HealedDay>([
      { seed: 1, agents: 20, queues: 5, rate: 8, minutes: 25, lose: 0.3 },
      { seed: 2, agents: 30, queues: 4, rate: 12, minutes: 20, lose: 0.2, twice: 0.1, late: 0.1, api: { faults: 1 } }
    ])
  )(
    "[P4] end no session that goes on, with seed $seed and $lose lost",
    async (day) => {
      const run = healing(day)
      let closed = 0
      const wrong: Array<unknown> = []
      for (const end = START + day.minutes * MINUTE; run.clock.now() < end; ) {
        await run.pass(MINUTE / 2)
        closed += (await run.sweep()).counts.closed
        for (let beat = 0; beat < 6; beat++) {
          await run.pass(MINUTE / 6)
          wrong.push(...(await run.falseEnds()).filter(({ endedBy }) => endedBy === "snapshot"))
        }
      }
      assert.isAbove(closed, 10)
      assert.deepStrictEqual(wrong, [])
    },
    300_000
  )
})
