import { assert, describe, it } from "@effect/vitest"
import { ServiceError } from "aws-in-process"
import { Effect, Exit } from "effect"
import { conversations } from "../../projections/conversations.ts"
import type { DirectoryKind, DirectoryScope } from "../../src/domain/directory.ts"
import { connectMemory, Reader } from "../../src/read/index.ts"
import { Directory } from "../../src/store/directory.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { makeTables, type Tables } from "./engine.ts"
import { event, idOf, member, onQueue, presence } from "./events.ts"

const [A, B, C] = [1, 2, 3].map(idOf) as [string, string, string]
const Q = idOf(100)
const START_OF_SESSION = "v2.detail.events.conversation.{id}.user.start"

const use = async (run: (tables: Tables) => Promise<void>, options?: Parameters<typeof makeTables>[0]) => {
  const tables = await makeTables(options)
  try {
    await run(tables)
  } finally {
    await tables.close()
  }
}

const agent = (id: string, name?: string, more: object = {}) => ({
  kind: "agents" as const,
  id,
  ...(name === undefined ? {} : { name }),
  ...more
})

const everybody = [
  agent(A, "Anna Berg", { division: "d-1", team: "t-1", email: "anna@example.com" }),
  agent(B, "Bo Ek", { division: "d-2" }),
  { kind: "queues" as const, id: Q, name: "Sales", division: "d-1" },
  { kind: "presences" as const, id: "d", name: "Verfügbar" },
  { kind: "wrapupCodes" as const, id: "w-1", name: "Solved" }
]
const kinds = ["agents", "queues", "presences", "wrapupCodes"] as const

/** What a call fails with: its tag and its reason or field. */
const failureOf = async (tables: Tables, call: (reader: Reader["Service"]) => Effect.Effect<unknown, unknown>) => {
  const error = (await tables.read((reader) => Effect.flip(call(reader)))) as Record<string, string>
  return [error._tag, error.reason ?? error.field, error.message]
}

