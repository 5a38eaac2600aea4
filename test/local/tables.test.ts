import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { capture } from "../../src/local/capture.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { followState, readState } from "../../src/local/tables.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import { promote } from "../../src/pipeline/generations.ts"
import { control } from "../../src/store/aws/control.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { Connection } from "../../src/store/connection.ts"
import type { RowChange } from "../../src/wallboard/row-change.ts"
import { agentsAgain } from "../support/generations.ts"
import { AGENT, historyOf, START, statusLine } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"

describe("the tables that are followed", () => {
  it("are shown as they are read, and what was not written is the same value as before", UNHURRIED, async () => {
    const run = await runStack()
    const seen: Array<RowChange> = []
    const state = await followState(run.captured, run.stack, (change) => seen.push(change))
    for (const { line } of historyOf(150)) run.send(line)
    await run.reach(run.clock.now() + 20_000)
    const { agents: shown, queues: lists } = state()
    const read = await readState(run.captured, run.stack)
    // Closed rows are not followed, so that they do not count for what a row is as of.
    const plain = (list: typeof shown) => list.map(({ asOf: _, ...rest }) => rest)
    assert.deepStrictEqual([plain(shown), plain(lists)], [plain(read.agents), plain(read.queues)])
    assert.isAbove(shown.length, 5)
    assert.isTrue(seen.some(({ kind, before }) => kind === "queues" && before !== undefined))

    run.send(statusLine("one-more", "IDLE", run.clock.now()))
    await run.settle()
    const after = state().agents
    const same = after.filter((agent) => shown.includes(agent))
    assert.deepStrictEqual([after.length, same.length], [shown.length + 1, shown.length])
    await run.stack.stop()
  })

  it("[P8] are others once readers are led to another generation", UNHURRIED, async () => {
    const listed = [agents, agentsAgain, queues, conversations]
    const captured = await capture("dev", { genesysEventSource: SIMULATED_SOURCE, batchWindowSeconds: 1 }, listed)
    const run = await runStack({ captured })
    const rows = new Set<unknown>()
    const state = await followState(captured, run.stack, ({ after }) => rows.add(after.knownBy))
    run.send(statusLine("first", "IDLE", START))
    await run.settle()
    assert.deepStrictEqual([...rows], [undefined])
    const ports = control(String(captured.outputs.controlTableName)).pipe(
      Layer.provide(DynamoDb.layer),
      Layer.provide(Layer.succeed(Connection, run.stack.operator)),
      Layer.provideMerge(Layer.succeed(Projections, listed))
    )
    await Effect.runPromise(Effect.provide(promote("agents-v3", "maria"), ports))
    run.send(statusLine("second", "INTERACTING", run.clock.now()))
    await run.settle()
    assert.deepStrictEqual([...rows], [undefined, 1])
    const [agent] = state().agents
    assert.deepInclude(agent, { agentId: AGENT, routingStatus: "INTERACTING" })
    await run.stack.stop()
  })
})
