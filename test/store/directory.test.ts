import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Result } from "effect"
import type { DirectoryEntry } from "../../src/domain/directory.ts"
import { directory, directoryFromConfig } from "../../src/store/aws/directory.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { Directory } from "../../src/store/directory.ts"
import { memoryDirectory } from "../../src/store/memory/directory.ts"
import type { StoreError } from "../../src/store/store-error.ts"
import { directoryContract } from "./directory.contract.ts"
import { DIRECTORY_TABLE, makeEngine } from "./engine.ts"
import { faulty, type Mishap } from "./faulty.ts"

const clients = Layer.unwrap(Effect.map(Effect.promise(makeEngine), ({ connect }) => connect()))

directoryContract("AWS", (scope) => directory(DIRECTORY_TABLE, scope).pipe(Layer.provide(clients)))
directoryContract("memory", (scope) => Layer.unwrap(Effect.sync(() => memoryDirectory(scope).layer)))

const AT = Date.parse("2026-03-02T12:00:00.000Z")

const entries: ReadonlyArray<DirectoryEntry> = Array.from({ length: 300 }, (_, i) => ({
  kind: "agents",
  id: `6b1f4c2e-8a53-4d97-b0e6-${String(i).padStart(12, "0")}`,
  at: AT,
  name: `Kanarie Agent ${i}`,
  email: `kanarie-${i}@example.com`,
  division: "7f3e9a15-6c48-4b02-9d7e-5a1b8c0f4e63",
  team: "2d81c5e0-4b9a-42f6-8e13-7a0f6c2b9d35"
}))

/** Runs on a fresh engine whose calls meet these mishaps. */
const under = <A, E>(
  plan: Readonly<Record<string, ReadonlyArray<Mishap>>>,
  body: (held: Directory["Service"], engine: Awaited<ReturnType<typeof makeEngine>>) => Effect.Effect<A, E>
) =>
  Effect.flatMap(Effect.promise(makeEngine), (engine) =>
    Directory.use((held) => body(held, engine)).pipe(
      Effect.provide(
        directory(DIRECTORY_TABLE, { holds: "emails", divisions: [] }).pipe(
          Layer.provide(engine.connect(faulty(plan).wrap)),
          Layer.fresh
        )
      )
    )
  )

