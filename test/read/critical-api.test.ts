import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, type Scope } from "effect"
import { TestClock } from "effect/testing"
import type { NoAnswer } from "../../src/genesys-api/error.ts"
import type { GenesysOptions } from "../../src/genesys-api/options.ts"
import {
  AGENT,
  type Call,
  type Fault,
  type GenesysDouble,
  genesysApi,
  genesysDouble,
  onQueue
} from "../support/genesys-api.ts"

/** An agent whose state is the `index`-th of many. */
const agentId = (index: number) => `${AGENT.slice(0, -4)}${String(index).padStart(4, "0")}`

const credentials = async () => ({ clientId: "client-1", clientSecret: "first-secret" })

const apiOf = (double: GenesysDouble, options: Partial<GenesysOptions> = {}) =>
  genesysApi({ domain: "mypurecloud.de", credentials, endpoint: double.url, ...options })

const setUp = (options: Partial<GenesysOptions> = {}) =>
  Effect.gen(function* () {
    const double = yield* genesysDouble
    return { double, api: yield* apiOf(double, options) }
  })

/** What a call comes to that meets a fault. */
const meets = (call: Call, fault: Fault, times = 1): Effect.Effect<NoAnswer, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const { double, api } = yield* setUp()
    double.fault(call, fault, times)
    return yield* Effect.flip(api.snapshot(AGENT))
  })

