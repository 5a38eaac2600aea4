import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { genesysDomainOf, genesysDomains } from "../../src/genesys/regions.ts"
import { describeCall } from "../../src/genesys-api/call-failed.ts"
import { type Call, GenesysCalls, layerGenesysCalls } from "../../src/genesys-api/calls.ts"
import type { GenesysOptions } from "../../src/genesys-api/options.ts"
import { genesysSettings } from "../../src/genesys-api/options.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { type Answer, type Asked, CLIENT, fetchDouble, problem } from "./fetch.ts"
import { inTime, settle } from "./time.ts"

const USER = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
const users: Call = { path: "/api/v2/users?pageSize=500" }
const ok: Answer = { body: { entities: [] } }

/** A client over an organisation that answers like this. */
const setUp = (respond: (asked: Asked, nth: number) => Answer, options: Partial<GenesysOptions> = {}) =>
  Effect.gen(function* () {
    const double = fetchDouble(respond)
    const layer = layerGenesysCalls({ domain: "mypurecloud.de", credentials: async () => CLIENT, ...options })
    const calls = yield* Effect.map(Layer.build(layer), (context) => GenesysCalls.pipe(Effect.provide(context)))
    const { request, sent } = yield* calls
    return { double, sent, request: (call: Call) => double.provide(request(call)) }
  })

/** The failure that a call comes to. */
const failure = (respond: (asked: Asked, nth: number) => Answer, call: Call = users) =>
  Effect.gen(function* () {
    const { double, request } = yield* setUp(respond)
    const { result } = yield* inTime(request(call))
    if (result._tag === "Success") return assert.fail("it did not fail")
    return { error: result.failure, tries: double.calls().length }
  })

