import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { OWN_ENDS } from "../../projections/own-ends.ts"
import { queues } from "../../projections/queues.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { CALL, call, SECOND } from "./call.ts"
import { AGENT, event, iso, QUEUE, registersOf } from "./support.ts"

const OTHER = "another-agent"
const OTHER_QUEUE = "another-queue"
const TEN_MINUTES = 600
const row = "session#s"
const at = (seconds: number) => iso(seconds * SECOND)
const ofAgents = [agents, conversations] as const
const ofQueues = [queues, agents, conversations] as const

const own = (...events: ReadonlyArray<Event>) => given(ofAgents, ...events).row(AGENT, row)
const inQueue = (...events: ReadonlyArray<Event>) => given(ofQueues, ...events).row(QUEUE, row)
/** The session in its agent's rows, and in its queue's. */
const both = (...events: ReadonlyArray<Event>) => [own(...events), inQueue(...events)]

const waits = call.waits("a", 5)
const starts = call.starts("s", 10)
const summary = event(
  "v2.users.{id}.conversationsummary",
  AGENT,
  { call: { contactCenter: { active: 0, acw: 0 } } },
  2 * TEN_MINUTES * SECOND
)

describe("the phase of an agent's session", () => {
  it("[P4] is what the last segment means, in whatever case Genesys spells it", () => {
    const phases = {
      alerting: ["ALERT", "DIALING", "CONTACTING", "Alert"],
      interacting: ["INTERACT", "PARKED", "Interact", "LEVITATE"],
      monitoring: ["MONITORING", "COACHING", "BARGING"],
      wrapup: ["WRAPUP"]
    }
    for (const [phase, segments] of Object.entries(phases))
      for (const segment of segments) {
        for (const session of both(starts, call.segment(segment, "s", 20))) session.has({ phase, segment })
        own(starts, call.segment(segment, "s", 20)).has({ open: phase !== "wrapup" })
      }
    own(starts, call.segment("HOLD", "s", 20)).has({ phase: "interacting", segment: "HOLD", open: true })
    const answered = call.answered("a", 30, { answeredUserId: AGENT })
    own(waits, starts, call.segment("MONITORING", "s", 20), answered).has({ phase: "monitoring" })
  })

  it("[P4] is wrap-up from the end on, until the notes are there or the next summary counts none", () => {
    const after = [starts, call.ends("s", 90), call.segment("WRAPUP", "s", 90)]
    for (const session of both(...after)) session.has({ phase: "wrapup" })
    given(ofQueues, ...after)
      .row(QUEUE)
      .has({ wrapup: 1, wrapupByMedia: { VOICE: 1 } })
    for (const session of both(...after, call.notes("s", 120, { wrapupCode: "w" })))
      session.has({ phase: "ended", endedBy: "user.end", endedAt: at(90), wrapup: { code: "w" } })
    for (const session of both(starts, call.notes("s", 120)))
      session.has({ phase: "ended", endedBy: "acw", endedAt: at(120) })
    for (const session of both(...after, summary))
      session.has({ phase: "ended", endedBy: "conversationsummary", endedAt: at(90) })
  })

  it("[P4] is ended by an end of its own, or by what shows that this was lost", () => {
    const endedBy = (...events: ReadonlyArray<Event>) => inQueue(...events).columns()?.endedBy
    const ends = [
      endedBy(starts, call.ends("s", 90)),
      endedBy(starts, call.segment("TERMINATED", "s", 90)),
      endedBy(starts, call.notes("s", 120)),
      endedBy(call.waits("s", 5), call.answered("s", 40))
    ]
    assert.deepStrictEqual(ends, ["user.end", "TERMINATED", "acw", "acd.end"])
    for (const end of ends) assert.isTrue(OWN_ENDS.has(end), String(end))
    assert.isFalse(OWN_ENDS.has(endedBy(starts, summary)))
  })

  it("[P4] shows no segment of a session that has ended", () => {
    for (const segment of ["INTERACT", "LEVITATE"])
      for (const session of both(starts, call.segment(segment, "s", 20), call.ends("s", 90)))
        assert.notProperty(session.columns(), "segment")
  })

  it("[P4] goes on in its queue where all that the queue was told is that the agent is connected", () => {
    const held = call.segment("HOLD", "s", 20)
    inQueue(held).has({ phase: "interacting", connectedSince: at(20) })
    given(ofQueues, held)
      .row(QUEUE)
      .has({ interacting: 1, interactingByMedia: { UNKNOWN: 1 } })
    inQueue(held, call.ends("s", 90)).isClosed()
    const aside = call.segment("HOLD", "s", 20, AGENT, { conversationId: undefined })
    for (const one of [held, aside]) inQueue(one, summary).has({ phase: "ended", endedBy: "conversationsummary" })
  })
})

