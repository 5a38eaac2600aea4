import { assert, describe, it } from "@effect/vitest"
import { ServiceError } from "aws-in-process"
import { Effect } from "effect"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { promote } from "../../src/pipeline/generations.ts"
import { BadOption, Reader } from "../../src/read/index.ts"
import { WatermarkStore } from "../../src/store/watermark.ts"
import { START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { makeTables, type Tables } from "./engine.ts"
import { event, idOf, member, onQueue, presence, routing, userAudit } from "./events.ts"

const [A, B, C, D, E, F] = [1, 2, 3, 4, 5, 6].map(idOf) as [string, string, string, string, string, string]
const Q = idOf(100)
const iso = (ms: number) => new Date(START + ms).toISOString()

const use = async (run: (tables: Tables) => Promise<void>, options?: Parameters<typeof makeTables>[0]) => {
  const tables = await makeTables(options)
  try {
    await run(tables)
  } finally {
    await tables.close()
  }
}

/** Says that everything up to `ms` after `START` has settled. */
const settle = ({ run }: Tables, ms: number) =>
  run(WatermarkStore.use((watermark) => watermark.advance({ through: START + ms, windowMs: 5_000 })))

const callsTo = (seen: Tables["seen"], table: string) => seen.filter(({ tables }) => tables[0]?.endsWith(table)).length

/** A queue with one member of each kind, of whom `F` was never heard of. */
const staffed = [
  ...onQueue(A, "IDLE", 3_000),
  ...onQueue(B, "INTERACTING", 1_000),
  ...onQueue(C, "NOT_RESPONDING", 1_000),
  presence(D, "BREAK", 1_000),
  routing(D, "OFF_QUEUE", 1_000),
  ...onQueue(E, "IDLE", 2_000),
  ...[A, B, C, D, E, F].map((agent) => member(Q, agent, true, 500))
]

describe("a reader", UNHURRIED, () => {
  it("answers with the columns of an agent, and leaves out what was never seen", () =>
    use(async (tables) => {
      await tables.fold([presence(A, "AVAILABLE", 1_000)])
      tables.clock.advanceTo(START + 20_000)
      await settle(tables, 10_000)
      assert.deepStrictEqual(await tables.read((reader) => reader.agent(A)), {
        agentId: A,
        state: "Unknown",
        presence: "AVAILABLE",
        presenceId: "d",
        presenceSince: iso(1_000),
        asOf: iso(1_000),
        settledThrough: iso(10_000),
        inWindow: false,
        generation: "agents-v2",
        readAt: iso(20_000),
        sessions: []
      })
    }))

  it("knows nothing of what no event spoke of, and says so without an error", () =>
    use(async ({ read }) => {
      assert.isUndefined(await read((reader) => reader.agent(A)))
      assert.isUndefined(await read((reader) => reader.queue(Q)))
      assert.isUndefined(await read((reader) => reader.queue(Q, { join: true })))
      assert.isUndefined(await read((reader) => reader.available(Q)))
      assert.isUndefined(await read((reader) => reader.members(Q)))
      assert.deepStrictEqual(await read((reader) => reader.agents([])), [])
    }))

  it("keeps the order of agents, those that were never seen, and those asked for twice, in batches", () =>
    use(async ({ fold, read, seen }) => {
      const ids = Array.from({ length: 250 }, (_, i) => idOf(i))
      await fold(ids.filter((_, i) => i % 3 !== 0).map((id) => presence(id, "AVAILABLE", 1_000)))
      const wanted = [...ids.toReversed(), ids[1] as string]
      const found = await read((reader) => reader.agents(wanted))
      assert.deepStrictEqual(
        found.map((agent) => agent?.agentId),
        wanted.map((id) => (ids.indexOf(id) % 3 === 0 ? undefined : id))
      )
      assert.lengthOf(
        seen.filter(({ tables }) => tables[0]?.endsWith("agents-v2")),
        3
      )
    }))

  it("shows the open sessions of an agent, the longest first, and not those that have ended", () =>
    use(async ({ fold, read }) => {
      const session = (kind: "start" | "end", id: string, ms: number) =>
        event(
          `v2.detail.events.conversation.{id}.user.${kind}`,
          idOf(9),
          {
            eventTime: START + ms,
            conversationId: idOf(9),
            participantId: "p",
            sessionId: id,
            userId: A,
            mediaType: "VOICE"
          },
          ms
        )
      await fold([
        session("start", "s2", 2_000),
        session("start", "s1", 1_000),
        session("start", "s3", 500),
        session("end", "s3", 3_000)
      ])
      const agent = await read((reader) => reader.agent(A))
      assert.deepStrictEqual(
        agent?.sessions.map(({ sessionId, since, mediaType }) => [sessionId, since, mediaType]),
        [
          ["s1", iso(1_000), "VOICE"],
          ["s2", iso(2_000), "VOICE"]
        ]
      )
      assert.strictEqual(agent?.state, "Unknown")
      assert.strictEqual(agent?.asOf, iso(3_000), "the end of a session is news of its agent")
    }))

  it("shows a session in wrap-up until it is over, and what a lost end was inferred from among closed rows", () =>
    use(async ({ fold, read }) => {
      const [call, session] = [idOf(9), idOf(8)]
      const segment = (state: string, ms: number) =>
        event(
          "v2.detail.events.agent.{id}.state",
          A,
          {
            ...{ conversationId: call, sessionId: session, userId: A, mediaType: "VOICE" },
            ...{ sessionStart: START, currentState: state, currentStateStart: START + ms }
          },
          ms
        )
      const summary = (active: number, ms: number) =>
        event(
          "v2.users.{id}.conversationsummary",
          A,
          { userId: A, call: { contactCenter: { active, acw: 0 }, enterprise: { active: 0, acw: 0 } } },
          ms
        )
      const phases = async () =>
        (await read((reader) => reader.agent(A)))?.sessions.map(({ phase, open }) => [phase, open])
      await fold([segment("INTERACT", 1_000), summary(1, 2_000)])
      assert.deepStrictEqual(await phases(), [["interacting", true]])
      await fold([segment("WRAPUP", 30_000)])
      assert.deepStrictEqual(await phases(), [["wrapup", false]])
      await fold([summary(0, 60_000)])
      assert.deepStrictEqual(await phases(), [])
      const rows = await read((reader) => reader.rows(agents, A, { closed: true }))
      const ended = rows?.rows.find(({ row }) => row === `session#${session}`)
      assert.deepInclude(ended?.columns, { phase: "ended", endedBy: "conversationsummary" })
      assert.isTrue(ended?.closed)
    }))

  it("reads an agent to its end, however much of it there is", () =>
    use(async ({ read, put, seen }) => {
      const rows = Array.from({ length: 15 }, (_, i) => `session#${String(i).padStart(2, "0")}`)
      for (const row of rows)
        await put("agents-v2", {
          agentId: { S: A },
          row: { S: row },
          asOf: { S: iso(0) },
          registers: { B: Buffer.alloc(100_000).toString("base64") },
          sessionId: { S: row.slice(8) },
          open: { BOOL: true }
        })
      const agent = await read((reader) => reader.agent(A))
      assert.lengthOf(agent?.sessions ?? [], rows.length)
      assert.isAbove(seen.filter(({ operation }) => operation === "Query").length, 1)
    }))

  it("counts what the joined members of a queue do", () =>
    use(async ({ fold, read }) => {
      await fold(staffed)
      const queue = await read((reader) => reader.queue(Q, { join: true }))
      assert.strictEqual(queue?.members, 6)
      assert.deepStrictEqual(queue?.joined, {
        idle: 2,
        interacting: 1,
        notResponding: 1,
        offQueue: 1,
        unknown: 1,
        generation: "agents-v2"
      })
      const plain = await read((reader) => reader.queue(Q))
      assert.notProperty(plain, "joined")
    }))

  it("lists who is available, longest idle first, and nobody who has left the queue", () =>
    use(async ({ fold, read }) => {
      await fold(staffed)
      const available = () => read((reader) => reader.available(Q))
      assert.deepStrictEqual(
        (await available())?.agents.map(({ agentId, since }) => [agentId, since]),
        [
          [E, iso(2_000)],
          [A, iso(3_000)]
        ]
      )
      await fold([member(Q, E, false, 4_000)])
      assert.deepStrictEqual(
        (await available())?.agents.map(({ agentId }) => agentId),
        [A]
      )
    }))

  it("lists every joined member with what it does, also one whom no event spoke of, and nobody who has left", () =>
    use(async ({ fold, read, sweep }) => {
      await fold(staffed)
      await sweep([{ kind: "agents", id: F, name: "Fay" }])
      const found = await read((reader) => reader.members(Q, { names: true }))
      assert.deepStrictEqual(
        found?.members.map(({ agentId, status }) => [agentId, status]),
        [
          [A, "idle"],
          [B, "interacting"],
          [C, "notResponding"],
          [D, "offQueue"],
          [E, "idle"],
          [F, "unknown"]
        ]
      )
      assert.include(found?.members[1], { state: "Interacting", since: iso(1_000), asOf: iso(1_000) })
      assert.deepStrictEqual(found?.members[5], { agentId: F, status: "unknown" })
      assert.deepStrictEqual(found?.names, { [F]: "Fay" })
      assert.include(found, { queueId: Q, asOf: iso(3_000), generation: "queues-v2" })
      await fold([member(Q, E, false, 4_000)])
      const left = await read((reader) => reader.members(Q))
      assert.deepStrictEqual(
        left?.members.map(({ agentId }) => agentId),
        [A, B, C, D, F]
      )
    }))

  it("lists no user who was deleted or deactivated as available, and one who is back again", () =>
    use(async ({ fold, read }) => {
      await fold(staffed)
      const available = async () => (await read((reader) => reader.available(Q)))?.agents.map(({ agentId }) => agentId)
      await fold([userAudit(E, "Delete", 4_000), userAudit(A, "Deactivate", 4_000)])
      assert.deepStrictEqual(await available(), [])
      const counted = await read((reader) => reader.queue(Q, { join: true }))
      assert.strictEqual(counted?.joined.idle, 0)
      assert.include(await read((reader) => reader.agent(E)), { state: "Deleted", userState: "deleted" })
      await fold([userAudit(A, "Activate", 5_000)])
      assert.deepStrictEqual(await available(), [A])
    }))

  it("tells a revision, when it was seen and how late it was", () =>
    use(async (tables) => {
      await tables.fold([routing(A, "IDLE", 1_000)])
      tables.clock.advanceTo(START + 60_000)
      const late = routing(A, "INTERACTING", 2_000, 50_000)
      await tables.fold([late])
      const agent = await tables.read((reader) => reader.agent(A))
      assert.deepStrictEqual(agent?.revised, { at: iso(60_000), lateMs: 53_000 })
    }))
})

describe("[P5] the freshness of an answer", UNHURRIED, () => {
  it("is what has settled, and never more than the window allows", () =>
    use(async (tables) => {
      await tables.fold([presence(A, "AVAILABLE", 9_000)])
      tables.clock.advanceTo(START + 12_000)
      const fresh = async () => {
        const agent = await tables.read((reader) => reader.agent(A))
        return [agent?.settledThrough, agent?.inWindow]
      }
      assert.deepStrictEqual(await fresh(), [undefined, true], "the stack has not said anything yet")
      await settle(tables, 3_000)
      assert.deepStrictEqual(await fresh(), [iso(3_000), true])
      await settle(tables, 11_000)
      assert.deepStrictEqual(await fresh(), [iso(7_000), true], "a window ago, whatever the stack says")
      tables.clock.advanceTo(START + 30_000)
      assert.deepStrictEqual(await fresh(), [iso(11_000), false])
    }))

  it("fails a call that allows no such age, and says how old and why", () =>
    use(async (tables) => {
      const { read } = tables
      await tables.fold([presence(A, "AVAILABLE", 1_000)])
      const stale = (maxAge: number | "6 seconds", more = {}) =>
        read((reader) => Effect.flip(reader.agent(A, { maxAge })), more)
      const first = await stale(60_000)
      assert.deepInclude(first, { _tag: "StaleAnswer", reason: "unsettled", ageMs: Number.POSITIVE_INFINITY })
      tables.clock.advanceTo(START + 20_000)
      await settle(tables, 12_000)
      assert.deepInclude(await stale("6 seconds"), {
        reason: "behind",
        ageMs: 8_000,
        maxAgeMs: 6_000,
        settledThrough: iso(12_000)
      })
      const never = await stale(4_000)
      assert.deepInclude(never, { reason: "window", ageMs: 8_000 })
      assert.match(never.message, /8000 ms old, but maxAge allows 4000 ms: no answer is fresher than the settle window/)
      assert.isDefined(await read((reader) => reader.agent(A, { maxAge: 8_000 })))
      const byDefault = await read((reader) => Effect.flip(reader.queue(Q)), { maxAge: "7 seconds" })
      assert.deepInclude(byDefault, { _tag: "StaleAnswer", maxAgeMs: 7_000 })
      assert.isDefined(await read((reader) => reader.agent(A, { maxAge: "1 hour" }), { maxAge: 1 }))
    }))

  it("is looked for again before a call fails for it, and not more often than it can change", () =>
    use(async (tables) => {
      tables.clock.advanceTo(START + 10_000)
      await settle(tables, 5_000)
      const error = await Effect.runPromise(
        Effect.gen(function* () {
          const reader = yield* Reader
          yield* reader.agents([A])
          tables.clock.advanceTo(START + 14_000)
          yield* Effect.promise(() => settle(tables, 9_000))
          yield* reader.agents([A], { maxAge: 6_000 })
          assert.strictEqual(callsTo(tables.seen, "control"), 2)
          tables.clock.advanceTo(START + 14_900)
          return yield* Effect.flip(reader.agents([A], { maxAge: 5_800 }))
        }).pipe(Effect.provide(tables.layer()))
      )
      assert.deepInclude(error, { _tag: "StaleAnswer", reason: "behind", ageMs: 5_900 })
      assert.strictEqual(callsTo(tables.seen, "control"), 2)
    }))
})

describe("the cost of a call", UNHURRIED, () => {
  it("is what the docs say: calls, and units of half a read", () =>
    use(async ({ fold, layer, seen, dynamodb, tableOf }) => {
      await fold(staffed)
      const units = () => {
        const usage = dynamodb.usage()
        return ["agents-v2", "queues-v2", "control"].map((name) => usage[tableOf(name)]?.read ?? 0)
      }
      await Effect.runPromise(
        Effect.gen(function* () {
          const reader = yield* Reader
          const cost = Effect.fnUntraced(function* <A, E>(call: Effect.Effect<A, E>) {
            const before = units()
            seen.length = 0
            yield* call
            return [seen.map(({ operation }) => operation).sort(), units().map((after, i) => after - (before[i] ?? 0))]
          })
          assert.deepStrictEqual(yield* cost(reader.agent(A)), [
            ["BatchGetItem", "Query"],
            [0.5, 0, 3]
          ])
          assert.deepStrictEqual(yield* cost(reader.agent(A)), [["Query"], [0.5, 0, 0]])
          assert.deepStrictEqual(yield* cost(reader.agents([A, B, A])), [["BatchGetItem"], [1, 0, 0]])
          assert.deepStrictEqual(yield* cost(reader.queue(Q)), [["GetItem"], [0, 0.5, 0]])
          const joined = [
            ["BatchGetItem", "GetItem", "Query"],
            [3, 1, 0]
          ]
          assert.deepStrictEqual(yield* cost(reader.queue(Q, { join: true })), joined)
          assert.deepStrictEqual(yield* cost(reader.available(Q)), joined)
          assert.deepStrictEqual(yield* cost(reader.members(Q)), joined)
          assert.deepStrictEqual(yield* cost(reader.queue(Q, { consistent: true })), [["GetItem"], [0, 1, 0]])
        }).pipe(Effect.provide(layer()))
      )
    }))

  it("does not rise with the number of calls that find the control table unread", () =>
    use(async ({ layer, seen }) => {
      const calls = Effect.gen(function* () {
        const reader = yield* Reader
        yield* Effect.forEach([1, 2, 3, 4, 5], () => reader.agents([A]), { concurrency: 5 })
      })
      await Effect.runPromise(Effect.provide(calls, layer()))
      assert.strictEqual(callsTo(seen, "control"), 1)
      assert.strictEqual(callsTo(seen, "agents-v2"), 5)
    }))
})

describe("[P8] after a promotion, readers", UNHURRIED, () => {
  const next = { ...agents, version: 3 }
  const listed = [agents, next, queues, conversations]
  const promoted = ({ run }: Tables, name: string) => run(promote(name, "m"))

  it("pick up a promotion within the cache TTL, without reconnecting", () =>
    use(
      async (tables) => {
        await tables.fold([presence(A, "AVAILABLE", 1_000)])
        const generations = await Effect.runPromise(
          Effect.gen(function* () {
            const reader = yield* Reader
            const generation = Effect.map(reader.agent(A), (agent) => agent?.generation)
            const first = yield* generation
            yield* Effect.promise(() => promoted(tables, "agents-v3"))
            tables.clock.advanceTo(START + 4_999)
            const second = yield* generation
            tables.clock.advanceTo(START + 5_000)
            return [first, second, yield* generation]
          }).pipe(Effect.provide(tables.layer()))
        )
        assert.deepStrictEqual(generations, ["agents-v2", "agents-v2", "agents-v3"])
      },
      { projections: listed }
    ))

  it("look again at once where the table that they knew is gone", () =>
    use(
      async (tables) => {
        await tables.fold([presence(A, "AVAILABLE", 1_000)])
        const generations = await Effect.runPromise(
          Effect.gen(function* () {
            const reader = yield* Reader
            const first = yield* reader.agent(A)
            yield* Effect.promise(() => promoted(tables, "agents-v3"))
            tables.drop("agents-v2")
            const rest = yield* Effect.all([reader.agent(A), reader.agent(A)], { concurrency: 2 })
            return [first, ...rest].map((agent) => agent?.generation)
          }).pipe(Effect.provide(tables.layer()))
        )
        assert.deepStrictEqual(generations, ["agents-v2", "agents-v3", "agents-v3"])
        tables.drop("agents-v3")
        const error = await tables.read((reader) => Effect.flip(reader.agent(A)))
        assert.deepInclude(error, {
          _tag: "ReaderError",
          op: "Query",
          reason: "ResourceNotFoundException",
          retryable: false
        })
      },
      { projections: listed }
    ))
})

describe("a reader in trouble", UNHURRIED, () => {
  it("tries again what is throttled or breaks, for as long as a call may take", () =>
    use(async (tables) => {
      await tables.fold([presence(A, "AVAILABLE", 1_000)])
      const faults = ["ThrottlingException", "InternalServerError", "ProvisionedThroughputExceededException"]
      tables.intercept(() => {
        tables.clock.advanceTo(tables.clock.now() + 100)
        const fault = faults.shift()
        if (fault !== undefined) throw new ServiceError(fault, "no", fault === "InternalServerError" ? 500 : 400)
      })
      const reading = tables.read((reader) => reader.agent(A))
      const pump = setInterval(() => tables.clock.advanceTo(tables.clock.now() + 10), 0)
      assert.strictEqual((await reading)?.agentId, A)
      clearInterval(pump)
      assert.deepStrictEqual(faults, [])
    }))

  it("gives up in time, and says what it was", () =>
    use(async (tables) => {
      tables.intercept(() => {
        tables.clock.advanceTo(tables.clock.now() + 50)
        throw new ServiceError("ThrottlingException", "no")
      })
      const reading = tables.read((reader) => Effect.flip(reader.agent(A, {})), { timeout: 2_000 })
      const pump = setInterval(() => tables.clock.advanceTo(tables.clock.now() + 10), 0)
      const error = await reading
      clearInterval(pump)
      assert.deepInclude(error, {
        _tag: "ReaderError",
        op: "BatchGetItem",
        reason: "ThrottlingException",
        retryable: true
      })
      assert.isAtMost(tables.clock.now() - START, 2_100)
    }))

  it("does not wait for an answer that never comes", () =>
    use(async (tables) => {
      tables.intercept(() => new Promise(() => {}))
      const reading = tables.read((reader) => Effect.flip(reader.queue(Q)), { timeout: 1_000 })
      const pump = setInterval(() => tables.clock.advanceTo(tables.clock.now() + 100), 0)
      const error = await reading
      clearInterval(pump)
      assert.deepInclude(error, { _tag: "ReaderError", op: "queue", reason: "Timeout", retryable: true })
    }))

  it("does not try again what will not pass", () =>
    use(async (tables) => {
      tables.intercept(() => {
        throw new ServiceError("AccessDeniedException", "a secret")
      })
      const error = await tables.read((reader) => Effect.flip(reader.agent(A)))
      assert.deepInclude(error, { reason: "AccessDeniedException", retryable: false })
      assert.notInclude(error.message, "secret")
      assert.lengthOf(tables.seen, 1)
    }))

  it("names the prefix where it leads nowhere, and the projection that nobody points to", () =>
    use(async (tables) => {
      const lost = await tables.read((reader) => Effect.flip(reader.agent(A)), { prefix: "elsewhere" })
      assert.deepInclude(lost, { _tag: "NoActiveGeneration", table: "elsewhere-control" })
      assert.match(lost.message, /elsewhere-control .* prefix/)
    }))

  it("refuses options and ids that no call can be made with, by name", () =>
    use(async (tables) => {
      const field = async (
        more: object,
        call = (reader: Reader["Service"]) => reader.agent(A) as Effect.Effect<unknown, unknown>
      ) => {
        const error = await tables.read((reader) => call(reader), more).catch((error: unknown) => error)
        assert.instanceOf(error, BadOption)
        assert.isTrue(error.message.startsWith(error.field))
        return error.field
      }
      assert.strictEqual(await field({ prefix: "" }), "prefix")
      assert.strictEqual(await field({ prefix: "a/b" }), "prefix")
      assert.strictEqual(await field({ remember: "6 seconds" }), "remember")
      assert.strictEqual(await field({ timeout: 0 }), "timeout")
      assert.strictEqual(await field({ timeout: "Infinity" }), "timeout")
      assert.strictEqual(await field({ maxAge: -1 }), "maxAge")
      assert.strictEqual(await field({ maxAge: "a while" }), "maxAge")
      assert.strictEqual(await field({}, (reader) => reader.agent("")), "id")
      assert.strictEqual(await field({}, (reader) => reader.agents([A, undefined as never])), "ids[1]")
      assert.strictEqual(await field({}, (reader) => reader.queue("x".repeat(2_049))), "id")
      assert.strictEqual(await field({}, (reader) => reader.available("")), "queueId")
      assert.strictEqual(await field({}, (reader) => reader.agent(A, { maxAge: Number.NaN })), "maxAge")
    }))
})
