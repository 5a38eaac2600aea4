import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { build } from "esbuild"
import { GenesysApi } from "../../src/genesys-api/api.ts"
import { type GenesysOptions, genesysSettings } from "../../src/genesys-api/options.ts"
import { makeCritical } from "../../src/read/critical-calls.ts"
import { BadOption, connect, connectMemory, Reader } from "../../src/read/index.ts"
import { AGENT, genesysDouble } from "../support/genesys-api.ts"

const clientOf = async () => ({ clientId: "client-1", clientSecret: "first-secret" })

const sound: GenesysOptions = { domain: "mypurecloud.de", credentials: "genesys" }

const settingsOf = (options: GenesysOptions) => Effect.runSync(genesysSettings(options))

const problemOf = (options: unknown) => Effect.runSync(Effect.flip(genesysSettings(options as GenesysOptions))).message

describe("the option genesys", () => {
  it("has the limits of Genesys for defaults", () => {
    assert.deepStrictEqual(settingsOf(sound), {
      login: "https://login.mypurecloud.de",
      api: "https://api.mypurecloud.de",
      credentials: "genesys",
      timeoutMs: 1_000,
      requestsPerMinute: 300
    })
  })

  it("takes every region, a duration, and an origin for both hosts", () => {
    const regions = [
      "mypurecloud.com",
      "use2.us-gov-pure.cloud",
      "usw2.pure.cloud",
      "cac1.pure.cloud",
      "sae1.pure.cloud",
      "mxc1.pure.cloud",
      "mypurecloud.ie",
      "euw2.pure.cloud",
      "mypurecloud.de",
      "euc2.pure.cloud",
      "edee1.eusc-pure.cloud",
      "mec1.pure.cloud",
      "mypurecloud.jp",
      "apne2.pure.cloud",
      "apne3.pure.cloud",
      "aps1.pure.cloud",
      "apse1.pure.cloud",
      "mypurecloud.com.au"
    ]
    for (const domain of regions) assert.strictEqual(settingsOf({ ...sound, domain }).api, `https://api.${domain}`)
    const settings = settingsOf({ ...sound, timeout: "250 millis", endpoint: "https://proxy.example.com/" })
    assert.deepStrictEqual(
      [settings.timeoutMs, settings.login, settings.api],
      [250, "https://proxy.example.com", "https://proxy.example.com"]
    )
  })

  it.each<[string, Partial<Record<keyof GenesysOptions, unknown>>]>([
    ...["", "api.mypurecloud.de", "https://mypurecloud.de", "mypurecloud.con", "mypurecloud.de.example.com", 7].map(
      (domain): [string, object] => ["domain", { domain }]
    ),
    ...["", " ", undefined, { clientId: "a", clientSecret: "b" }].map((credentials): [string, object] => [
      "credentials",
      { credentials }
    ]),
    ...["0 millis", 0, -1, "2 minutes", "soon", Number.NaN].map((timeout): [string, object] => [
      "timeout",
      { timeout }
    ]),
    ...[0, 301, 1.5, Number.NaN].map((requestsPerMinute): [string, object] => [
      "requestsPerMinute",
      { requestsPerMinute }
    ]),
    ...["http://proxy.example.com", "proxy", "https://proxy/path", "https://me@proxy", ""].map(
      (endpoint): [string, object] => ["endpoint", { endpoint }]
    )
  ])("is refused by the name of its field: %s of %j", (field, change) => {
    assert.match(problemOf({ ...sound, ...change }), new RegExp(`^genesys\\.${field} must be `))
  })

  it("is refused where it is no object", () => {
    for (const options of [null, "mypurecloud.de"]) assert.match(problemOf(options), /^genesys must be an object/)
  })

  it("fails the call where it was not given, and the start where it cannot be used", async () => {
    await using client = connectMemory()
    const error = await client.critical(AGENT).catch((thrown) => thrown)
    assert.instanceOf(error, BadOption)
    assert.match(error.message, /^genesys must be given/)
    assert.throws(
      () => connect({ prefix: "p", genesys: { ...sound, domain: "example.com" } }),
      /^genesys\.domain must be/
    )
  })

  it.effect("gives way to the service GenesysApi where there is one", () =>
    Effect.gen(function* () {
      const decision = yield* Reader.use((reader) => reader.critical(AGENT))
      assert.deepStrictEqual([decision.state, decision.presence.clocks], ["On Queue", {}])
    }).pipe(
      Effect.provide(Reader.memory()),
      Effect.provideService(GenesysApi, {
        snapshot: () => Effect.succeed({ presence: { value: "ON_QUEUE" }, routingStatus: { value: "IDLE" } })
      })
    )
  )

  it.effect("bounds the whole call, also where it is the projection that does not answer", () =>
    Effect.gen(function* () {
      const { url } = yield* genesysDouble
      const genesys = yield* genesysSettings({ ...sound, credentials: clientOf, endpoint: url, timeout: "300 millis" })
      const critical = yield* makeCritical({ genesys, access: {}, projected: () => Effect.never })
      const call = yield* Effect.forkChild(Effect.flip(critical(AGENT)))
      yield* TestClock.adjust("299 millis")
      assert.isUndefined(call.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(call)
      assert.strictEqual(error._tag === "NotConfirmed" && error.reason, "timedOut")
    })
  )

  it("loads Secrets Manager only when a secret is read", async () => {
    const { metafile } = await build({
      entryPoints: ["src/read/critical-calls.ts"],
      bundle: true,
      format: "esm",
      platform: "node",
      external: ["@aws-sdk/*"],
      metafile: true,
      write: false
    })
    const sdk = Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.filter(({ path }) => path.startsWith("@aws-sdk/"))
    )
    assert.deepStrictEqual(
      sdk.map(({ path, kind }) => [path, kind]),
      [["@aws-sdk/client-secrets-manager", "dynamic-import"]]
    )
  })
})
