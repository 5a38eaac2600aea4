import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { userSession } from "../../projections/session.ts"
import { decodeParsed } from "../../src/genesys/decoder.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { snapshotOf } from "../support/snapshots.ts"
import { CALL, call, callOf, presence, SECOND } from "./call.ts"
import { AGENT, event, iso, noon, QUEUE, registersOf } from "./support.ts"

const ofAgents = [agents, conversations] as const
const ofQueues = [queues, agents, conversations] as const
const toldBy = { conversationId: CALL }
const at = (seconds: number) => iso(seconds * SECOND)

type Named = { readonly conversationId?: string } & (
  | { readonly userId: string; readonly queueId?: string }
  | { readonly userId?: never; readonly queueId: string }
)

/** That the API lists a session, or does not any more, asked at seconds after noon. */
const seen = (sessionId: string, value: boolean, seconds: number, named: Named): Event =>
  Result.getOrThrow(
    decodeParsed(
      snapshotOf({ facet: "sessionSeen", sessionId, value, ...named }, noon + seconds * SECOND),
      noon + seconds * SECOND + 400
    )
  )
const agentSeen = (value: boolean, seconds: number, named: object = { ...toldBy, queueId: QUEUE }) =>
  seen("s", value, seconds, { userId: AGENT, ...named })
const waitSeen = (value: boolean, seconds: number) => seen("a", value, seconds, { ...toldBy, queueId: QUEUE })

const inAll = (row: string, ...events: ReadonlyArray<Event>) => [
  given(ofAgents, ...events).row(AGENT, row),
  given(ofQueues, ...events).row(QUEUE, row),
  given([conversations], ...events).row(CALL, row)
]
const sessionOf = (...events: ReadonlyArray<Event>) => inAll("session#s", ...events)
const waitOf = (...events: ReadonlyArray<Event>) => inAll("session#a", ...events).slice(1)

describe("what is told for one time", () => {
  it("[P3] goes on, where an event says so and a snapshot does not list it", () => {
    for (const row of sessionOf(call.starts("s", 300), agentSeen(false, 300))) row.isOpen()
    for (const row of waitOf(call.waits("a", 300), waitSeen(false, 300))) row.isOpen()
  })

  it("[P3] goes on, where one snapshot lists it and another does not", () => {
    const both = [agentSeen(false, 300), agentSeen(true, 300, {})]
    given(ofAgents, call.starts("s", 1), ...both)
      .row(AGENT, "session#s")
      .isOpen()
    const waits = [call.waits("a", 1), waitSeen(false, 300), seen("a", true, 300, { queueId: QUEUE })]
    given(ofQueues, ...waits)
      .row(QUEUE, "session#a")
      .isOpen()
  })

  it("[P3] is over, where what follows from an event says so and a snapshot lists it", () => {
    const elsewhere = call.waits("b", 60, { queueId: "another-queue" })
    for (const row of waitOf(call.waits("a", 0), elsewhere, waitSeen(true, 60))) row.has({ endedBy: "acd.start" })
  })

  it("[P4] is a presence from an audit, where the direct event is as old as the oldest change that it may tell", () => {
    const audit = event(
      "v2.audits.entitytype.{id}.entityid.{id}",
      ["UserPresence", AGENT],
      {
        entityType: "UserPresence",
        action: "Update",
        eventTime: at(300),
        propertyChanges: [{ property: "PRESENCE", newValues: ["On Queue"] }]
      },
      300_400
    )
    given(ofAgents, presence("MEAL", 0), audit).row(AGENT).has({ presence: "ON_QUEUE" })
  })
})

describe("a customer's session", () => {
  it("[P3] is over where a snapshot names it, in place of a wait, and does not list it, until it is back", () => {
    const gone = seen("k", false, 300, { ...toldBy, queueId: QUEUE })
    const row = (...events: ReadonlyArray<Event>) => given([conversations], ...events).row(CALL, "session#k")
    row(call.joins("k", 1), gone).has({ endedBy: "snapshot", endedAt: at(300) })
    row(call.joins("k", 301), gone).isOpen()
  })
})

