import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { effectClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import { Effect, Layer } from "effect"
import { sweepDollars, sweepReads } from "../../src/domain/prices.ts"
import { Organisation } from "../../src/genesys-api/organisation.ts"
import { organisationMemory } from "../../src/genesys-api/organisation-memory.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import { reconcile } from "../../src/pipeline/reconcile/sweep.ts"
import { control } from "../../src/store/aws/control.ts"
import { directory } from "../../src/store/aws/directory.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { Kinesis, streamSink } from "../../src/store/aws/stream-sink.ts"
import { Connection } from "../../src/store/connection.ts"
import { centre, sweeping } from "../pipeline/reconcile/sweeping.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"

const AGENTS = 200
const QUEUES = 20
const MEMBERS = 10

/** An organisation in which each queue has members, of whom the first three are on a conversation. */
const organisation = () => {
  const { users = [], queues = [], ...rest } = centre(AGENTS, QUEUES)
  const members = Object.fromEntries(
    queues.map(({ id }, i) => [id, users.slice(i * MEMBERS, (i + 1) * MEMBERS).map((user) => user.id)])
  )
  return { ...rest, users, queues, members }
}

/** The stack on the engine, and sweeps of an organisation with the stores of the function. */
const place = async () => {
  const run = await runStack()
  const { outputs, projections } = run.captured
  const tables = outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>
  const named = Object.fromEntries(
    projections.map((p) => [
      `${p.name}-v${p.version}`,
      { table: tables[`${p.name}-v${p.version}`]?.name ?? "", key: p.key }
    ])
  )
  const fixture = organisation()
  const stores = Layer.mergeAll(
    projectionStore(named),
    control(String(outputs.controlTableName)),
    directory(String(outputs.directoryTableName), { holds: "names", divisions: [] }),
    streamSink(String(outputs.streamName))
  ).pipe(Layer.provide([DynamoDb.layer, Kinesis.layer]), Layer.provide(Layer.succeed(Connection, run.stack.operator)))
  const layer = Layer.mergeAll(
    stores,
    Layer.succeed(
      Organisation,
      organisationMemory(() => fixture, 100)
    ),
    Layer.succeed(Projections, projections),
    effectClock(run.clock)
  )
  const used = () => {
    const usage = run.stack.dynamodb.usage()
    const of = (kind: "read" | "write", ...names: ReadonlyArray<string>) =>
      names.reduce((sum, name) => sum + (usage[name]?.[kind] ?? 0), 0)
    const rows = Object.values(named).map(({ table }) => table)
    return {
      reads: of("read", ...rows),
      writes: of("write", ...rows),
      directory: of("read", String(outputs.directoryTableName)),
      names: of("write", String(outputs.directoryTableName)),
      control: of("read", String(outputs.controlTableName)) + of("write", String(outputs.controlTableName))
    }
  }
  const sweep = async () => {
    const before = used()
    let ended = false
    const report = Effect.runPromise(reconcile({ start: true, by: "a test" }).pipe(Effect.provide(layer))).finally(
      () => {
        ended = true
      }
    )
    await runVirtual(run.clock, { pending: run.stack.pending, until: () => ended, limit: 3_600_000 })
    const { last } = await report
    const after = used()
    return {
      counts: last?.counts ?? assert.fail("the sweep was not whole"),
      reads: after.reads - before.reads,
      writes: after.writes - before.writes,
      names: after.names - before.names,
      directory: after.directory - before.directory
    }
  }
  return { ...run, sweep }
}

describe("a sweep on the engine", () => {
  it(
    "[P9] reads three units an agent, and two for each queue and each of its members, and writes nothing that is right already",
    UNHURRIED,
    async () => {
      const site = await place()
      const first = await site.sweep()
      await site.settle()
      assert.strictEqual((await site.rows()).filter(({ row }) => row.startsWith("member#")).length, AGENTS)
      await site.reach(site.clock.now() + 120_000)
      const second = await site.sweep()
      assert.deepStrictEqual(second.counts.stated, {})
      // Of the directory, that each of the six kinds was swept.
      assert.deepStrictEqual([second.writes, second.names], [0, 6])
      const { agents, queues, members } = second.counts
      const formula = agents * sweepReads.agent + queues * sweepReads.queue + members * sweepReads.member
      process.stdout.write(
        `${agents} agents, ${queues} queues, ${members} members: ${second.reads} read units of rows, ${second.directory} of names; by the formula ${formula}; the first sweep wrote ${first.names} units of names\n`
      )
      assert.isAtMost(second.reads, formula)
      assert.isAtLeast(second.reads, formula * 0.75)
      await site.stack.stop()
    }
  )

  it(
    "of 20,000 users and 2,000 queues goes on over invocations, in as many requests as the page says",
    UNHURRIED,
    async () => {
      const users = centre(20_000, 2_000)
      const ids = users.users?.map(({ id }) => id) ?? []
      // A quarter is at work, and each is joined to three queues.
      const working = users.users?.map((user, i) =>
        i % 4 === 0 ? { ...user, routingStatus: { value: "INTERACTING" } } : user
      )
      const members = Object.fromEntries(
        (users.queues ?? []).map(({ id }, i) => [
          id,
          Array.from({ length: 30 }, (_, k) => ids[(i * 10 + k) % 20_000] ?? "")
        ])
      )
      const fixture = { ...users, users: working ?? [], members }
      const sweeps = sweeping({ fixture: () => fixture, page: 100, users: 500, requestMs: 400 })
      const states: Array<string> = []
      let report = await Effect.runPromise(sweeps.invoke(300_000, true))
      while (report.state === "paused") {
        const { sweep } = report
        states.push(`${sweep?.phase}: ${sweep?.counts.agents} agents, ${sweep?.counts.queues} queues`)
        report = await Effect.runPromise(sweeps.invoke(300_000, false))
      }
      const { requests, agents, queues, stated } = report.last?.counts ?? assert.fail("not whole")
      const longest = sweeps.checkpointBytes()
      process.stdout.write(
        `${agents} agents, ${queues} queues, ${requests} requests, ${sweeps.sent().length} events, ${states.length + 1} invocations of 5 min, checkpoint at most ${longest} bytes\n  ${states.join("\n  ")}\n`
      )
      assert.deepStrictEqual([agents, queues], [20_000, 2_000])
      assert.isAbove(states.length, 1)
      assert.strictEqual(stated.presence, 20_000)
      assert.isAtMost(requests, 2_265)
      assert.isAtMost(longest, 8_192)
    }
  )

  it("costs what docs/costs.md says", () => {
    const page = readFileSync(new URL("../../docs/costs.md", import.meta.url), "utf8")
    const dollars = sweepDollars({ agents: 20_000, queues: 2_000, members: 60_000 }, 900_000)
    assert.include(page, `$${dollars.toFixed(2)}, or $${(dollars * 730).toFixed(0)} a month for one an hour`)
  })
})
