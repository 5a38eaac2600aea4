import { Readable } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Layer, Result } from "effect"
import type { CallFailed } from "../../src/genesys-api/call-failed.ts"
import { layerGenesysCalls } from "../../src/genesys-api/calls.ts"
import { Integrations, layerIntegrations } from "../../src/genesys-api/integrations.ts"
import { Organisation } from "../../src/genesys-api/organisation.ts"
import { layerOrganisation } from "../../src/genesys-api/organisation-layer.ts"
import { organisationMemory } from "../../src/genesys-api/organisation-memory.ts"
import { readCredentials } from "../../src/genesys-api/secret.ts"
import { type Answer, type Asked, CLIENT, fetchDouble, problem } from "./fetch.ts"
import { standing } from "./time.ts"

const options = { domain: "mypurecloud.de", credentials: async () => CLIENT }
const BASE = "/api/v2/integrations"
const TYPE = "amazon-eventbridge-source"
const one = { id: "i-1", name: "one", integrationType: { id: TYPE }, intendedState: "ENABLED" }

const layers = Layer.mergeAll(
  layerIntegrations.pipe(Layer.provide(layerGenesysCalls(options))),
  layerOrganisation(options)
)

/** What a use of the API comes to that answers like this, and what was asked for. */
const using = <A>(
  respond: (asked: Asked, nth: number) => Answer,
  use: (api: {
    readonly integrations: Integrations["Service"]
    readonly organisation: Organisation["Service"]
  }) => Effect.Effect<A, CallFailed>
) =>
  Effect.gen(function* () {
    const double = fetchDouble(respond)
    const services = yield* Effect.orDie(Layer.build(layers))
    const api = { integrations: Context.get(services, Integrations), organisation: Context.get(services, Organisation) }
    const result = yield* double.provide(Effect.result(use(api))).pipe(Effect.provideService(Clock.Clock, standing()))
    const asked = double.calls().map(({ method, path, body }) => [method, path, ...(body === undefined ? [] : [body])])
    return { result, asked }
  })

const value = <A>(result: Result.Result<A, CallFailed>): A =>
  Result.isSuccess(result) ? result.success : assert.fail(result.failure.message)

describe("the requests of integrations", () => {
  it.effect.each<
    [string, (_: Integrations["Service"]) => Effect.Effect<unknown, CallFailed>, object, ReadonlyArray<string>]
  >([
    ["organisation", (_) => _.organisation, { id: "o-1" }, ["GET /api/v2/organizations/me"]],
    ["topics", (_) => _.availableTopics, {}, ["GET /api/v2/notifications/availabletopics?expand=transports"]],
    ["type", (_) => _.type, {}, [`GET ${BASE}/types/${TYPE}`, `GET ${BASE}/types/${TYPE}/configschemas/properties`]],
    ["list", (_) => _.list, {}, [`GET ${BASE}?pageSize=100&pageNumber=1`]],
    ["get", (_) => _.get("i-1"), one, [`GET ${BASE}/i-1`]],
    ["configuration", (_) => _.configuration("i-1"), { version: 1 }, [`GET ${BASE}/i-1/config/current`]],
    ["create", (_) => _.create("one"), one, [`POST ${BASE} {"name":"one","integrationType":{"id":"${TYPE}"}}`]],
    ["enable", (_) => _.enable("i-1"), {}, [`PATCH ${BASE}/i-1 {"intendedState":"ENABLED"}`]],
    ["disable", (_) => _.disable("i-1"), {}, [`PATCH ${BASE}/i-1 {"intendedState":"DISABLED"}`]],
    ["remove", (_) => _.remove("i-1"), {}, [`DELETE ${BASE}/i-1`]]
  ])("are those of the documentation: %s", ([, use, body, requests]) =>
    Effect.gen(function* () {
      const { result, asked } = yield* using(
        () => ({ body }),
        ({ integrations }) => use(integrations)
      )
      assert.isTrue(Result.isSuccess(result))
      assert.deepStrictEqual(
        asked.map((parts) => parts.join(" ")),
        requests
      )
    })
  )

  it.effect.each<[string, (_: Integrations["Service"]) => Effect.Effect<unknown, CallFailed>, string]>([
    ["organisation", (_) => _.organisation, "GET /api/v2/organizations/me"],
    ["list", (_) => _.list, `GET ${BASE}`],
    ["get", (_) => _.get("i-1"), `GET ${BASE}/{id}`],
    ["configuration", (_) => _.configuration("i-1"), `GET ${BASE}/{id}/config/current`],
    ["create", (_) => _.create("one"), `POST ${BASE}`]
  ])("are named where an answer cannot be read: %s", ([, use, call]) =>
    Effect.gen(function* () {
      const entities = [{ integrationType: { id: TYPE } }]
      const { result } = yield* using(
        () => ({ body: { id: "..", entities } }),
        ({ integrations }) => use(integrations)
      )
      assert.deepStrictEqual(Result.isFailure(result) && [result.failure.reason, result.failure.call], [
        "unreadable",
        call
      ])
    })
  )

  it.effect("end where a list does not", () =>
    Effect.gen(function* () {
      const { result, asked } = yield* using(
        () => ({ body: { entities: [], pageCount: 1_000 } }),
        ({ integrations }) => integrations.list
      )
      assert.deepStrictEqual(Result.isFailure(result) && [result.failure.reason, result.failure.call], [
        "unreadable",
        `GET ${BASE}`
      ])
      assert.lengthOf(asked, 100)
    })
  )

  it.effect("are sent again where they may be: to enable, and to remove", () =>
    Effect.gen(function* () {
      for (const [use, tries] of [
        [(_: Integrations["Service"]) => _.enable("i-1"), 2],
        [(_: Integrations["Service"]) => _.remove("i-1"), 2],
        [(_: Integrations["Service"]) => Effect.asVoid(_.create("one")), 1]
      ] as const) {
        const { asked } = yield* using(
          (_, nth) => (nth === 0 ? { status: 502 } : { body: one }),
          ({ integrations }) => use(integrations)
        )
        assert.lengthOf(asked, tries)
      }
    })
  )

  it.effect("say what the organisation and the type are", () =>
    Effect.gen(function* () {
      const said = { id: "o-1", name: "Ours", maxInstances: 4, properties: { awsAccountId: {} } }
      const told = (body: object) =>
        using(
          () => ({ body }),
          ({ integrations }) => Effect.all([integrations.organisation, integrations.type])
        )
      assert.deepStrictEqual(value((yield* told(said)).result), [
        { id: "o-1", name: "Ours" },
        { most: 4, properties: ["awsAccountId"] }
      ])
      assert.deepStrictEqual(value((yield* told({ id: "o-1", maxInstances: "4" })).result), [
        { id: "o-1", name: "" },
        { most: undefined, properties: [] }
      ])
    })
  )
})