describe("the directory on AWS", () => {
  it.live("[P9] a page of 100 agents takes one query, and names half a read unit each", () =>
    under({}, (held, { dynamodb }) =>
      Effect.gen(function* () {
        const spent = () => dynamodb.usage()[DIRECTORY_TABLE] ?? { write: 0, read: 0 }
        yield* held.put(entries)
        const filled = spent()
        // The table and three indexes; and one consistent read of each to see what is stored.
        assert.deepStrictEqual(filled, { write: 1_200, read: 300 })
        const page = yield* held.list("agents")
        assert.lengthOf(page.entries, 100)
        assert.deepStrictEqual(spent(), { write: 1_200, read: 303 })
        yield* held.list("agents", { name: "kanarie agent 17" })
        assert.deepStrictEqual(spent(), { write: 1_200, read: 303.5 })
        yield* held.names(
          "agents",
          entries.slice(0, 10).map(({ id }) => id)
        )
        assert.deepStrictEqual(spent(), { write: 1_200, read: 308.5 })
        yield* held.put(entries.map((entry) => ({ ...entry, at: AT + 3_600_000 })))
        assert.deepStrictEqual(spent(), { write: 1_200, read: 608.5 })
        yield* held.put(entries.map((entry) => ({ ...entry, at: AT + 86_400_000 })))
        assert.deepStrictEqual(spent(), { write: 1_800, read: 908.5 })
      })
    )
  )

  it.live("[P10] calls what the policies allow, and no scan", () =>
    under({}, (held, { actions }) =>
      Effect.gen(function* () {
        yield* held.put(entries.slice(0, 2))
        yield* held.list("agents")
        yield* held.names("agents", ["nobody"])
        yield* held.swept("agents", AT + 3 * 86_400_000)
        yield* held.lastSwept("agents")
        yield* held.remove("agents", "nobody")
        assert.deepStrictEqual(
          [...actions].toSorted(),
          ["BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"].map((name) => `dynamodb:${name}`)
        )
      })
    )
  )

  it.live("[P2] writes every entry in the end, whatever is throttled, half done or unanswered", () =>
    under(
      {
        PutItem: ["lost", "throttled", "cut", "broken", "lost"],
        BatchGetItem: ["throttled", "partial", "cut"],
        UpdateItem: ["lost", "throttled"],
        DeleteItem: ["lost", "cut"]
      },
      (held) =>
        Effect.gen(function* () {
          yield* held.put(entries)
          assert.strictEqual(
            (yield* held.names(
              "agents",
              entries.map(({ id }) => id)
            )).size,
            entries.length
          )
          yield* held.remove("agents", entries[0]?.id ?? "")
          yield* held.swept("agents", AT + 3 * 86_400_000)
          assert.deepStrictEqual((yield* held.list("agents")).entries, [])
        })
    )
  )

  it.live("a request that another overtakes between its read and its write loses", () =>
    Effect.flatMap(Effect.promise(makeEngine), (engine) =>
      Effect.gen(function* () {
        const scope = { holds: "names", divisions: [] } as const
        const connect = () =>
          Effect.provide(
            Directory.useSync((held) => held),
            directory(DIRECTORY_TABLE, scope).pipe(Layer.provide(engine.connect()), Layer.fresh)
          )
        const [one, other] = [yield* connect(), yield* connect()]
        const say = (held: Directory["Service"], name: string, at: number) =>
          held.put([{ kind: "agents", id: "a-1", name, at }])
        for (let round = 0; round < 20; round++)
          yield* Effect.all(
            [say(one, `earlier ${round}`, AT + 2 * round), say(other, `later ${round}`, AT + 2 * round + 1)],
            {
              concurrency: 2
            }
          )
        assert.strictEqual((yield* one.names("agents", ["a-1"])).get("a-1")?.name, "later 19")
      }).pipe(Effect.scoped)
    )
  )

  it.live("[P11] fails with the name of what was refused, and no name of anybody", () =>
    under({ Query: ["denied"], PutItem: ["denied"], BatchGetItem: ["none", "denied"] }, (held) =>
      Effect.gen(function* () {
        const told = (error: StoreError) => {
          assert.notMatch(JSON.stringify(error), /kanarie/i)
          return [error.message, error.retryable]
        }
        const failed = <A>(effect: Effect.Effect<A, StoreError>) => Effect.map(Effect.flip(effect), told)
        const refused = (operation: string) => [`directory: ${operation}: AccessDeniedException`, false]
        assert.deepStrictEqual(yield* failed(held.put(entries.slice(0, 1))), refused("put"))
        assert.deepStrictEqual(yield* failed(held.names("agents", [entries[0]?.id ?? ""])), refused("names"))
        assert.deepStrictEqual(yield* failed(held.list("agents", { name: "Kanarie" })), refused("list"))
        for (const cursor of ["kanarie", "", Buffer.from('["kanarie"]').toString("base64url")])
          assert.deepStrictEqual(yield* failed(held.list("agents", {}, { cursor })), [
            "directory: list: CursorInvalid",
            false
          ])
      })
    )
  )

  const fromEnv = (env: Readonly<Record<string, string>>) =>
    Effect.result(
      Directory.useSync(() => "made").pipe(
        Effect.provide(
          directoryFromConfig.pipe(
            Layer.provide(DynamoDb.layer),
            Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ AWS_REGION: "eu-west-1", ...env })))
          )
        )
      )
    )

  it.effect("is made from the environment of a function, and not without a table or with another word", () =>
    Effect.gen(function* () {
      const env = { DIRECTORY_TABLE, DIRECTORY_HOLDS: "names" }
      for (const one of [env, { ...env, DIVISIONS: "" }, { ...env, DIVISIONS: "d-1,d-2" }])
        assert.isTrue(Result.isSuccess(yield* fromEnv(one)))
      for (const one of [{ DIRECTORY_TABLE }, { ...env, DIRECTORY_TABLE: "" }, { ...env, DIRECTORY_HOLDS: "all" }])
        assert.isTrue(Result.isFailure(yield* fromEnv(one)))
    })
  )
})
