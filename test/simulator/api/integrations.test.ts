import { assert, describe, it } from "@effect/vitest"
import { defaultTopics } from "../../../src/genesys/aliases.ts"
import { type IntegrationsOptions, makeIntegrations } from "../../../src/simulator/api/integrations.ts"
import { callerOf, type Fields, organisationOf, START } from "./caller.ts"

const ORGANISATION = "2f6c1b84-9d0e-4a7b-8c35-6e1f0a9b7d42"
const PATH = "/api/v2/integrations"
const TYPE = "amazon-eventbridge-source"

const properties = {
  awsAccountId: "444455556666",
  awsAccountRegion: "eu-central-1",
  eventSourceSuffix: "projections-prod",
  eventFilter: ["v2.users.{id}.activity", "v2.routing.queues.{id}.users"]
}

const setUp = (options: Partial<IntegrationsOptions> = {}) => {
  const integrations = makeIntegrations({ seed: 1, organisation: ORGANISATION, ...options })
  const { organisation } = organisationOf({}, { routes: integrations.routes })
  const caller = callerOf(organisation, START)
  const create = (name = "mine") =>
    caller.post(PATH, { name, integrationType: { id: TYPE } }) as { readonly id: string } & Fields
  const put = (id: string, version: number, more: Fields = {}, at = START) =>
    caller.send("PUT", `${PATH}/${id}/config/current`, { name: "mine", version, properties, ...more }, at)
  const intend = (id: string, intendedState: string, at = START) =>
    caller.send("PATCH", `${PATH}/${id}`, { intendedState }, at)
  const stateOf = (id: string, at: number) => (caller.get(`${PATH}/${id}`, at).reportedState as Fields).code
  return { ...caller, integrations, create, put, intend, stateOf }
}

/** One that is configured and enabled at `START`. */
const enabled = (options: Partial<IntegrationsOptions> = {}) => {
  const place = setUp(options)
  const { id } = place.create()
  assert.strictEqual(place.put(id, 1).status, 200)
  assert.strictEqual(place.intend(id, "ENABLED").status, 200)
  return { ...place, id }
}