describe("a reader that is asked who there is", UNHURRIED, () => {
  it("lists agents and queues by name, in pages, of a division and of a team", () =>
    use(async (tables) => {
      const many = Array.from({ length: 25 }, (_, i) => agent(idOf(200 + i), `Zed ${String(i).padStart(2, "0")}`))
      await tables.sweep([...everybody, ...many], kinds)
      const { entries, next } = await tables.read((reader) => reader.list("agents", { limit: 10 }))
      assert.deepStrictEqual(entries.slice(0, 2), [
        { id: A, name: "Anna Berg", email: "anna@example.com", division: "d-1", team: "t-1" },
        { id: B, name: "Bo Ek", division: "d-2" }
      ])
      const rest: Array<number> = []
      for (let after = next; after !== undefined; ) {
        const page = await tables.read((reader) => reader.list("agents", { limit: 10, after: after as string }))
        rest.push(page.entries.length)
        after = page.next
      }
      assert.deepStrictEqual([entries.length, ...rest], [10, 10, 7])
      const idsOf = async (...of: Parameters<Reader["Service"]["list"]>) =>
        (await tables.read((reader) => reader.list(...of))).entries.map(({ id }) => id)
      assert.deepStrictEqual(await idsOf("agents", { division: "d-2" }), [B])
      assert.deepStrictEqual(await idsOf("agents", { team: "t-1", name: "ANNA" }), [A])
      assert.deepStrictEqual(await idsOf("queues", { name: "sal" }), [Q])
      assert.deepStrictEqual(await idsOf("presences"), ["d"])
      // An empty list of a kind that was swept says that there is nobody.
      assert.deepStrictEqual(await idsOf("agents", { division: "d-9" }), [])
    }))

  it("[P9] a page of 100 takes 3 read units, and one call", () =>
    use(async (tables) => {
      const id = (i: number) => `6b1f4c2e-8a53-4d97-b0e6-${String(i).padStart(12, "0")}`
      await tables.sweep(
        Array.from({ length: 150 }, (_, i) =>
          agent(id(i), `Firstname Surname ${i}`, { division: id(900), team: id(901) })
        )
      )
      const before = tables.dynamodb.usage()[tables.tableOf("directory")]?.read ?? 0
      tables.seen.length === 0 || assert.fail()
      const { entries } = await tables.read((reader) => reader.list("agents"))
      assert.strictEqual(entries.length, 100)
      assert.strictEqual((tables.dynamodb.usage()[tables.tableOf("directory")]?.read ?? 0) - before, 3)
      assert.deepStrictEqual(
        tables.seen.map(({ operation }) => operation),
        ["Query"]
      )
    }))

  it("says why nobody is listed: no sweep, no such table, no names, no such division", () => {
    const list = (options?: Parameters<Reader["Service"]["list"]>[1]) => (reader: Reader["Service"]) =>
      reader.list("agents", options)
    const scope: DirectoryScope = { holds: "ids", divisions: ["d-1"] }
    return use(
      async (tables) => {
        const unfilled = await failureOf(tables, list())
        assert.deepStrictEqual(unfilled.slice(0, 2), ["NoDirectory", "unfilled"])
        assert.include(unfilled[2] ?? "", "npx projections reconcile")
        await tables.sweep(everybody, kinds)
        const page = await tables.read(list())
        assert.deepStrictEqual(page.entries, [{ id: A, division: "d-1", team: "t-1" }])
        assert.deepStrictEqual((await failureOf(tables, list({ name: "Anna" }))).slice(0, 2), ["NoDirectory", "ids"])
        assert.deepStrictEqual((await failureOf(tables, list({ division: "d-2" }))).slice(0, 2), [
          "NoDirectory",
          "division"
        ])
        assert.deepStrictEqual((await tables.read(list({ division: "d-1", team: "t-2" }))).entries, [])
        await tables.fold([presence(A, "AVAILABLE", 0)])
        tables.drop("directory")
        for (const call of [list(), (reader: Reader["Service"]) => reader.agents([A], { names: true })])
          assert.deepStrictEqual((await failureOf(tables, call)).slice(0, 2), ["NoDirectory", "missing"])
      },
      { scope }
    )
  })

  it("says that divisions are left out where nobody is listed of those that are kept", () => {
    const list =
      (kind: DirectoryKind, options?: Parameters<Reader["Service"]["list"]>[1]) => (reader: Reader["Service"]) =>
        reader.list(kind, options)
    return use(
      async (tables) => {
        await tables.sweep(everybody, [...kinds, "divisions"])
        for (const kind of ["agents", "queues", "divisions"] as const)
          assert.deepStrictEqual((await failureOf(tables, list(kind))).slice(0, 2), ["NoDirectory", "division"])
        assert.deepStrictEqual((await tables.read(list("agents", { team: "t-1" }))).entries, [])
      },
      { scope: { holds: "names", divisions: ["d-9"] } }
    )
  })

  it("says what is wrong with an option", () =>
    use(async (tables) => {
      const fieldOf = async (kind: unknown, options: object) =>
        (await failureOf(tables, (reader) => reader.list(kind as "agents", options))).slice(0, 2)
      const bad = (field: string) => ["BadOption", field]
      assert.deepStrictEqual(await fieldOf("people", {}), bad("kind"))
      for (const limit of [0, 501, 1.5, "10"]) assert.deepStrictEqual(await fieldOf("agents", { limit }), bad("limit"))
      for (const name of [1, "x".repeat(3_000)]) assert.deepStrictEqual(await fieldOf("agents", { name }), bad("name"))
      for (const division of ["", 1]) assert.deepStrictEqual(await fieldOf("agents", { division }), bad("division"))
      assert.deepStrictEqual(await fieldOf("agents", { team: null }), bad("team"))
      for (const after of [7, "", "nonsense", Buffer.from('["a"]').toString("base64url")])
        assert.deepStrictEqual(await fieldOf("agents", { after }), bad("after"))
      assert.deepStrictEqual(
        (await failureOf(tables, (reader) => reader.agent(A, { names: "yes" as unknown as boolean }))).slice(0, 2),
        bad("names")
      )
    }))
})

