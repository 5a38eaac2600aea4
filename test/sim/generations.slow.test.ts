import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { generation } from "../../src/domain/projection.ts"
import { iso } from "../../src/domain/stamp.ts"
import { capture } from "../../src/local/capture.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { readState } from "../../src/local/tables.ts"
import { diff } from "../../src/pipeline/diff.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import { promote, readersOf, retire } from "../../src/pipeline/generations.ts"
import { control } from "../../src/store/aws/control.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { Connection } from "../../src/store/connection.ts"
import type { Control } from "../../src/store/control.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"
import { historyOf } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"

const LISTED = [agents, { ...agents, version: 3 }, queues, conversations]

describe("generations on the whole stack", () => {
  it(
    "[P8] [P10] are updated side by side, compared, promoted and retired, with the roles as they are",
    UNHURRIED,
    async () => {
      const captured = await capture("dev", { genesysEventSource: SIMULATED_SOURCE, batchWindowSeconds: 1 }, LISTED)
      const run = await runStack({ captured })
      const tables = captured.outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>
      const ports = Layer.mergeAll(
        control(String(captured.outputs.controlTableName)),
        projectionStore(
          Object.fromEntries(
            LISTED.map((of) => [generation(of), { table: tables[generation(of)]?.name ?? "", key: of.key }])
          )
        )
      ).pipe(
        Layer.provide(DynamoDb.layer),
        Layer.provide(Layer.succeed(Connection, run.stack.operator)),
        Layer.provideMerge(Layer.succeed(Projections, LISTED))
      )
      const operate = <A, E>(effect: Effect.Effect<A, E, Control | ProjectionStore>) =>
        Effect.runPromise(Effect.provide(effect, ports))
      const rowsOf = (name: string) =>
        operate(
          Effect.map(
            ProjectionStore.use((store) => store.pages(name, { segment: 0, segments: 1 })),
            ({ rows }) => rows
          )
        )
      try {
        const [first, second] = [historyOf(240).slice(0, 120), historyOf(240).slice(120)]
        for (const { line } of first) run.send(line)
        await run.reach(run.clock.now() + 20_000)
        const same = await operate(diff("agents-v2", "agents-v3", { limit: 10, segments: 2 }))
        assert.deepStrictEqual([same.total, same.differences], [0, []])
        assert.isAbove(same.rows, 10)
        assert.isAbove(same.readUnits, 0)

        const shown = async () =>
          new Map((await readState(captured, run.stack)).agents.map(({ agentId, asOf }) => [agentId, asOf]))
        const latest = (rows: Awaited<ReturnType<typeof rowsOf>>) =>
          new Map(
            [...Map.groupBy(rows, ({ entity }) => entity)].map(([entity, own]) => [
              entity,
              iso(Math.max(...own.map(({ asOf }) => asOf)))
            ])
          )
        await operate(promote("agents-v3", "maria"))
        await operate(retire("agents-v2", "maria"))
        assert.strictEqual(await operate(readersOf("agents")), "agents-v3")
        await run.reach(run.clock.now() + 31_000)
        const [old, before] = [await rowsOf("agents-v2"), await rowsOf("agents-v3")]
        for (const { line } of second) run.send(line)
        await run.reach(run.clock.now() + 20_000)
        assert.deepStrictEqual(await rowsOf("agents-v2"), old, "the old feed is off")
        assert.notDeepEqual(await rowsOf("agents-v3"), before, "the other stays on")
        assert.deepStrictEqual(await shown(), latest(await rowsOf("agents-v3")), "the view reads what was promoted")
        assert.notDeepEqual(await shown(), latest(old))
        const changed = await operate(diff("agents-v2", "agents-v3", { limit: 10 }))
        assert.isAbove(changed.total, 0)
        assert.deepStrictEqual(run.stack.denied(), [])
      } finally {
        await run.stack.stop()
      }
    }
  )
})
