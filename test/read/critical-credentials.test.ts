import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { GenesysOptions } from "../../src/genesys-api/options.ts"
import { AGENT, type GenesysDouble, genesysApi, genesysDouble, onQueue } from "../support/genesys-api.ts"

const ARN = "arn:aws:secretsmanager:eu-central-1:444455556666:secret:genesys-AbCdEf"

/** Secrets Manager answers at the double as well. */
const accessTo = ({ url }: GenesysDouble) => ({
  endpoint: url,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" }
})

const setUp = (credentials: GenesysOptions["credentials"] = ARN) =>
  Effect.gen(function* () {
    const double = yield* genesysDouble
    const api = yield* genesysApi({ domain: "mypurecloud.de", credentials, endpoint: double.url }, accessTo(double))
    return { double, api }
  })

const rotate = (double: GenesysDouble, secret: string) => {
  double.clients.set("client-1", secret)
  double.settings.secret = JSON.stringify({ clientId: "client-1", clientSecret: secret })
}

describe("the token of the Genesys API", () => {
  it.effect("is kept until shortly before it expires", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      yield* api.snapshot(AGENT)
      yield* TestClock.adjust(86_400_000 - 60_000 - 1)
      yield* api.snapshot(AGENT)
      assert.strictEqual(double.count("token"), 1)
      yield* TestClock.adjust(1)
      yield* api.snapshot(AGENT)
      assert.strictEqual(double.count("token"), 2)
    })
  )

  it.effect("is used for nine tenths of a short life", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      double.settings.expiresIn = 10
      yield* api.snapshot(AGENT)
      yield* TestClock.adjust("8999 millis")
      yield* api.snapshot(AGENT)
      assert.strictEqual(double.count("token"), 1)
      yield* TestClock.adjust("1 millis")
      yield* api.snapshot(AGENT)
      assert.strictEqual(double.count("token"), 2)
    })
  )

  it.effect("is renewed once where it is refused", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      yield* api.snapshot(AGENT)
      double.revoke()
      yield* api.snapshot(AGENT)
      assert.deepStrictEqual(
        double.requests.map(({ call }) => call),
        ["secret", "token", "user", "user", "token", "user"]
      )
    })
  )

  it.effect("is renewed by one request for all whose calls were refused", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      const ids = Array.from({ length: 20 }, (_, i) => `${AGENT.slice(0, -2)}${i + 10}`)
      for (const id of ids) double.users.set(id, onQueue())
      yield* api.snapshot(AGENT)
      double.revoke()
      yield* Effect.forEach(ids, (id) => api.snapshot(id), { concurrency: "unbounded" })
      assert.strictEqual(double.count("token"), 2)
    })
  )

  it.effect("is not asked for again and again where every one is refused", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      double.fault("user", { status: 401 }, Number.POSITIVE_INFINITY)
      const error = yield* Effect.flip(api.snapshot(AGENT))
      assert.deepStrictEqual([error.reason, error.status, error.retryAfterMs], ["refused", 401, 10_000])
      assert.deepStrictEqual([double.count("user"), double.count("token")], [2, 2])
      yield* TestClock.adjust("4 seconds")
      const held = yield* Effect.flip(api.snapshot(AGENT))
      assert.deepStrictEqual([held.reason, held.retryAfterMs], ["refused", 6_000])
      assert.strictEqual(double.count("user"), 2)
    })
  )

  it.effect.each([
    {},
    { access_token: "t" },
    { access_token: "t", expires_in: 0 },
    { access_token: 7, expires_in: 60 }
  ])("is not read from %j", (body) =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      double.fault("token", { status: 200, body: JSON.stringify(body) })
      assert.strictEqual((yield* Effect.flip(api.snapshot(AGENT))).reason, "unreadable")
    })
  )

  it.effect.each([400, 401, 403, 404])("is refused by a login that answers %s, whatever the reason", (status) =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      double.fault("token", { status })
      const error = yield* Effect.flip(api.snapshot(AGENT))
      assert.deepStrictEqual([error.reason, error.retryAfterMs], ["refused", 10_000])
    })
  )

  it.effect("is asked for at most as long as the login wants", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      double.fault("token", { status: 429, headers: { "retry-after": "20" } })
      const error = yield* Effect.flip(api.snapshot(AGENT))
      assert.deepStrictEqual([error.reason, error.retryAfterMs], ["rateLimited", 20_000])
      yield* Effect.flip(api.snapshot(AGENT))
      assert.strictEqual(double.count("token"), 1)
    })
  )
})

describe("the credentials of the Genesys API", () => {
  it.effect("come from Secrets Manager, in the region of the ARN, and once", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      yield* api.snapshot(AGENT)
      double.revoke()
      yield* api.snapshot(AGENT)
      assert.deepStrictEqual([double.count("secret"), double.count("token")], [1, 2])
      const [{ authorization } = { authorization: "" }] = double.requests
      assert.match(authorization ?? "", /\/eu-central-1\/secretsmanager\//)
    })
  )

  it.effect("are read again when they are refused, and the rotated ones are used", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      yield* api.snapshot(AGENT)
      rotate(double, "second-secret")
      double.revoke()
      assert.strictEqual((yield* api.snapshot(AGENT)).presence.value, "ON_QUEUE")
      assert.deepStrictEqual([double.count("secret"), double.count("token")], [2, 3])
      rotate(double, "third-secret")
      double.revoke()
      yield* api.snapshot(AGENT)
      assert.deepStrictEqual([double.count("secret"), double.count("token")], [3, 5])
    })
  )

  it.effect("are not sent twice when nothing was rotated, nor at every call", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      yield* api.snapshot(AGENT)
      double.clients.set("client-1", "changed only at Genesys")
      double.revoke()
      const error = yield* Effect.flip(api.snapshot(AGENT))
      assert.deepStrictEqual([error.reason, error.retryAfterMs], ["refused", 10_000])
      assert.deepStrictEqual([double.count("secret"), double.count("token")], [2, 2])
      yield* Effect.flip(api.snapshot(AGENT))
      assert.strictEqual(double.requests.length, 6)

      rotate(double, "second-secret")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* api.snapshot(AGENT)).presence.value, "ON_QUEUE")
    })
  )

  it.effect("may come from a function", () =>
    Effect.gen(function* () {
      let reads = 0
      const { double, api } = yield* setUp(async () => {
        reads++
        return { clientId: "client-1", clientSecret: "first-secret" }
      })
      yield* api.snapshot(AGENT)
      double.revoke()
      yield* api.snapshot(AGENT)
      assert.deepStrictEqual([reads, double.count("secret")], [1, 0])
    })
  )

  it.effect("that cannot be read are a failure that says so, and are read again at the next call", () =>
    Effect.gen(function* () {
      const { double, api } = yield* setUp()
      for (const secret of [
        "",
        "not json",
        "[]",
        '{"clientId":"client-1"}',
        '{"clientId":"client-1","clientSecret":""}'
      ]) {
        double.settings.secret = secret
        assert.strictEqual((yield* Effect.flip(api.snapshot(AGENT))).reason, "noCredentials", secret)
      }
      double.fault("secret", { status: 400, body: JSON.stringify({ __type: "ResourceNotFoundException" }) })
      const missing = yield* Effect.flip(api.snapshot(AGENT))
      assert.deepStrictEqual([missing.reason, missing.detail], ["noCredentials", "ResourceNotFoundException"])
      assert.strictEqual(double.count("token"), 0)
      rotate(double, "first-secret")
      yield* api.snapshot(AGENT)
    })
  )
})