describe("a reader that is asked for names", UNHURRIED, () => {
  const fill = async (tables: Tables) => {
    await tables.sweep(everybody, kinds)
    await tables.fold([
      ...onQueue(A, "IDLE", 0),
      presence(B, "AVAILABLE", 0),
      member(Q, A, true, 0),
      event(
        START_OF_SESSION,
        "c-1",
        { eventTime: 1, conversationId: "c-1", sessionId: "s-1", queueId: Q, userId: A, mediaType: "VOICE" },
        0
      )
    ])
  }

  it("adds those of all ids in an answer, and of nobody else", () =>
    use(async (tables) => {
      await fill(tables)
      const names = { names: true }
      const read = <A>(call: (reader: Reader["Service"]) => Effect.Effect<A, unknown>) => tables.read(call)
      assert.deepStrictEqual((await read((reader) => reader.agent(A, names)))?.names, {
        [A]: "Anna Berg",
        [Q]: "Sales",
        d: "Verfügbar"
      })
      assert.deepStrictEqual(
        (await read((reader) => reader.agents([B, C, A], names))).map((one) => one?.names?.[one.agentId]),
        ["Bo Ek", undefined, "Anna Berg"]
      )
      assert.deepStrictEqual((await read((reader) => reader.queue(Q, { ...names, join: true })))?.names, {
        [Q]: "Sales"
      })
      assert.deepStrictEqual((await read((reader) => reader.rows(conversations, "c-1", names)))?.names, {
        [A]: "Anna Berg",
        [Q]: "Sales"
      })
      assert.deepStrictEqual(
        (await read((reader) => reader.row({ name: "queues", key: "queueId" }, Q, "state", names)))?.names,
        { [Q]: "Sales" }
      )
      assert.isUndefined(await read((reader) => reader.agent(C, names)))
      assert.notProperty(await read((reader) => reader.agent(A)), "names")
      const byDefault = await tables.read((reader) => reader.available(Q), { names: true })
      assert.deepStrictEqual(byDefault?.names, { [Q]: "Sales", [A]: "Anna Berg", d: "Verfügbar" })
    }))

  it("[P9] reads names in one call for half a unit each, and again after a minute", () =>
    use(async (tables) => {
      await fill(tables)
      const table = tables.tableOf("directory")
      const units = () => tables.dynamodb.usage()[table]?.read ?? 0
      const calls = () => tables.seen.filter((call) => call.tables.includes(table)).length
      const read = Reader.use((reader) => reader.agents([A, B, C], { names: true }))
      const before = units()
      const keep = Effect.gen(function* () {
        yield* read
        assert.deepStrictEqual([calls(), units() - before], [1, 1.5])
        yield* Effect.promise(() => tables.sweep([agent(A, "Anna Holm")], []))
        tables.clock.advanceTo(tables.clock.now() + 59_000)
        const [anna] = yield* read
        assert.deepStrictEqual([calls(), anna?.names?.[A]], [1, "Anna Berg"])
        tables.clock.advanceTo(tables.clock.now() + 1_000)
        yield* read
        assert.strictEqual(calls(), 2)
      })
      await Effect.runPromise(Effect.provide(keep, tables.layer()))
    }))

  it("[P11] a name that was removed is gone after a minute", () =>
    use(async (tables) => {
      await fill(tables)
      const nameOf = Effect.map(
        Reader.use((reader) => reader.agents([A], { names: true })),
        ([anna]) => anna?.names?.[A]
      )
      const keep = Effect.gen(function* () {
        assert.strictEqual(yield* nameOf, "Anna Berg")
        yield* Effect.promise(() => tables.run(Directory.use(({ remove }) => remove("agents", A))))
        tables.clock.advanceTo(tables.clock.now() + 60_000)
        assert.isUndefined(yield* nameOf)
        const { entries } = yield* Reader.use((reader) => reader.list("agents"))
        assert.deepStrictEqual(
          entries.map(({ id }) => id),
          [B]
        )
      })
      await Effect.runPromise(Effect.provide(keep, tables.layer()))
    }))

  it("[P11] an error quotes no name", () =>
    use(async (tables) => {
      tables.intercept(({ operation }) => {
        if (operation === "Query") throw new ServiceError("AccessDeniedException", "no Anna for you")
      })
      const exit = await tables.read((reader) => Effect.exit(reader.list("agents", { name: "Anna" })))
      assert.isTrue(Exit.isFailure(exit))
      assert.notInclude(JSON.stringify(exit), "Anna")
    }))

  it("takes ids that are no keys, and names that are hostile", () =>
    use(async (tables) => {
      await tables.sweep([agent(A, "<script>alert(1)</script>"), agent("__proto__", "Proto")])
      await tables.fold([presence(A, "AVAILABLE", 0), presence("__proto__", "AVAILABLE", 0)])
      const [one, other] = await tables.read((reader) => reader.agents([A, "__proto__"], { names: true }))
      assert.strictEqual(one?.names?.[A], "<script>alert(1)</script>")
      assert.deepStrictEqual(Object.entries(other?.names ?? {}), [["__proto__", "Proto"]])
    }))
})

describe("a reader of fixtures", () => {
  it("lists and names what the fixture says, and says what was never swept", async () => {
    const reader = connectMemory({
      agents: { ada: { presence: "ON_QUEUE", routingStatus: "IDLE" }, bob: {} },
      directory: { agents: { ada: { name: "Ada", division: "d-1" }, bob: { name: "Bob" } } }
    })
    assert.deepStrictEqual(await reader.list("agents", { limit: 1 }), {
      entries: [{ id: "ada", name: "Ada", division: "d-1" }],
      next: "1"
    })
    assert.deepStrictEqual((await reader.list("agents", { after: "1" })).entries, [{ id: "bob", name: "Bob" }])
    assert.deepStrictEqual((await reader.agent("ada", { names: true }))?.names, { ada: "Ada" })
    const error = await reader.list("queues").catch((thrown) => thrown)
    assert.strictEqual(error.reason, "unfilled")
    await reader.close()
  })
})
