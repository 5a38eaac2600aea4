import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Fetch } from "../../../src/genesys-api/http.ts"
import { asFetch, serveOrganisation } from "../../../src/local/organisation.ts"
import { SIMULATED_CLIENT } from "../../../src/simulator/api/organisation.ts"
import { genesysApi } from "../../support/genesys-api.ts"
import { callerOf, type Fields, organisationOf, START, tokenOf, tokenRequest } from "./caller.ts"

const MINUTE = 60_000

describe("what the simulated organisation refuses", () => {
  it("the 301st request of a client in a minute, with the wait until the next one", () => {
    const { organisation } = organisationOf()
    const caller = callerOf(organisation, START)
    const path = "/api/v2/organizations/me"
    for (let i = 1; i < 300; i++) assert.strictEqual(caller.send("GET", path, undefined, START + i).status, 200)
    const refused = caller.send("GET", path, undefined, START + 20_000)
    assert.strictEqual(refused.status, 429)
    assert.strictEqual(refused.headers["retry-after"], "40")
    assert.strictEqual(caller.send("GET", path, undefined, START + 61_000).status, 200)
  })

  it("each client by itself", () => {
    const other = { clientId: "other", clientSecret: "s" }
    const { organisation } = organisationOf({}, { clients: [SIMULATED_CLIENT, other], requestsPerMinute: 2 })
    const [one, two] = [callerOf(organisation, START), callerOf(organisation, START, other)]
    const path = "/api/v2/organizations/me"
    assert.deepStrictEqual(
      [one, one, two].map(({ send }) => send("GET", path).status),
      [200, 429, 200]
    )
  })

  it("unknown tokens, old ones, and clients it does not know", () => {
    const { organisation } = organisationOf({}, { tokenSeconds: 60 })
    const send = (token: string, at: number) =>
      organisation.answer({ method: "GET", path: "/api/v2/users", headers: { authorization: `Bearer ${token}` } }, at)
        .status
    const token = tokenOf(organisation, START)
    assert.deepStrictEqual(
      [send("x", START), send(token, START), send(token, START + MINUTE - 1), send(token, START + MINUTE)],
      [401, 200, 200, 401]
    )
    const wrong = (client: typeof SIMULATED_CLIENT) => organisation.answer(tokenRequest(client), START).status
    assert.strictEqual(wrong({ ...SIMULATED_CLIENT, clientSecret: "x" }), 401)
    assert.strictEqual(wrong({ ...SIMULATED_CLIENT, clientId: "x" }), 400)
    const fresh = tokenOf(organisation, START)
    organisation.revoke()
    assert.strictEqual(send(fresh, START), 401)
  })

  it("what the roles of a client do not allow, and whose status it is", () => {
    const client = { clientId: "c", clientSecret: "s", permissions: ["analytics:agentState:view"] }
    const { organisation, centre } = organisationOf({}, { clients: [client] })
    const { send, get } = callerOf(organisation, START, client)
    const refused = send("GET", "/api/v2/routing/queues")
    assert.strictEqual(refused.status, 403)
    assert.include((JSON.parse(refused.body) as Fields).message, "routing:queue:view")
    const status = get(`/api/v2/analytics/agents/${centre.population.agents[0]!.id}/status`)
    assert.notProperty(status, "userId")
    assert.notProperty(status, "userName")
  })
})

