import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { runVirtual } from "aws-in-process/run-virtual"
import { Effect, Layer } from "effect"
import { reconcile, type SweepReport } from "../../src/pipeline/reconcile/sweep.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { StreamSink } from "../../src/store/hand-over.ts"
import { memoryDirectory } from "../../src/store/memory/directory.ts"
import { makeCore } from "../support/core.ts"
import { simulatedOrganisation } from "../support/simulated.ts"

const MINUTE = 60_000
/** What the stack grants to one invocation, in ms. */
const INVOCATION_MS = 15 * MINUTE

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const heapMb = (): number => process.memoryUsage().heapUsed / 2 ** 20

describe("a sweep of 20,000 agents and 2,000 queues", () => {
  it("keeps within the rate and the memory, and goes on in the next invocation", async () => {
    const perMinute = 150
    const core = makeCore()
    const { clock } = core
    const { server, activity, layer, centre } = simulatedOrganisation(
      { agents: 20_000, queues: 2_000, rate: 2_000, lived: 4 * MINUTE },
      {},
      perMinute,
      clock
    )
    server.stand()
    const directory = memoryDirectory()
    let events = 0
    let bytes = 0
    // Counted and dropped: what a stream takes is in no function's memory.
    const sink = Layer.succeed(StreamSink, {
      put: (records) =>
        Effect.sync(() => {
          events += records.length
          for (const { data } of records) bytes += data.length
          return records.map(() => ({ _tag: "accepted" }) as const)
        })
    })
    collect()
    const baseline = heapMb()
    let peak = 0
    const began = clock.now()
    const reports: Array<SweepReport> = []
    while (reports.at(-1)?.state !== "complete") {
      let ended = false
      const run = core
        .run(
          reconcile({ start: reports.length === 0, by: "test" }).pipe(
            Effect.provideService(Deadline, clock.now() + INVOCATION_MS),
            Effect.provide(Layer.mergeAll(directory.layer, sink, layer))
          )
        )
        .finally(() => {
          ended = true
        })
      run.catch(() => {})
      const look = () => {
        if (ended) return
        collect()
        peak = Math.max(peak, heapMb())
        clock.at(clock.now() + MINUTE / 2, look)
      }
      clock.at(clock.now() + MINUTE / 2, look)
      await runVirtual(clock, { pending: activity.pending, until: () => ended, limit: 2 * INVOCATION_MS })
      reports.push(await run)
    }
    const minutes = (clock.now() - began) / MINUTE
    const { requests, agents, queues } = reports.at(-1)!.last!.counts
    const { statuses } = server.counts()
    assert.strictEqual(agents, centre.population.agents.filter(({ deactivated }) => !deactivated).length)
    assert.strictEqual(queues, 2_000)
    assert.isUndefined(statuses[429])
    assert.isAtMost(requests, perMinute * (minutes + 1))
    assert.isAbove(reports.length, 1)
    assert.isAbove(events, 100_000)
    assert.isAbove(bytes, 20_000_000)
    // All that it stated is far more than it holds.
    assert.isBelow(peak - baseline, 64)
  }, 600_000)
})
