import { assert, describe, it } from "@effect/vitest"
import { virtualClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import type { Columns } from "../../src/domain/projection.ts"
import { sweepSettings } from "../../src/local/centre.ts"
import { followNames } from "../../src/local/names.ts"
import { openLive } from "../../src/local/opened.ts"
import { simulatorDefaults } from "../../src/local/options.ts"
import { deliver } from "../../src/local/partner.ts"
import { followState } from "../../src/local/tables.ts"
import { tell } from "../../src/simulator/truth.ts"
import { START } from "../support/history.ts"
import { devStack } from "../support/stack.ts"

/** Engine time in which the wall is full; what the machine computes takes none of it. */
const FULL_MS = 1_000

const usersOf = (members: Columns[string] | undefined) =>
  (members as ReadonlyArray<Columns>).map(({ userId }) => String(userId)).sort()

describe("the stack of `npm start`", () => {
  it.each([1, 3])("shows all agents and queues, named, a second after it has started, with seed %i", async (seed) => {
    const captured = await devStack(sweepSettings)
    const clock = virtualClock(START)
    const opened = await openLive({
      ...simulatorDefaults,
      seed,
      chaos: 0,
      lose: 0,
      captured,
      clock,
      onLog: () => {}
    })
    const { stack, simulator } = opened
    const truth = tell(simulator.population, START, true)
    const state = await followState(captured, stack)
    const { names, close } = followNames(captured, stack, clock)
    for (let at = START; at <= START + FULL_MS; at += 50) {
      clock.at(at, () => {})
      await runVirtual(clock, {
        pending: stack.pending,
        until: () => clock.now() >= at,
        limit: FULL_MS,
        waiting: String
      })
      for (const { line } of simulator.until(at)) deliver(stack, line)
    }
    const { agents, queues } = state()
    assert.deepStrictEqual(
      agents.filter((agent) => names().has(String(agent.agentId))).map(({ agentId, presence }) => [agentId, presence]),
      truth.agents.map(({ agentId, presence }) => [agentId, presence])
    )
    assert.deepStrictEqual(
      queues
        .filter((queue) => names().has(String(queue.queueId)))
        .map(({ queueId, members }) => [queueId, usersOf(members)]),
      truth.queues.map(({ queueId, members }) => [queueId, members])
    )
    assert.deepStrictEqual([truth.agents.length, truth.queues.length], [24, 5])
    assert.isEmpty(agents.filter(({ state }) => state === undefined))
    await close()
    await stack.stop()
  })
})
