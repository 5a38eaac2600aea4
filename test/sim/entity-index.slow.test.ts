import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { deriveDeltas } from "../../src/domain/projection.ts"
import { ENTRIES_PER_EVENT } from "../../src/infra/capacity.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { entityIndex } from "../../src/store/aws/entity-index.ts"
import { EntityIndex, type IndexedEntity } from "../../src/store/entity-index.ts"
import { decoded } from "../store/events.ts"
import { modelOf, WINDOW } from "../support/core.ts"
import { delivered as projections } from "../support/delivered.ts"
import { historyOf, START, statusLine } from "../support/history.ts"
import { seeds, UNHURRIED } from "../support/seeds.ts"
import { devStack, grantsOf, isSame, runStack, without } from "../support/stack.ts"

const captured = await devStack({ entityIndex: true })
const TABLE = String(captured.outputs.entityIndexName)

type Run = Awaited<ReturnType<typeof runStack>>

/** What the stored events say by the folds alone: ids by entity, in the order of arrival. */
const expected = async (run: Run) => {
  const found = new Map<string, Set<string>>()
  const stored = [...(await run.events())].map(([id, event]) => ({ id, ...event }))
  stored.sort((a, b) => a.received - b.received || (a.id < b.id ? -1 : 1))
  for (const { id, envelope, received } of stored)
    for (const of of projections)
      for (const { entity } of deriveDeltas([of], decoded(envelope, received), WINDOW)) {
        const key = JSON.stringify({ projection: of.name, entity })
        found.set(key, (found.get(key) ?? new Set()).add(id))
      }
  return new Map([...found].map(([key, ids]) => [key, [...ids]]))
}

/** What the index answers about each of these entities, in one page. */
const answered = (run: Run, entities: Iterable<string>) =>
  Effect.runPromise(
    EntityIndex.use((index) =>
      Effect.forEach([...entities], (key) =>
        Effect.map(index.page(JSON.parse(key) as IndexedEntity), ({ eventIds }) => [key, eventIds] as const)
      )
    ).pipe(
      Effect.map((pages) => new Map(pages)),
      Effect.provide(
        entityIndex(TABLE).pipe(
          Layer.provide(Layer.succeed(DynamoDb, new DynamoDBClient({ ...run.stack.operator, maxAttempts: 5 })))
        )
      )
    )
  )

const writes = (run: Run, table = TABLE) => run.stack.dynamodb.usage()[table]?.write ?? 0

describe("the stack with an index by entity", () => {
  it.each(seeds(2, 5))(
    "[P2] finds every stored event by each of its entities, and ends in the same rows, under injected faults (seed %i)",
    UNHURRIED,
    async (seed) => {
      const run = await runStack({ captured, seed, chaos: 0.7 })
      const history = historyOf(300, { seed, chaos: 0.7 })
      run.feed(history)
      await run.reach(history.at(-1)?.at ?? 0)
      run.stack.calm()
      await run.settle()
      const entities = await expected(run)
      assert.isAbove(entities.size, 10)
      assert.deepStrictEqual(await answered(run, entities.keys()), entities)
      assert.deepStrictEqual(await run.dump(), modelOf(await run.events()))
      assert.isAbove(run.counters.duplicates, 0)
      assert.deepStrictEqual(run.stack.denied(), [])
      await run.stack.stop()
    }
  )

  it("[P2] has every entry once the table is back that took none for two minutes", UNHURRIED, async () => {
    const run = await runStack({ captured })
    const back = START + 2 * 60_000
    run.stack.outage((_, resource) => resource.endsWith(`table/${TABLE}`) && run.clock.now() < back)
    run.feed(historyOf(200, { rate: 1 }))
    await run.reach(back)
    assert.strictEqual(writes(run), 0)
    await run.settle()
    const entities = await expected(run)
    assert.deepStrictEqual(await answered(run, entities.keys()), entities)
    assert.deepStrictEqual(await run.dump(), modelOf(await run.events()))
    assert.isAbove(run.counters.duplicates, 0)
    assert.deepStrictEqual([run.stack.denied(), run.givenUp()], [[], []])
    await run.stack.stop()
  })

  it("[P9] takes one write unit more for an entry, and about one entry for an event", UNHURRIED, async () => {
    const run = await runStack({ captured })
    const history = historyOf(1_000, { agents: 40, queues: 6, rate: 10 })
    run.feed(history)
    await run.reach(history.at(-1)?.at ?? 0)
    await run.settle()
    const count = (entries: Iterable<readonly [string, ReadonlyArray<string>]>) =>
      [...entries].reduce((sum, [, ids]) => sum + ids.length, 0)
    const entries = await expected(run)
    assert.strictEqual(writes(run), count(entries))
    // As it is delivered, whatever else a copy folds.
    const isDelivered = (key: string) => /^(agents|queues)$/.test((JSON.parse(key) as IndexedEntity).projection)
    const units = count([...entries].filter(([key]) => isDelivered(key))) / history.length
    process.stdout.write(`write units per event: ${units.toFixed(3)} in the index by entity\n`)
    assert.approximately(units, ENTRIES_PER_EVENT, 0.1 * ENTRIES_PER_EVENT)
    assert.isAtMost(run.units().events / history.length, 1.05)
    await run.stack.stop()
  })

  it("[P7] takes an event whose id no key of the index can hold beside its neighbours", UNHURRIED, async () => {
    const run = await runStack({ captured })
    const ids = ["e-1", "é".repeat(1_000), "e-2"]
    ids.forEach((id, i) => {
      run.send(statusLine(id, "IDLE", START + i))
    })
    await run.settle()
    const [[key, found] = []] = await answered(run, (await expected(run)).keys())
    assert.sameMembers([...(found ?? [])], ids, key)
    assert.deepStrictEqual([run.counters.appended, run.quarantined(), run.givenUp()], [3, [], []])
    await run.stack.stop()
  })

  const grants = grantsOf(captured).filter(({ resource }) => resource.endsWith(`table/${TABLE}`))

  it("[P1] [P10] lets append add to it, and nobody do anything else", () => {
    assert.deepStrictEqual(
      grants.map(({ policy, action }) => [policy, action]),
      [["append-policy", "dynamodb:PartiQLInsert"]]
    )
  })

  it.each(grants)("[P10] cannot do without $action on it", UNHURRIED, async (grant) => {
    const run = await runStack({ captured: without(captured, isSame(grant)) })
    run.send(statusLine("e-1", "IDLE", START))
    await run.reach(run.clock.now() + 15_000)
    assert.isTrue(run.stack.denied().some(({ action, resource }) => isSame({ ...grant, action, resource })(grant)))
    assert.strictEqual(run.counters.appended, 0)
    await run.stack.stop()
  })
})
