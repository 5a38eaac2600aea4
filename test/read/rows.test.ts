import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { agents } from "../../projections/agents.ts"
import { projections as listed } from "../../projections/index.ts"
import { type Columns, type Projection, STATE_ROW } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { foldFacets } from "../../src/genesys/fold.ts"
import { promote } from "../../src/pipeline/generations.ts"
import { BadOption, connect, connectMemory, type Projection as Named, Reader } from "../../src/read/index.ts"
import { WatermarkStore } from "../../src/store/watermark.ts"
import { START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { makeTables, type Tables } from "./engine.ts"
import { event, idOf, onQueue } from "./events.ts"

const [CALL, CALLER, ADA, BOB] = [1, 2, 3, 4].map(idOf) as [string, string, string, string]
const iso = (ms: number) => new Date(START + ms).toISOString()

/** A projection that the project does not have: who talks in a conversation, a row for each, and a row `state` with all of them. */
const talks: Projection<Event> = {
  name: "talks",
  version: 1,
  key: "conversationId",
  topics: ["v2.detail.events.conversation.{id}.user.start", "v2.detail.events.conversation.{id}.user.end"],
  deltas: (event) =>
    foldFacets({
      userSession: ({ sessionId, userId = null, value, clock }) => ({
        entity: event.subject ?? "",
        row: STATE_ROW,
        register: sessionId,
        value: value && userId,
        clock
      })
    })(event).flatMap((update) => [update, { ...update, row: `agent#${update.register}` }]),
  view: (row, registers): Columns => {
    const all = [...registers.values()].flatMap(({ value }) => (value === null ? [] : [value])).sort()
    return row === STATE_ROW ? { with: all } : { userId: all[0] ?? null }
  },
  closed: (_, registers) => [...registers.values()].every(({ value }) => value === null),
  tombstoneSeconds: 3_600
}
const v2 = { ...talks, version: 2 }

const session = (kind: "start" | "end", sessionId: string, userId: string, ms: number) =>
  event(
    `v2.detail.events.conversation.{id}.user.${kind}`,
    CALL,
    { eventTime: START + ms, conversationId: CALL, participantId: "p", sessionId, userId, mediaType: "VOICE" },
    ms
  )

const use = async (run: (tables: Tables) => Promise<void>, projections = [...listed, talks, v2]) => {
  const tables = await makeTables({ projections })
  try {
    await run(tables)
    assert.deepStrictEqual(tables.rights.denied(), [], "the policy for readers is enough")
  } finally {
    await tables.close()
  }
}

const callsTo = (seen: Tables["seen"], table: string) => seen.filter(({ tables }) => tables[0]?.endsWith(table)).length

describe("the rows of a projection that a stack adds", UNHURRIED, () => {
  it("[P10] are read by its value, as they were folded and as fresh as any answer, by the rights of every reader", () =>
    use(async (tables) => {
      await tables.fold([session("start", "s2", BOB, 2_000), session("start", "s1", ADA, 1_000)], [talks])
      tables.clock.advanceTo(START + 20_000)
      await tables.run(
        WatermarkStore.use((watermark) => watermark.advance({ through: START + 10_000, windowMs: 5_000 }))
      )
      const fresh = { settledThrough: iso(10_000), inWindow: false, generation: "talks-v1", readAt: iso(20_000) }
      assert.deepStrictEqual(await tables.read((reader) => reader.rows(talks, CALL)), {
        entity: CALL,
        rows: [
          { row: "agent#s1", columns: { userId: ADA }, asOf: iso(1_000) },
          { row: "agent#s2", columns: { userId: BOB }, asOf: iso(2_000) },
          { row: "state", columns: { with: [ADA, BOB] }, asOf: iso(2_000) }
        ],
        asOf: iso(2_000),
        ...fresh
      })
      assert.deepStrictEqual(await tables.read((reader) => reader.row(talks, CALL)), {
        entity: CALL,
        row: "state",
        columns: { with: [ADA, BOB] },
        closed: false,
        asOf: iso(2_000),
        ...fresh
      })
      const one = await tables.read((reader) => reader.row(talks, CALL, "agent#s1"))
      assert.deepStrictEqual([one?.row, one?.columns, one?.asOf], ["agent#s1", { userId: ADA }, iso(1_000)])
    }))

  it("hold the numbers that were folded: beyond 2^53 the nearest double, and never a bigint", () =>
    use(async ({ put, fold, read }) => {
      await fold([session("start", "s1", ADA, 1_000)], [talks])
      const stored = ["9007199254740993", "12345678901234567890", "1E+40", "-0.25"]
      await put("talks-v1", {
        conversationId: { S: CALLER },
        row: { S: "state" },
        asOf: { S: iso(1_000) },
        version: { N: "1" },
        counts: { L: stored.map((N) => ({ N })) }
      })
      const row = await read((reader) => reader.row(talks, CALLER))
      assert.deepStrictEqual(row?.columns, { counts: [9_007_199_254_740_992, 12_345_678_901_234_567_000, 1e40, -0.25] })
      assert.strictEqual(JSON.stringify(row?.columns), '{"counts":[9007199254740992,12345678901234567000,1e+40,-0.25]}')
      const rows = await read((reader) => reader.rows(talks, CALLER))
      assert.deepStrictEqual(rows?.rows[0]?.columns, row?.columns)
    }))

  it("are undefined where no event spoke of the entity, and no error", () =>
    use(async ({ fold, read }) => {
      await fold([session("start", "s1", ADA, 1_000)], [talks])
      assert.isUndefined(await read((reader) => reader.rows(talks, CALLER)))
      assert.isUndefined(await read((reader) => reader.row(talks, CALLER)))
      assert.isUndefined(await read((reader) => reader.row(talks, CALL, "agent#s9")))
    }))

  it("are those that are not closed, whose end is news of the entity; one that is named is read as it stands", () =>
    use(async ({ fold, read }) => {
      await fold(
        [session("start", "s1", ADA, 1_000), session("start", "s2", BOB, 2_000), session("end", "s1", ADA, 3_000)],
        [talks]
      )
      const rows = () => read((reader) => reader.rows(talks, CALL))
      assert.deepStrictEqual(
        (await rows())?.rows.map(({ row }) => row),
        ["agent#s2", "state"]
      )
      await fold([session("end", "s2", BOB, 4_000)], [talks])
      const over = await rows()
      assert.deepStrictEqual([over?.rows, over?.asOf], [[], iso(4_000)])
      const state = await read((reader) => reader.row(talks, CALL))
      assert.deepStrictEqual([state?.closed, state?.columns], [true, { with: [] }])
    }))

  it("are the closed ones too where `closed` asks for them, marked as such", () =>
    use(async ({ fold, read }) => {
      await fold(
        [session("start", "s1", ADA, 1_000), session("start", "s2", BOB, 2_000), session("end", "s1", ADA, 3_000)],
        [talks]
      )
      const rows = (closed: boolean) => read((reader) => reader.rows(talks, CALL, { closed }))
      assert.deepStrictEqual(
        (await rows(true))?.rows.map((row) => [row.row, row.closed, row.asOf]),
        [
          ["agent#s1", true, iso(3_000)],
          ["agent#s2", undefined, iso(2_000)],
          ["state", undefined, iso(3_000)]
        ]
      )
      assert.deepStrictEqual(
        (await rows(false))?.rows.map(({ row }) => row),
        ["agent#s2", "state"]
      )
    }))

  it("of agents are those that `agent` reads", () =>
    use(async ({ fold, read }) => {
      await fold(onQueue(ADA, "IDLE", 1_000))
      const agent = await read((reader) => reader.agent(ADA))
      const state = await read((reader) => reader.row<{ readonly state: string }>(agents, ADA))
      assert.deepStrictEqual([state?.columns.state, state?.generation], [agent?.state, "agents-v2"])
    }))
})

describe("the cost of a projection that a stack adds", UNHURRIED, () => {
  it("is one call for an answer, and a unit more of the control table, which is read once for all", () =>
    use(async ({ fold, layer, seen, dynamodb, tableOf, clock }) => {
      await fold([session("start", "s1", ADA, 1_000)], [talks])
      const units = () => {
        const usage = dynamodb.usage()
        return ["talks-v1", "control"].map((name) => usage[tableOf(name)]?.read ?? 0)
      }
      const cost = Effect.fnUntraced(function* <A, E>(call: Effect.Effect<A, E>) {
        const before = units()
        seen.length = 0
        yield* call
        return [seen.map(({ operation }) => operation), units().map((after, i) => after - (before[i] ?? 0))]
      })
      await Effect.runPromise(
        Effect.gen(function* () {
          const reader = yield* Reader
          assert.deepStrictEqual(yield* cost(reader.agents([])), [["BatchGetItem"], [0, 3]])
          const lazily = yield* cost(reader.rows(talks, CALL))
          assert.deepStrictEqual(lazily, [
            ["BatchGetItem", "Query"],
            [0.5, 4]
          ])
          assert.deepStrictEqual(yield* cost(reader.rows(talks, CALL)), [["Query"], [0.5, 0]])
          assert.deepStrictEqual(yield* cost(reader.row(talks, CALL)), [["GetItem"], [0.5, 0]])
          const consistent = reader.row(talks, CALL, STATE_ROW, { consistent: true })
          assert.deepStrictEqual(yield* cost(consistent), [["GetItem"], [1, 0]])
          clock.advanceTo(START + 5_000)
          assert.deepStrictEqual(yield* cost(reader.agents([])), [["BatchGetItem"], [0, 4]])
          assert.deepStrictEqual(yield* cost(reader.rows(talks, CALL)), [["Query"], [0.5, 0]], "remembered for all")
        }).pipe(Effect.provide(layer()))
      )
    }))

  it("does not rise with calls at one time, nor with names that lead nowhere", () =>
    use(async ({ layer, seen, clock }) => {
      await Effect.runPromise(
        Effect.gen(function* () {
          const reader = yield* Reader
          yield* Effect.forEach([1, 2, 3, 4, 5], () => reader.rows(talks, CALL), { concurrency: 5 })
          assert.strictEqual(callsTo(seen, "control"), 1)
          const nowhere = { name: "nowhere", key: "id" }
          for (const _ of [1, 2]) yield* Effect.flip(reader.rows(nowhere, CALL))
          assert.strictEqual(callsTo(seen, "control"), 2)
          clock.advanceTo(START + 5_000)
          yield* reader.rows(talks, CALL)
          const asked = JSON.stringify(seen.filter(({ operation }) => operation === "BatchGetItem").at(-1)?.input)
          assert.include(asked, "readers/talks")
          assert.notInclude(asked, "readers/nowhere")
        }).pipe(Effect.provide(layer()))
      )
    }))
})

describe("[P8] after a promotion of a projection that a stack adds, readers", UNHURRIED, () => {
  it("pick up a promotion within the cache TTL, and at once if the table is gone", () =>
    use(async (tables) => {
      await tables.fold([session("start", "s1", ADA, 1_000)], [talks, v2])
      const generations = await Effect.runPromise(
        Effect.gen(function* () {
          const reader = yield* Reader
          const generation = Effect.map(reader.rows(talks, CALL), (found) => found?.generation)
          const first = yield* generation
          yield* Effect.promise(() => tables.run(promote("talks-v2", "m")))
          tables.clock.advanceTo(START + 4_999)
          const second = yield* generation
          tables.drop("talks-v1")
          return [first, second, yield* generation, (yield* reader.row(talks, CALL))?.generation]
        }).pipe(Effect.provide(tables.layer()))
      )
      assert.deepStrictEqual(generations, ["talks-v1", "talks-v1", "talks-v2", "talks-v2"])
    }))
})

describe("what cannot be read", UNHURRIED, () => {
  it("is a projection that nobody points to, by its name", () =>
    use(async ({ read }) => {
      const nowhere = { name: "nowhere", key: "id" }
      const unknown = await read((reader) => Effect.flip(reader.rows(nowhere, CALL)))
      assert.deepInclude(unknown, { _tag: "NoActiveGeneration", projection: "nowhere" })
      const lost = await read((reader) => Effect.flip(reader.row(talks, CALL)), { prefix: "elsewhere" })
      assert.deepInclude(lost, { _tag: "NoActiveGeneration", projection: "talks", table: "elsewhere-control" })
    }))

  it("is an argument that no call can be made with, by its field", () =>
    use(async ({ read, seen }) => {
      const field = async (call: (reader: Reader["Service"]) => Effect.Effect<unknown, unknown>) => {
        const error = await read((reader) => Effect.flip(call(reader)))
        assert.instanceOf(error, BadOption)
        assert.isTrue(error.message.startsWith(`${error.field} is `), error.message)
        return error.field
      }
      const by = (projection: unknown) => field((reader) => reader.rows(projection as Named, CALL))
      for (const wrong of [undefined, null, "talks", {}, { name: "" }, { name: "a/b", key: "id" }, { name: 1 }])
        assert.strictEqual(await by(wrong), "projection.name", JSON.stringify(wrong))
      for (const wrong of [{ name: "talks" }, { name: "talks", key: "" }])
        assert.strictEqual(await by(wrong), "projection.key", JSON.stringify(wrong))
      assert.strictEqual(await field((reader) => reader.rows(talks, "")), "entity")
      assert.strictEqual(await field((reader) => reader.row(talks, "x".repeat(2_049))), "entity")
      assert.strictEqual(await field((reader) => reader.row(talks, CALL, "")), "row")
      assert.strictEqual(await field((reader) => reader.row(talks, CALL, "x".repeat(1_025))), "row")
      assert.strictEqual(await field((reader) => reader.rows(talks, CALL, { maxAge: -1 })), "maxAge")
      assert.strictEqual(await field((reader) => reader.rows(talks, CALL, { closed: 1 } as never)), "closed")
      assert.isEmpty(seen, "nothing was asked for it")
      assert.strictEqual(await by({ name: "talks", key: "callId" }), "projection.key")
      assert.strictEqual(await field((reader) => reader.row({ name: "talks", key: "callId" }, CALL)), "projection.key")
    }))
})

describe("rows by promises", UNHURRIED, () => {
  it("are those of the service", () =>
    use(async (tables) => {
      await tables.fold([session("start", "s1", ADA, 1_000)], [talks])
      await using client = connect(tables.options)
      const same = await tables.read((reader) => reader.rows(talks, CALL))
      assert.deepStrictEqual((await client.rows(talks, CALL))?.rows, same?.rows)
      const state = await client.row<{ readonly with: ReadonlyArray<string> }>(talks, CALL)
      assert.deepStrictEqual(state?.columns.with, [ADA])
    }))

  it("are in the double for tests what the test says", async () => {
    const settledThrough = "2026-05-06T08:00:00.000Z"
    const leg = { columns: { userId: ADA }, asOf: settledThrough, closed: true }
    await using client = connectMemory({
      agents: { ada: { presence: "BREAK", sessions: [{ sessionId: "s1", phase: "interacting", open: false }] } },
      queues: { support: { members: ["ada"] } },
      projections: { talks: { [CALL]: { state: { columns: { with: [BOB] } }, "agent#s1": leg } } }
    })
    const rows = async (name: string, entity: string) =>
      (await client.rows({ name, key: "id" }, entity))?.rows.map(({ row }) => row)
    assert.deepStrictEqual(await rows("talks", CALL), ["state"])
    assert.deepStrictEqual((await client.row(talks, CALL))?.columns, { with: [BOB] })
    assert.deepInclude(await client.row(talks, CALL, "agent#s1"), {
      columns: { userId: ADA },
      closed: true,
      asOf: settledThrough,
      generation: "talks-v1"
    })
    assert.deepStrictEqual(await rows("agents", "ada"), ["state"])
    assert.deepStrictEqual(await rows("queues", "support"), ["member#ada", "state"])
    for (const [name, entity] of [
      ["talks", "toString"],
      ["toString", CALL],
      ["agents", "eve"]
    ] as const)
      assert.isUndefined(await rows(name, entity))
  })
})
