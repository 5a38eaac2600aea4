import { assert, describe, it } from "@effect/vitest"
import { serviceLevelRule } from "../../projections/queue-figures.ts"
import { queueIntervals } from "../../projections/queue-intervals.ts"
import { effectiveState } from "../../src/genesys/presence.ts"
import { capture } from "../../src/local/capture.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { followAgentsToday, followToday } from "../../src/local/today.ts"
import { makeSimulator } from "../../src/simulator/simulator.ts"
import { START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"

const DAY_MS = 86_400_000
const NAMES = ["offered", "answered", "answeredInTime", "abandoned", "shortAbandoned", "handled"] as const

const countsOf = (figures: { readonly [name in (typeof NAMES)[number]]: number }) => NAMES.map((name) => figures[name])

const sums = (lists: ReadonlyArray<ReadonlyArray<number>>) =>
  NAMES.map((_, i) => lists.reduce((sum, list) => sum + (list[i] ?? 0), 0))

describe("the figures of today", () => {
  it("are what the centre counted, whether their rows were read or seen as they were written", UNHURRIED, async () => {
    const run = await runStack()
    const { captured, stack, clock } = run
    let now = START
    const seen = await followToday(captured, stack, { now: () => now, timeZone: "UTC" })
    const centre = makeSimulator({
      seed: 1,
      agents: 12,
      queues: 3,
      rate: 10,
      chaos: 0,
      start: START,
      source: SIMULATED_SOURCE
    })
    for (const { line } of [...Array.from({ length: 700 }, centre.next), ...centre.drain()]) run.send(line)
    await run.settle()
    now = clock.now()
    const read = await followToday(captured, stack, { now: () => now, timeZone: "UTC" })
    if (seen === undefined || read === undefined) return assert.fail("the stack folds queue-intervals")
    const truth = centre.truth().queues.map(({ queueId, intervals }) => ({
      queueId,
      counts: sums([...intervals.values()].map(countsOf))
    }))
    assert.isAbove(sums(truth.map(({ counts }) => counts))[1] ?? 0, 3)
    for (const { queueId, counts } of truth)
      for (const today of [seen, read]) {
        assert.deepStrictEqual(countsOf(today.of(queueId, serviceLevelRule)), counts)
        assert.deepStrictEqual(sums(today.quarters(queueId, serviceLevelRule).map(countsOf)), counts)
      }
    const ids = centre.truth().agents.map(({ agentId }) => agentId)
    for (const today of [seen, read])
      assert.strictEqual(
        ids.reduce((sum, id) => sum + today.ofAgent(id).handled, 0),
        sums(truth.map(({ counts }) => counts))[NAMES.indexOf("handled")]
      )
    const [{ queueId } = assert.fail()] = truth
    assert.strictEqual(seen.of(queueId, serviceLevelRule), seen.of(queueId, serviceLevelRule))
    assert.strictEqual(seen.since(), Date.parse("2026-05-06T00:00:00.000Z"))
    // Tomorrow begins with nothing.
    now = START + DAY_MS
    assert.strictEqual(seen.of(queueId, serviceLevelRule).offered, 0)
    assert.deepStrictEqual(
      ids.filter((id) => seen.ofAgent(id).handled > 0),
      []
    )
    assert.strictEqual(seen.since(), Date.parse("2026-05-07T00:00:00.000Z"))
    await stack.stop()
  })

  it(
    "of agents are what the centre counted, whether their rows were read or seen as they were written",
    UNHURRIED,
    async () => {
      const captured = await capture("dev", { genesysEventSource: SIMULATED_SOURCE, agentIntervals: true })
      const run = await runStack({ captured })
      const { stack, clock } = run
      const day = { now: () => clock.now(), timeZone: "UTC" }
      const seen = await followAgentsToday(captured, stack, day)
      const world = { seed: 1, agents: 12, queues: 3, rate: 10, chaos: 0, start: START, source: SIMULATED_SOURCE }
      const centre = makeSimulator(world)
      const deliveries = [...Array.from({ length: 700 }, centre.next), ...centre.drain()]
      run.feed(deliveries)
      await run.reach(Math.max(...deliveries.map(({ at }) => at)))
      await run.settle()
      const read = await followAgentsToday(captured, stack, day)
      if (seen === undefined || read === undefined) return assert.fail("the stack folds agent-intervals")
      let handled = 0
      for (const { agentId, presence, routingStatus, intervals } of centre.truth().agents) {
        const counted = [...intervals.values()].reduce((sum, tally) => sum + tally.handled, 0)
        for (const of of [seen, read]) {
          const { since, states, figures } = of(agentId)
          assert.strictEqual(since, Date.parse("2026-05-06T00:00:00.000Z"))
          assert.strictEqual(states[0]?.at, since)
          assert.strictEqual(states.at(-1)?.state, effectiveState({ presence, routingStatus }).state)
          assert.strictEqual(figures.handled, counted)
        }
        handled += counted
      }
      assert.isAbove(handled, 3)
      await stack.stop()
    }
  )

  it("are absent where the stack does not fold them", async () => {
    const run = await runStack()
    const projections = run.captured.projections.filter(({ name }) => name !== queueIntervals.name)
    assert.isUndefined(
      await followToday({ ...run.captured, projections }, run.stack, { now: () => START, timeZone: "UTC" })
    )
    assert.isUndefined(await followAgentsToday(run.captured, run.stack, { now: () => START, timeZone: "UTC" }))
    await run.stack.stop()
  })
})
