import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type { Json } from "../../src/domain/json.ts"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import type { Event, Facet } from "../../src/genesys/event.ts"
import { exampleEnvelope, invented as ids } from "../../src/genesys/example.ts"
import { allTopics, topics } from "../../src/genesys/topics/index.ts"

const decode = (envelope: Json): Event => Result.getOrThrow(decodeEvent(JSON.stringify(envelope), 0))

const conversation = (name: string) => `v2.detail.events.conversation.{id}.${name}`
const open = { conversationId: ids.conversation, mediaType: "VOICE", direction: "INBOUND" }
const [agentId, queueId, userId, conversationId] = [ids.agent, ids.queue, ids.agent, ids.conversation]
const acd = { facet: "acdSession", conversationId: ids.conversation, queueId, sessionId: ids.acdSession } as const
const user = {
  facet: "userSession",
  conversationId: ids.conversation,
  userId,
  queueId,
  sessionId: ids.agentSession
} as const
const customer = { facet: "customerSession", conversationId, sessionId: ids.customerSession } as const
const voicemail = { facet: "voicemailSession", queueId, sessionId: ids.voicemailSession } as const
const wrapup = {
  facet: "wrapup",
  queueId,
  sessionId: ids.agentSession,
  mediaType: "VOICE",
  value: { code: ids.wrapupCode, durationMs: 39_415 },
  clock: 1778061920417
} as const
const observation = { facet: "observation", queueId, media: "voice" } as const

/** What each example states, by template. */
const expected: { readonly [template: string]: ReadonlyArray<Facet> } = {
  "v2.users.{id}.activity": [
    {
      facet: "presence",
      agentId,
      value: { systemPresence: "ON_QUEUE", definitionId: ids.onQueue },
      clock: 1778061511190
    },
    { facet: "routingStatus", agentId, value: "IDLE", clock: 1778061511207 },
    { facet: "outOfOffice", agentId, value: false, clock: 1777269600000 },
    { facet: "activeQueues", agentId, value: [ids.otherQueue, ids.queue], changed: 1778061510874 }
  ],
  "v2.users.{id}.presence": [
    { facet: "presence", agentId, value: { systemPresence: "BREAK", definitionId: ids.onBreak }, clock: 1778067000518 }
  ],
  "v2.users.{id}.routingStatus": [{ facet: "routingStatus", agentId, value: "INTERACTING", clock: 1778061609655 }],
  "v2.users.{id}.conversationsummary": [
    { facet: "conversations", agentId, media: "call", value: { active: 1, acw: 0 } },
    { facet: "conversations", agentId, media: "email", value: { active: 0, acw: 0, enterpriseActive: 2 } },
    { facet: "conversations", agentId, media: "message", value: { active: 0, acw: 1 } }
  ],
  "v2.users.{id}.outofoffice": [{ facet: "outOfOffice", agentId: ids.otherAgent, value: true }],
  "v2.users.{id}.station": [{ facet: "station", agentId, value: { id: ids.station, name: "Desk 14" } }],
  "v2.users.{id}.persistentconnection": [
    {
      facet: "persistentConnection",
      agentId,
      value: { state: "ACTIVE_CALL", stationId: ids.station },
      clock: 1778061609641
    }
  ],
  "v2.users.{id}.integrationpresence": [
    {
      facet: "integrationPresence",
      agentId,
      source: "MICROSOFTTEAMS",
      value: { systemPresence: "BUSY", definitionId: ids.teams },
      clock: 1778069700402
    }
  ],
  "v2.routing.queues.{id}.users": [{ facet: "member", queueId, userId, joined: true }],
  "v2.analytics.queues.{id}.observations": [
    { ...observation, metric: "oWaiting", value: { count: 1 }, clock: 1778061605400 },
    { ...observation, metric: "oUserRoutingStatuses", qualifier: "IDLE", value: { count: 5 }, clock: 1778061605400 }
  ],
  "v2.analytics.queues.{id}.activity": [
    { ...observation, metric: "oWaiting", value: { count: 1 } },
    { ...observation, metric: "oLongestWaiting", value: { count: 1, calculatedMetricValue: 5310 } }
  ],
  [conversation("acd.start")]: [{ ...acd, value: open, clock: 1778061600090 }],
  [conversation("acd.end")]: [
    { ...acd, outcome: "ANSWERED", mediaType: "VOICE", waitMs: 9_551, value: null, clock: 1778061609641 }
  ],
  [conversation("user.start")]: [{ ...user, value: open, clock: 1778061605330 }],
  [conversation("user.end")]: [
    {
      ...user,
      served: true,
      mediaType: "VOICE",
      disconnectType: "PEER",
      spent: { alertingMs: 4_311, interactingMs: 271_361, heldMs: 0 },
      value: null,
      clock: 1778061881002
    }
  ],
  [conversation("customer.start")]: [{ ...customer, mediaType: "VOICE", value: open, clock: 1778061584800 }],
  [conversation("customer.end")]: [{ ...customer, mediaType: "VOICE", value: null, clock: 1778061880990 }],
  [conversation("voicemail.start")]: [{ ...voicemail, value: open, clock: 1778061972310 }],
  [conversation("voicemail.end")]: [{ ...voicemail, value: null, clock: 1778062018844 }],
  [conversation("acw")]: [{ ...wrapup, userId }],
  [conversation("wrapup")]: [wrapup],
  "v2.detail.events.agent.{id}.state": [
    {
      facet: "segment",
      userId,
      queueId,
      sessionId: ids.agentSession,
      value: { state: "INTERACT", ...open, sessionStart: 1778061605330 },
      clock: 1778061609641
    }
  ],
  "v2.audits.entitytype.{id}.entityid.{id}": [
    { facet: "member", queueId, userId, joined: true, audited: true, clock: 1778076633000 }
  ],
  "snapshot.agents.{id}": [
    {
      facet: "segment",
      userId,
      queueId,
      sessionId: ids.agentSession,
      value: { state: "INTERACT", conversationId, mediaType: "VOICE" }
    }
  ],
  "snapshot.queues.{id}": [{ ...acd, value: { conversationId, mediaType: "VOICE" } }]
}

