import { assert, describe, it } from "@effect/vitest"
import { virtualClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import { Effect } from "effect"
import { agents } from "../../../projections/agents.ts"
import { generation } from "../../../src/domain/projection.ts"
import { followersOf } from "../../../src/domain/stages.ts"
import { ReplayBounds } from "../../../src/pipeline/replay/budget.ts"
import { replayAll } from "../../../src/pipeline/replay/replay.ts"
import { Deadline } from "../../../src/store/deadline.ts"
import { makeCore, modelOf } from "../../support/core.ts"
import { delivered } from "../../support/delivered.ts"
import { arrivalsOf, historyOf, START } from "../../support/history.ts"
import { planOf } from "../../support/replay.ts"
import { seeds } from "../../support/seeds.ts"

const NEXT = { ...agents, version: agents.version + 1 }
const LISTED = [...delivered, NEXT]

/** When all of a history is due. */
const AFTER = START + 600_000

describe("a replay that comes to events before the live path does", () => {
  it.each(seeds(3))("[P8] leaves right what follows in generations that it does not write (seed %i)", async (seed) => {
    const clock = virtualClock(AFTER)
    const core = makeCore({ projections: LISTED }, clock)
    const arrivals = arrivalsOf(historyOf(200, { seed }))
    const replay = async (id: string) => {
      let isOver = false
      const replayed = core.run(
        replayAll(planOf({ id, generation: generation(NEXT) })).pipe(
          Effect.provideService(ReplayBounds, { registers: 40, flushMs: 60_000, verifyRows: 10_000 }),
          Effect.provideService(Deadline, Number.POSITIVE_INFINITY)
        )
      )
      const end = () => {
        isOver = true
      }
      replayed.then(end, end)
      await runVirtual(clock, { pending: () => 0, until: () => isOver, limit: 86_400_000 })
      const [report] = await replayed
      assert.strictEqual(report?.state, "done")
    }
    for (let at = 0; at < arrivals.length; at += 40) {
      await core.deliver(arrivals.slice(at, at + 40))
      // It writes rows of conversations too, from which agents and queues in use follow.
      await replay(`replay-${at}`)
      await core.settle(core.queue.take(Number.POSITIVE_INFINITY))
    }
    assert.deepStrictEqual(core.dump(), modelOf(core.events.stored(), LISTED))
  })
})

describe("what follows from rows that a replay writes", () => {
  const of = (name: string, version: number, ...from: ReadonlyArray<string>) => ({
    ...{ name, version },
    derived: from.map((one) => ({ from: one, register: "r", reads: () => undefined, rows: () => [] }))
  })
  const [source, target, own, next, last] = [
    of("source", 1),
    of("target", 1, "source"),
    of("target", 2, "source"),
    of("source", 2),
    of("last", 1, "target", "last")
  ]
  const found = (...written: ReadonlyArray<typeof source>) =>
    followersOf(written, [source, target, own, next, last]).map(
      (link) => `${generation(link.target)} from ${generation(link.source)}`
    )

  it("is in generations that it does not write itself, and in what follows from those", () => {
    assert.deepStrictEqual(found(source, own), [
      "target-v1 from source-v1",
      "last-v1 from target-v1",
      "last-v1 from last-v1"
    ])
    assert.deepStrictEqual(found(own), [])
    assert.deepStrictEqual(found(next), [])
  })
})
