import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { decodeParsed } from "../../src/genesys/decoder.ts"
import type { Event } from "../../src/genesys/event.ts"
import type { Stated } from "../../src/genesys/snapshot.ts"
import { given } from "../../src/testing/index.ts"
import { snapshotOf } from "../support/snapshots.ts"
import { AGENT, event, iso, noon, QUEUE } from "./support.ts"

const CALL = "c1"
const QUEUE_2 = "another-queue"
const named = { userId: AGENT, queueId: QUEUE }

/** What a snapshot said: since `at` seconds after noon, or asked then. */
const snapshot = (facet: Stated, at: number): Event =>
  Result.getOrThrow(decodeParsed(snapshotOf(facet, noon + at * 1_000), noon + at * 1_000 + 400))

const detail = (topic: string, sessionId: string, at: number, more: object) =>
  event(
    `v2.detail.events.conversation.{id}.${topic}`,
    CALL,
    { eventTime: noon + at * 1_000, sessionId, mediaType: "VOICE", ...more },
    at * 1_000 + 80
  )
const starts = (at: number, more: object = named) => detail("user.start", "s1", at, more)
const ends = (at: number) => detail("user.end", "s1", at, named)
const waits = (at: number, more: object = {}) => detail("acd.start", "a1", at, { queueId: QUEUE, ...more })
const answered = (at: number) => detail("acd.end", "a1", at, { queueId: QUEUE, acdOutcome: "ANSWERED" })
const segment = (currentState: string, at: number, more: object = { conversationId: CALL }) =>
  event(
    "v2.detail.events.agent.{id}.state",
    AGENT,
    {
      sessionId: "s1",
      currentState,
      currentStateStart: noon + at * 1_000,
      mediaType: "VOICE",
      queueId: QUEUE,
      ...more
    },
    at * 1_000 + 90
  )
const agentSeen = (value: boolean, at: number, more: object = { ...named, conversationId: CALL }) =>
  snapshot({ facet: "sessionSeen", userId: AGENT, sessionId: "s1", value, ...more }, at)
const waitSeen = (value: boolean, at: number, more: object = { conversationId: CALL }) =>
  snapshot({ facet: "sessionSeen", queueId: QUEUE, sessionId: "a1", value, ...more }, at)

/** The agent's session as its agent, its queue and its conversation have it, in every order of the events. */
const sessionOf = (...events: ReadonlyArray<Event>) => [
  given([agents, conversations], ...events).row(AGENT, "session#s1"),
  given([queues, agents, conversations], ...events).row(QUEUE, "session#s1"),
  given([conversations], ...events).row(CALL, "session#s1")
]

const waitOf = (...events: ReadonlyArray<Event>) => [
  given([queues, agents, conversations], ...events).row(QUEUE, "session#a1"),
  given([conversations], ...events).row(CALL, "session#a1")
]

const overAt = (at: number) => ({ endedBy: "snapshot", endedAt: iso(at * 1_000) })