/** A copy of a JSON value with what is at a dotted path replaced, or taken out when undefined. */
const replaced = (value: unknown, path: ReadonlyArray<string>, to: unknown): Json => {
  const copy = structuredClone(value) as { [key: string]: unknown }
  const parent = path.slice(0, -1).reduce((at, key) => at[key] as { [key: string]: unknown }, copy)
  parent[path.at(-1) as string] = to
  return JSON.parse(JSON.stringify(copy)) as Json
}

describe("every topic", () => {
  it("of the contract has an expectation here, and the other way round", () => {
    assert.deepStrictEqual(Object.keys(expected).sort(), [...topics.keys()].sort())
    assert.strictEqual(topics.size, allTopics.length)
  })

  it.each(allTopics.map((topic) => [topic.template, topic] as const))(
    "%s states its example's facets",
    (template, topic) => {
      const event = decode(topic.example)
      assert.deepStrictEqual(event.facets, expected[template])
      assert.isTrue(event.routed)
      assert.strictEqual(event.topic, template)
      assert.strictEqual(event.published, Date.parse((topic.example.detail as { timestamp: string }).timestamp))
      assert.include(event.topicName, event.subject as string)
      assert.deepStrictEqual(event.envelope, topic.example)
    }
  )

  it.each(allTopics.map((topic) => [topic.template, topic] as const))(
    "%s takes its ids from topicName, and needs them",
    (template, topic) => {
      const named = (topicName: string) => decode(replaced(topic.example, ["detail", "topicName"], topicName))
      assert.strictEqual(named(template.replaceAll("{id}", "other-id")).subject, "other-id")
      for (const name of [
        template.replace("{id}", ""),
        `x${template}`,
        "v2",
        // A template that ends with an id takes any.
        ...(template.indexOf("{id}") === template.length - 4 ? [] : [`${template.slice(0, template.indexOf("{"))}a`])
      ]) {
        const event = named(name)
        assert.isFalse(event.routed, name)
        assert.isUndefined(event.subject)
        assert.deepStrictEqual(event.facets, [])
      }
    }
  )

  const clocks = allTopics.flatMap((topic) =>
    Object.entries(topic.clocks)
      .filter(([facet]) => expected[topic.template]?.some((of) => of.facet === facet))
      .flatMap(([facet, path]) =>
        path === null || path.includes("[]") ? [] : [[topic.template, facet, path, topic.example] as const]
      )
  )

  it.each(clocks)("[P4] %s: the clock of %s is %s and moves no other", (template, facet, path, example) => {
    const at = ["detail", "eventBody", ...path.split(".")]
    const clocksWith = (time: unknown) =>
      decode(replaced(example, at, time)).facets.map(({ facet, clock }) => [facet, clock])
    const stated = (clock: number | undefined) =>
      (expected[template] as ReadonlyArray<Facet>).map((of) => [of.facet, of.facet === facet ? clock : of.clock])
    assert.deepStrictEqual(clocksWith("2031-02-03T04:05:06.789Z"), stated(1927857906789))
    // Without its start a session is not stated at all: the publication must not decide when it opened.
    const stateless = path === "sessionStart"
    for (const none of [undefined, null, "soon", 0, [], {}])
      assert.deepStrictEqual(
        clocksWith(none),
        stateless ? stated(undefined).filter(([of]) => of !== facet) : stated(undefined)
      )
  })

  it("names each facet that it states, and without a named clock gives it none", () => {
    for (const { example, clocks, template } of allTopics)
      for (const facet of decode(example).facets) {
        assert.property(clocks, facet.facet, template)
        if (clocks[facet.facet] === null) assert.notProperty(facet, "clock")
      }
  })

  it("says what it means", () => {
    for (const { meaning } of allTopics) assert.match(meaning, /^[A-Z].*\.$/)
    assert.strictEqual(new Set(allTopics.map(({ meaning }) => meaning)).size, allTopics.length)
  })

  it("builds examples as EventBridge delivers them", () => {
    const example = exampleEnvelope("v2.a.{id}.b.{id}", {
      ids: ["1", "2"],
      published: "2026-05-06T10:00:00.164Z",
      body: {}
    })
    assert.strictEqual(example.time, "2026-05-06T10:00:00Z")
    assert.strictEqual((example.detail as { topicName: string }).topicName, "v2.a.1.b.2")
  })

  it("[P11] copies nothing of a customer or a person into a facet", () => {
    const canary = "canary"
    const personal = [
      "ani",
      "dnis",
      "addressTo",
      "addressFrom",
      "callbackUserName",
      "subject",
      "wrapupNotes",
      "message"
    ]
    for (const topic of allTopics) {
      const body = (topic.example.detail as { eventBody: object }).eventBody
      const told = replaced(topic.example, ["detail", "eventBody"], {
        ...body,
        ...Object.fromEntries(personal.map((field) => [field, canary])),
        callbackNumbers: [canary],
        presence: { ...(body as { presence?: object }).presence, presenceMessage: canary },
        username: { name: canary },
        remoteIp: [canary]
      })
      assert.notInclude(JSON.stringify(decode(told).facets), canary, topic.template)
    }
  })
})
