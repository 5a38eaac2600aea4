import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { layerGenesysCalls } from "../../src/genesys-api/calls.ts"
import { Integrations, layerIntegrations } from "../../src/genesys-api/integrations.ts"
import { type Answer, type Asked, CLIENT, fetchDouble, problem } from "./fetch.ts"

const TYPE = "amazon-eventbridge-source"
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`
const one = (n: number, more: object = {}) => ({
  id: id(n),
  name: `number ${n}`,
  integrationType: { id: TYPE },
  intendedState: "ENABLED",
  reportedState: { code: "ACTIVE", detail: { message: "fine" } },
  ...more
})

const calls = layerGenesysCalls({ domain: "mypurecloud.de", credentials: async () => CLIENT })

const withAnswers = <A, E>(
  respond: (asked: Asked) => Answer,
  work: (integrations: Integrations["Service"]) => Effect.Effect<A, E>
) => {
  const double = fetchDouble(respond)
  const done = Effect.flatMap(Integrations, work).pipe(
    Effect.provide(layerIntegrations.pipe(Layer.provide(calls))),
    double.provide
  )
  return Effect.map(Effect.result(done), (result) => ({ result, asked: double.calls() }))
}

const pageOf = ({ path }: Asked) => Number(new URL(path, "http://x").searchParams.get("pageNumber"))

describe("the integrations of an organisation", () => {
  it.live("are read from page to page, those of the type alone", () =>
    Effect.gen(function* () {
      const respond = (asked: Asked) => {
        const number = pageOf(asked)
        const others = { ...one(9), integrationType: { id: "webhook" } }
        return { body: { entities: [one(number), others], pageCount: 3 } }
      }
      const { result, asked } = yield* withAnswers(respond, ({ list }) => list)
      assert.deepStrictEqual(result._tag === "Success" && result.success.map(({ name }) => name), [
        "number 1",
        "number 2",
        "number 3"
      ])
      assert.lengthOf(asked, 3)
    })
  )

  it.live("end with a page that is not full where nobody counts the pages", () =>
    Effect.gen(function* () {
      const full = Array.from({ length: 100 }, (_, n) => one(n + 1))
      const respond = (asked: Asked) => ({ body: { entities: pageOf(asked) === 1 ? full : [one(101)] } })
      const { result, asked } = yield* withAnswers(respond, ({ list }) => list)
      assert.strictEqual(result._tag === "Success" && result.success.length, 101)
      assert.lengthOf(asked, 2)
    })
  )

  it.live("say what is known of each, and unknown states as they come", () =>
    Effect.gen(function* () {
      const body = one(1, { intendedState: "DISABLED", reportedState: { code: "PAUSED" } })
      const { result } = yield* withAnswers(
        () => ({ body }),
        ({ get }) => get(id(1))
      )
      assert.deepStrictEqual(result._tag === "Success" && result.success, {
        id: id(1),
        name: "number 1",
        enabled: false,
        state: "PAUSED",
        detail: ""
      })
    })
  )

  it.live("give back what a configuration holds besides", () =>
    Effect.gen(function* () {
      const properties = {
        awsAccountId: "444455556666",
        awsAccountRegion: "eu-central-1",
        eventSourceSuffix: "mine",
        eventFilter: ["v2.users.{id}.activity"]
      }
      const held = { version: 7, name: "n", notes: "by hand", properties, advanced: { a: 1 }, credentials: { c: {} } }
      const { asked } = yield* withAnswers(
        () => ({ body: held }),
        ({ configuration, configure }) =>
          Effect.flatMap(configuration(id(1)), (read) => configure(id(1), { ...read, properties }))
      )
      assert.deepStrictEqual(
        asked.map(({ method, path }) => `${method} ${path}`),
        ["GET", "PUT"].map((method) => `${method} /api/v2/integrations/${id(1)}/config/current`)
      )
      assert.deepStrictEqual(JSON.parse(asked[1]?.body ?? ""), held)
    })
  )

  it.live("have no properties until somebody configured them", () =>
    Effect.gen(function* () {
      const { result } = yield* withAnswers(
        () => ({ body: { version: 1, name: "n", properties: {} } }),
        ({ configuration }) => configuration(id(1))
      )
      assert.isUndefined(result._tag === "Success" ? result.success.properties : "failed")
    })
  )

  it.live("are removed also where they are gone already", () =>
    Effect.gen(function* () {
      const { result } = yield* withAnswers(
        () => problem(404, "not.found"),
        ({ remove }) => remove(id(1))
      )
      assert.strictEqual(result._tag, "Success")
    })
  )

  it.live.each([
    ["list", { entities: [{ ...one(1), id: "../users" }] }],
    ["organisation", { id: 7 }],
    ["configuration", { name: "n" }]
  ] as const)("that cannot be read are an error: %s", ([what, body]) =>
    Effect.gen(function* () {
      const { result } = yield* withAnswers(
        () => ({ body }),
        (integrations) =>
          (what === "configuration" ? integrations.configuration(id(1)) : integrations[what]) as Effect.Effect<
            unknown,
            unknown
          >
      )
      assert.strictEqual(result._tag === "Failure" && (result.failure as { reason: string }).reason, "unreadable")
    })
  )
})
