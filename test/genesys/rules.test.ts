import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import type { Facet, UserState } from "../../src/genesys/event.ts"
import { fillTemplate } from "../../src/genesys/template.ts"

const [AGENT, OTHER, QUEUE] = [
  "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58",
  "e4a7d930-1c62-4f8b-95d7-0b3e6a8c2f14",
  "d81c5e07-4b9a-42f6-8e13-7a0f6c2b9d35"
] as const
const AT = "2026-05-06T10:00:00.500Z"
const clock = Date.parse(AT)

/** What a body says on a topic; the id in the topic's name is `subject`. */
const says = (
  template: string,
  eventBody: unknown,
  {
    ids = ["subject"],
    metadata = {},
    timestamp
  }: { readonly ids?: ReadonlyArray<string>; readonly metadata?: unknown; readonly timestamp?: number } = {}
): ReadonlyArray<Facet> => {
  const detail = { topicName: fillTemplate(template, ids), eventBody, metadata, timestamp }
  const event = Result.getOrThrow(decodeEvent(JSON.stringify({ id: "1", "detail-type": template, detail }), 0))
  assert.isTrue(event.routed)
  return event.facets
}

describe("v2.users.{id}.activity", () => {
  const of = (body: unknown) => says("v2.users.{id}.activity", body)

  it("prefers the id of the topic and states only what is there", () => {
    assert.deepStrictEqual(of({ id: "other", routingStatus: { status: "IDLE" } }), [
      { facet: "routingStatus", agentId: "subject", value: "IDLE" }
    ])
    assert.deepStrictEqual(of({}), [])
    assert.deepStrictEqual(
      of({ routingStatus: { status: "" }, presence: { presenceDefinition: { id: "p" } }, outOfOffice: {} }),
      []
    )
  })

  it("normalises known values and keeps unknown ones", () => {
    const presence = (systemPresence: string) =>
      of({ presence: { presenceDefinition: { systemPresence } } })[0]?.["value" as never]
    assert.deepStrictEqual(presence("On Queue"), { systemPresence: "ON_QUEUE" })
    assert.deepStrictEqual(presence("Focus Time"), { systemPresence: "Focus Time" })
    assert.deepStrictEqual(of({ routingStatus: { status: "SOMETHING_NEW" } }), [
      { facet: "routingStatus", agentId: "subject", value: "SOMETHING_NEW" }
    ])
  })

  it("sorts the active queues, each once, and an empty list is a statement", () => {
    assert.deepStrictEqual(of({ activeQueueIds: ["b", "a", "b", "B"], dateActiveQueuesChanged: AT }), [
      { facet: "activeQueues", agentId: "subject", changed: clock, value: ["B", "a", "b"] }
    ])
    assert.deepStrictEqual(of({ activeQueueIds: [] }), [{ facet: "activeQueues", agentId: "subject", value: [] }])
    assert.deepStrictEqual(of({ activeQueueIds: null }), [])
  })

  it("states no queues by a list that holds anything but texts", () => {
    for (const odd of [5, null, {}, ["a"], true, ""]) assert.deepStrictEqual(of({ activeQueueIds: ["a", odd] }), [])
  })
})

describe("v2.users.{id}.presence", () => {
  const of = (body: object) =>
    says("v2.users.{id}.presence", { presenceDefinition: { systemPresence: "BREAK" }, ...body })
  const stated: ReadonlyArray<Facet> = [{ facet: "presence", agentId: "subject", value: { systemPresence: "BREAK" } }]

  it("ignores only what is certainly not the primary source", () => {
    assert.deepStrictEqual(of({ primary: false }), [])
    for (const primary of [true, undefined, null, "false", 0]) assert.deepStrictEqual(of({ primary }), stated)
  })
})

describe("v2.users.{id}.routingStatus", () => {
  it("states nothing for an error", () => {
    assert.deepStrictEqual(says("v2.users.{id}.routingStatus", { id: "a", errorInfo: { errorCode: "x" } }), [])
  })
})