describe("a session that a complete snapshot does not list", () => {
  it("[P3] is over, for its agent, its queue and its conversation", () => {
    for (const row of sessionOf(starts(1), agentSeen(false, 300))) {
      row.has(overAt(300))
      row.isClosed()
    }
    for (const row of sessionOf(segment("INTERACT", 1), agentSeen(false, 300))) row.has(overAt(300))
  })

  it("[P3] is over also for a queue that the snapshot does not name, or that another event names", () => {
    for (const row of sessionOf(starts(1), agentSeen(false, 300, { conversationId: CALL }))) row.has(overAt(300))
    const events = [starts(1), starts(2, { ...named, queueId: QUEUE_2 }), agentSeen(false, 300)]
    for (const queue of [QUEUE, QUEUE_2])
      given([queues, agents, conversations], ...events)
        .row(queue, "session#s1")
        .has(overAt(300))
  })

  it("[P3] is over where nobody ever told its conversation", () => {
    const alone = [segment("INTERACT", 1, {}), agentSeen(false, 300, { queueId: QUEUE })]
    given([agents, conversations], ...alone)
      .row(AGENT, "session#s1")
      .has(overAt(300))
  })

  it("[P3] goes on as soon as something later is told of it, and stays over by what is older", () => {
    for (const row of sessionOf(starts(1), agentSeen(false, 300), segment("INTERACT", 301))) row.isOpen()
    for (const row of sessionOf(starts(301), agentSeen(false, 300))) row.isOpen()
    for (const row of sessionOf(starts(1), segment("INTERACT", 299), agentSeen(false, 300))) row.has(overAt(300))
  })

  it("[P3] goes on where a later snapshot lists it again, and is over again where the last does not", () => {
    for (const row of sessionOf(starts(1), agentSeen(false, 300), agentSeen(true, 600))) row.isOpen()
    for (const row of sessionOf(starts(1), agentSeen(false, 300), agentSeen(true, 600), agentSeen(false, 900)))
      row.has(overAt(900))
    // The second names no conversation.
    const mixed = [starts(1), agentSeen(false, 300), agentSeen(true, 600, { queueId: QUEUE })]
    given([agents, conversations], ...mixed)
      .row(AGENT, "session#s1")
      .isOpen()
  })

  it("[P3] takes its own end as the reason, whenever that comes, and is never opened again after it", () => {
    const [agent, queue, conversation] = sessionOf(starts(1), agentSeen(false, 300), ends(120))
    for (const row of [agent, queue]) row?.has({ endedBy: "user.end", endedAt: iso(120_000) })
    conversation?.is({
      sessionId: "s1",
      participant: "user",
      open: false,
      mediaType: "VOICE",
      ...named,
      since: iso(1_000),
      endedAt: iso(120_000)
    })
    for (const row of sessionOf(starts(1), ends(120), agentSeen(true, 600))) row.isClosed()
  })

  it("[P3] is over though the agent was in wrap-up in it", () => {
    for (const row of sessionOf(starts(1), segment("WRAPUP", 100), agentSeen(false, 300)).slice(0, 2))
      row.has(overAt(300))
    for (const row of sessionOf(starts(1), ends(100), segment("WRAPUP", 100), agentSeen(false, 300)).slice(0, 2))
      row.has({ phase: "ended", endedBy: "snapshot", endedAt: iso(100_000) })
  })

  it("[P3] is over though no event of it ever came", () => {
    const gone = agentSeen(false, 300)
    given([agents, conversations], gone).row(AGENT, "session#s1").isClosed()
    given([queues, agents, conversations], gone).row(QUEUE, "session#s1").isClosed()
    given([conversations], gone).row(CALL, "session#s1").isClosed()
  })

  it("counts among the ends that were inferred, until its own end comes", () => {
    const inferredBy = (...events: ReadonlyArray<Event>) => {
      const { columns } = given([agents, conversations], ...events).row(AGENT, "session#s1")
      return columns()?.endedBy
    }
    assert.strictEqual(inferredBy(starts(1), agentSeen(false, 300)), "snapshot")
    assert.strictEqual(inferredBy(starts(1), agentSeen(false, 300), ends(120)), "user.end")
  })
})

describe("a wait that complete observations do not list", () => {
  it("[P3] is over, in its queue and its conversation, until something later is told of it", () => {
    for (const row of waitOf(waits(0), waitSeen(false, 300))) {
      row.has(overAt(300))
      row.isClosed()
    }
    for (const row of waitOf(waits(301), waitSeen(false, 300))) row.isOpen()
    for (const row of waitOf(waits(0), waitSeen(false, 300), waitSeen(true, 600))) row.isOpen()
    for (const row of waitOf(waits(0), waitSeen(false, 300, {}), waitSeen(true, 200)).slice(0, 1)) row.has(overAt(300))
    for (const row of waitOf(waits(0), waitSeen(false, 300), waitSeen(true, 600, {})).slice(0, 1)) row.isOpen()
  })

  it("[P3] is listed again against what was inferred before, and not against its own end", () => {
    const elsewhere = detail("acd.start", "a2", 60, { queueId: QUEUE_2 })
    for (const row of waitOf(waits(0), elsewhere)) row.has({ endedBy: "acd.start" })
    for (const row of waitOf(waits(0), elsewhere, waitSeen(true, 90))) row.isOpen()
    for (const row of waitOf(waits(0), elsewhere, waitSeen(true, 30))) row.has({ endedBy: "acd.start" })
    for (const row of waitOf(waits(0), answered(20), waitSeen(true, 90))) row.isClosed()
  })

  it("[P3] keeps its own end as the reason", () => {
    const [queue] = waitOf(waits(0), waitSeen(false, 300), answered(20))
    queue?.has({ endedBy: "acd.end", endedAt: iso(20_000) })
  })
})