describe("a session of an agent that came by no queue", () => {
  it("has a row of the agent, and none of a queue", () => {
    const queueId = null
    const acw = call.notes("s", 120, { queueId })
    const all = [call.starts("s", 10, { queueId }), call.segment("INTERACT", "s", 20, AGENT, { queueId }), acw]
    for (const events of [all.slice(0, 1), all.slice(1, 2), [call.ends("s", 90, { queueId })], [acw], all])
      assert.deepStrictEqual(given(ofQueues, ...events).rows(), [])
    own(...all.slice(0, 1)).is({
      sessionId: "s",
      phase: "interacting",
      open: true,
      conversationId: CALL,
      mediaType: "VOICE",
      since: at(10)
    })
    assert.notProperty(own(...all.slice(1, 2)).columns(), "queueId")
  })

  it("has no row of an agent where no event names one", () => {
    const userId = null
    const events = [call.starts("s", 10, { userId }), call.ends("s", 90, { userId }), call.notes("s", 120, { userId })]
    for (const one of events) assert.deepStrictEqual(given(ofAgents, one).rows(), [])
  })
})

describe("a queue", () => {
  it("[P9] is told of no hold, and of an end by the agent's state too", () => {
    assert.deepStrictEqual(queues.deltas(call.segment("HOLD", "s", 20)), [])
    assert.deepStrictEqual(queues.deltas(call.segment("hold", "s", 20)), [])
    inQueue(starts, call.segment("Terminated", "s", 90)).has({ phase: "ended", endedBy: "TERMINATED", endedAt: at(90) })
  })

  it("knows of the after-call work by the topic that names no agent, too", () => {
    const wrapup = event("v2.detail.events.conversation.{id}.wrapup", CALL, {
      eventTime: at(120),
      sessionId: "s",
      queueId: QUEUE,
      wrapupCode: "w",
      wrapupDurationMs: 700
    })
    inQueue(starts, wrapup).has({ phase: "ended", wrapup: { code: "w", durationMs: 700 } })
  })
})

describe("an end that does not name the row of its session", () => {
  const nameless = { userId: null, queueId: null }

  it("[P3] [P4] ends it all the same, for the session's id pairs them, and no rule is needed", () => {
    for (const names of [nameless, { userId: OTHER, queueId: OTHER_QUEUE }])
      for (const session of both(starts, call.ends("s", 90, names)))
        session.has({ phase: "ended", endedBy: "user.end", endedAt: at(90) })
    inQueue(starts, call.segment("TERMINATED", "s", 90, AGENT, { queueId: null })).has({
      phase: "ended",
      endedBy: "TERMINATED",
      endedAt: at(90)
    })
    own(starts, call.segment("TERMINATED", "s", 90, OTHER)).has({ phase: "ended", endedBy: "TERMINATED" })
    const wait = given(ofQueues, call.waits("s", 5), call.answered("s", 40, { queueId: null, acdOutcome: "ABANDON" }))
    wait.row(QUEUE, row).has({ phase: "ended", endedBy: "acd.end", endedAt: at(40) })
  })

  it("[P3] [P4] leaves it in wrap-up, which TERMINATED ends, or the next summary", () => {
    const wrapup = [call.segment("WRAPUP", "s", 91), call.ends("s", 90, nameless)]
    for (const session of both(starts, ...wrapup)) session.has({ phase: "wrapup" })
    for (const session of both(starts, ...wrapup, summary))
      session.has({ phase: "ended", endedBy: "conversationsummary", endedAt: at(90) })
    inQueue(starts, ...wrapup, call.segment("TERMINATED", "s", 120, AGENT, { queueId: null })).has({
      phase: "ended",
      endedBy: "TERMINATED",
      endedAt: at(120)
    })
  })

  it("[P3] [P4] is the last word on it, whatever the rest of the conversation says", () => {
    const over = [waits, starts, call.answered("a", 14, { answeredUserId: OTHER })]
    for (const session of both(...over, call.ends("s", 15, nameless))) session.has({ endedBy: "user.end" })
    const named = [call.ends("s", 90), call.segment("TERMINATED", "s", 95)]
    for (const session of both(starts, ...named, call.leaves("k", 20))) session.has({ endedBy: "TERMINATED" })
  })

  it("[P3] [P4] ends the wrap-up of a session of which neither start nor connection was seen", () => {
    const rest = [call.segment("WRAPUP", "s", 90), call.ends("s", 90)]
    inQueue(...rest).has({ phase: "wrapup" })
    inQueue(...rest, call.segment("TERMINATED", "s", 120, AGENT, { queueId: null })).has({ phase: "ended" })
  })
})

