import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { LOST_END_MS } from "../../projections/session.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { call, callOf, SECOND } from "./call.ts"
import { AGENT, event, iso, QUEUE } from "./support.ts"

const OTHER = "other-agent"
const QUEUE_2 = "another-queue"
const byOther = { userId: OTHER }

const presence = (systemPresence: string, at: number) =>
  event(
    "v2.users.{id}.presence",
    AGENT,
    { presenceDefinition: { id: "p", systemPresence }, primary: true, modifiedDate: iso(at * SECOND) },
    at * SECOND
  )

const none = { contactCenter: { active: 0, acw: 0 }, enterprise: { active: 0, acw: 0 } }
const one = { ...none, contactCenter: { active: 1, acw: 0 } }
const summary = (at: number, more: object = {}) =>
  event(
    "v2.users.{id}.conversationsummary",
    AGENT,
    { userId: AGENT, call: none, callback: none, chat: none, email: none, message: none, video: none, ...more },
    at * SECOND
  )

/** Of every order: how many wait, are alerted and are served in a queue. */
const counts = (events: ReadonlyArray<Event>, queueId = QUEUE) => {
  const { waiting, alerting, interacting } = given([queues, agents, conversations], ...events)
    .row(queueId)
    .columns() as { readonly [count: string]: number }
  return { waiting, alerting, interacting }
}

/** Of every order: the session in `queues`. */
const session = (sessionId: string, ...events: ReadonlyArray<Event>) =>
  given([queues, agents, conversations], ...events).row(QUEUE, `session#${sessionId}`)

/** Of every order: the session in `agents`. */
const own = (sessionId: string, ...events: ReadonlyArray<Event>) =>
  given([agents, conversations], ...events).row(AGENT, `session#${sessionId}`)

describe("a wait whose end was lost", () => {
  it("[P3] [P4] is over by the next wait of the conversation: a customer waits in one queue at a time", () => {
    const events = [call.joins("k", 0), call.waits("a1", 5), call.waits("a2", 60, { queueId: QUEUE_2 })]
    session("a1", ...events).has({ phase: "ended", endedBy: "acd.start", endedAt: iso(60 * SECOND) })
    assert.deepStrictEqual(counts(events, QUEUE_2), { waiting: 1, alerting: 0, interacting: 0 })
    const requeued = [call.waits("a1", 5), call.starts("s1", 10), call.ends("s1", 25), call.waits("a2", 25)]
    assert.deepStrictEqual(counts(requeued), { waiting: 1, alerting: 0, interacting: 0 })
  })

  it("[P3] [P4] goes on beside a wait of another medium: a callback that a call leaves behind", () => {
    const callback = callOf("CALLBACK")
    const events = [call.joins("k", 0), call.waits("a1", 5), callback.waits("a2", 60), call.leaves("k", 61)]
    assert.deepStrictEqual(counts(events), { waiting: 1, alerting: 0, interacting: 0 })
    session("a2", ...events).has({ phase: "waiting", mediaType: "CALLBACK" })
  })

  it("[P3] [P4] is over by the end of the session that served it, and not by that of an alert", () => {
    const before = [call.waits("a1", 5), call.starts("s1", 10)]
    session("a1", ...before, call.ends("s1", 90, { interactingDurationMs: 70_000 })).has({
      phase: "ended",
      endedBy: "user.end"
    })
    session("a1", ...before, call.ends("s1", 25, { interactingDurationMs: 0 })).has({ phase: "waiting" })
  })

  it("[P3] [P4] is not over where an agent of the queue consults it from a call that began before", () => {
    const before = [
      call.waits("a1", 5),
      call.starts("s1", 10),
      call.answered("a1", 14, { answeredUserId: AGENT }),
      call.waits("a2", 100)
    ]
    const consulting = [...before, call.segment("HOLD", "s1", 101)]
    assert.deepStrictEqual(counts(consulting), { waiting: 1, alerting: 0, interacting: 1 })
    const withoutStart = [call.waits("a2", 100), call.segment("INTERACT", "s1", 110)]
    assert.deepStrictEqual(counts(withoutStart), { waiting: 1, alerting: 0, interacting: 1 })
  })

  it("[P3] [P4] is over by the customer's end where one of both names no medium", () => {
    session("a1", call.waits("a1", 5), callOf(null).leaves("k", 40)).has({ phase: "ended", endedBy: "customer.end" })
    session("a1", call.joins("k", 0), callOf(null).waits("a1", 5), call.leaves("k", 40)).isClosed()
  })
})

