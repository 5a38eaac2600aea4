import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  BadOption,
  connect,
  connectLocal,
  connectMemory,
  Reader,
  ReaderError,
  StaleAnswer
} from "../../src/read/index.ts"
import { makeTables } from "./engine.ts"
import { idOf, onQueue } from "./events.ts"

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (answer) => assert.fail(`it answered ${JSON.stringify(answer)}`),
    (error: unknown) => error
  )

describe("connect", () => {
  it("answers by promises what the service answers, and throws its errors as they are", async () => {
    const tables = await makeTables()
    await tables.fold(onQueue(idOf(1), "IDLE", 0))
    const client = connect(tables.options)
    const { readAt: _, ...agent } = (await client.agent(idOf(1))) ?? assert.fail("never seen")
    const { readAt: __, ...same } = (await tables.read((reader) => reader.agent(idOf(1)))) ?? assert.fail("never seen")
    assert.deepStrictEqual(agent, same)
    assert.deepStrictEqual(
      (await client.agents([idOf(2), idOf(1)])).map((one) => one?.agentId),
      [undefined, idOf(1)]
    )
    assert.isUndefined(await client.queue(idOf(3), { join: true }))
    assert.isUndefined(await client.available(idOf(3)))
    const stale = await failure(client.agent(idOf(1), { maxAge: 1 }))
    assert.instanceOf(stale, StaleAnswer)
    assert.strictEqual(stale._tag, "StaleAnswer")
    assert.instanceOf(await failure(client.agent("")), BadOption)
    await client.close()
    await client.close()
    const closed = await failure(client.agent(idOf(1)))
    assert.instanceOf(closed, ReaderError)
    assert.strictEqual(closed.message, "agent: Closed")
    await tables.close()
  })

  it("throws at once what no call could be made with, and names the field", () => {
    assert.throws(() => connect({ prefix: "" }), BadOption, /^prefix is ""/)
    assert.throws(() => connect({ prefix: "p", remember: "1 minute" }), BadOption, /^remember is 60000 ms/)
    assert.throws(
      () => connect({ prefix: "p", endpoint: "localhost" }),
      BadOption,
      'endpoint is "localhost"; it must be a URL such as http://127.0.0.1:8787'
    )
    for (const port of [{ port: 8787 }, "8787", Number.NaN, 0, 65_536, 1.5])
      assert.throws(() => connectLocal(port as number), BadOption, /^port is .*: connectLocal\(8787\)$/)
  })

  it("is closed by `await using`", async () => {
    let client = connectMemory()
    {
      await using reader = connectMemory({ agents: { a: {} } })
      client = reader
      assert.strictEqual((await reader.agent("a"))?.state, "Unknown")
    }
    assert.instanceOf(await failure(client.agent("a")), ReaderError)
  })
})

describe("the double for tests", () => {
  const fixture = {
    agents: {
      ada: { presence: "ON_QUEUE", routingStatus: "IDLE", routingStatusSince: "2026-05-06T08:00:02.000Z" },
      bob: { presence: "ON_QUEUE", routingStatus: "IDLE", routingStatusSince: "2026-05-06T08:00:01.000Z" },
      cyd: {
        presence: "BREAK",
        routingStatus: "OFF_QUEUE",
        asOf: "2026-05-06T08:00:00.000Z",
        revised: { at: "2026-05-06T08:01:00.000Z", lateMs: 55_000 },
        sessions: [
          { sessionId: "s1", phase: "interacting", open: true },
          { sessionId: "s2", phase: "ended", open: false },
          { sessionId: "s3", phase: "wrapup", open: false }
        ]
      }
    },
    queues: { support: { members: ["ada", "bob", "cyd", "eve"], waiting: 1, waitingByMedia: { VOICE: 1 } } }
  }

  it("answers from a fixture by the code that answers from tables", async () => {
    const reader = connectMemory(fixture)
    const cyd = await reader.agent("cyd")
    assert.deepStrictEqual(
      [cyd?.state, cyd?.asOf, cyd?.revised?.lateMs, cyd?.inWindow, cyd?.sessions.map(({ sessionId }) => sessionId)],
      ["Break", "2026-05-06T08:00:00.000Z", 55_000, false, ["s1", "s3"]]
    )
    const available = await reader.available("support")
    assert.deepStrictEqual(
      available?.agents.map(({ agentId, since }) => [agentId, since]),
      [
        ["bob", "2026-05-06T08:00:01.000Z"],
        ["ada", "2026-05-06T08:00:02.000Z"]
      ]
    )
    const queue = await reader.queue("support", { join: true })
    assert.deepInclude(queue, { members: 4, waiting: 1, interacting: 0 })
    assert.deepInclude(queue?.joined, { idle: 2, offQueue: 1, unknown: 1 })
    assert.deepStrictEqual(
      (await reader.agents(["nobody", "ada", "__proto__"])).map((one) => one?.state),
      [undefined, "On Queue", undefined]
    )
    assert.isUndefined(await reader.queue("toString"))
    await reader.close()
  })

  it.effect("is a layer, whose answers are as old as a test wants", () =>
    Effect.gen(function* () {
      const reader = yield* Reader
      const agent = yield* reader.agent("ada", { maxAge: "66 seconds" })
      assert.strictEqual(agent?.state, "On Queue")
      const error = yield* Effect.flip(reader.agent("ada", { maxAge: "30 seconds" }))
      assert.deepInclude(error, { _tag: "StaleAnswer", reason: "behind", ageMs: 65_000 })
      const never = yield* Effect.flip(reader.agents([], { maxAge: "4 seconds" }))
      assert.deepInclude(never, { reason: "window" })
    }).pipe(Effect.provide(Reader.memory({ ...fixture, behindMs: 60_000 })))
  )
})
