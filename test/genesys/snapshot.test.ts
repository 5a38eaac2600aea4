import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { decodeParsed } from "../../src/genesys/decoder.ts"
import { driftOf } from "../../src/genesys/drift.ts"
import { invented as ids } from "../../src/genesys/example.ts"
import { isSnapshotTopic, type Stated, type Statement, snapshotEvent } from "../../src/genesys/snapshot.ts"
import { genesysTopics } from "../../src/genesys/topics/index.ts"
import { snapshotTopics } from "../../src/genesys/topics/snapshot.ts"
import { shortHash } from "../support/snapshots.ts"

const AT = Date.parse("2026-05-06T10:00:09.641Z")
const ASKED = AT + 3_600_000

const [agentId, queueId, userId, conversationId] = [ids.agent, ids.queue, ids.agent, ids.conversation]
const session = { conversationId, mediaType: "VOICE", direction: "INBOUND" }

/** One of each kind, and of what each kind may lack. */
const stated: ReadonlyArray<Stated> = [
  { facet: "presence", agentId, value: { systemPresence: "ON_QUEUE", definitionId: ids.onQueue } },
  { facet: "presence", agentId, value: { systemPresence: "OFFLINE" } },
  { facet: "routingStatus", agentId, value: "IDLE" },
  { facet: "outOfOffice", agentId, value: false },
  { facet: "station", agentId, value: { id: ids.station, name: "Desk 14" } },
  { facet: "station", agentId, value: null },
  { facet: "userState", agentId, value: "inactive" },
  { facet: "conversations", agentId, media: "call", value: { active: 1, acw: 0 } },
  { facet: "conversations", agentId, media: "email", value: { enterpriseActive: 2, enterpriseAcw: 1 } },
  {
    facet: "segment",
    userId,
    queueId,
    sessionId: ids.agentSession,
    value: { ...session, state: "INTERACT", sessionStart: AT - 5_000 }
  },
  { facet: "segment", userId, sessionId: ids.agentSession, value: { state: "ALERT" } },
  { facet: "member", queueId, userId, joined: true },
  { facet: "member", queueId, userId, joined: false },
  { facet: "acdSession", conversationId, queueId, sessionId: ids.acdSession, value: session },
  { facet: "acdSession", conversationId, queueId, sessionId: ids.acdSession, value: { conversationId } },
  { facet: "sessionSeen", conversationId, userId, queueId, sessionId: ids.agentSession, value: false },
  { facet: "sessionSeen", userId, sessionId: ids.agentSession, value: true },
  { facet: "sessionSeen", conversationId, queueId, sessionId: ids.acdSession, value: false }
]

const decode = (statement: Statement, received = ASKED) =>
  Result.getOrThrow(decodeParsed(snapshotEvent(statement, shortHash), received))

describe("a snapshot event", () => {
  it.each(stated.map((facet) => [facet.facet, facet] as const))(
    "states what was stated, and nothing that drifts: %s",
    (_, facet) => {
      const event = decode({ facet, at: AT })
      assert.isTrue(event.routed)
      assert.deepStrictEqual(event.facets, [facet])
      assert.isUndefined(driftOf(event))
    }
  )

  it("holds one facet, which holds since the statement's time, whatever clock the facet brings", () => {
    for (const facet of stated) {
      const event = decode({ facet: { ...facet, clock: AT + 1 }, at: AT })
      assert.strictEqual(event.published, AT)
      assert.deepStrictEqual(event, decode({ facet, at: AT }))
      assert.lengthOf(event.facets, 1)
    }
  })

  it("[P1] is the same event for the same statement, and another for any other", () => {
    const all = stated.flatMap((facet) => [AT, AT + 1].map((at) => ({ facet, at })))
    const id = (statement: Statement) => decode(statement).id
    assert.strictEqual(new Set(all.map(id)).size, all.length)
    for (const { facet, at } of all) {
      const reordered = Object.fromEntries(Object.entries(facet).reverse()) as unknown as Stated
      assert.deepStrictEqual(
        snapshotEvent({ facet: reordered, at }, shortHash).id,
        snapshotEvent({ facet, at }, shortHash).id,
        facet.facet
      )
    }
  })

  it("comes from no partner, on topics that Genesys does not have", () => {
    for (const facet of stated) {
      const { source, "detail-type": topic } = snapshotEvent({ facet, at: AT }, shortHash)
      assert.strictEqual(source, "genesys-cloud-projections.snapshot")
      assert.isTrue(isSnapshotTopic(String(topic)))
    }
    assert.isTrue(snapshotTopics.every(({ template }) => isSnapshotTopic(template)))
    assert.isFalse(genesysTopics.some(({ template }) => isSnapshotTopic(template)))
  })

  it("is an envelope as EventBridge makes it, of JSON alone", () => {
    for (const facet of stated) {
      const envelope = snapshotEvent({ facet, at: AT }, shortHash)
      assert.deepStrictEqual(envelope, JSON.parse(JSON.stringify(envelope)))
      assert.strictEqual(envelope.version, "0")
      assert.strictEqual((envelope.detail as { readonly version: string }).version, "2")
      assert.match(String(envelope.id), /^snapshot-./)
    }
  })

  it("has an id that is no longer than a UUID, for rows repeat it", () => {
    for (const facet of stated) assert.isAtMost(decode({ facet, at: AT }).id.length, 36)
  })

  it("[P5] states nothing where a field that it needs is missing or wrong", () => {
    const said = (topic: string, topicName: string, eventBody: unknown) =>
      Result.getOrThrow(decodeParsed({ id: "e", "detail-type": topic, detail: { topicName, eventBody } }, AT)).facets
    const bodies = [
      { presence: { id: "p" } },
      { userState: "asleep" },
      { outOfOffice: "no" },
      { station: "desk" },
      { conversations: { active: 1 } },
      { conversations: { media: "__proto__", active: 1 } },
      { conversations: { media: "call", active: -1 } },
      { conversations: { media: "call", active: 1, acw: -1 } },
      { session: { sessionId: "s" } },
      { session: { currentState: "ALERT" } },
      { seen: { sessionId: "s" } },
      { seen: { listed: false } },
      { member: { userId: "u" } },
      { member: { joined: true } },
      { wait: { sessionId: "s" } },
      { wait: { conversationId: "c" } }
    ]
    for (const body of bodies) {
      assert.deepStrictEqual(said("snapshot.agents.{id}", "snapshot.agents.a", body), [], JSON.stringify(body))
      assert.deepStrictEqual(said("snapshot.queues.{id}", "snapshot.queues.q", body), [], JSON.stringify(body))
    }
  })
})