describe("v2.users.{id}.conversationsummary", () => {
  it("takes a medium by any name but that of a prototype", () => {
    const counts = '{"contactCenter":{"active":1}}'
    const body = JSON.parse(`{"constructor":${counts},"__proto__":${counts}}`) as unknown
    assert.deepStrictEqual(says("v2.users.{id}.conversationsummary", body), [
      { facet: "conversations", agentId: "subject", media: "constructor", value: { active: 1, acw: 0 } }
    ])
  })

  const of = (medium: unknown) =>
    says("v2.users.{id}.conversationsummary", { userId: "subject", hologram: medium }).map((facet) =>
      facet.facet === "conversations" ? [facet.media, facet.value] : facet
    )

  it.each([
    [{ contactCenter: { active: 2, acw: 1 } }, { active: 2, acw: 1 }],
    [{ contactCenter: {} }, { active: 0, acw: 0 }],
    [{ contactCenter: { active: 2, acw: null } }, { active: 2, acw: 0 }],
    [
      { contactCenter: { active: 1 }, enterprise: { active: 3, acw: 2 } },
      { active: 1, acw: 0, enterpriseActive: 3, enterpriseAcw: 2 }
    ],
    [{ enterprise: { active: 3 } }, { enterpriseActive: 3 }],
    [{ enterprise: { active: 1, acw: 1 } }, { enterpriseActive: 1, enterpriseAcw: 1 }],
    [{ enterprise: {} }, {}]
  ])("reads %j as %j, whatever the medium", (medium, load) => assert.deepStrictEqual(of(medium), [["hologram", load]]))

  it.each([
    [{}],
    [null],
    [7],
    ["call"],
    [[]],
    [{ contactCenter: 5 }],
    [{ contactCenter: [] }],
    [{ contactCenter: { active: -1 } }],
    [{ contactCenter: { active: 1.5 } }],
    [{ contactCenter: { active: "1" } }],
    [{ contactCenter: { active: 1 }, enterprise: { acw: -1 } }]
  ])("skips the medium %j", (medium) => assert.deepStrictEqual(of(medium), []))
})

describe("v2.users.{id}.station and .outofoffice", () => {
  const station = (body: unknown) => says("v2.users.{id}.station", body)
  const stated = (value: { id: string; name?: string } | null) => [
    { facet: "station", agentId: "subject", value } as const
  ]

  it("no station is a statement, a station of a wrong type is none", () => {
    assert.deepStrictEqual(station({}), stated(null))
    assert.deepStrictEqual(station({ associatedStation: null }), stated(null))
    assert.deepStrictEqual(station({ associatedStation: { id: "s", name: 5 } }), stated({ id: "s" }))
    for (const associatedStation of [5, "s", [], {}, { id: 5 }, { id: "" }])
      assert.deepStrictEqual(station({ associatedStation }), [])
    for (const body of [undefined, null, "gone", []]) assert.deepStrictEqual(station(body), [])
  })

  it("out of office is a boolean or nothing", () => {
    assert.deepStrictEqual(says("v2.users.{id}.outofoffice", { active: false }), [
      { facet: "outOfOffice", agentId: "subject", value: false }
    ])
    for (const active of [undefined, null, "true", 1])
      assert.deepStrictEqual(says("v2.users.{id}.outofoffice", { active }), [])
  })
})

describe("v2.routing.queues.{id}.users", () => {
  const of = (body: unknown, metadata?: unknown) => says("v2.routing.queues.{id}.users", body, { metadata })
  const member = (userId: string, joined: boolean) => [{ facet: "member", queueId: "subject", userId, joined } as const]

  it("takes the user from the user, else from the member", () => {
    assert.deepStrictEqual(of({ id: "m", user: { id: "u" }, joined: true }), member("u", true))
    assert.deepStrictEqual(of({ id: "m", user: { id: 5 }, joined: false }), member("m", false))
    assert.deepStrictEqual(of({ joined: true }), [])
  })

  it("believes an action that removes more than the body", () => {
    for (const action of ["remove", "MemberRemoved", "DELETE"]) {
      assert.deepStrictEqual(of({ id: "m", joined: true }, { action }), member("m", false))
      assert.deepStrictEqual(of({ id: "m" }, { action }), member("m", false))
    }
    assert.deepStrictEqual(of({ id: "m", joined: true }, { action: "add" }), member("m", true))
    for (const metadata of [null, "remove", { action: 5 }]) assert.deepStrictEqual(of({ id: "m" }, metadata), [])
  })
})

