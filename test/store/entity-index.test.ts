import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Option } from "effect"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { entityIndex, entityIndexFromConfig } from "../../src/store/aws/entity-index.ts"
import { EntityIndex } from "../../src/store/entity-index.ts"
import { memoryEntityIndex } from "../../src/store/memory/entity-index.ts"
import type { StoreError } from "../../src/store/store-error.ts"
import { ENTITY_TABLE, makeEngine } from "./engine.ts"
import { entityIndexContract } from "./entity-index.contract.ts"
import { ARRIVAL } from "./events.ts"
import { faulty, type Mishap } from "./faulty.ts"

const clients = Layer.unwrap(Effect.map(Effect.promise(makeEngine), ({ connect }) => connect()))

entityIndexContract("AWS", entityIndex(ENTITY_TABLE).pipe(Layer.provide(clients)))
entityIndexContract("memory", Layer.unwrap(Effect.sync(() => memoryEntityIndex().layer)))

const entries = Array.from({ length: 100 }, (_, i) => ({
  projection: "agents",
  entity: `6b1f4c2e-8a53-4d97-b0e6-${i}`,
  eventId: `0f2d7a44-59cb-4e3a-9c41-${i}`,
  received: ARRIVAL + i
}))

/** Runs on a fresh engine whose calls meet these mishaps. */
const under = <A, E>(
  plan: Readonly<Record<string, ReadonlyArray<Mishap>>>,
  body: (
    index: EntityIndex["Service"],
    engine: Awaited<ReturnType<typeof makeEngine>>,
    calls: Readonly<Record<string, number>>
  ) => Effect.Effect<A, E>
) =>
  Effect.flatMap(Effect.promise(makeEngine), (engine) => {
    const { wrap, calls } = faulty(plan)
    return EntityIndex.use((index) => body(index, engine, calls)).pipe(
      Effect.provide(entityIndex(ENTITY_TABLE).pipe(Layer.provide(engine.connect(wrap)), Layer.fresh))
    )
  })

describe("the index by entity on AWS", () => {
  it.live("[P9] takes a write unit for an entry, in calls of 25, and half a read unit for a page of a few", () =>
    under({}, (index, { dynamodb }, calls) =>
      Effect.gen(function* () {
        yield* index.add(entries)
        assert.strictEqual(calls.BatchExecuteStatement, 4)
        assert.deepStrictEqual(dynamodb.usage()[ENTITY_TABLE], { write: 100, read: 0 })
        yield* index.page({ projection: "agents", entity: entries[0]?.entity ?? "" })
        assert.deepStrictEqual(dynamodb.usage()[ENTITY_TABLE], { write: 100, read: 0.5 })
      })
    )
  )

  it.live("[P10] calls what append and the operator may, and nothing that overwrites", () =>
    under({}, (index, { actions }) =>
      Effect.gen(function* () {
        yield* index.add(entries.slice(0, 2))
        yield* index.page({ projection: "agents", entity: "nobody" })
        assert.deepStrictEqual([...actions].toSorted(), ["dynamodb:PartiQLInsert", "dynamodb:Query"])
      })
    )
  )

  it.live("[P2] adds every entry in the end, whatever is throttled, half done or unanswered", () =>
    under({ BatchExecuteStatement: ["partial", "lost", "throttled", "cut", "broken", "partial"] }, (index) =>
      Effect.gen(function* () {
        yield* index.add(entries)
        for (const { projection, entity, eventId } of entries)
          assert.deepStrictEqual((yield* index.page({ projection, entity })).eventIds, [eventId])
      })
    )
  )

  it.live("[P11] fails with the name of what was refused, and nothing of the answer", () =>
    under({ BatchExecuteStatement: ["denied"], Query: ["denied"] }, (index) =>
      Effect.gen(function* () {
        const told = (error: StoreError) => [error.message, error.retryable]
        const refused = Effect.map(Effect.flip(index.add(entries.slice(0, 1))), told)
        assert.deepStrictEqual(yield* refused, ["entity index: add: AccessDeniedException", false])
        const page = index.page({ projection: "agents", entity: "a-1" })
        assert.deepStrictEqual(yield* Effect.map(Effect.flip(page), told), [
          "entity index: page: AccessDeniedException",
          false
        ])
      })
    )
  )

  const fromEnv = (env: Readonly<Record<string, string>>) =>
    Effect.serviceOption(EntityIndex).pipe(
      Effect.provide(
        entityIndexFromConfig.pipe(
          Layer.provide(DynamoDb.layer),
          Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ AWS_REGION: "eu-west-1", ...env })))
        )
      )
    )

  it.effect("is there where ENTITY_TABLE names a table, and only there", () =>
    Effect.gen(function* () {
      assert.isTrue(Option.isSome(yield* fromEnv({ ENTITY_TABLE })))
      for (const env of [{}, { ENTITY_TABLE: "" }]) assert.isTrue(Option.isNone(yield* fromEnv(env)))
    })
  )
})
