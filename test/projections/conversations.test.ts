import { assert, describe, it } from "@effect/vitest"
import { conversations } from "../../projections/conversations.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { CALL, call, callOf, SECOND } from "./call.ts"
import { AGENT, iso, QUEUE } from "./support.ts"

const OTHER = "another"
const TEN_MINUTES = 600
const at = (seconds: number) => iso(seconds * SECOND)
const session = (id: string, ...events: ReadonlyArray<Event>) =>
  given(conversations, ...events).row(CALL, `session#${id}`)
const inbound = { direction: "INBOUND" }
const agent = { participant: "user", userId: AGENT, queueId: QUEUE, mediaType: "VOICE" }

describe("a session of a conversation", () => {
  it("[P3] says whose it is, from when on, until when, and how it ended", () => {
    session("k", call.joins("k", 0, inbound)).is({
      sessionId: "k",
      participant: "customer",
      open: true,
      mediaType: "VOICE",
      since: at(0)
    })
    session("k", call.joins("k", 0), call.leaves("k", 60)).is({
      sessionId: "k",
      participant: "customer",
      open: false,
      mediaType: "VOICE",
      since: at(0),
      endedAt: at(60)
    })
    const waiting = { sessionId: "a", participant: "acd", mediaType: "VOICE", direction: "INBOUND", queueId: QUEUE }
    session("a", call.waits("a", 5, inbound)).is({ ...waiting, open: true, since: at(5) })
    session("a", call.waits("a", 5, inbound), call.answered("a", 14, { answeredUserId: AGENT })).is({
      ...waiting,
      open: false,
      since: at(5),
      endedAt: at(14),
      outcome: "ANSWERED",
      answeredBy: AGENT
    })
    const begun = [call.starts("s", 10, inbound), call.segment("INTERACT", "s", 14)]
    const served = { ...agent, sessionId: "s", direction: "INBOUND", since: at(10), connectedSince: at(14) }
    session("s", ...begun).is({ ...served, open: true })
    const end = call.ends("s", 90, { interactingDurationMs: 76_000 })
    session("s", ...begun, end).is({ ...served, open: false, endedAt: at(90) })
  })

  it("[P3] is known by its end where its start was lost, and by what goes on in it where both were", () => {
    session("k", call.leaves("k", 60)).is({
      sessionId: "k",
      participant: "customer",
      open: false,
      mediaType: "VOICE",
      endedAt: at(60)
    })
    const wait = { sessionId: "a", participant: "acd", open: false, queueId: QUEUE, outcome: "ABANDON" }
    session("a", call.answered("a", 14, { acdOutcome: "ABANDON" })).is({ ...wait, endedAt: at(14) })
    const { mediaType: _, ...nobody } = agent
    session("s", call.ends("s", 90)).is({ ...nobody, sessionId: "s", open: false, endedAt: at(90) })
    session("s", call.segment("TERMINATED", "s", 90)).is({ ...agent, sessionId: "s", open: false, endedAt: at(90) })
    session("s", call.segment("Interact", "s", 14)).is({ ...agent, sessionId: "s", open: true, connectedSince: at(14) })
    session("s", call.segment("HOLD", "s", 14)).isOpen()
  })

  it("[P3] names the agent and the queue of its start, and ends at the event that says so best", () => {
    const ends = [call.ends("s", 90, { userId: OTHER, queueId: OTHER }), call.segment("TERMINATED", "s", 91)]
    session("s", call.starts("s", 10), ...ends).has({ userId: AGENT, queueId: QUEUE, endedAt: at(90) })
    session("s", call.segment("INTERACT", "s", 14), ...ends).has({ userId: OTHER, endedAt: at(90) })
    const moved = [call.starts("s", 10), call.starts("s", 10.001, { queueId: OTHER })]
    session("s", ...moved).has({ queueId: OTHER, since: at(10.001) })
  })

  it("is a tombstone once it is over", () => {
    for (const [id, start, end] of [
      ["k", call.joins("k", 0), call.leaves("k", 60)],
      ["a", call.waits("a", 5), call.answered("a", 14)],
      ["s", call.starts("s", 10), call.ends("s", 90)]
    ] as const) {
      session(id, start).isOpen()
      session(id, end).isClosed()
      session(id, start, end).isClosed()
    }
  })

  it("[P9] has no row by what an agent does in it before they are connected, or outside of a conversation", () => {
    const rows = (...events: ReadonlyArray<Event>) => given(conversations, ...events).rows()
    assert.deepStrictEqual(rows(call.segment("ALERT", "s", 10), call.segment("WRAPUP", "s", 90)), [])
    const aside = { conversationId: undefined }
    assert.deepStrictEqual(rows(call.segment("INTERACT", "s", 10, AGENT, aside)), [])
    assert.deepStrictEqual(rows(call.segment("TERMINATED", "s", 10, AGENT, aside)), [])
  })
})

describe("a session of a conversation whose end was lost", () => {
  it("[P3] [P4] ends by the rule that the row names, and at its time", () => {
    const wait = call.waits("a", 5)
    const lost = [
      ["a", "agent.state", 14, [wait, call.starts("s", 10), call.segment("INTERACT", "s", 14)]],
      ["a", "user.end", 90, [wait, call.starts("s", 10), call.ends("s", 90, { interactingDurationMs: 1 })]],
      ["a", "acd.start", 60, [wait, call.waits("b", 60, { queueId: OTHER })]],
      ["a", "customer.end", 40, [wait, call.leaves("k", 40)]],
      ["s", "acd.end", 30, [wait, call.starts("s", 10), call.answered("a", 30, { answeredUserId: OTHER })]],
      ["s", "user.start", 30, [wait, call.starts("s", 10), call.starts("t", 30, { userId: OTHER })]],
      ["s", "customer.end", 40, [wait, call.starts("s", 10), call.leaves("k", 40)]],
      ["s", "customer.end", 40 + TEN_MINUTES, [call.starts("s", 10), call.leaves("k", 40)]]
    ] as const
    for (const [id, endedBy, endedAt, events] of lost) {
      session(id, ...events).has({ open: false, endedBy, endedAt: at(endedAt) })
      session(id, ...events).isClosed()
    }
    session("k", call.joins("k", 0), ...(lost[0]?.[3] ?? [])).isOpen()
  })

  it("has no such end beside one of its own, and none where it goes on", () => {
    const over = session("s", call.starts("s", 10), call.ends("s", 30), call.leaves("k", 40)).columns()
    assert.notProperty(over, "endedBy")
    assert.strictEqual(over?.endedAt, at(30))
    const goesOn = session("s", call.waits("a", 5), call.starts("s", 10)).columns()
    assert.notProperty(goesOn, "endedAt")
    const chat = callOf("CHAT")
    session("s", call.starts("s", 10), chat.leaves("k", 40)).isOpen()
  })
})