describe("v2.analytics.queues.{id}.observations and .activity", () => {
  const observed = (body: unknown) => says("v2.analytics.queues.{id}.observations", body)
  const one = (interval: unknown, stats: unknown = { count: 1 }, group: unknown = {}) =>
    observed({ group, data: [{ interval, metrics: [{ metric: "oWaiting", stats }] }] })
  const base = { facet: "observation", queueId: "subject", media: "all", metric: "oWaiting" } as const

  it("has the time of an instant, and none of what is no interval", () => {
    assert.deepStrictEqual(one(`${AT}/${AT}`), [{ ...base, value: { count: 1 }, clock }])
    assert.deepStrictEqual(one(`${AT}/2026-05-06T11:00:00.500+01:00`), [{ ...base, value: { count: 1 }, clock }])
    const reversed = `${AT}/2026-05-06T09:30:00.500Z`
    for (const interval of [reversed, AT, "/", `${AT}/${AT}/${AT}`, `${AT}/x`, "", null, 5, undefined])
      assert.deepStrictEqual(one(interval), [{ ...base, value: { count: 1 } }])
  })

  describe("[P4] of an interval", () => {
    const interval = { start: clock, end: clock + 1_800_000 }
    const text = `${AT}/2026-05-06T10:30:00.500Z`
    const published = (timestamp: number, of = text) =>
      says(
        "v2.analytics.queues.{id}.observations",
        { data: [{ interval: of, metrics: [{ metric: "nOffered", stats: { count: 1 } }] }] },
        { timestamp }
      )[0]

    it("keep it, with the publication as their time while it lasts", () => {
      assert.deepStrictEqual(published(clock + 60_000), {
        facet: "observation",
        queueId: "subject",
        media: "all",
        metric: "nOffered",
        interval,
        value: { count: 1 },
        clock: clock + 60_000
      })
    })

    it("never have a time outside of it", () => {
      assert.strictEqual(published(interval.end)?.clock, interval.end - 1)
      assert.strictEqual(published(interval.end + 300_000)?.clock, interval.end - 1)
      assert.strictEqual(published(clock - 5)?.clock, clock)
    })

    it("correct the interval before without replacing the current one, even from its first millisecond on", () => {
      const next = "2026-05-06T10:30:00.500Z/2026-05-06T11:00:00.500Z"
      const correction = published(interval.end + 600_000)?.clock ?? 0
      for (const after of [-20, 0, 1, 500_000])
        assert.isAbove(published(interval.end + after, next)?.clock ?? 0, correction, `${after}`)
      assert.isAbove(correction, published(interval.end - 2)?.clock ?? 0)
    })
  })

  it("keeps every number and nothing else", () => {
    assert.deepStrictEqual(one(AT, { count: 0, sum: 1.5, target: "x", ratio: null }), [
      { ...base, value: { count: 0, sum: 1.5 } }
    ])
    for (const stats of [{}, { count: "1" }, null, 5, [1]]) assert.deepStrictEqual(one(AT, stats), [])
  })

  it("takes a number by any name but that of a prototype", () => {
    const stats = JSON.parse('{"constructor":1,"prototype":2,"__proto__":3}') as unknown
    const [observation] = one(AT, stats)
    assert.deepStrictEqual(observation, { ...base, value: { constructor: 1, prototype: 2 } } as never)
    assert.deepStrictEqual(Object.keys((observation as { value: object }).value), ["constructor", "prototype"])
    assert.deepStrictEqual(one(AT, JSON.parse('{"__proto__":3}')), [])
  })

  it("names media in lower case", () => {
    assert.deepStrictEqual(one(AT, { count: 1 }, { mediaType: "VOICE" }), [
      { ...base, media: "voice", value: { count: 1 } }
    ])
  })

  it("loses an odd metric and keeps its neighbours", () => {
    const metrics = [
      5,
      null,
      { metric: 5, stats: { count: 1 } },
      { metric: "oWaiting", qualifier: 5, stats: { count: 2 } }
    ]
    assert.deepStrictEqual(observed({ group: 5, data: [null, { metrics: "x" }, { interval: AT, metrics }] }), [
      { ...base, value: { count: 2 } }
    ])
  })

  it("reads counts without a time", () => {
    const data = [
      { metric: "oWaiting", count: 3, calculatedMetricValue: "x" },
      { metric: "oFlow", calculatedMetricValue: 9 },
      { metric: "oAlerting" },
      { count: 4 },
      7
    ]
    assert.deepStrictEqual(
      says("v2.analytics.queues.{id}.activity", { results: [{ data }, { mediaType: "CHAT", data: [data[0]] }, 5] }),
      [
        { ...base, value: { count: 3 } },
        { ...base, metric: "oFlow", value: { calculatedMetricValue: 9 } },
        { ...base, media: "chat", value: { count: 3 } }
      ]
    )
  })
})