describe("the pages of an organisation", () => {
  const queues = (body: object, next?: string) =>
    using(
      () => ({ body }),
      ({ organisation }) => organisation.queues(next)
    )
  const FIRST = "/api/v2/routing/queues?pageSize=100&sortOrder=asc"

  it.effect("say nothing of what the API does not say", () =>
    Effect.gen(function* () {
      for (const total of [undefined, "3", -1, 1.5]) {
        const page = value((yield* queues({ entities: [], total })).result)
        assert.deepStrictEqual([page.items, "next" in page, "total" in page], [[], false, false])
      }
      assert.strictEqual(value((yield* queues({ entities: [], total: 0 })).result).total, 0)
      const nobody = (yield* queues({ entities: [], total: 1 })).result
      assert.deepStrictEqual(Result.isFailure(nobody) && [nobody.failure.reason, nobody.failure.call], [
        "unreadable",
        "GET /api/v2/routing/queues"
      ])
    })
  )

  it.effect("follow each other as they were asked for", () =>
    Effect.gen(function* () {
      const next = (body: object, path?: string) =>
        Effect.map(queues({ entities: [{ id: "q" }], ...body }, path), ({ result }) =>
          Result.isSuccess(result) ? result.success.next : result.failure.reason
        )
      assert.strictEqual(yield* next({ pageCount: 2 }), `${FIRST}&pageNumber=2`)
      assert.strictEqual(yield* next({ pageCount: 2 }, `${FIRST}&pageNumber=2`), undefined)
      const narrow = "/api/v2/routing/queues?pageNumber=2&pageSize=50"
      assert.strictEqual(yield* next({ nextUri: narrow }), `${narrow}&sortOrder=asc`)
      assert.strictEqual(yield* next({ nextUri: narrow }, `${FIRST}&pageNumber=2`), "unreadable")
    })
  )

  it.effect("are all there where as many were read as there are", () =>
    Effect.gen(function* () {
      const entities = Array.from({ length: 50 }, (_, i) => ({ id: `u-${i}`, joined: true }))
      for (const [total, complete] of [
        [150, true],
        [151, false]
      ]) {
        const { result } = yield* using(
          () => ({ body: { entities, total } }),
          ({ organisation }) => organisation.members("q", "/api/v2/routing/queues/q/members?pageSize=100&pageNumber=2")
        )
        assert.strictEqual(value(result).complete, complete)
      }
    })
  )

  it.effect("leave out what has no id, and name presences in English where nobody says the language", () =>
    Effect.gen(function* () {
      const body = { entities: [{ name: "x" }, { id: "p", languageLabels: { en: "Break" } }] }
      const { result } = yield* using(
        ({ path }) => (path.endsWith("/me") ? problem(404, "not.found") : { body }),
        ({ organisation }) => Effect.all([organisation.presences(), organisation.wrapUpCodes()])
      )
      assert.deepStrictEqual(
        value(result).map(({ items }) => items),
        [[{ id: "p", name: "Break" }], [{ id: "p" }]]
      )
    })
  )

  it.effect("list those who are not active any more by their state, and nobody in another", () =>
    Effect.gen(function* () {
      const entities = (["inactive", "deleted", "active"] as const).map((state, i) => ({ id: `u-${i}`, state }))
      const all = [...entities, { state: "deleted" }]
      for (const [state, id] of [
        ["inactive", "u-0"],
        ["deleted", "u-1"]
      ] as const) {
        const { result, asked } = yield* using(
          () => ({ body: { entities: all } }),
          ({ organisation }) => organisation.former(state)()
        )
        assert.deepStrictEqual(value(result).items, [{ id, state }])
        assert.deepStrictEqual(asked, [["GET", `/api/v2/users?pageSize=500&sortOrder=ASC&state=${state}`]])
        const memory = organisationMemory(
          () => ({
            former: [
              { id, state },
              { id: "u", state: "deleted" }
            ]
          }),
          1
        )
        const page = yield* memory.former(state)()
        assert.deepStrictEqual(page.items, [{ id, state }])
        assert.deepStrictEqual((yield* organisationMemory(() => ({})).former(state)()).items, [])
      }
    })
  )

  it.effect("are asked for again after a failure that may pass, by queries too; an answer without a list is none", () =>
    Effect.gen(function* () {
      const { result, asked } = yield* using(
        (_, nth) => (nth === 0 ? { status: 502 } : { body: {} }),
        ({ organisation }) => organisation.statuses(["u"])
      )
      assert.deepStrictEqual(value(result).items, [])
      assert.lengthOf(asked, 2)
    })
  )
})

