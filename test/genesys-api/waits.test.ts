import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Random, Result, type Scope } from "effect"
import { TestClock } from "effect/testing"
import type { BadOption } from "../../src/genesys-api/bad-option.ts"
import { type Call, GenesysCalls, layerGenesysCalls } from "../../src/genesys-api/calls.ts"
import { type GenesysOptions, genesysSettings } from "../../src/genesys-api/options.ts"
import { makeRateLimiter } from "../../src/genesys-api/rate-limiter.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { type Answer, type Asked, CLIENT, fetchDouble } from "./fetch.ts"
import { inTime, settle } from "./time.ts"

const users: Call = { path: "/api/v2/users" }
const create: Call = { method: "POST", path: "/api/v2/integrations", body: {} }
const ok: Answer = { body: { entities: [] } }
const told = (status: number, seconds?: number): Answer => ({
  status,
  ...(seconds === undefined ? {} : { headers: { "retry-after": String(seconds) } })
})

interface Setting extends Partial<GenesysOptions> {
  readonly login?: (nth: number) => Answer | undefined
}

const setUp = (respond: (asked: Asked, nth: number) => Answer, { login, ...options }: Setting = {}) =>
  Effect.gen(function* () {
    const double = fetchDouble(respond, login)
    const layer = layerGenesysCalls({ domain: "mypurecloud.de", credentials: async () => CLIENT, ...options })
    const { request } = yield* Effect.map(Layer.build(layer), (context) =>
      GenesysCalls.pipe(Effect.provide(context))
    ).pipe(Effect.flatten)
    return { double, request: (call: Call) => double.provide(Effect.result(request(call))) }
  })

/** What one call comes to that is not repeated: what the failure says beside its name and its call. */
const outcome = (respond: (asked: Asked, nth: number) => Answer, setting?: Setting) =>
  Effect.gen(function* (): Effect.fn.Return<string | object, BadOption, Scope.Scope> {
    const { request } = yield* setUp(respond, setting)
    const { result } = yield* inTime(Effect.flatMap(request(create), Effect.fromResult))
    if (Result.isSuccess(result)) return "success"
    const { reason, status, retryAfterMs, detail } = result.failure
    return Object.fromEntries(
      Object.entries({ reason, status, retryAfterMs, detail }).filter(([name]) => Object.hasOwn(result.failure, name))
    )
  })

/** Every pause is as long as it may be. */
const longest = Effect.provideService(Random.Random, { nextIntUnsafe: () => 1, nextDoubleUnsafe: () => 1 })

const deadlineIn = (ms: number) => Effect.map(Clock.currentTimeMillis, (now) => now + ms)

describe("a call that may pass", () => {
  it.effect("is tried again after pauses that double, up to half a minute", () =>
    Effect.gen(function* () {
      const { double, request } = yield* setUp(() => told(500))
      const call = yield* Effect.forkChild(longest(request(users)))
      for (const [tries, pauseMs] of [2_000, 4_000, 8_000, 16_000, 30_000].entries()) {
        yield* settle
        yield* TestClock.adjust(pauseMs - 1)
        yield* settle
        assert.strictEqual(double.calls().length, tries + 1)
        yield* TestClock.adjust(1)
        yield* settle
        assert.strictEqual(double.calls().length, tries + 2)
      }
      assert.isTrue(Result.isFailure(yield* Fiber.join(call)))
    })
  )

  it.effect("is not tried again after the deadline, and is at the deadline", () =>
    Effect.gen(function* () {
      for (const [respond, ms, tries] of [
        [told(500), 1_999, 1],
        [told(500), 2_000, 2],
        [told(429, 30), 29_999, 1],
        [told(429, 30), 30_000, 2]
      ] as const) {
        const { double, request } = yield* setUp(() => respond)
        const within = Effect.provideService(request(users), Deadline, yield* deadlineIn(ms))
        const { result } = yield* inTime(longest(within))
        assert.isTrue(Result.isSuccess(result) && Result.isFailure(result.success))
        assert.strictEqual(double.calls().length, tries, `${ms}`)
      }
    })
  )

  it.effect("is told to wait twenty times, and no more", () =>
    Effect.gen(function* () {
      const { double, request } = yield* setUp(() => told(429, 1))
      const { seconds } = yield* inTime(request(users))
      assert.deepStrictEqual([double.calls().length, seconds], [20, 19])
    })
  )

  it.effect("takes no longer than a response may take, and no longer than a token may take", () =>
    Effect.gen(function* () {
      for (const [setting, ms] of [
        [{}, 15_000],
        [{ login: () => "hang" as const }, 5_000]
      ] as const) {
        const { request } = yield* setUp(() => "hang", setting)
        const call = yield* Effect.forkChild(request(create))
        yield* settle
        yield* TestClock.adjust(ms - 1)
        yield* settle
        assert.isUndefined(call.pollUnsafe())
        yield* TestClock.adjust(1)
        yield* settle
        assert.isDefined(call.pollUnsafe())
        const result = yield* Fiber.join(call)
        assert.strictEqual(Result.isFailure(result) && result.failure.reason, "timedOut")
      }
    })
  )
})