describe("the rule that ended a session which no event ended", () => {
  const rules = (...events: ReadonlyArray<Event>) =>
    [
      [ofAgents, AGENT],
      [ofQueues, QUEUE],
      [[conversations], CALL]
    ].map(([of, entity]) => {
      const projections = of as typeof ofAgents
      const registers = registersOf(projections, entity as string, row, ...events)
      return registers && projections[0].inferredEnd?.(row, registers)
    })

  it("[P3] is named for each row, so that the stack can count them", () => {
    const gone = [starts, call.segment("INTERACT", "s", 20), call.leaves("k", 60)]
    assert.deepStrictEqual(rules(...gone), ["customer.end", "customer.end", "customer.end"])
    assert.deepStrictEqual(rules(starts, summary), ["conversationsummary", "conversationsummary", undefined])
    const after = [starts, call.ends("s", 90), call.segment("WRAPUP", "s", 90), summary]
    assert.deepStrictEqual(rules(...after), ["conversationsummary", "conversationsummary", undefined])
    const wait = [call.waits("s", 5), call.leaves("k", 60)]
    assert.deepStrictEqual(rules(...wait), [undefined, "customer.end", "customer.end"])
  })

  it("[P3] is none where it goes on, nor where an event of its own ended it, whatever that names", () => {
    const none = [undefined, undefined, undefined]
    const nameless = { userId: null, queueId: null }
    for (const events of [
      [starts],
      [starts, call.segment("WRAPUP", "s", 90), call.ends("s", 90)],
      [starts, call.ends("s", 90)],
      [starts, call.ends("s", 90, nameless)],
      [starts, call.segment("TERMINATED", "s", 90)],
      [starts, call.notes("s", 90)],
      [call.waits("s", 5)],
      [call.waits("s", 5), call.answered("s", 40)],
      [call.waits("s", 5), call.answered("s", 40, nameless)]
    ])
      assert.deepStrictEqual(rules(...events), none)
    const presence = event("v2.users.{id}.presence", AGENT, { presenceDefinition: { id: "p", systemPresence: "MEAL" } })
    assert.isUndefined(agents.inferredEnd?.("state", registersOf(ofAgents, AGENT, "state", presence) ?? new Map()))
    const joined = event("v2.routing.queues.{id}.users", QUEUE, { id: AGENT, joined: false })
    const member = `member#${AGENT}`
    assert.isUndefined(queues.inferredEnd?.(member, registersOf(ofQueues, QUEUE, member, joined) ?? new Map()))
  })
})

describe("a row that holds nothing any more", () => {
  it("says nothing but what it is called, and is closed", () => {
    for (const projection of [agents, queues]) {
      assert.deepStrictEqual(projection.view(row, new Map()), { sessionId: "s" })
      assert.isTrue(projection.closed(row, new Map()))
    }
    assert.deepStrictEqual(queues.view("member#a", new Map()), { userId: "a" })
    assert.isTrue(queues.closed("member#a", new Map()))
  })
})