describe("what a snapshot tells first", () => {
  it("[P3] opens a wait and a session of an agent, in every projection", () => {
    const waiting = snapshot(
      {
        facet: "acdSession",
        conversationId: CALL,
        queueId: QUEUE,
        sessionId: "a1",
        value: { conversationId: CALL, mediaType: "VOICE" }
      },
      10
    )
    given([queues, agents, conversations], waiting)
      .row(QUEUE, "session#a1")
      .is({ sessionId: "a1", phase: "waiting", conversationId: CALL, mediaType: "VOICE", since: iso(10_000) })
    const serves = snapshot(
      {
        facet: "segment",
        ...named,
        sessionId: "s1",
        value: { state: "INTERACT", conversationId: CALL, mediaType: "VOICE" }
      },
      20
    )
    const [agent, queue, conversation] = sessionOf(waiting, serves)
    agent?.has({ phase: "interacting", open: true, conversationId: CALL, queueId: QUEUE })
    queue?.has({ phase: "interacting", userId: AGENT })
    conversation?.has({ participant: "user", userId: AGENT, open: true })
    for (const row of waitOf(waiting, serves)) row.has({ endedBy: "agent.state" })
  })

  it("[P3] [P4] fills the facets of an agent, and loses to any event that is later or of the same time", () => {
    const stated: ReadonlyArray<Stated> = [
      { facet: "presence", agentId: AGENT, value: { systemPresence: "BREAK" } },
      { facet: "routingStatus", agentId: AGENT, value: "OFF_QUEUE" },
      { facet: "outOfOffice", agentId: AGENT, value: false },
      { facet: "station", agentId: AGENT, value: null },
      { facet: "userState", agentId: AGENT, value: "active" },
      { facet: "conversations", agentId: AGENT, media: "call", value: { active: 0, acw: 0 } }
    ]
    const all = stated.map((facet) => snapshot(facet, 100))
    const state = (...more: ReadonlyArray<Event>) => given([agents, conversations], ...all, ...more).row(AGENT)
    state().is({
      state: "Break",
      since: iso(100_000),
      presence: "BREAK",
      presenceSince: iso(100_000),
      routingStatus: "OFF_QUEUE",
      routingStatusSince: iso(100_000),
      outOfOffice: false,
      station: null,
      userState: "active",
      userStateSince: iso(100_000),
      conversations: { call: { active: 0, acw: 0 } }
    })
    const routing = (status: string, at: number) =>
      event(
        "v2.users.{id}.routingStatus",
        AGENT,
        { id: AGENT, routingStatus: { status, startTime: iso(at * 1_000) } },
        at * 1_000 + 50
      )
    state(routing("IDLE", 100)).has({ routingStatus: "IDLE" })
    state(routing("IDLE", 99)).has({ routingStatus: "OFF_QUEUE" })
  })

  it("[P3] says who is a member, and who is none", () => {
    const member = (joined: boolean, at: number) =>
      snapshot({ facet: "member", queueId: QUEUE, userId: AGENT, joined }, at)
    const row = (...events: ReadonlyArray<Event>) =>
      given([queues, agents, conversations], ...events).row(QUEUE, `member#${AGENT}`)
    row(member(true, 100)).is({ userId: AGENT, joined: true, since: iso(100_000) })
    row(member(true, 100), member(false, 200)).isClosed()
  })
})