describe("an integration of the simulated organisation", () => {
  it("is activated after a while, and some time later AWS has its source", () => {
    const { id, stateOf, integrations } = enabled()
    assert.strictEqual(stateOf(id, START + 7_999), "ACTIVATING")
    assert.strictEqual(stateOf(id, START + 8_000), "ACTIVE")
    assert.deepStrictEqual(integrations.sources(START + 27_999), [])
    const name = `aws.partner/genesys.com/cloud/${ORGANISATION}/projections-prod`
    const source = { name, account: "444455556666", region: "eu-central-1", from: START + 28_000 }
    assert.deepStrictEqual(integrations.sources(START + 28_000), [source])
  })

  it("takes a configuration only over the version that is there", () => {
    const { create, put, get } = setUp()
    const { id } = create()
    assert.strictEqual(put(id, 2).status, 409)
    assert.strictEqual(put(id, 1).status, 200)
    assert.strictEqual(put(id, 1).status, 409)
    const { version, properties: kept } = get(`${PATH}/${id}/config/current`)
    assert.deepStrictEqual([version, kept], [2, properties])
  })

  it.each([
    { awsAccountId: "4444" },
    { awsAccountRegion: "eu_central" },
    { eventSourceSuffix: "a/b" },
    { eventFilter: [] },
    { eventFilter: ["v2.users.{id}.station"] },
    { eventFilter: ["v2.no.such.topic"] },
    { surprise: 1 }
  ])("refuses the properties %j", (wrong) => {
    const { create, put } = setUp()
    assert.strictEqual(put(create().id, 1, { properties: { ...properties, ...wrong } }).status, 400)
  })

  it("keeps account, region and suffix once it was enabled, and takes other topics by being activated anew", () => {
    const { id, put, stateOf } = enabled()
    for (const other of [
      { awsAccountId: "111122223333" },
      { awsAccountRegion: "eu-west-1" },
      { eventSourceSuffix: "other" }
    ])
      assert.strictEqual(put(id, 2, { properties: { ...properties, ...other } }).status, 400)
    const later = START + 60_000
    assert.strictEqual(stateOf(id, later), "ACTIVE")
    const fewer = { properties: { ...properties, eventFilter: ["v2.users.{id}.activity"] } }
    assert.strictEqual(put(id, 2, fewer, later).status, 200)
    assert.strictEqual(stateOf(id, later), "ACTIVATING")
    assert.strictEqual(stateOf(id, later + 8_000), "ACTIVE")
  })

  it("is in ERROR, with the reason, where AWS takes no source, and no source appears", () => {
    const { id, get, integrations } = enabled({ refusal: (account) => `no account ${account}` })
    const { reportedState } = get(`${PATH}/${id}`, START + 8_000)
    assert.strictEqual((reportedState as Fields).code, "ERROR")
    assert.strictEqual(((reportedState as Fields).detail as Fields).message, "no account 444455556666")
    assert.deepStrictEqual(integrations.sources(START + 86_400_000), [])
  })

  it("is deleted only when it is inactive, and its source with it", () => {
    const { id, send, intend, stateOf, integrations } = enabled()
    const later = START + 60_000
    assert.strictEqual(send("DELETE", `${PATH}/${id}`, undefined, later).status, 409)
    assert.strictEqual(intend(id, "DISABLED", later).status, 200)
    assert.strictEqual(stateOf(id, later), "DEACTIVATING")
    assert.strictEqual(send("DELETE", `${PATH}/${id}`, undefined, later).status, 409)
    assert.lengthOf(integrations.sources(later), 1)
    assert.strictEqual(send("DELETE", `${PATH}/${id}`, undefined, later + 8_000).status, 200)
    assert.deepStrictEqual(integrations.sources(later + 8_000), [])
    assert.strictEqual(send("GET", `${PATH}/${id}`, undefined, later + 8_000).status, 404)
  })

  it("has a name of its own, and there are no more than the type allows", () => {
    const { create, send, get } = setUp({ maxInstances: 2 })
    create("one")
    const make = (name: unknown) => send("POST", PATH, { name, integrationType: { id: TYPE } }).status
    assert.strictEqual(make("one"), 409)
    create("two")
    assert.strictEqual(make("three"), 409)
    assert.strictEqual(make(""), 400)
    assert.strictEqual(send("POST", PATH, { name: "x", integrationType: { id: "other" } }).status, 400)
    assert.strictEqual(get(`${PATH}/types/${TYPE}`).maxInstances, 2)
    assert.strictEqual(get(PATH).total, 2)
  })

  it("cannot be enabled without a configuration, or be made anything else", () => {
    const { create, intend } = setUp()
    const { id } = create()
    assert.deepStrictEqual([intend(id, "ENABLED").status, intend(id, "PAUSED").status], [400, 400])
  })

  it("tells the transports of topics to who asks for them, and every topic of the contract", () => {
    const { get } = setUp()
    const path = "/api/v2/notifications/availabletopics"
    const bare = get(path).entities as ReadonlyArray<Fields>
    assert.isTrue(bare.every(({ transports }) => transports === undefined))
    const topics = get(`${path}?expand=transports`).entities as ReadonlyArray<{ id: string; transports: Array<string> }>
    assert.includeMembers(
      topics.map(({ id }) => id),
      [...defaultTopics]
    )
    assert.deepStrictEqual(topics.find(({ id }) => id === "v2.users.{id}.station")?.transports, ["Websocket"])
  })

  it("names the permission that a client lacks", () => {
    const integrations = makeIntegrations({ seed: 1, organisation: ORGANISATION })
    const viewer = { clientId: "viewer", clientSecret: "s", permissions: ["integrations:integration:view"] }
    const { organisation } = organisationOf({}, { routes: integrations.routes, clients: [viewer] })
    const { send, get } = callerOf(organisation, START, viewer)
    assert.strictEqual(get(PATH).total, 0)
    const { status, body } = send("POST", PATH, { name: "x", integrationType: { id: TYPE } })
    assert.strictEqual(status, 403)
    assert.include(body, "integrations:integration:add")
  })
})
