import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Layer, type Scope } from "effect"
import { TestClock } from "effect/testing"
import type { CallFailed } from "../../src/genesys-api/call-failed.ts"
import { Organisation, type OrganisationPage, type ReadPage } from "../../src/genesys-api/organisation.ts"
import { layerOrganisation } from "../../src/genesys-api/organisation-layer.ts"
import { type OrganisationFixture, organisationMemory } from "../../src/genesys-api/organisation-memory.ts"
import { type Answer, type Asked, CLIENT, fetchDouble, problem } from "./fetch.ts"
import { rendered } from "./rendered.ts"
import { AT, standing } from "./time.ts"

const fixture: OrganisationFixture = {
  users: [
    {
      id: "agent-1",
      name: "Ada",
      email: "ada@example.com",
      division: "division-1",
      team: "team-1",
      state: "active",
      presence: { value: { systemPresence: "ON_QUEUE", definitionId: "definition-1" }, since: AT - 90_000 },
      routingStatus: { value: "INTERACTING", since: AT - 9_641 },
      outOfOffice: false,
      station: { id: "station-1", name: "Desk 14" },
      conversations: [{ media: "call", value: { active: 1, acw: 0 } }]
    },
    // Of whom no more is said than that they are there.
    { id: "agent-2", conversations: [] },
    { id: "agent-3", station: null, presence: { value: { systemPresence: "Siesta" } }, conversations: [] }
  ],
  former: [
    { id: "agent-8", state: "inactive" },
    { id: "agent-9", state: "deleted" }
  ],
  statuses: {
    "agent-1": [
      {
        sessionId: "session-1",
        state: "INTERACT",
        since: AT - 9_641,
        sessionStart: AT - 14_000,
        conversationId: "conversation-1",
        queueId: "queue-1",
        mediaType: "VOICE",
        direction: "INBOUND"
      },
      { sessionId: "session-2", state: "HOLD" }
    ]
  },
  queues: [{ id: "queue-1", name: "Sales", division: "division-1" }, { id: "queue-2" }, { id: "queue-3" }],
  members: { "queue-1": ["agent-1", "agent-2", "agent-3"] },
  waiting: {
    "queue-1": [
      {
        conversationId: "conversation-2",
        sessionId: "session-3",
        since: AT - 5_000,
        mediaType: "VOICE",
        direction: "INBOUND"
      },
      { conversationId: "conversation-3", mediaType: "EMAIL" }
    ]
  },
  alerting: { "queue-1": [{ conversationId: "conversation-4", sessionId: "session-4", mediaType: "VOICE" }] },
  presences: [{ id: "definition-1", name: "On Queue" }],
  wrapUpCodes: [{ id: "code-1", name: "Sold" }, { id: "code-2" }],
  divisions: [{ id: "division-1", name: "Home" }]
}

/** An organisation whose API answers like this. */
const over = (respond: (asked: Asked, nth: number) => Answer) =>
  Effect.gen(function* () {
    const double = fetchDouble(respond)
    const layer = layerOrganisation({ domain: "mypurecloud.de", credentials: async () => CLIENT })
    const organisation = Context.get(yield* Layer.build(layer), Organisation)
    return { double, organisation, ask: double.provide }
  })

const everyPage = Effect.fnUntraced(function* <A>(read: ReadPage<A>) {
  const pages: Array<OrganisationPage<A>> = []
  for (let next: string | undefined; pages.length === 0 || next !== undefined; next = pages.at(-1)?.next)
    pages.push(yield* read(next))
  return pages
})

const items = <A>(pages: ReadonlyArray<OrganisationPage<A>>) => pages.flatMap((page) => page.items)

type Of = Effect.Effect<
  {
    readonly organisation: Organisation["Service"]
    readonly ask: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
  },
  unknown,
  Scope.Scope
>

