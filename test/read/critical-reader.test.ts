import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { ServiceError } from "aws-in-process"
import { Effect } from "effect"
import { connect, connectMemory, NotConfirmed, ReaderError } from "../../src/read/index.ts"
import { type GenesysDouble, startGenesysApi } from "../support/genesys-api.ts"
import { START } from "../support/history.ts"
import { makeTables, type Tables } from "./engine.ts"
import { idOf, onQueue } from "./events.ts"

const [IN_BOTH, ONLY_AT_GENESYS, AT_NEITHER] = [1, 2, 3].map(idOf) as [string, string, string]
const iso = (ms: number) => new Date(START + ms).toISOString()

describe("critical of a reader", () => {
  let tables: Tables
  let double: GenesysDouble
  beforeAll(async () => {
    tables = await makeTables()
    await tables.fold(onQueue(IN_BOTH, "IDLE", 1_000))
    tables.clock.advanceTo(START + 20_000)
  })
  afterAll(() => tables.close())

  const genesys = () => ({
    domain: "mypurecloud.de",
    endpoint: double.url,
    credentials: async () => ({ clientId: "client-1", clientSecret: "first-secret" })
  })

  const use = (run: () => Promise<void>) => async () => {
    double = await startGenesysApi()
    for (const id of [IN_BOTH, ONLY_AT_GENESYS])
      double.users.set(id, {
        presence: { systemPresence: "On Queue", modifiedDate: iso(1_000) },
        routingStatus: { status: "INTERACTING", startTime: iso(18_000) }
      })
    try {
      await run()
    } finally {
      await double.close()
    }
  }

  it(
    "takes what Genesys knows and the settled row does not yet, by one consistent read of that row",
    use(async () => {
      tables.seen.length = 0
      const decision = await tables.read((reader) => reader.critical(IN_BOTH), { genesys: genesys(), maxAge: 1 })
      assert.deepStrictEqual([decision.state, decision.availability], ["Interacting", "possibly"])
      assert.deepStrictEqual(decision.routingStatus, {
        value: "INTERACTING",
        since: iso(18_000),
        decidedBy: "genesys",
        clocks: { genesys: iso(18_000), projection: iso(1_000) }
      })
      assert.deepStrictEqual(decision.presence.clocks, { genesys: iso(1_000), projection: iso(1_000) })
      const reads = tables.seen.filter(({ tables: [table] }) => table?.endsWith("agents-v2"))
      assert.deepStrictEqual(
        reads.map(({ operation, input }) => [operation, input.ConsistentRead]),
        [["GetItem", true]]
      )
    })
  )

  it(
    "decides on an agent of whom no event spoke, and on none of whom Genesys does not know",
    use(async () => {
      const alone = await tables.read((reader) => reader.critical(ONLY_AT_GENESYS), { genesys: genesys() })
      assert.deepStrictEqual([alone.state, alone.presence.clocks.projection], ["Interacting", undefined])
      const error = await tables.read((reader) => Effect.flip(reader.critical(AT_NEITHER)), { genesys: genesys() })
      assert.instanceOf(error, NotConfirmed)
      assert.deepInclude(error, { reason: "unknownAgent", status: 404, projected: undefined })
    })
  )

  it(
    "fails closed, with the row as any other answer shows it",
    use(async () => {
      double.fault("user", { status: 429, headers: { "retry-after": "42" } })
      const [error, agent] = await tables.read(
        (reader) => Effect.all([Effect.flip(reader.critical(IN_BOTH)), reader.agents([IN_BOTH], { consistent: true })]),
        { genesys: genesys() }
      )
      assert.instanceOf(error, NotConfirmed)
      assert.deepInclude(error, { reason: "rateLimited", retryAfterMs: 42_000 })
      assert.deepStrictEqual([error.projected], agent)
    })
  )

  it(
    "does not decide on Genesys alone where the tables do not answer",
    use(async () => {
      tables.intercept(({ operation }) => {
        if (operation === "GetItem") throw new ServiceError("AccessDeniedException", "no")
      })
      const error = await tables.read((reader) => Effect.flip(reader.critical(IN_BOTH)), { genesys: genesys() })
      tables.intercept(() => {})
      assert.instanceOf(error, ReaderError)
    })
  )

  it(
    "is a call of the promise client too, which rejects with the same errors",
    use(async () => {
      await using client = connect({ ...tables.options, genesys: genesys() })
      assert.strictEqual((await client.critical(IN_BOTH)).state, "Interacting")
      double.fault("user", { status: 500 })
      const error = await client.critical(IN_BOTH).catch((thrown) => thrown)
      assert.instanceOf(error, NotConfirmed)
      assert.strictEqual(error.projected?.state, "On Queue")
    })
  )

  it("can be tried without Genesys: what it says, and why it does not", async () => {
    const facts = { presence: "ON_QUEUE", presenceSince: iso(0), routingStatus: "IDLE", routingStatusSince: iso(0) }
    await using client = connectMemory({
      agents: { a: facts, b: facts },
      genesys: {
        a: { presence: { value: "BREAK", since: iso(1) }, routingStatus: { value: "OFF_QUEUE", since: iso(1) } },
        b: "timedOut"
      }
    })
    assert.strictEqual((await client.critical("a")).state, "Break")
    for (const [id, reason, state] of [
      ["b", "timedOut", "On Queue"],
      ["toString", "unknownAgent", undefined]
    ] as const) {
      const error = await client.critical(id).catch((thrown) => thrown)
      assert.instanceOf(error, NotConfirmed)
      assert.deepStrictEqual([error.reason, error.projected?.state], [reason, state])
    }
  })

  it("names the argument that is no id", async () => {
    await using client = connectMemory({ genesys: {} })
    const error = await client.critical("").catch((thrown) => thrown)
    assert.deepInclude(error, { _tag: "BadOption", field: "agentId" })
    assert.strictEqual(error.message, "agentId is empty or too long; it must be the id of an agent")
  })
})
