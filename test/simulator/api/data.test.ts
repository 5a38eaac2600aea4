import { assert, describe, it } from "@effect/vitest"
import { callerOf, type Fields, organisationOf, START } from "./caller.ts"

const EXPAND = "presence,routingStatus,conversationSummary,outOfOffice,station,team"
const iso = (time: number) => new Date(time).toISOString()
const bare = (text: unknown) => String(text).replace(/[ _]/g, "").toUpperCase()

describe("the API of the simulated organisation", () => {
  const { centre, organisation } = organisationOf()
  const caller = callerOf(organisation, START)
  const truth = centre.truth()
  const { population } = centre

  it("begins with agents who logged on before anybody listened", () => {
    assert.strictEqual(truth.at <= START, true)
    assert.isAbove(truth.agents.filter(({ presence }) => presence !== "OFFLINE").length, 20)
    assert.isAbove(truth.agents.flatMap(({ sessions }) => sessions).length, 2)
  })

  it("lists users page by page with what is so of them, each facet with its clock", () => {
    const users = caller.all(`/api/v2/users?pageSize=7&state=any&expand=${EXPAND}`)
    assert.deepStrictEqual(
      users.map(({ id }) => id),
      population.agents.map(({ id }) => id)
    )
    for (const agent of truth.agents) {
      const user = users.find(({ id }) => id === agent.agentId) as Fields
      const { presenceDefinition, modifiedDate } = user.presence as Fields
      assert.strictEqual(bare((presenceDefinition as Fields).systemPresence), bare(agent.presence))
      assert.strictEqual(modifiedDate, iso(agent.presenceSince))
      assert.deepEqual(user.routingStatus, {
        userId: agent.agentId,
        status: agent.routingStatus,
        startTime: iso(agent.routingStatusSince)
      })
      assert.strictEqual((user.outOfOffice as Fields).active, agent.outOfOffice)
      assert.strictEqual(((user.station as Fields).associatedStation as Fields | undefined)?.id, agent.stationId)
      for (const [load, counts] of Object.entries(agent.conversations))
        assert.deepEqual(((user.conversationSummary as Fields)[load] as Fields).contactCenter, counts)
    }
    const onQueue = users.find(({ presence }) => JSON.stringify(presence).includes('"On Queue"'))
    assert.isDefined(onQueue)
  })

  it("gives pages with totals and links, and refuses others", () => {
    const { entities, total, pageCount, nextUri, previousUri } = caller.get("/api/v2/users?pageSize=30&pageNumber=2")
    assert.deepStrictEqual([(entities as Array<unknown>).length, total, pageCount], [10, 40, 2])
    assert.isUndefined(nextUri)
    assert.strictEqual(previousUri, "/api/v2/users?pageSize=30&pageNumber=1")
    const sparse = caller.get("/api/v2/users").entities as ReadonlyArray<Fields>
    assert.strictEqual(sparse.length, 25)
    assert.isTrue(sparse.every(({ presence, routingStatus }) => presence === undefined && routingStatus === undefined))
    for (const wrong of ["users?pageSize=501", "users?pageSize=0", "users?pageNumber=x", "routing/queues?pageSize=101"])
      assert.strictEqual(caller.send("GET", `/api/v2/${wrong}`).status, 400, wrong)
  })

  it("hides who was deactivated unless asked", () => {
    const agent = population.agents[3]!
    agent.deactivated = true
    const has = (state: string) =>
      caller.all(`/api/v2/users?pageSize=500&state=${state}`).some(({ id }) => id === agent.id)
    assert.deepStrictEqual(["active", "inactive", "any", "deleted"].map(has), [false, true, true, false])
    assert.strictEqual(caller.get(`/api/v2/users/${agent.id}`).state, "inactive")
    assert.strictEqual(caller.send("GET", `/api/v2/analytics/agents/${agent.id}/status`).status, 404)
    agent.deactivated = false
  })

  it("lists queues, and their members without totals until a page is not full", () => {
    const queues = caller.all("/api/v2/routing/queues?pageSize=4")
    assert.sameMembers(
      queues.map(({ id }) => id),
      population.queues.map(({ id }) => id)
    )
    for (const queue of truth.queues) {
      const path = `/api/v2/routing/queues/${queue.queueId}/members?pageSize=3`
      const members = caller.all(path)
      const joined = caller.all(`${path}&joined=true`)
      assert.deepStrictEqual(joined.map(({ id }) => id).sort(), [...queue.members])
      assert.deepStrictEqual(
        members
          .filter((member) => member.joined)
          .map(({ id }) => id)
          .sort(),
        [...queue.members]
      )
      const queueIn = queues.find(({ id }) => id === queue.queueId) as Fields
      assert.deepStrictEqual([queueIn.memberCount, queueIn.joinedMemberCount], [members.length, joined.length])
    }
    const page = caller.get(`/api/v2/routing/queues/${queues[0]!.id}/members?pageSize=3&expand=routingStatus`)
    assert.notProperty(page, "total")
    assert.notProperty(page, "pageCount")
    assert.property((page.entities as ReadonlyArray<Fields>)[0], "routingStatus")
  })

  it("leads to an empty page where the last one was full", () => {
    const queue = population.queues[0]!
    const { length } = population.agents.filter(({ memberOf }) => memberOf.includes(queue))
    const path = `/api/v2/routing/queues/${queue.id}/members?pageSize=${length}`
    const first = caller.get(path)
    assert.isDefined(first.nextUri)
    const second = caller.get(String(first.nextUri))
    assert.deepStrictEqual(second.entities, [])
    assert.isUndefined(second.nextUri)
  })

  it("shows what waits and is served in queues, by medium, with sessions where details are asked for", () => {
    const queueIds = population.queues.map(({ id }) => id)
    const predicates = queueIds.map((value) => ({
      type: "dimension",
      dimension: "queueId",
      operator: "matches",
      value
    }))
    const metrics = ["oWaiting", "oAlerting", "oInteracting"]
    const path = "/api/v2/analytics/queues/observations/query"
    const { results } = caller.post(path, { filter: { type: "or", predicates }, metrics, detailMetrics: metrics })
    const seen = (queueId: string, wanted: ReadonlyArray<string>) =>
      (results as ReadonlyArray<{ group: Fields; data: ReadonlyArray<Fields> }>)
        .filter(({ group }) => group.queueId === queueId)
        .flatMap(({ data }) => data)
        .filter(({ metric }) => wanted.includes(String(metric)))
        .flatMap(({ stats, truncated, observations }) => {
          assert.strictEqual((stats as Fields).count, (observations as ReadonlyArray<Fields>).length)
          assert.isFalse(truncated)
          return (observations as ReadonlyArray<Fields>).map(({ sessionId }) => String(sessionId))
        })
        .sort()
    for (const { queueId, waiting, interacting } of truth.queues) {
      assert.deepStrictEqual(seen(queueId, ["oWaiting"]), waiting.map(({ sessionId }) => sessionId).sort())
      assert.deepStrictEqual(
        seen(queueId, ["oAlerting", "oInteracting"]),
        interacting.map(({ sessionId }) => sessionId).sort()
      )
    }
    assert.isAbove(truth.queues.flatMap(({ interacting }) => interacting).length, 2)
    for (const wrong of [
      {},
      { filter: { type: "or", predicates: [] } },
      { filter: { type: "or", predicates }, metrics: ["oMood"] }
    ])
      assert.strictEqual(caller.send("POST", path, wrong).status, 400)
  })

  it("shows the status of agents with their sessions, fifty at most", () => {
    const path = "/api/v2/analytics/agents/status/query"
    const big = organisationOf({ agents: 120, rate: 100 })
    const asked = callerOf(big.organisation, START)
    assert.strictEqual((asked.post(path, {}).entities as ReadonlyArray<unknown>).length, 50)
    const predicates = [{ dimension: "routingStatus", value: "INTERACTING" }]
    const { entities } = caller.post(path, { userFilter: { type: "and", predicates } })
    const expected = truth.agents.filter(({ routingStatus }) => routingStatus === "INTERACTING")
    assert.sameMembers(
      (entities as ReadonlyArray<Fields>).map(({ userId }) => userId),
      expected.map(({ agentId }) => agentId)
    )
    for (const agent of truth.agents) {
      const status = caller.get(`/api/v2/analytics/agents/${agent.agentId}/status`)
      assert.strictEqual(status.systemPresence, agent.presence)
      assert.strictEqual(status.presenceDate, iso(agent.presenceSince))
      const open = (status.sessions as ReadonlyArray<Fields>).filter(({ segmentType }) => segmentType !== "wrapup")
      assert.sameDeepMembers(
        open.map(({ sessionId, routedQueueId, sessionStart }) => ({ sessionId, routedQueueId, sessionStart })),
        agent.sessions.map(({ sessionId, queueId, since }) => ({
          sessionId,
          routedQueueId: queueId,
          sessionStart: iso(since)
        }))
      )
    }
    assert.strictEqual(
      caller.send("POST", path, { userFilter: { type: "and", predicates: [{ dimension: "mood", value: "x" }] } })
        .status,
      400
    )
  })

  it("names presences in several languages, wrap-up codes, divisions and itself", () => {
    const definitions = caller.get("/api/v2/presence/definitions").entities as ReadonlyArray<Fields>
    assert.deepEqual(definitions.find(({ systemPresence }) => systemPresence === "OnQueue")?.languageLabels, {
      en_US: "On Queue",
      de: "In Warteschlange"
    })
    assert.sameMembers(
      definitions.map(({ id }) => id),
      [...population.definitions.values()].flat()
    )
    const codes = caller.all("/api/v2/routing/wrapupcodes?pageSize=4")
    assert.deepStrictEqual(
      codes.map(({ id, name }) => ({ id, name })),
      population.wrapupCodes.map(({ id, name }) => ({ id, name }))
    )
    assert.deepStrictEqual(
      caller.all("/api/v2/authorization/divisions").map(({ name }) => name),
      ["Home", "North", "South"]
    )
    assert.strictEqual(caller.get("/api/v2/organizations/me").id, centre.source.split("/")[3])
  })

  it("says of one user what it says of all, and of nobody that they are off queue", () => {
    const [agent] = truth.agents
    const path = `/api/v2/users/${agent!.agentId}`
    const user = caller.get(`${path}?expand=presence,routingStatus`)
    assert.deepEqual(caller.get(`${path}/routingstatus`), user.routingStatus)
    assert.deepEqual(caller.get(`${path}/presences/purecloud`), {
      userId: agent!.agentId,
      ...(user.presence as Fields)
    })
    const nobody = "00000000-0000-4000-8000-000000000000"
    assert.deepEqual(caller.get(`/api/v2/users/${nobody}/routingstatus`), { userId: nobody, status: "OFF_QUEUE" })
    assert.strictEqual(caller.send("GET", `/api/v2/users/${nobody}`).status, 404)
    assert.strictEqual(caller.send("GET", "/api/v2/nothing").status, 404)
  })
})