describe("a call that does not pass", () => {
  it.effect("says what its status means, and how long it asks to wait", () =>
    Effect.gen(function* () {
      for (const [status, reason] of [
        [300, "unavailable"],
        [408, "timedOut"],
        [499, "invalid"],
        [500, "unavailable"]
      ] as const) {
        assert.deepStrictEqual(yield* outcome(() => told(status)), { reason, status })
        const held = status === 500 ? { retryAfterMs: 7_000 } : {}
        assert.deepStrictEqual(yield* outcome(() => told(status, 7)), { reason, status, ...held })
      }
      for (const text of ['"soon"', "7", "null", "<html>"])
        assert.deepStrictEqual(yield* outcome(() => ({ text })), { reason: "unreadable", status: 200 })
      assert.deepStrictEqual(yield* outcome(() => "drop"), { reason: "unavailable", detail: "ECONNRESET" })
      assert.strictEqual(yield* outcome(() => ({ status: 299, body: {} })), "success")
    })
  )

  it.effect("says what the login said", () =>
    Effect.gen(function* () {
      const login = (answer: Answer) => outcome(() => ok, { login: () => answer })
      const token = { access_token: "t", expires_in: 1 }
      assert.strictEqual(yield* login({ body: token }), "success")
      assert.strictEqual(yield* login({ status: 299, body: token }), "success")
      assert.deepStrictEqual(yield* login({ status: 300, body: token }), { reason: "unavailable", status: 300 })
      assert.deepStrictEqual(yield* login({ body: { ...token, expires_in: 0 } }), { reason: "unreadable" })
      assert.deepStrictEqual(yield* login({ body: {} }), { reason: "unreadable" })
      for (const status of [400, 401, 403, 404])
        assert.deepStrictEqual(yield* login(told(status, 7)), { reason: "refused", status: 401 })
      assert.deepStrictEqual(yield* login(told(500)), { reason: "unavailable", status: 500 })
      assert.deepStrictEqual(yield* login(told(500, 7)), { reason: "unavailable", status: 500, retryAfterMs: 7_000 })
      const none = { credentials: () => Promise.reject(new Error("kanarie")) }
      assert.deepStrictEqual(yield* outcome(() => ok, none), { reason: "noCredentials", detail: "Error" })
    })
  )

  it.effect("is told to wait by the login as by the API, and again until it may", () =>
    Effect.gen(function* () {
      const login = (nth: number) => (nth === 1 ? told(429, 7) : undefined)
      const { double, request } = yield* setUp(() => ok, { login })
      const { result, seconds } = yield* inTime(request(create))
      assert.isTrue(Result.isSuccess(result) && Result.isSuccess(result.success))
      assert.deepStrictEqual([seconds, double.tokens()], [7, 2])
      const late = yield* setUp(() => ok, { login: () => told(429, 7) })
      const failed = yield* inTime(Effect.provideService(late.request(create), Deadline, yield* deadlineIn(1_000)))
      const { reason, status, retryAfterMs } = yield* Effect.flip(
        Effect.flatMap(Effect.fromResult(failed.result), Effect.fromResult)
      )
      assert.deepStrictEqual([reason, status, retryAfterMs], ["rateLimited", 429, 7_000])
    })
  )

  it.effect("keeps others back for as long as the longest wait that was asked for", () =>
    Effect.gen(function* () {
      const { double, request } = yield* setUp((_, nth) => (nth === 0 ? told(503, 60) : nth === 1 ? told(503, 1) : ok))
      const both = yield* Effect.forkChild(Effect.all([request(create), request(create)], { concurrency: 2 }))
      yield* settle
      yield* TestClock.adjust("1 second")
      yield* settle
      yield* Fiber.join(both)
      const refused = yield* Effect.provideService(request(create), Deadline, yield* deadlineIn(5_000))
      assert.isTrue(Result.isFailure(refused))
      if (Result.isFailure(refused))
        assert.deepStrictEqual([refused.failure.reason, refused.failure.retryAfterMs], ["rateLimited", 59_000])
      const { seconds } = yield* inTime(request(create))
      assert.deepStrictEqual([seconds, double.calls().length], [59, 3])
    })
  )

  it.effect("keeps nobody back by a response that asks for nothing", () =>
    Effect.gen(function* () {
      const { request } = yield* setUp((_, nth) => (nth === 0 ? told(404, 60) : ok))
      yield* inTime(request(create))
      assert.isAtMost((yield* inTime(request(create))).seconds, 1)
    })
  )

  it.effect("does not wait for a turn that comes after the deadline", () =>
    Effect.gen(function* () {
      const { request } = yield* setUp(() => ok, { requestsPerMinute: 1 })
      yield* inTime(request(create))
      for (const [ms, sends] of [
        [59_999, false],
        [60_000, true]
      ] as const) {
        const { result } = yield* inTime(Effect.provideService(request(create), Deadline, yield* deadlineIn(ms)))
        const called = yield* Effect.fromResult(result)
        assert.strictEqual(Result.isSuccess(called), sends)
        if (Result.isFailure(called))
          assert.deepStrictEqual([called.failure.reason, called.failure.retryAfterMs], ["rateLimited", 60_000])
      }
    })
  )
})