describe("the Genesys API", () => {
  it.effect("says presence and routing status, each with its time, in one request", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      assert.deepStrictEqual(yield* api.snapshot(AGENT), {
        presence: { value: "ON_QUEUE", since: "2026-05-06T09:58:31.190Z" },
        routingStatus: { value: "IDLE", since: "2026-05-06T09:58:31.207Z" }
      })
      assert.deepStrictEqual(
        double.requests.map(({ path }) => path),
        ["/oauth/token", `/api/v2/users/${AGENT}?expand=presence,routingStatus`]
      )
    })
  )

  it.effect("asks for a facet by itself where the user comes without it", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      double.users.set(AGENT, { ...onQueue(), leavesOut: ["presence", "routingStatus"] })
      const { presence, routingStatus } = yield* api.snapshot(AGENT)
      assert.deepStrictEqual([presence.value, routingStatus.value], ["ON_QUEUE", "IDLE"])
      assert.deepStrictEqual([double.count("presence"), double.count("routingStatus")], [1, 1])
    })
  )

  it.effect("keeps values that it does not know, and a value without a time", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      double.users.set(AGENT, {
        presence: { systemPresence: "Nap Pod" },
        routingStatus: { status: "DREAMING", startTime: "tomorrow" }
      })
      assert.deepStrictEqual(yield* api.snapshot(AGENT), {
        presence: { value: "Nap Pod" },
        routingStatus: { value: "DREAMING" }
      })
    })
  )

  it.effect("does not take the presence of a source that is not the primary one", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      const user = onQueue()
      double.users.set(AGENT, { ...user, presence: { ...user.presence, primary: false } })
      assert.strictEqual((yield* Effect.flip(api.snapshot(AGENT))).reason, "unreadable")
    })
  )

  it.effect("does not take an answer about another agent", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      double.fault("user", { status: 200, body: JSON.stringify({ id: agentId(2), ...onQueue() }) })
      assert.strictEqual((yield* Effect.flip(api.snapshot(AGENT))).reason, "unreadable")
    })
  )

  it.effect("knows an unknown user from one who is off queue, and asks nothing for what is no id", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      const unknown = yield* Effect.flip(api.snapshot(agentId(404)))
      assert.deepStrictEqual([unknown.reason, unknown.status], ["unknownAgent", 404])
      for (const id of ["", "..", "a/b", "a?expand=x", "x".repeat(65)])
        assert.strictEqual((yield* Effect.flip(api.snapshot(id))).reason, "unknownAgent", id)
      assert.strictEqual(double.count("user"), 1)
    })
  )

  it.effect.each([
    { fault: { status: 500 }, reason: "unavailable", status: 500 },
    { fault: { status: 503, body: "<html>" }, reason: "unavailable", status: 503 },
    {
      fault: { status: 302, headers: { location: "https://elsewhere.example.com" } },
      reason: "unavailable",
      status: 302
    },
    { fault: { status: 400 }, reason: "unavailable", status: 400 },
    { fault: { status: 403 }, reason: "refused", status: 403 },
    { fault: { status: 200, body: "" }, reason: "unreadable", status: 200 },
    { fault: { status: 200, body: "[]" }, reason: "unreadable", status: undefined },
    { fault: { status: 200, body: "null" }, reason: "unreadable", status: 200 },
    { fault: "truncate", reason: "unreadable", status: 200 },
    { fault: "drop", reason: "unavailable", status: undefined }
  ] as const)("fails closed on $fault", ({ fault, reason, status }) =>
    Effect.gen(function* () {
      for (const call of ["user", "token"] as const) {
        const error = yield* meets(call, fault)
        // The login refuses a client with 400 as well.
        const wanted = call === "token" && fault !== "drop" && fault !== "truncate" && fault.status === 400
        assert.strictEqual(error.reason, wanted ? "refused" : reason, call)
        if (call === "user") assert.strictEqual(error.status, status)
      }
    })
  )

  it.effect("gives up after its time, on a server that does not answer", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp({ timeout: "700 millis" })
      double.fault("user", "hang")
      const call = yield* Effect.forkChild(Effect.flip(api.snapshot(AGENT)))
      yield* Effect.promise(() => double.received("user"))
      yield* TestClock.adjust("699 millis")
      assert.isUndefined(call.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(call)).reason, "timedOut")
      yield* Effect.promise(() => double.abandoned("user"))
      assert.strictEqual((yield* api.snapshot(AGENT)).presence.value, "ON_QUEUE")
    })
  )

  it.effect("leaves nobody waiting who asks after the end", () =>
    Effect.gen(function* () {
      const double = yield* genesysDouble
      const api = yield* Effect.scoped(apiOf(double))
      const call = yield* Effect.forkChild(Effect.exit(api.snapshot(AGENT)))
      yield* TestClock.adjust("1 second")
      assert.isTrue(Exit.isFailure(yield* Fiber.join(call)))
    })
  )

  it.effect("says why nothing could be reached", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      yield* Effect.promise(() => double.close())
      const error = yield* Effect.flip(api.snapshot(AGENT))
      assert.deepStrictEqual([error.reason, error.detail], ["unavailable", "ECONNREFUSED"])
    })
  )

  it.effect("keeps a token that came too late for the call that asked for it", () =>
    Effect.gen(function* () {
      const double = yield* genesysDouble
      let give = (_: Awaited<ReturnType<typeof credentials>>) => {}
      const slow = new Promise<Awaited<ReturnType<typeof credentials>>>((resolve) => {
        give = resolve
      })
      const api = yield* apiOf(double, { credentials: () => slow })
      const call = yield* Effect.forkChild(Effect.flip(api.snapshot(AGENT)))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(call)).reason, "timedOut")
      give(yield* Effect.promise(credentials))
      yield* Effect.promise(() => double.received("token"))
      assert.strictEqual((yield* api.snapshot(AGENT)).presence.value, "ON_QUEUE")
      assert.strictEqual(double.count("token"), 1)
    })
  )

  it.effect("sends one request for fifty calls for the same agent, and another one afterwards", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      const answers = yield* Effect.all(
        Array.from({ length: 50 }, (_, i) => api.snapshot(i % 2 === 0 ? AGENT : AGENT.toUpperCase())),
        { concurrency: "unbounded" }
      )
      assert.isTrue(answers.every(({ presence }) => presence.value === "ON_QUEUE"))
      assert.deepStrictEqual([double.count("token"), double.asked()], [1, 1])
      yield* api.snapshot(AGENT)
      assert.strictEqual(double.asked(), 2)
    })
  )

  it.effect("answers those who joined a call when the one who made it has given up", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      yield* api.snapshot(AGENT)
      const first = yield* Effect.forkChild(api.snapshot(AGENT))
      yield* Effect.yieldNow
      const second = yield* Effect.forkChild(api.snapshot(AGENT))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(first)
      assert.strictEqual((yield* Fiber.join(second)).presence.value, "ON_QUEUE")
      assert.strictEqual(double.asked(), 2)
    })
  )
})