describe("v2.users.{id}.persistentconnection", () => {
  const of = (body: unknown) => says("v2.users.{id}.persistentconnection", body)
  const base = { facet: "persistentConnection", agentId: "subject" } as const

  it("states what it is, known or not, and nothing where it carries an error", () => {
    assert.deepStrictEqual(of({ persistentState: "FAILED", stationId: "", eventTime: AT }), [
      { ...base, value: { state: "FAILED" }, clock }
    ])
    assert.deepStrictEqual(of({ persistentState: "Resting", stationId: "s" }), [
      { ...base, value: { state: "Resting", stationId: "s" } }
    ])
    for (const body of [{ errorInfo: { code: "x" }, stationId: "s" }, { persistentState: "" }, { persistentState: 5 }])
      assert.deepStrictEqual(of(body), [])
  })
})

describe("v2.users.{id}.integrationpresence", () => {
  const of = (body: object) => says("v2.users.{id}.integrationpresence", { modifiedDate: AT, ...body })
  const presenceDefinition = { systemPresence: "Busy" }
  const changed = { eventType: "UserPresenceStatusChanged", source: "ZOOMPHONE", presenceDefinition }

  it("states a presence of its source, never that of the agent", () => {
    assert.deepStrictEqual(of(changed), [
      {
        facet: "integrationPresence",
        agentId: "subject",
        source: "ZOOMPHONE",
        value: { systemPresence: "BUSY" },
        clock
      }
    ])
    for (const odd of [
      { source: "" },
      { source: null },
      { presenceDefinition: {} },
      { eventType: "Else" },
      { eventType: 5 }
    ])
      assert.deepStrictEqual(of({ ...changed, ...odd }), [])
  })

  it("states which source is the primary one when that changes, and no presence with it", () => {
    const primary = { ...changed, eventType: "UserPrimaryPresenceSourceChanged" }
    assert.deepStrictEqual(of({ ...primary, currentDisplaySourceId: "id", previousDisplaySourceId: "was" }), [
      { facet: "presenceSource", agentId: "subject", value: "id", clock }
    ])
    assert.deepStrictEqual(of(primary), [])
    assert.deepStrictEqual(of({ ...changed, currentDisplaySourceId: "id" }).length, 1)
  })
})

describe("v2.detail.events.conversation.{id}.*", () => {
  const of = (name: string, body: unknown) => says(`v2.detail.events.conversation.{id}.${name}`, body)
  const sessionId = "s"

  it("needs the session, and of a start the place where it counts", () => {
    for (const who of ["acd", "user"]) assert.deepStrictEqual(of(`${who}.start`, { sessionId }), [])
    for (const phase of ["start", "end"]) {
      assert.deepStrictEqual(of(`acd.${phase}`, { queueId: "q" }), [])
      assert.deepStrictEqual(of(`user.${phase}`, { sessionId: 5, userId: "u" }), [])
      assert.deepStrictEqual(of(`customer.${phase}`, {}), [])
    }
    for (const name of ["acw", "wrapup"]) assert.deepStrictEqual(of(name, { userId: "u", queueId: "q" }), [])
  })

  it("only the end of a wait says how it ended", () => {
    const ended = { acdOutcome: "ANSWERED", answeredUserId: "u" }
    const wait = { facet: "acdSession", conversationId: "subject", queueId: "q", sessionId } as const
    assert.deepStrictEqual(of("acd.start", { sessionId, queueId: "q", ...ended }), [
      { ...wait, value: { conversationId: "subject" } }
    ])
    assert.deepStrictEqual(of("acd.end", { sessionId, queueId: "q", ...ended }), [
      { ...wait, outcome: "ANSWERED", answeredBy: "u", value: null }
    ])
  })

  it("an end needs its session alone, which pairs it with the start", () => {
    for (const [who, facet] of [
      ["acd", "acdSession"],
      ["user", "userSession"]
    ] as const)
      assert.deepStrictEqual<unknown>(of(`${who}.end`, { sessionId }), [
        { facet, conversationId: "subject", sessionId, value: null }
      ])
  })

  it("only the end of an agent's session says whether the agent was connected, where it tells", () => {
    const served = (interactingDurationMs: number) =>
      of("user.end", { sessionId, userId: "u", interactingDurationMs }).map(
        (facet) => "served" in facet && facet.served
      )
    assert.deepStrictEqual(served(1), [true])
    assert.deepStrictEqual(served(0), [false])
    for (const facet of [
      ...of("user.start", { sessionId, userId: "u", interactingDurationMs: 1 }),
      ...of("user.end", { sessionId, interactingDurationMs: "1" })
    ])
      assert.notProperty(facet, "served")
  })

  it("one of user and queue is enough for an agent's session", () => {
    const value = { conversationId: "subject" }
    assert.deepStrictEqual(of("user.start", { sessionId, userId: "u", queueId: null }), [
      { facet: "userSession", conversationId: "subject", userId: "u", sessionId, value }
    ])
    assert.deepStrictEqual(of("user.start", { sessionId, queueId: "q", mediaType: 5, conversationId: "other" }), [
      { facet: "userSession", conversationId: "subject", queueId: "q", sessionId, value }
    ])
    assert.deepStrictEqual(of("user.end", { sessionId, userId: "u" }), [
      { facet: "userSession", conversationId: "subject", userId: "u", sessionId, value: null }
    ])
  })

  it("a voicemail is for a queue, for an agent, or for nobody who is known", () => {
    const value = { conversationId: "subject" }
    assert.deepStrictEqual(of("voicemail.start", { sessionId, queueId: "q" }), [
      { facet: "voicemailSession", queueId: "q", sessionId, value }
    ])
    assert.deepStrictEqual(of("voicemail.end", { sessionId, userId: "u", eventTime: AT }), [
      { facet: "voicemailSession", userId: "u", sessionId, value: null, clock }
    ])
    assert.deepStrictEqual(of("voicemail.start", { sessionId }), [])
  })

  it("only after-call work says whose it was", () => {
    const body = { sessionId, userId: "u", queueId: "q", wrapupDurationMs: "x", eventTime: AT }
    assert.deepStrictEqual(of("acw", body), [
      { facet: "wrapup", userId: "u", queueId: "q", sessionId, value: {}, clock }
    ])
    assert.deepStrictEqual(of("wrapup", body), [{ facet: "wrapup", queueId: "q", sessionId, value: {}, clock }])
  })
})