const contract = (name: string, make: Of) =>
  describe(`the organisation ${name}`, () => {
    const test = (title: string, body: (organisation: Organisation["Service"]) => Effect.Effect<void, unknown>) =>
      it.effect(title, () =>
        Effect.gen(function* () {
          yield* TestClock.setTime(AT)
          const { organisation, ask } = yield* make
          yield* ask(body(organisation))
        })
      )

    test("says of users all that it knows, page by page", (organisation) =>
      Effect.gen(function* () {
        const pages = yield* everyPage(organisation.users)
        assert.deepStrictEqual(items(pages), fixture.users)
        assert.deepStrictEqual(
          pages.map(({ items, total, asked }) => [items.length, total, asked]),
          [
            [2, 3, AT],
            [1, 3, AT]
          ]
        )
      }))

    test("says who has left, those of each state by themselves", (organisation) =>
      Effect.gen(function* () {
        for (const user of fixture.former ?? [])
          assert.deepStrictEqual(items(yield* everyPage(organisation.former(user.state))), [user])
      }))

    test("says of agents what they do, and nothing of whom it does not know", (organisation) =>
      Effect.gen(function* () {
        const { items, asked } = yield* organisation.statuses(["agent-1", "agent-2", "nobody"])
        assert.strictEqual(asked, AT)
        assert.deepStrictEqual(items, [
          { userId: "agent-1", complete: true, sessions: fixture.statuses?.["agent-1"] ?? [] },
          { userId: "agent-2", complete: true, sessions: [] }
        ])
      }))

    test("says which queues there are, and who is joined in each", (organisation) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(items(yield* everyPage(organisation.queues)), fixture.queues)
        const members = (id: string) => everyPage((next) => organisation.members(id, next))
        assert.deepStrictEqual(
          items(yield* members("queue-1")),
          ["agent-1", "agent-2", "agent-3"].map((userId) => ({ userId, joined: true }))
        )
        assert.deepStrictEqual(items(yield* members("queue-2")), [])
        const error = yield* Effect.flip(organisation.members("queue-4"))
        assert.deepStrictEqual([error.reason, error.call], ["notFound", "GET /api/v2/routing/queues/{id}/members"])
      }))

    test("says what waits in queues and what alerts, also that nothing does", (organisation) =>
      Effect.gen(function* () {
        const { items } = yield* organisation.observations(["queue-1", "queue-2", "nothing"])
        assert.deepStrictEqual(items, [
          {
            queueId: "queue-1",
            complete: true,
            waiting: fixture.waiting?.["queue-1"] ?? [],
            alerting: fixture.alerting?.["queue-1"] ?? []
          },
          { queueId: "queue-2", complete: true, waiting: [], alerting: [] }
        ])
      }))

    test("names presences, wrap-up codes and divisions", (organisation) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(items(yield* everyPage(organisation.presences)), fixture.presences)
        assert.deepStrictEqual(items(yield* everyPage(organisation.wrapUpCodes)), fixture.wrapUpCodes)
        assert.deepStrictEqual(items(yield* everyPage(organisation.divisions)), fixture.divisions)
        assert.isAtLeast(yield* organisation.requests, 3)
      }))
  })

contract("in memory", Effect.succeed({ organisation: organisationMemory(() => fixture, 2), ask: (effect) => effect }))
contract(
  "behind its API",
  Effect.map(over(rendered(() => fixture, 2)), ({ organisation, ask }) => ({
    organisation,
    ask: (effect) => ask(effect).pipe(Effect.provideService(Clock.Clock, standing()))
  }))
)

/** What an organisation whose API answers like this says. */
const told = <A, E>(
  respond: (asked: Asked) => Answer,
  ask: (organisation: Organisation["Service"]) => Effect.Effect<A, E>
) =>
  Effect.gen(function* () {
    const { organisation, ask: through } = yield* Effect.orDie(over(respond))
    return yield* through(ask(organisation)).pipe(Effect.provideService(Clock.Clock, standing()))
  })