describe("the rate limit of the Genesys API", () => {
  const burst = (double: GenesysDouble, calls: number) => {
    const ids = Array.from({ length: calls }, (_, i) => agentId(i))
    for (const id of ids) double.users.set(id, onQueue())
    return ids
  }

  it.effect("lets 300 requests pass in any minute, and tells the others at once how long to wait", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      const ids = burst(double, 400)
      const [first, later] = [ids.slice(0, 200), ids.slice(200)]
      // The token is the first of the 300.
      const ask = (some: ReadonlyArray<string>) => Effect.partition(some, (id) => api.snapshot(id), { concurrency: 20 })
      const [early] = yield* ask(first)
      assert.lengthOf(early, 200)
      yield* TestClock.adjust("30 seconds")
      const [passed, refused] = yield* ask(later)
      assert.deepStrictEqual([passed.length, refused.length], [99, 101])
      assert.isTrue(refused.every(({ reason, retryAfterMs }) => reason === "rateLimited" && retryAfterMs === 30_000))
      assert.strictEqual(double.requests.length, 300)

      yield* TestClock.adjust("29999 millis")
      assert.strictEqual((yield* Effect.flip(api.snapshot(AGENT))).retryAfterMs, 1)
      yield* TestClock.adjust("1 millis")
      const [after] = yield* ask(later)
      assert.lengthOf(after, 200)
      // The 99 of half a minute ago still count.
      yield* api.snapshot(AGENT)
      assert.strictEqual((yield* Effect.flip(api.snapshot(AGENT))).retryAfterMs, 30_000)
    })
  )

  it.effect("can be set lower, for credentials that others use too", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp({ requestsPerMinute: 3 })
      const [passed, refused] = yield* Effect.partition(burst(double, 5), (id) => api.snapshot(id))
      assert.deepStrictEqual([passed.length, refused.length], [2, 3])
    })
  )

  it.effect("holds all calls for as long as a 429 says", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      double.users.set(agentId(2), onQueue())
      double.fault("user", { status: 429, headers: { "retry-after": "42" } })
      const error = yield* Effect.flip(api.snapshot(AGENT))
      assert.deepStrictEqual([error.reason, error.status, error.retryAfterMs], ["rateLimited", 429, 42_000])
      yield* TestClock.adjust("12 seconds")
      const other = yield* Effect.flip(api.snapshot(agentId(2)))
      assert.deepStrictEqual([other.reason, other.retryAfterMs], ["rateLimited", 30_000])
      assert.strictEqual(double.asked(), 1)
      yield* TestClock.adjust("30 seconds")
      yield* api.snapshot(agentId(2))
      assert.strictEqual(double.asked(), 2)
    })
  )

  it.effect.each([
    { headers: {}, wait: 3_000 },
    { headers: { "retry-after": "Wed, 06 May 2026 10:00:00 GMT" }, wait: 3_000 },
    { headers: { "retry-after": "-1" }, wait: 3_000 },
    { headers: { "retry-after": "0" }, wait: 0 },
    { headers: { "retry-after": "86400" }, wait: 300_000 }
  ])("holds for $wait ms on a 429 with $headers", ({ headers, wait }) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* meets("user", { status: 429, headers })).retryAfterMs, wait)
    })
  )

  it.effect("holds on a 503 that says for how long", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      double.fault("user", { status: 503, headers: { "retry-after": "5" } })
      const error = yield* Effect.flip(api.snapshot(AGENT))
      assert.deepStrictEqual([error.reason, error.status, error.retryAfterMs], ["unavailable", 503, 5_000])
      yield* TestClock.adjust("4 seconds")
      const held = yield* Effect.flip(api.snapshot(AGENT))
      assert.deepStrictEqual([held.reason, held.retryAfterMs, double.asked()], ["unavailable", 1_000, 1])
    })
  )

  it.effect("does not lift a longer hold by a shorter one", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      double.users.set(agentId(2), onQueue())
      yield* api.snapshot(AGENT)
      double.fault("user", { status: 429, headers: { "retry-after": "60" } })
      double.fault("user", { status: 503, headers: { "retry-after": "5" } })
      yield* Effect.all([Effect.flip(api.snapshot(AGENT)), Effect.flip(api.snapshot(agentId(2)))], {
        concurrency: "unbounded"
      })
      yield* TestClock.adjust("6 seconds")
      const error = yield* Effect.flip(api.snapshot(AGENT))
      assert.deepStrictEqual([error.reason, error.retryAfterMs], ["rateLimited", 54_000])
    })
  )
})