describe("calls to the Genesys API", () => {
  it.effect.each(["POST", "PUT", "PATCH", "DELETE"] as const)("sends a %s with its body as JSON", (method) =>
    Effect.gen(function* () {
      const { double, request } = yield* setUp(({ method }) => (method === "DELETE" ? { status: 204 } : ok))
      const body = method === "DELETE" ? undefined : { name: "Queue state feed", version: 1 }
      const answer = yield* request({ method, path: `/api/v2/integrations/${USER}`, body })
      assert.deepStrictEqual(answer, method === "DELETE" ? {} : { entities: [] })
      const [asked] = double.calls()
      assert.deepStrictEqual(
        [asked?.method, asked?.body, asked?.headers["content-type"], asked?.headers.authorization],
        [method, body && JSON.stringify(body), body && "application/json", "Bearer token-1"]
      )
    })
  )

  it.effect("spreads requests evenly over the minute, whoever asks", () =>
    Effect.gen(function* () {
      const { double, request, sent } = yield* setUp(() => ok, { requestsPerMinute: 30 })
      const all = Effect.all(
        Array.from({ length: 31 }, () => request(users)),
        { concurrency: "unbounded" }
      )
      const { seconds } = yield* inTime(all)
      assert.deepStrictEqual([seconds, double.calls().length, double.tokens(), yield* sent], [60, 31, 1, 32])
    })
  )

  it.effect("waits as long as a 429 says, and then goes on, also with what must not be repeated", () =>
    Effect.gen(function* () {
      const respond = (_: Asked, nth: number): Answer =>
        nth === 0 ? { status: 429, headers: { "retry-after": "42" } } : ok
      const { double, request } = yield* setUp(respond)
      const { result, seconds } = yield* inTime(request({ method: "POST", path: "/api/v2/integrations", body: {} }))
      assert.deepStrictEqual([result._tag, seconds, double.calls().length], ["Success", 42, 2])
    })
  )

  it.effect("holds all calls while Genesys says wait", () =>
    Effect.gen(function* () {
      const respond = (_: Asked, nth: number): Answer =>
        nth === 0 ? { status: 429, headers: { "retry-after": "60" } } : ok
      const { double, request } = yield* setUp(respond)
      const first = yield* Effect.forkChild(request(users))
      yield* settle
      yield* TestClock.adjust("1 second")
      const { seconds } = yield* inTime(request({ path: "/api/v2/routing/queues" }))
      // Both go on at the first one's sixtieth second.
      assert.deepStrictEqual([seconds, double.calls().length], [59, 3])
      yield* Fiber.join(first)
    })
  )

  it.effect.each([
    ["a 500", { status: 500 }],
    ["a 503 with a page of HTML", { status: 503, text: "<html>" }],
    ["half an answer", { text: '{"entities":[' }],
    ["a connection that breaks", "drop"],
    ["a server that does not answer", "hang"]
  ] as const)("tries again after %s, and gives up in the end", ([, answer]) =>
    Effect.gen(function* () {
      const { double, request } = yield* setUp((_, nth) => (nth < 3 ? answer : ok))
      assert.strictEqual((yield* inTime(request(users))).result._tag, "Success")
      assert.strictEqual(double.calls().length, 4)
      assert.strictEqual((yield* failure(() => answer)).tries, 6)
    })
  )

  it.effect("does not repeat what may have been carried out, unless it is told that it may", () =>
    Effect.gen(function* () {
      const call: Call = { method: "POST", path: "/api/v2/analytics/queues/observations/query", body: {} }
      assert.strictEqual((yield* failure(() => ({ status: 502 }), call)).tries, 1)
      assert.strictEqual((yield* failure(() => ({ status: 502 }), { ...call, repeatable: true })).tries, 6)
    })
  )

  it.effect.each([
    [403, "forbidden"],
    [404, "notFound"],
    [409, "conflict"],
    [400, "invalid"],
    [422, "invalid"]
  ] as const)("fails at once with a %i", ([status, reason]) =>
    Effect.gen(function* () {
      const { error, tries } = yield* failure(() => problem(status, "some.code"))
      assert.deepStrictEqual([error.reason, error.status, error.code, tries], [reason, status, "some.code", 1])
    })
  )

  it.effect("renews a refused token once, and then says that the client is refused", () =>
    Effect.gen(function* () {
      const { error, tries } = yield* failure(() => problem(401, "bad.credentials"))
      assert.deepStrictEqual([error.reason, tries], ["refused", 2])
    })
  )

  it.effect("[P11] names the permission that is missing, and quotes nothing else", () =>
    Effect.gen(function* () {
      const message =
        "Unable to perform the requested action for kanarie@example.com. You must have at least one of the following permissions assigned: integrations:integration:add"
      const { error } = yield* failure(() => problem(403, "missing.any.permissions", message), {
        path: `/api/v2/users/${USER}?name=kanarie`
      })
      assert.strictEqual(
        error.message,
        "GET /api/v2/users/{id}: the OAuth client lacks a permission; give its role in Genesys Cloud what the call needs (status 403, missing.any.permissions, needs integrations:integration:add)"
      )
      assert.notMatch(JSON.stringify(error), /kanarie|6b1f4c2e/)
    })
  )

  it.effect("does not begin a wait that the invocation will not see the end of", () =>
    Effect.gen(function* () {
      const { double, request } = yield* setUp(() => ({ status: 429, headers: { "retry-after": "60" } }))
      const deadline = (yield* Clock.currentTimeMillis) + 30_000
      const { result, seconds } = yield* inTime(Effect.provideService(request(users), Deadline, deadline))
      assert.deepStrictEqual([result._tag, seconds, double.calls().length], ["Failure", 0, 1])
      if (result._tag === "Failure")
        assert.deepStrictEqual([result.failure.reason, result.failure.retryAfterMs], ["rateLimited", 60_000])
    })
  )

  it("names a call without its ids", () => {
    assert.strictEqual(
      describeCall("GET", `/api/v2/routing/queues/${USER}/members?joined=true`),
      "GET /api/v2/routing/queues/{id}/members"
    )
    assert.strictEqual(describeCall("GET", "/api/v2/users"), "GET /api/v2/users")
  })

  it.effect("knows the domain of every region, and takes each of them as an option", () =>
    Effect.gen(function* () {
      for (const [region, domain] of Object.entries(genesysDomains)) {
        assert.deepStrictEqual([genesysDomainOf(region), genesysDomainOf(domain)], [domain, domain])
        const { api } = yield* genesysSettings({ domain, credentials: async () => CLIENT })
        assert.strictEqual(api, `https://api.${domain}`)
      }
      assert.isUndefined(genesysDomainOf("constructor"))
    })
  )
})