describe("v2.detail.events.agent.{id}.state", () => {
  const of = (body: unknown) => says("v2.detail.events.agent.{id}.state", body)
  const session = { userId: "subject", sessionId: "s" }
  const start = clock - 5_000

  it("says what goes on in a session, also that it is terminated", () => {
    const body = { sessionId: "s", sessionStart: start, currentStateStart: AT }
    assert.deepStrictEqual(of({ ...body, currentState: "TERMINATED" }), [
      { facet: "segment", ...session, value: { state: "TERMINATED", sessionStart: start }, clock }
    ])
    assert.deepStrictEqual(of({ ...body, currentState: "Something_new", queueId: "q", mediaType: "CHAT" }), [
      {
        facet: "segment",
        ...session,
        queueId: "q",
        value: { state: "Something_new", mediaType: "CHAT", sessionStart: start },
        clock
      }
    ])
  })

  it("states what it can", () => {
    assert.deepStrictEqual(of({ sessionId: "s", currentState: "HOLD" }), [
      { facet: "segment", ...session, value: { state: "HOLD" } }
    ])
    assert.deepStrictEqual(of({ sessionId: "s", sessionStart: start, currentState: 5 }), [])
    assert.deepStrictEqual(of({ currentState: "HOLD", sessionStart: start }), [])
  })
})