describe("an organisation in memory", () => {
  it.effect("counts requests, has pages of a hundred, and knows nothing of what every object inherits", () =>
    Effect.gen(function* () {
      const all = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `q-${i}` }))
      const users = [{ id: "constructor", conversations: [] }]
      const memory = organisationMemory(() => ({ queues: all(101), divisions: all(100), users, statuses: {} }))
      assert.strictEqual(yield* memory.requests, 0)
      const page = yield* memory.queues()
      assert.deepStrictEqual([page.items.length, page.total, page.next], [100, 101, "100"])
      assert.notProperty(yield* memory.divisions(), "next")
      assert.deepStrictEqual((yield* memory.statuses(["constructor"])).items, [
        { userId: "constructor", complete: true, sessions: [] }
      ])
      assert.strictEqual(yield* memory.requests, 3)
      assert.isTrue((yield* memory.members("q-1")).complete)
      assert.strictEqual((yield* Effect.flip(memory.members("nothing"))).status, 404)
    })
  )
})

describe("a secret", () => {
  it.effect("is read by its name where no ARN says where it is, by a client that is closed after it", () =>
    Effect.gen(function* () {
      const body = JSON.stringify({ Name: "genesys", SecretString: JSON.stringify(CLIENT) })
      const hosts: Array<string> = []
      let closed = 0
      const requestHandler = {
        handle: async ({ hostname }: { readonly hostname: string }) => {
          hosts.push(hostname)
          const headers = { "content-type": "application/x-amz-json-1.1" }
          return { response: { statusCode: 200, headers, body: Readable.from([Buffer.from(body)]) } }
        },
        destroy: () => {
          closed++
        }
      }
      const access = {
        region: "eu-west-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
        requestHandler: requestHandler as never
      }
      assert.deepStrictEqual(yield* readCredentials("genesys", access), CLIENT)
      const arn = "arn:aws:secretsmanager:eu-central-1:444455556666:secret:genesys-AbCdEf"
      assert.deepStrictEqual(yield* readCredentials(arn, access), CLIENT)
      assert.deepStrictEqual(hosts, [
        "secretsmanager.eu-west-1.amazonaws.com",
        "secretsmanager.eu-central-1.amazonaws.com"
      ])
      assert.strictEqual(closed, 2)
    })
  )
})