describe("what the API of an organisation may leave out or get wrong", () => {
  it.effect("states nothing of an expansion that is missing, and of what is none", () =>
    Effect.gen(function* () {
      const odd = { id: "u", presence: "soon", routingStatus: {}, station: { associatedStation: 4 }, outOfOffice: null }
      const body = { entities: [odd, { name: "without an id" }, null], pageCount: 1 }
      const { items } = yield* told(
        () => ({ body }),
        ({ users }) => users()
      )
      assert.deepStrictEqual(items, [{ id: "u", conversations: [] }])
    })
  )

  it.effect("does not take the presence of a source that is not the primary one", () =>
    Effect.gen(function* () {
      const presence = { primary: false, presenceDefinition: { systemPresence: "Available" } }
      const body = { entities: [{ id: "u", presence }] }
      const { items } = yield* told(
        () => ({ body }),
        ({ users }) => users()
      )
      assert.isUndefined(items[0]?.presence)
    })
  )

  it.effect.each([
    ["fewer sessions than it counts", { sessionCount: 2, sessions: [{ sessionId: "s", segmentType: "hold" }] }],
    ["a session without an id", { sessionCount: 1, sessions: [{ segmentType: "hold" }] }],
    ["no count", { sessions: [] }],
    ["no list", { sessionCount: 1 }]
  ] as const)("takes a status with %s for incomplete", ([, status]) =>
    Effect.gen(function* () {
      const body = {
        entities: [
          { userId: "u", ...status },
          { sessionCount: 0, sessions: [] }
        ]
      }
      const { items } = yield* told(
        () => ({ body }),
        ({ statuses }) => statuses(["u"])
      )
      assert.deepStrictEqual(
        items.map(({ userId, complete }) => [userId, complete]),
        [["u", false]]
      )
    })
  )

  it.effect.each([
    ["truncated", { truncated: true, stats: { count: 1 }, observations: [{ conversationId: "c" }] }],
    ["shorter than its count", { stats: { count: 2 }, observations: [{ conversationId: "c" }] }],
    ["without a count", { observations: [] }],
    ["of what has no conversation", { stats: { count: 1 }, observations: [{ sessionId: "s" }] }]
  ] as const)("takes a list that is %s for incomplete", ([, list]) =>
    Effect.gen(function* () {
      const group = { queueId: "q", mediaType: "voice" }
      const body = {
        results: [
          { group, data: [{ metric: "oWaiting", ...list }] },
          { group: {}, data: [] }
        ]
      }
      const { items } = yield* told(
        () => ({ body }),
        ({ observations }) => observations(["q"])
      )
      assert.deepStrictEqual(
        items.map(({ queueId, complete }) => [queueId, complete]),
        [["q", false]]
      )
    })
  )

  it.effect("finds a list of members incomplete where one of them cannot be read", () =>
    Effect.gen(function* () {
      const body = { entities: [{ id: "u", joined: true }, { id: "v" }] }
      const page = yield* told(
        () => ({ body }),
        ({ members }) => members("q")
      )
      assert.deepStrictEqual([page.complete, page.items], [false, [{ userId: "u", joined: true }]])
    })
  )

  it.effect.each([
    ["leads back", { entities: [{ id: "u" }], nextUri: "/api/v2/users?pageNumber=1" }],
    ["is none", { entities: [{ id: "u" }], nextUri: "http://[" }],
    ["has a page that is no number", { entities: [{ id: "u" }], nextUri: "/api/v2/users?pageNumber=next" }]
  ] as const)("says that a page cannot be read whose link %s", ([, body]) =>
    Effect.gen(function* () {
      const second = "/api/v2/users?pageSize=500&pageNumber=2"
      const error = yield* Effect.flip(
        told(
          () => ({ body }),
          ({ users }) => users(second)
        )
      )
      assert.strictEqual(error.reason, "unreadable")
    })
  )

  it.effect("says that nobody cannot be all of some", () =>
    Effect.gen(function* () {
      const nobody = (total: number) =>
        told(
          () => ({ body: { entities: [], total, pageCount: 1 } }),
          ({ users }) => users()
        )
      assert.strictEqual((yield* Effect.flip(nobody(3))).reason, "unreadable")
      assert.deepStrictEqual((yield* nobody(0)).items, [])
    })
  )

  it.effect("finds a list of members complete only where nothing says that there are more", () =>
    Effect.gen(function* () {
      const entities = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `u-${i}`, joined: true }))
      for (const [body, complete] of [
        [{ entities: entities(99) }, true],
        [{ entities: entities(100) }, false],
        [{ entities: entities(100), pageCount: 1 }, true],
        [{ entities: entities(100), total: 100 }, true],
        [{ entities: entities(99), total: 100 }, false]
      ] as const) {
        const page = yield* told(
          () => ({ body }),
          ({ members }) => members("q")
        )
        assert.deepStrictEqual([page.complete, page.next], [complete, undefined])
      }
    })
  )

  it.effect("spells ids as events spell them, and takes nothing else for one", () =>
    Effect.gen(function* () {
      const id = "5CA1AB1E-0000-4000-8000-00000000000A"
      const entities = [{ id }, { id: "queue-A" }, { id: ".." }, { id: "\ud800" }, { id: "a/b" }, { id: 7 }, null]
      const { items } = yield* told(
        () => ({ body: { entities } }),
        ({ queues }) => queues()
      )
      assert.deepStrictEqual(items, [{ id: id.toLowerCase() }, { id: "queue-A" }])
    })
  )

  it.effect("believes neither of two statuses of an agent, and no status that lists a session twice to be whole", () =>
    Effect.gen(function* () {
      const session = { sessionId: "s", segmentType: "alert" }
      const body = {
        entities: [
          { userId: "u", sessionCount: 1, sessions: [session] },
          { userId: "u", sessionCount: 0, sessions: [] },
          { userId: "v", sessionCount: 2, sessions: [session, session] }
        ]
      }
      const { items } = yield* told(
        () => ({ body }),
        ({ statuses }) => statuses(["u", "v"])
      )
      assert.deepStrictEqual(
        items.map(({ userId, complete }) => [userId, complete]),
        [["v", false]]
      )
    })
  )

  it.effect.each([
    ["a medium says nothing", [{ group: { mediaType: "voice" }, data: null }]],
    ["more is counted than is listed", [{ group: {}, data: [{ metric: "oWaiting", stats: { count: 1 } }] }]]
  ] as const)("takes what waits in a queue for incomplete where %s", ([, results]) =>
    Effect.gen(function* () {
      const body = { results: results.map(({ group, data }) => ({ group: { queueId: "q", ...group }, data })) }
      const { items } = yield* told(
        () => ({ body }),
        ({ observations }) => observations(["q"])
      )
      assert.deepStrictEqual(items, [{ queueId: "q", complete: false, waiting: [], alerting: [] }])
    })
  )

  it.effect("follows a link that has lost what the first page was asked for, and one that names another host", () =>
    Effect.gen(function* () {
      const nextUri = "https://elsewhere.example.com/api/v2/users?pageNumber=2&pageSize=500"
      const { double, organisation, ask } = yield* over(() => ({ body: { entities: [], nextUri } }))
      const { next } = yield* ask(organisation.users()).pipe(Effect.provideService(Clock.Clock, standing()))
      assert.match(next ?? "", /^\/api\/v2\/users\?pageNumber=2&pageSize=500&.*expand=presence/)
      const again = yield* Effect.flip(ask(organisation.users(next))).pipe(
        Effect.provideService(Clock.Clock, standing())
      )
      assert.deepStrictEqual([again.reason, double.calls().length], ["unreadable", 2])
    })
  )

  it.effect.each(["users", "statuses", "observations"] as const)("says that %s without a list cannot be read", (what) =>
    Effect.gen(function* () {
      const reading = (organisation: Organisation["Service"]): Effect.Effect<unknown, CallFailed> =>
        what === "users" ? organisation.users() : organisation[what](["x"])
      const error = yield* Effect.flip(told(() => ({ body: { message: "kanarie" } }), reading))
      assert.strictEqual(error.reason, "unreadable")
    })
  )

  it.effect("names a presence in the organisation's language, and in English where that has no word for it", () =>
    Effect.gen(function* () {
      const labels = (languageLabels: unknown) => ({ entities: [{ id: "p", languageLabels }] })
      for (const [defaultLanguage, body, name] of [
        ["de", labels({ en_US: "Break", de: "Pause" }), "Pause"],
        ["pt-br", labels({ en_US: "Break", pt: "Pausa", pt_BR: "Intervalo" }), "Intervalo"],
        ["pt-pt", labels({ en_US: "Break", pt: "Pausa", pt_BR: "Intervalo" }), "Pausa"],
        ["de", labels({ en_US: "Break" }), "Break"],
        [undefined, labels({ en_US: "Break", de: "Pause" }), "Break"]
      ] as const) {
        const me = defaultLanguage === undefined ? problem(403, "missing.permissions") : { body: { defaultLanguage } }
        const respond = ({ path }: Asked) => (path === "/api/v2/organizations/me" ? me : { body })
        const { items } = yield* told(respond, ({ presences }) => presences())
        assert.deepStrictEqual(items, [{ id: "p", name }])
      }
    })
  )

  it.effect("passes on what a call comes to", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        told(
          () => problem(403, "missing.permissions"),
          ({ queues }) => queues()
        )
      )
      assert.deepStrictEqual([error.reason, error.call], ["forbidden", "GET /api/v2/routing/queues"])
    })
  )
})
