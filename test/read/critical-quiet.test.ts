import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { GenesysOptions } from "../../src/genesys-api/options.ts"
import { critical } from "../../src/read/critical.ts"
import { AGENT, type Call, type Fault, genesysApi, genesysDouble } from "../support/genesys-api.ts"

const SECRET = "kanarie-secret/+="
const SPOKEN = ["kanarie", "token-", "client-1", "On Queue", "ON_QUEUE", "IDLE", AGENT]

/** Whatever a program might log of an error. */
const tellings = (error: Error): string =>
  [error.message, String(error), error.stack, inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error)]
    .join("\n")
    .replaceAll(import.meta.dirname, "")

const spoken = (text: string): ReadonlyArray<string> =>
  [...SPOKEN, SECRET, Buffer.from(`client-1:${SECRET}`).toString("base64")].filter((word) => text.includes(word))

/** A body that says all that it should not. */
const chatter = `{"message":"kanarie ${SECRET} token-1 On Queue ${AGENT}"`

const FAULTS: ReadonlyArray<Fault> = [
  ...[200, 302, 400, 401, 403, 404, 429, 500].map((status) => ({
    status,
    headers: { "retry-after": "7" },
    body: chatter
  })),
  "truncate",
  "drop"
]

const faults = (["token", "user"] as const).flatMap((call) => FAULTS.map((fault) => ({ call, fault })))

const failure = (call: Call, fault: Fault, credentials: GenesysOptions["credentials"]) =>
  Effect.gen(function* () {
    const double = yield* genesysDouble
    double.clients.set("client-1", SECRET)
    double.fault(call, fault, Number.POSITIVE_INFINITY)
    const api = yield* genesysApi({ domain: "mypurecloud.de", credentials, endpoint: double.url })
    return yield* Effect.flip(critical(AGENT, api.snapshot(AGENT), Effect.undefined))
  })

describe("what fails about Genesys", () => {
  it.effect.each(faults)("[P11] tells no token, secret, id or value when $call meets $fault", ({ call, fault }) =>
    Effect.gen(function* () {
      const error = yield* failure(call, fault, async () => ({ clientId: "client-1", clientSecret: SECRET }))
      assert.deepStrictEqual(spoken(tellings(error)), [])
      assert.match(error.message, new RegExp(`^${error.reason}: `))
    })
  )

  it.effect.each([
    () => Promise.reject(new Error(`cannot read ${SECRET}`)),
    () => Promise.reject(new TypeError("outer", { cause: new SyntaxError(`${SECRET} is not JSON`) })),
    () => Promise.reject(SECRET),
    () => Promise.reject({ name: SECRET, code: SECRET }),
    () => Promise.resolve({ clientId: SECRET } as never),
    () => Promise.resolve(SECRET as never)
  ])("[P11] tells nothing of credentials that could not be read, way %#", (credentials) =>
    Effect.gen(function* () {
      const error = yield* failure("user", "drop", credentials)
      assert.strictEqual(error.reason, "noCredentials")
      assert.deepStrictEqual(spoken(tellings(error)), [])
    })
  )
})