describe("faults of the simulated organisation", () => {
  const REQUESTS = 400

  const askMany = (faults: number, seed = 7) => {
    const { organisation } = organisationOf({ agents: 10 }, { faults, seed, requestsPerMinute: 10_000 })
    const path = "/api/v2/users?expand=presence&pageSize=10"
    let token = tokenOf(organisation, START)
    const answers = Array.from({ length: REQUESTS }, (_, i) => {
      const at = START + 500 * i
      const headers = { authorization: `Bearer ${token}` }
      const { status, body } = organisation.answer({ method: "GET", path, headers }, at)
      if (status === 401) token = tokenOf(organisation, at)
      return `${status} ${body}`
    })
    return { organisation, answers }
  }

  it("are the same for the same seed, and happen as often as they should", () => {
    const [one, same, other] = [askMany(0.9), askMany(0.9), askMany(0.9, 8)]
    assert.deepStrictEqual(one.answers, same.answers)
    assert.notDeepEqual(one.answers, other.answers)
    const {
      serverError = 0,
      rateLimited = 0,
      missingExpand = 0,
      stale = 0,
      expiredToken = 0
    } = one.organisation.faults()
    for (const [count, share] of [
      [serverError, 0.09],
      [rateLimited, 0.045],
      [stale, 0.15],
      [missingExpand, 0.7],
      [expiredToken, 0.018]
    ] as const)
      assert.isTrue(count > 0.4 * REQUESTS * share && count < 1.8 * REQUESTS * share, `${count} of ${REQUESTS * share}`)
    assert.deepStrictEqual(askMany(0).organisation.faults(), {})
  })

  it("a stale answer is what was so up to half a minute ago", () => {
    const { organisation, centre } = organisationOf({}, { faults: { stale: 5 }, requestsPerMinute: 10_000 })
    const caller = callerOf(organisation, START)
    const clocks = (at: number) =>
      (caller.get("/api/v2/users?pageSize=500&expand=routingStatus", at).entities as ReadonlyArray<Fields>).map(
        ({ routingStatus }) => (routingStatus as Fields).startTime as string
      )
    const before = clocks(START)
    const stale = clocks(START + 29_000)
    assert.deepStrictEqual(stale, before)
    assert.notDeepEqual(clocks(START + 31_000), before)
    assert.isAbove(centre.population.agents.filter(({ routing }) => routing.since > START).length, 0)
  })

  it("a truncated list keeps the oldest and the newest, and says so", () => {
    const { organisation, centre } = organisationOf(
      { rate: 60, queues: 1 },
      { faults: { truncated: 10, silentGroup: 2 } }
    )
    const caller = callerOf(organisation, START)
    const [queue] = centre.population.queues
    const { results } = caller.post("/api/v2/analytics/queues/observations/query", {
      filter: { type: "and", predicates: [{ dimension: "queueId", value: queue!.id }] },
      metrics: ["oInteracting"],
      detailMetrics: ["oInteracting"]
    })
    const data = (results as ReadonlyArray<{ data: ReadonlyArray<Fields> }>).flatMap((result) => result.data)
    const cut = data.filter(({ truncated }) => truncated)
    assert.isAbove(cut.length, 0)
    for (const { stats, observations } of cut)
      assert.isBelow((observations as ReadonlyArray<Fields>).length, (stats as { count: number }).count)
    assert.isTrue(data.every(({ stats }) => (stats as { count: number }).count > 0))
  })
})

describe("the client of the API", () => {
  const options = {
    domain: "mypurecloud.com",
    credentials: async () => ({ clientId: SIMULATED_CLIENT.clientId, clientSecret: SIMULATED_CLIENT.clientSecret })
  }

  it.live("reads the simulated organisation in this process", () =>
    Effect.gen(function* () {
      const { organisation, centre } = organisationOf()
      const [agent] = centre.truth().agents
      const api = yield* genesysApi(options)
      const snapshot = yield* Effect.provideService(
        api.snapshot(agent!.agentId),
        Fetch,
        asFetch(organisation, () => START)
      )
      assert.strictEqual(snapshot.presence.value, agent!.presence)
      assert.strictEqual(snapshot.routingStatus.since, new Date(agent!.routingStatusSince).toISOString())
    })
  )

  it.live("reads it over the network", () =>
    Effect.gen(function* () {
      const { organisation, centre } = organisationOf()
      const server = yield* Effect.acquireRelease(
        Effect.promise(() => serveOrganisation(organisation, () => START)),
        ({ close }) => Effect.promise(close)
      )
      const agent = centre.truth().agents[1]!
      const api = yield* genesysApi({ ...options, endpoint: server.url })
      const snapshot = yield* api.snapshot(agent.agentId)
      assert.strictEqual(snapshot.presence.value, agent.presence)
    })
  )
})