describe("a session that only a snapshot tells of", () => {
  const listed = agentSeen(true, 300, {})

  it("is told to its agent and its queue by its conversation, where it names one", () => {
    for (const { deltas } of [agents, queues]) assert.deepStrictEqual(deltas(agentSeen(true, 300)), [])
    assert.deepStrictEqual(agents.deltas(seen("s", true, 300, { queueId: QUEUE })), [])
    assert.deepStrictEqual(queues.deltas(listed), [])
    assert.deepStrictEqual([...(registersOf(ofAgents, AGENT, "session#s", listed)?.keys() ?? [])], ["seen"])
  })

  it("[P4] is not ended by a summary, which says nothing of a session of which no event is known", () => {
    const nameless = call.starts("s", 10, { userId: null })
    const connected = [
      call.waits("a", 5),
      nameless,
      agentSeen(true, 300),
      call.answered("a", 20, { answeredUserId: AGENT })
    ]
    const idle = event(
      "v2.users.{id}.conversationsummary",
      AGENT,
      Object.fromEntries(
        ["call", "callback", "email", "message", "chat", "video"].map((medium) => [
          medium,
          { contactCenter: { active: 0, acw: 0 } }
        ])
      ),
      1_200 * SECOND
    )
    for (const events of [connected, [...connected, idle]])
      given(ofAgents, ...events)
        .row(AGENT, "session#s")
        .has({ phase: "interacting", connectedSince: at(20) })
  })

  it("[P4] is connected by no wait that ended before anybody was alerted", () => {
    const queue = given(ofQueues, agentSeen(true, 300), call.answered("a", 20)).row(QUEUE, "session#s")
    assert.notProperty(queue.columns(), "connectedSince")
  })

  it("[P3] is connected by the wait that it answers, whenever the snapshot was made", () => {
    const serves = [call.waits("a", 5), call.starts("s", 10), call.answered("a", 400, { answeredUserId: AGENT })]
    for (const row of sessionOf(...serves, agentSeen(true, 300)).slice(0, 2)) row.has({ connectedSince: at(400) })
    // The later of two conversations that tell of a session decides, and a snapshot makes none of them older.
    const other = callOf("VOICE", "c2")
    const alerted = [other.waits("b", 340), other.starts("s", 350)]
    for (const row of sessionOf(...serves, ...alerted, agentSeen(true, 300)).slice(0, 2))
      row.has({ connectedSince: at(400) })
  })
})

describe("the rows of a session", () => {
  it("[P9] say nothing of an end in another queue, which is the wait's own", () => {
    const moved = [call.waits("a", 0), call.answered("a", 20, { queueId: "another-queue" })]
    const registers = registersOf([conversations], CALL, "session#a", ...moved)
    assert.deepStrictEqual(
      [...(registers?.keys() ?? [])].map((name) => name.split(" ")[0]),
      ["acd", "acdEnd"]
    )
  })

  it("are remembered where a rule ended it, which an event may still open, and not where its own end did", () => {
    const remembers = (...events: ReadonlyArray<Event>) =>
      agents.summary?.remembers?.("session#s", registersOf(ofAgents, AGENT, "session#s", ...events) ?? new Map())
    assert.isTrue(remembers(call.starts("s", 1), agentSeen(false, 300)))
    assert.isFalse(remembers(call.starts("s", 1), call.ends("s", 90)))
    assert.isFalse(remembers(call.starts("s", 1)))
  })

  it("name the rule of a wait that no snapshot lists any more", () => {
    const events = [call.waits("a", 0), waitSeen(false, 300)]
    const registers = registersOf(ofQueues, QUEUE, "session#a", ...events) ?? new Map()
    assert.strictEqual(queues.inferredEnd?.("session#a", registers), "snapshot")
  })

  it("say that a session of which nothing is left ended in a way that is not known", () => {
    assert.deepStrictEqual(userSession(new Map()), { phase: "ended", endedBy: "unknown", endedAt: undefined })
  })
})