describe("an alert whose end was lost", () => {
  const declined = [call.waits("a1", 5), call.starts("s1", 10)]

  it("[P3] [P4] is over by the next alert for the same wait: agents are alerted one after another", () => {
    const events = [...declined, call.starts("s2", 30, byOther)]
    assert.deepStrictEqual(counts(events), { waiting: 1, alerting: 1, interacting: 0 })
    own("s1", ...events).has({ phase: "ended", endedBy: "user.start", endedAt: iso(30 * SECOND) })
  })

  it("[P3] [P4] is over where another agent answers, though nobody is named", () => {
    const events = [...declined, call.starts("s2", 30, byOther), call.answered("a1", 33)]
    assert.deepStrictEqual(counts(events), { waiting: 0, alerting: 0, interacting: 1 })
    own("s1", ...events).has({ phase: "ended", endedBy: "acd.end" })
    const again = [...declined, call.starts("s2", 60), call.answered("a1", 63, { answeredUserId: AGENT })]
    own("s1", ...again).isClosed()
    own("s2", ...again).has({ phase: "interacting" })
  })

  it("[P3] [P4] is over where another agent is connected, though the end of the wait was lost too", () => {
    const events = [...declined, call.starts("s2", 30, byOther), call.segment("INTERACT", "s2", 33, OTHER)]
    assert.deepStrictEqual(counts(events), { waiting: 0, alerting: 0, interacting: 1 })
    own("s1", ...events).has({ phase: "ended", endedBy: "agent.state" })
  })

  it("[P3] [P4] is over by a summary of zeros after so long, and not by one a moment later", () => {
    const dials = [call.starts("s1", 0), call.segment("DIALING", "s1", 1)]
    own("s1", ...dials, summary(20)).has({ phase: "alerting" })
    own("s1", ...dials, summary(2 + LOST_END_MS / SECOND)).has({ phase: "ended", endedBy: "conversationsummary" })
  })
})

describe("an agent who answers", () => {
  it("[P3] [P4] serves where the wait ended in a way that is not known, or the alert names no agent", () => {
    const rings = [call.waits("a1", 5), call.starts("s1", 10)]
    const answered = { waiting: 0, alerting: 0, interacting: 1 }
    assert.deepStrictEqual(counts([...rings, call.answered("a1", 14, { acdOutcome: "UNKNOWN" })]), answered)
    const nameless = [call.waits("a1", 5), call.starts("s1", 10, { userId: null })]
    assert.deepStrictEqual(counts([...nameless, call.answered("a1", 14, { answeredUserId: AGENT })]), answered)
  })

  it("[P3] [P4] goes on though a later wait in the same queue is answered by another agent", () => {
    const events = [
      call.waits("a1", 5),
      call.starts("s1", 10),
      call.waits("a2", 100),
      call.starts("s2", 105, byOther),
      call.answered("a2", 110, { answeredUserId: OTHER })
    ]
    assert.deepStrictEqual(counts(events), { waiting: 0, alerting: 0, interacting: 2 })
  })

  it("[P3] [P4] is alerted still though a callback of the same conversation is answered", () => {
    const callback = callOf("CALLBACK")
    const events = [
      call.waits("a1", 5),
      callback.waits("a2", 6),
      call.starts("s1", 10),
      callback.starts("s2", 11, byOther),
      callback.answered("a2", 14, { answeredUserId: OTHER })
    ]
    assert.deepStrictEqual(counts(events), { waiting: 1, alerting: 1, interacting: 1 })
  })

  it("[P3] [P4] serves somebody else than the customer who had left before", () => {
    const calledBack = [call.joins("k", 0), call.leaves("k", 61), call.starts("s2", 140, { direction: "OUTBOUND" })]
    own("s2", ...calledBack).has({ phase: "interacting" })
    const mail = callOf("EMAIL")
    const written = [mail.joins("k", 0), mail.leaves("k", 1), mail.waits("a1", 1), mail.starts("s1", 3)]
    own("s1", ...written, mail.answered("a1", 5)).has({ phase: "interacting" })
  })
})

describe("an agent who logs off", () => {
  const talks = [call.starts("s1", 10)]

  it("[P3] [P4] goes on where they are back before the timer, for they have lost the line of the browser", () => {
    own("s1", ...talks, presence("OFFLINE", 100), presence("ON_QUEUE", 220)).has({ phase: "interacting" })
    own("s1", ...talks, presence("OFFLINE", 100), presence("ON_QUEUE", 3_700)).has({
      phase: "ended",
      endedBy: "presence"
    })
    own("s1", ...talks, presence("OFFLINE", 100), presence("ON_QUEUE", 220), presence("OFFLINE", 9_000)).isClosed()
  })
})

describe("a session of a medium that is not known", () => {
  const starts = callOf(null).starts("s1", 10)

  it("[P3] [P4] is over by summaries without a conversation of any medium", () => {
    own("s1", starts, summary(100)).has({ phase: "ended", endedBy: "conversationsummary" })
    own("s1", starts, summary(100, { chat: one })).has({ phase: "interacting" })
    own("s1", starts, summary(100, { chat: one }), summary(200, { call: one })).has({
      phase: "ended",
      endedBy: "conversationsummary"
    })
  })
})

describe("a list of active queues", () => {
  it("[P4] with an empty text states nothing: no queue has that id", () => {
    const list = event("v2.users.{id}.activity", AGENT, { activeQueueIds: [QUEUE, ""] })
    assert.deepStrictEqual(given([queues, agents, conversations], list).rows(), [])
  })
})