describe("a request", () => {
  it.effect("says what it takes for an answer, and that no copy will do", () =>
    Effect.gen(function* () {
      const { double, request } = yield* setUp(() => ok)
      yield* inTime(request(users))
      const [login, asked] = double.asked.map(({ headers }) => headers)
      assert.deepStrictEqual(Object.keys(login ?? {}).sort(), ["accept", "authorization", "content-type"])
      assert.strictEqual(login?.accept, "application/json")
      assert.deepStrictEqual(asked, {
        accept: "application/json",
        authorization: "Bearer token-1",
        "cache-control": "no-cache"
      })
    })
  )
})

describe("the limit of requests", () => {
  it.effect("lets one pass where one a minute is allowed, and says how long the next must wait", () =>
    Effect.gen(function* () {
      const limiter = makeRateLimiter(1)
      yield* limiter.take
      assert.strictEqual((yield* Effect.flip(limiter.take)).retryAfterMs, 60_000)
      yield* TestClock.adjust(59_999)
      assert.strictEqual((yield* Effect.flip(limiter.take)).retryAfterMs, 1)
      yield* TestClock.adjust(1)
      yield* limiter.take
    })
  )

  it.effect("holds everybody for the longest wait, in whatever order they were asked for", () =>
    Effect.gen(function* () {
      for (const waits of [
        [1_000, 60_000],
        [60_000, 1_000]
      ]) {
        const limiter = makeRateLimiter(300)
        for (const ms of waits) yield* limiter.hold("unavailable", ms)
        const { reason, retryAfterMs } = yield* Effect.flip(limiter.take)
        assert.deepStrictEqual([reason, retryAfterMs], ["unavailable", 60_000])
      }
    })
  )

  it.effect("is from one to three hundred a minute, and the time for a call from a millisecond to a minute", () =>
    Effect.gen(function* () {
      const settings = (options: Partial<GenesysOptions>) =>
        Effect.result(genesysSettings({ domain: "mypurecloud.de", credentials: "genesys", ...options }))
      for (const options of [{ requestsPerMinute: 1 }, { requestsPerMinute: 300 }, { timeout: 1 }, { timeout: 60_000 }])
        assert.isTrue(Result.isSuccess(yield* settings(options)), JSON.stringify(options))
      for (const options of [{ requestsPerMinute: 0 }, { requestsPerMinute: 301 }, { timeout: 0 }, { timeout: 60_001 }])
        assert.isTrue(Result.isFailure(yield* settings(options)), JSON.stringify(options))
    })
  )
})