describe("v2.audits.entitytype.{id}.entityid.{id}", () => {
  const of = (entityType: string, action: unknown, ...propertyChanges: ReadonlyArray<unknown>) =>
    says(
      "v2.audits.entitytype.{id}.entityid.{id}",
      { action, propertyChanges, eventTime: "2026-05-06T10:00:00Z", entityType: "Nonsense" },
      { ids: [entityType, QUEUE] }
    )
  const at = Date.parse("2026-05-06T10:00:00Z")
  const member = (userId: string, joined: boolean) =>
    ({ facet: "member", queueId: QUEUE, userId, joined, audited: true, clock: at }) as const

  it("adds and removes members", () => {
    assert.deepStrictEqual(of("Queue", "MemberAdd", { property: "Members", newValues: ["u1", "", "u2", "u1", 5] }), [
      member("u1", true),
      member("u2", true)
    ])
    const removed = [member("u1", false)]
    for (const change of [
      { oldValues: ["u1"] },
      { newValues: ["u1"] },
      { oldValues: ["u1"], newValues: [] },
      { oldValues: ["u1", "u2"], newValues: ["u2"] }
    ])
      assert.deepStrictEqual(of("Queue", "MemberRemove", { property: "members", ...change }), removed)
  })

  it("believes only ids under names like members", () => {
    const change = (property: unknown) => ({ property, newValues: [AGENT, "Jane"] })
    assert.deepStrictEqual(of("Queue", "MemberAdd", change("queueMember")), [member(AGENT, true)])
    for (const property of ["owner", "", undefined, 5])
      assert.deepStrictEqual(of("Queue", "MemberAdd", change(property)), [])
  })

  it("an update needs to say who and what", () => {
    const joined = (...newValues: ReadonlyArray<unknown>) => ({ property: "joined", newValues })
    const who = { property: "member", newValues: [OTHER] }
    assert.deepStrictEqual(of("Queue", "MemberUpdate", joined("false"), who), [member(OTHER, false)])
    assert.deepStrictEqual(of("Queue", "MemberUpdate", joined(true), who), [member(OTHER, true)])
    assert.deepStrictEqual(of("Queue", "MemberUpdate", joined(AGENT, "True")), [member(AGENT, true)])
    assert.deepStrictEqual(of("Queue", "MemberUpdate", joined("true")), [])
    assert.deepStrictEqual(of("Queue", "MemberUpdate", joined("maybe"), who), [])
    assert.deepStrictEqual(of("Queue", "MemberUpdate", who), [])
  })

  it("is a second source of presences", () => {
    const change = { property: "Presence", oldValues: ["Away"], newValues: ["On Queue"] }
    assert.deepStrictEqual(of("UserPresence", "Anything", { property: "x" }, change), [
      { facet: "presence", agentId: QUEUE, value: { systemPresence: "ON_QUEUE" }, audited: true, clock: at }
    ])
    for (const newValues of [[], [5], null, [true], "Away"])
      assert.deepStrictEqual(of("UserPresence", "Update", { ...change, newValues }), [])
    assert.deepStrictEqual(of("UserPresence", "Update", { ...change, property: "Message" }), [])
  })

  it("reads entity types, actions and properties in any case", () => {
    const changes = (property: string) => ({ property, newValues: ["u1"] })
    for (const [entityType, action, property] of [
      ["QUEUE", "MEMBERADD", "MEMBERS"],
      ["queue", "memberAdd", "Members"],
      ["Queue", "MEMBER_ADD", "members"]
    ] as const)
      assert.deepStrictEqual(of(entityType, action, changes(property)), [member("u1", true)])
    const presence = { property: "PRESENCE", newValues: ["Away"] }
    for (const entityType of ["USERPRESENCE", "USER_PRESENCE", "userpresence"])
      assert.strictEqual(of(entityType, "Update", presence).length, 1, entityType)
  })

  it("is the only source for users who are deleted, deactivated, and active again", () => {
    const state = (value: UserState) => [{ facet: "userState", agentId: QUEUE, value, clock: at }] as const
    for (const [action, value] of [
      ["Delete", "deleted"],
      ["HardDelete", "deleted"],
      ["SoftDelete", "deleted"],
      ["DEACTIVATE", "inactive"],
      ["Activate", "active"],
      ["Restore", "active"],
      ["RestoreDeleted", "active"],
      ["Create", "active"]
    ] as const)
      assert.deepStrictEqual(of("User", action), state(value), action)
    const change = (...newValues: ReadonlyArray<unknown>) => ({ property: "STATE", oldValues: ["active"], newValues })
    for (const value of ["active", "inactive", "deleted"] as const)
      assert.deepStrictEqual(
        of("USER", "Update", { property: "name", newValues: ["Jane"] }, change(value.toUpperCase())),
        state(value)
      )
    for (const values of [[], ["on holiday"], [5], [true]])
      assert.deepStrictEqual(of("User", "Update", change(...values)), [])
    assert.deepStrictEqual(of("User", "Update", { property: "name", newValues: ["inactive"] }), [])
    assert.deepStrictEqual(of("AuthUser", "Delete"), [])
  })

  it("states nothing else", () => {
    const change = { property: "members", newValues: ["u1"] }
    for (const action of ["Create", "", null, 5]) assert.deepStrictEqual(of("Queue", action, change), [])
    assert.deepStrictEqual(of("Group", "MemberAdd", change), [])
    assert.deepStrictEqual(of("Queue", "MemberAdd", null, "members", []), [])
  })
})
