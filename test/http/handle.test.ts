import { assert, describe, it } from "@effect/vitest"
import { type Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { answers, ProblemBody } from "../../src/http/answers.ts"
import { handle } from "../../src/http/handle.ts"
import { calls } from "../../src/http/routes.ts"
import type { Calls } from "../../src/read/calls.ts"
import {
  type Fixture,
  NoActiveGeneration,
  NoDirectory,
  Reader,
  ReaderError,
  StaleAnswer
} from "../../src/read/index.ts"
import { asked, assertDescribed, SETTINGS } from "./asked.ts"

const T0 = Date.parse("2026-05-06T10:07:00.000Z")
const idle = { presence: "ON_QUEUE", routingStatus: "IDLE", routingStatusSince: "2026-05-06T10:00:00.000Z" }
const fixture: Fixture = {
  agents: { ada: idle, bob: { presence: "MEAL", routingStatus: "OFF_QUEUE" }, "a/b": idle },
  queues: { support: { members: ["ada", "bob", "eve"], waiting: 2, asOf: "2026-05-06T10:01:00.000Z" } },
  projections: {
    "queue-intervals": {
      support: {
        "2026-05-06T10:00:00.000Z#acd#s1": {
          columns: { participant: "acd", interval: "2026-05-06T10:00:00.000Z", offeredAt: "2026-05-06T10:01:00.000Z" }
        }
      }
    },
    "agent-intervals": {
      ada: {
        "2026-05-06T10:00Z": {
          columns: {
            interval: "2026-05-06T10:00:00.000Z",
            presence: { "2026-05-06T10:02:00.000Z": "ON_QUEUE" },
            routingStatus: { "2026-05-06T10:02:00.000Z": "IDLE", "2026-05-06T10:05:00.000Z": "INTERACTING" },
            handled: 1,
            talkMs: 60_000
          }
        }
      }
    }
  },
  directory: { agents: { ada: { name: "Ada" }, bob: { name: "Bob" } }, queues: { support: { name: "Support" } } }
}

const send = (target: string, headers: Readonly<Record<string, string>> = {}, method = "GET") =>
  Effect.gen(function* () {
    const { reply } = yield* handle(asked(target, headers, method), SETTINGS)
    return { ...reply, json: reply.body === "" ? undefined : JSON.parse(reply.body) }
  })

/** A reader of the fixture on a clock that stands. */
const onFixture = <A, E>(effect: Effect.Effect<A, E, Reader>) =>
  TestClock.setTime(T0).pipe(Effect.andThen(effect), Effect.provide(Reader.memory(fixture)))

/** A reader whose calls fail so. */
const failing = (error: unknown) =>
  Layer.succeed(
    Reader,
    new Proxy({} as Calls, { get: () => () => Effect.fail(error) }) as Context.Service.Shape<typeof Reader>
  )

const good: Readonly<Record<string, string>> = {
  listAgents: "/agents?name=a&limit=50",
  getAgent: "/agents/ada?names=true",
  getAgentToday: "/agents/ada/today?timeZone=Europe/Berlin&minutes=60&names=true",
  getAgentInterval: "/agents/ada/interval?from=2026-05-06T10:00:00Z&to=2026-05-06T10:15:00Z",
  listQueues: "/queues",
  getQueue: "/queues/support?joined=true&names=true",
  getMembers: "/queues/support/members?names=true",
  getToday: "/queues/support/today?timeZone=Europe/Berlin&minutes=30",
  getInterval: "/queues/support/interval?from=2026-05-06T10:00:00Z&to=2026-05-06T11:00:00Z"
}

describe("a request", () => {
  it.effect.each(calls)("$name is answered as the description says", ({ name }) =>
    onFixture(
      Effect.gen(function* () {
        const { status, headers, json } = yield* send(good[name] ?? "")
        assert.strictEqual(status, 200, JSON.stringify(json))
        assert.strictEqual(headers["content-type"], "application/json")
        assertDescribed(answers, name, json)
      })
    )
  )

  it.effect("answers what the reader answers", () =>
    onFixture(
      Effect.gen(function* () {
        const reader = yield* Reader
        assert.deepStrictEqual((yield* send("/agents/ada")).json, yield* reader.agent("ada"))
        assert.deepStrictEqual((yield* send("/agents/a%2Fb")).json.agentId, "a/b")
        assert.deepStrictEqual((yield* send("/queues/support?joined=false")).json, yield* reader.queue("support"))
        const { json } = yield* send("/queues/support/members")
        assert.deepStrictEqual(
          json.members.map(({ agentId, status }: { agentId: string; status: string }) => [agentId, status]),
          [
            ["ada", "idle"],
            ["bob", "offQueue"],
            ["eve", "unknown"]
          ]
        )
        const today = (yield* send("/queues/support/today?timeZone=Europe/Berlin&minutes=60")).json
        assert.deepStrictEqual([today.offered, today.from, today.intervals.length], [1, "2026-05-05T22:00:00.000Z", 13])
        const { json: ada } = yield* send("/agents/ada/interval?from=2026-05-06T10:00:00Z&to=2026-05-06T10:15:00Z")
        assert.deepStrictEqual(
          [ada.stateMs, ada.handled, ada.spans.length],
          [{ Unknown: 120_000, "On Queue": 180_000, Interacting: 120_000 }, 1, 3]
        )
        const page = (yield* send("/agents?limit=1")).json
        assert.deepStrictEqual(page.entries, [{ id: "ada", name: "Ada" }])
        const next = yield* send(`/agents?limit=1&after=${encodeURIComponent(page.next)}`)
        assert.deepStrictEqual(next.json.entries, [{ id: "bob", name: "Bob" }])
      })
    )
  )

  it.effect.each([
    ["/agents/nobody", "No event has mentioned this agent."],
    ["/queues/nothing", "No event has mentioned this queue."],
    ["/queues/nothing/members", "No event has mentioned this queue."]
  ] as const)("for %s is not found", ([target, detail]) =>
    onFixture(
      Effect.gen(function* () {
        const { status, headers, json } = yield* send(target)
        assert.deepStrictEqual(json, { type: "about:blank", title: "Not Found", status: 404, detail })
        assert.deepStrictEqual([status, headers["content-type"]], [404, "application/problem+json"])
        assert.notProperty(headers, "etag")
      })
    )
  )

  it.effect.each(["/", "/agents/", "/agents/a/b", "/agent/a", "/agents/%E0%A4%A", "/queues/support/member"])(
    "for the path %s is told which paths there are",
    (target) =>
      onFixture(
        Effect.gen(function* () {
          const { status, json } = yield* send(target)
          assert.strictEqual(status, 404)
          assert.include(json.detail, "/queues/{queueId}/members")
        })
      )
  )

  it.effect.each([
    ["/agents?limit=501", "limit", 'is "501"; it must be a whole number from 1 to 500'],
    ["/agents?limit=ten", "limit", 'is "ten"; it must be a whole number from 1 to 500'],
    ["/agents?limit=1&limit=2", "limit", "is given twice; it must be a whole number from 1 to 500"],
    ["/agents?name=", "name", 'is ""; it must be the beginning of a name'],
    ["/agents?nam=a", "nam", "is unknown; there are name, division, limit, after, team"],
    ["/queues?team=a", "team", "is unknown; there are name, division, limit, after"],
    ["/agents/ada?names=yes", "names", 'is "yes"; it must be true or false'],
    ["/queues/support/today", "timeZone", "is missing; it must be the name of a time zone, such as Europe/Berlin"],
    [
      "/queues/support/today?timeZone=Nowhere",
      "timeZone",
      'is "Nowhere"; it must be the name of a time zone, such as Europe/Berlin'
    ],
    ["/agents/ada/today", "timeZone", "is missing; it must be the name of a time zone, such as Europe/Berlin"],
    ["/queues/support/today?timeZone=UTC&minutes=20", "minutes", 'is "20"; it must be one of 15, 30, 60'],
    [`/agents/${"x".repeat(2_049)}`, "agentId", "is empty or too long; it must be the id of an agent"],
    [`/queues/${"x".repeat(2_049)}/members`, "queueId", "is empty or too long; it must be the id of a queue"],
    ["/changes", "agents", "is missing, and so is queues; give at least one of them"],
    [
      "/changes?agents=a,,b",
      "agents",
      'is "a,,b"; it must be 1 to 100 ids of agents with commas between them, none twice'
    ],
    ["/changes?queues=a,a", "queues", 'is "a,a"; it must be 1 to 20 ids of queues with commas between them, none twice']
  ] as const)("for %s is told the parameter and the fix", ([target, field, problem]) =>
    onFixture(
      Effect.gen(function* () {
        const { status, headers, json } = yield* send(target)
        assert.strictEqual(status, 400)
        assert.strictEqual(headers["content-type"], "application/problem+json")
        assert.deepStrictEqual(json.errors, [{ field, problem }])
        assert.strictEqual(json.detail, `${field} ${problem}`)
        assertDescribed({ ProblemBody }, "ProblemBody", json)
      })
    )
  )

  it.effect("names every parameter that cannot be used", () =>
    onFixture(
      Effect.gen(function* () {
        const { json } = yield* send("/queues/support/interval?from=&minutes=7&colour=red")
        assert.deepStrictEqual(
          json.errors.map(({ field }: { field: string }) => field),
          ["colour", "from", "to", "minutes"]
        )
      })
    )
  )

  it.effect("with thousands of unknown parameters gets an answer that is not longer than they are", () =>
    onFixture(
      Effect.gen(function* () {
        const query = Array.from({ length: 2_500 }, (_, i) => i.toString(36)).join("&")
        const { status, body } = yield* send(`/agents?${query}`)
        assert.strictEqual(status, 400)
        assert.isBelow(body.length, query.length)
      })
    )
  )

  it.effect.each(["POST", "PUT", "DELETE", "PATCH", "HEAD"])("by %s is refused", (method) =>
    onFixture(
      Effect.gen(function* () {
        const { status, headers } = yield* send("/agents/ada", {}, method)
        assert.deepStrictEqual([status, headers.allow], [405, "GET, OPTIONS"])
      })
    )
  )
})

describe("what the reader cannot say", () => {
  it.effect.each([
    [new ReaderError({ op: "Query", reason: "ThrottlingException", retryable: true }), 503, "2"],
    [new ReaderError({ op: "agent", reason: "Timeout", retryable: true }), 503, "2"],
    [new StaleAnswer({ ageMs: 9, maxAgeMs: 1, reason: "behind" }), 503, "2"],
    [new ReaderError({ op: "Query", reason: "AccessDeniedException", retryable: false }), 500, undefined],
    [new NoActiveGeneration({ projection: "agents", table: "secret-control" }), 500, undefined],
    [new NoActiveGeneration({ projection: "queue-intervals", table: "secret-control" }), 404, undefined],
    [new NoActiveGeneration({ projection: "agent-intervals", table: "secret-control" }), 404, undefined],
    [new NoDirectory({ table: "secret-directory", reason: "unfilled" }), 404, undefined],
    [new TypeError("a value of somebody"), 500, undefined]
  ] as const)("%s is a problem of status %i", ([error, status, retryAfter]) =>
    Effect.gen(function* () {
      for (const target of ["/agents/ada", "/changes?agents=ada"]) {
        const found = yield* send(target)
        assert.strictEqual(found.status, status, target)
        assert.strictEqual(found.headers["retry-after"], retryAfter)
        assert.strictEqual(found.headers["cache-control"], "no-store")
        assert.notMatch(found.body, /secret|somebody/)
        assertDescribed({ ProblemBody }, "ProblemBody", found.json)
      }
    }).pipe(Effect.provide(failing(error)))
  )
})

describe("an entity tag", () => {
  it.effect("stays while nothing happens, and saves the body of what whoever asked holds", () =>
    onFixture(
      Effect.gen(function* () {
        const first = yield* send("/queues/support")
        yield* TestClock.adjust(60_000)
        const again = yield* send("/queues/support")
        assert.notStrictEqual(first.body, again.body)
        assert.strictEqual(first.headers.etag, again.headers.etag)
        assert.match(String(first.headers.etag), /^W\/"[\w-]{22}"$/)
        const etag = String(first.headers.etag)
        for (const held of [etag, `"x", ${etag}`, etag.slice(2), "*"]) {
          const none = yield* send("/queues/support", { "if-none-match": held })
          assert.deepStrictEqual([none.status, none.body, none.headers.etag], [304, "", etag], held)
          assert.strictEqual(none.headers["settled-through"], again.json.settledThrough)
          assert.strictEqual(none.headers["cache-control"], "private, no-cache")
        }
        assert.strictEqual((yield* send("/queues/support", { "if-none-match": 'W/"other"' })).status, 200)
      })
    )
  )

  it("differs for whatever else differs", async () => {
    const etagOf = (waiting: number, target = "/queues/support") =>
      Effect.runPromise(
        Effect.map(send(target), ({ headers }) => headers.etag).pipe(
          Effect.provide(
            Reader.memory({
              ...fixture,
              queues: { support: { members: ["ada"], waiting, asOf: "2026-05-06T10:01:00.000Z" } }
            })
          )
        )
      )
    const all = [
      await etagOf(1),
      await etagOf(2),
      await etagOf(1, "/queues/support?names=true"),
      await etagOf(1, "/queues/support?joined=true")
    ]
    assert.lengthOf(new Set(all), 4)
    assert.strictEqual(await etagOf(1), all[0])
  })
})

describe("pages of other origins", () => {
  const [origin = ""] = SETTINGS.origins

  it.effect("that are listed may read the answer and its headers", () =>
    onFixture(
      Effect.gen(function* () {
        for (const target of ["/agents/ada", "/agents/nobody", "/agents?limit=0", "/changes?agents=ada", "/none"]) {
          const { headers } = yield* send(target, { origin })
          assert.strictEqual(headers["access-control-allow-origin"], origin, target)
          assert.strictEqual(headers["access-control-expose-headers"], "etag, retry-after, settled-through")
          assert.strictEqual(headers.vary, "origin")
        }
      })
    )
  )

  it.effect("that are listed may send a token or a signature", () =>
    onFixture(
      Effect.gen(function* () {
        const { status, headers } = yield* send("/agents/ada", { origin }, "OPTIONS")
        assert.strictEqual(status, 204)
        assert.strictEqual(headers["access-control-allow-origin"], origin)
        assert.strictEqual(headers["access-control-allow-methods"], "GET")
        for (const name of ["authorization", "if-none-match", "last-event-id", "x-amz-date", "x-amz-security-token"])
          assert.include(headers["access-control-allow-headers"], name)
        assert.notProperty(headers, "access-control-allow-credentials")
      })
    )
  )

  it.effect.each([
    "https://evil.example.com",
    "https://wall.example.com.evil.example",
    "null",
    "https://WALL.example.com",
    "*"
  ])("that are not listed, such as %s, may not", (other) =>
    onFixture(
      Effect.gen(function* () {
        for (const method of ["GET", "OPTIONS"]) {
          const { headers } = yield* send("/agents/ada", { origin: other }, method)
          assert.deepStrictEqual(
            Object.keys(headers).filter((name) => name.startsWith("access-control")),
            []
          )
          assert.strictEqual(headers.vary, "origin")
        }
      })
    )
  )

  it.effect("are told nothing where no origin is listed", () =>
    onFixture(
      Effect.gen(function* () {
        const { reply } = yield* handle(asked("/agents/ada", { origin }), { ...SETTINGS, origins: [] })
        assert.notProperty(reply.headers, "access-control-allow-origin")
        assert.notProperty(reply.headers, "vary")
      })
    )
  )
})
