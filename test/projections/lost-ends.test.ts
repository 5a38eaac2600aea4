import { describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { AGENT, event, iso, noon, QUEUE } from "./support.ts"

const CALL = "c1"
const detail = (topic: string, sessionId: string, at: number, more = {}) =>
  event(
    `v2.detail.events.conversation.{id}.${topic}`,
    CALL,
    { eventTime: noon + at, sessionId, mediaType: "VOICE", ...more },
    at
  )
const served = { userId: AGENT, queueId: QUEUE }
const start = detail("user.start", "s1", 1_000, served)
const waits = detail("acd.start", "a1", 0, { queueId: QUEUE })
const answered = (at: number, more: object = { answeredUserId: AGENT }) =>
  detail("acd.end", "a1", at, { queueId: QUEUE, acdOutcome: "ANSWERED", ...more })
const segment = (currentState: string, at: number) =>
  event(
    "v2.detail.events.agent.{id}.state",
    AGENT,
    {
      conversationId: CALL,
      sessionId: "s1",
      currentState,
      currentStateStart: noon + at,
      mediaType: "VOICE",
      queueId: QUEUE
    },
    at
  )
const summary = (active: number, at: number) =>
  event(
    "v2.users.{id}.conversationsummary",
    AGENT,
    {
      userId: AGENT,
      call: { contactCenter: { active, acw: 0 }, enterprise: { active: 0, acw: 0 } }
    },
    at
  )

/** The agent's session, and as its queue sees it, in every order of the events. */
const sessionOf = (...events: ReadonlyArray<Event>) =>
  [
    given([agents, conversations], ...events).row(AGENT, "session#s1"),
    given([queues, agents, conversations], ...events).row(QUEUE, "session#s1")
  ] as const

describe("a session whose end was lost", () => {
  it("[P3] [P4] is over by a summary of zeros, also where no later one follows it", () => {
    const last = summary(0, 60_000)
    for (const row of sessionOf(start, summary(1, 2_000), last))
      row.has({ phase: "ended", endedBy: "conversationsummary" })
    for (const row of sessionOf(start, last)) row.isClosed()
  })

  it("[P3] [P4] is over by a summary of zeros that a later one of another call has replaced", () => {
    for (const row of sessionOf(start, summary(0, 60_000), summary(1, 90_000)))
      row.has({ phase: "ended", endedBy: "conversationsummary" })
  })

  it("goes on where the summary was made before the session was last seen, or a moment after", () => {
    for (const row of sessionOf(start, summary(0, 500))) row.has({ phase: "interacting" })
    for (const row of sessionOf(start, summary(0, 5_900))) row.has({ phase: "interacting" })
    for (const row of sessionOf(start, segment("INTERACT", 70_000), summary(0, 60_000)))
      row.has({ phase: "interacting", segment: "INTERACT" })
  })

  it("[P3] [P4] is over by the next summary of zeros where both ends of its wrap-up were lost", () => {
    const wrapup = segment("WRAPUP", 30_000)
    for (const row of sessionOf(start, detail("user.end", "s1", 30_000, served), wrapup)) row.has({ phase: "wrapup" })
    for (const row of sessionOf(start, detail("user.end", "s1", 30_000, served), wrapup, summary(0, 90_000)))
      row.has({ phase: "ended", endedBy: "conversationsummary" })
    for (const row of sessionOf(start, wrapup, summary(0, 90_000))) row.isClosed()
  })
})

describe("an agent who is alerted", () => {
  it("[P3] [P4] serves since the wait was answered by them, though INTERACT was lost", () => {
    for (const row of sessionOf(waits, start, segment("ALERT", 1_000), answered(4_000)))
      row.has({ phase: "interacting", connectedSince: iso(4_000), since: iso(1_000) })
    for (const row of sessionOf(waits, start, segment("ALERT", 1_000), answered(1_000)))
      row.has({ phase: "interacting" })
  })

  it("[P3] [P4] serves since then without the topic of segments too", () => {
    for (const row of sessionOf(waits, start, answered(4_000)))
      row.has({ phase: "interacting", connectedSince: iso(4_000) })
    for (const row of sessionOf(waits, start)) row.has({ phase: "alerting" })
  })

  it("[P3] [P4] does not serve where somebody else has answered, or the alert came after the answer", () => {
    for (const row of sessionOf(waits, start, segment("ALERT", 1_000), answered(4_000, { answeredUserId: "other" })))
      row.has({ phase: "ended", endedBy: "acd.end" })
    for (const row of sessionOf(waits, start, answered(4_000), segment("ALERT", 5_000))) row.has({ phase: "alerting" })
  })

  it("shows the segment no more that was overruled", () => {
    const [agent] = sessionOf(waits, start, segment("ALERT", 1_000), answered(4_000))
    agent.is({
      sessionId: "s1",
      phase: "interacting",
      open: true,
      conversationId: CALL,
      mediaType: "VOICE",
      queueId: QUEUE,
      since: iso(1_000),
      connectedSince: iso(4_000)
    })
  })
})
