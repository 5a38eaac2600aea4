import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { CALL, call, callOf, SECOND } from "./call.ts"
import { AGENT, event, iso, QUEUE, registersOf } from "./support.ts"

const OTHER = "another-agent"
const OTHER_QUEUE = "another-queue"
const TEN_MINUTES = 600
const row = "session#s"
const at = (seconds: number) => iso(seconds * SECOND)
const ofQueues = [queues, agents, conversations] as const
const chat = callOf("CHAT")
const anything = callOf(null)

const own = (...events: ReadonlyArray<Event>) => given([agents, conversations], ...events).row(AGENT, row)
const inQueue = (...events: ReadonlyArray<Event>) => given(ofQueues, ...events).row(QUEUE, row)
const wait = (...events: ReadonlyArray<Event>) => given(ofQueues, ...events).row(QUEUE, "session#a")

const waits = call.waits("a", 5)
const starts = call.starts("s", 10)
const interacts = call.segment("INTERACT", "s", 12)
const byOther = { userId: OTHER }
const alerting = { phase: "alerting" }
const interacting = { phase: "interacting" }
const waiting = { phase: "waiting" }
const ended = (endedBy: string, seconds: number) => ({ phase: "ended", endedBy, endedAt: at(seconds) })

describe("an agent who is connected", () => {
  it("[P4] is so since the first event that says so", () => {
    const answered = (seconds: number) => call.answered("a", seconds, { answeredUserId: AGENT })
    own(waits, starts, interacts, answered(14)).has({ connectedSince: at(12) })
    own(waits, starts, call.segment("INTERACT", "s", 16), answered(14)).has({ connectedSince: at(14) })
  })

  it("[P4] is not once the customer has been gone for ten minutes, save that they were connected after that", () => {
    own(starts, interacts, call.leaves("k", 9.999)).has(interacting)
    own(starts, interacts, call.leaves("k", 10)).has(ended("customer.end", 10 + TEN_MINUTES))
    own(starts, call.leaves("k", 10), call.segment("INTERACT", "s", 10 + TEN_MINUTES)).has(interacting)
    own(starts, call.leaves("k", 10), call.segment("INTERACT", "s", 9 + TEN_MINUTES)).has({ phase: "ended" })
  })

  it("[P4] stays connected in the queue where they were alerted, though the session names another one later", () => {
    const moved = [waits, starts, call.starts("s", 20, { queueId: OTHER_QUEUE })]
    inQueue(...moved, call.answered("a", 30, { answeredUserId: AGENT })).has({ ...interacting, connectedSince: at(30) })
  })

  it("[P4] goes on where the wait ends without them: who listens, or whose segment names no conversation", () => {
    const over = [waits, starts, call.answered("a", 30, { answeredUserId: OTHER })]
    own(...over, call.segment("MONITORING", "s", 12)).has({ phase: "monitoring" })
    own(...over, call.segment("INTERACT", "s", 12, AGENT, { conversationId: undefined })).has(interacting)
    own(...over, call.segment("ALERT", "s", 12)).has(ended("acd.end", 30))
  })

  it("[P4] is in wrap-up until that is over, though the customer is gone", () => {
    own(starts, call.segment("WRAPUP", "s", 50), call.leaves("k", 40)).has({ phase: "wrapup" })
  })
})

describe("an agent who is alerted", () => {
  it("[P4] is so by a wait of their queue and medium that began a second after the alert at most", () => {
    own(starts, call.waits("a", 11)).has(alerting)
    own(starts, call.waits("a", 11.001)).has(interacting)
    own(starts, call.waits("a", 5, { queueId: OTHER_QUEUE })).has(interacting)
    own(starts, chat.waits("a", 5)).has(interacting)
    own(starts, chat.joins("k", 0), anything.waits("a", 5)).has(alerting)
    own(anything.starts("s", 10), chat.joins("k", 0), waits).has(alerting)
  })

  it("[P4] is not by a wait that names no queue, where they came by none either", () => {
    const queueId = null
    const nameless = call.starts("s", 10, { queueId })
    const answered = call.answered("a", 40, { queueId, answeredUserId: AGENT })
    assert.notProperty(own(nameless, answered).columns(), "connectedSince")
  })

  it("[P4] serves once the wait ended as answered, and is alerted no more once it ended in another way", () => {
    for (const acdOutcome of [null, "ANSWERED", "answered", "UNKNOWN"])
      own(waits, starts, call.answered("a", 30, { acdOutcome })).has({ ...interacting, connectedSince: at(30) })
    for (const acdOutcome of ["ABANDON", "FLOW_OUT"])
      own(waits, starts, call.answered("a", 30, { acdOutcome })).has(ended("acd.end", 30))
  })

  it("[P4] has answered where the end names them, and else the one whom no event names", () => {
    const nameless = call.starts("t", 11, { userId: null })
    const alerted = [waits, starts, nameless]
    const byAgent = call.answered("a", 30, { answeredUserId: AGENT })
    own(...alerted, byAgent).has({ ...interacting, connectedSince: at(30) })
    const answered = call.answered("a", 30, { answeredUserId: OTHER })
    own(...alerted, answered).has(ended("acd.end", 30))
    given(ofQueues, ...alerted, answered)
      .row(QUEUE, "session#t")
      .has({ ...interacting, connectedSince: at(30) })
  })

  it("[P4] is alerted no more from the next alert on, and of several from the first", () => {
    own(waits, starts, call.starts("t", 10.001, byOther)).has(ended("user.start", 10.001))
    own(waits, starts, call.starts("t", 50, byOther), call.starts("u", 30, byOther)).has(ended("user.start", 30))
    own(waits, starts, call.starts("t", 9, byOther)).has(alerting)
  })

  it("[P4] is alerted again where their own state says so after what ended it", () => {
    const next = [waits, starts, call.starts("t", 30, byOther)]
    own(...next, call.segment("ALERT", "s", 30)).has(ended("user.start", 30))
    own(...next, call.segment("ALERT", "s", 30.001)).has(alerting)
  })

  it("[P4] is not where another agent was connected before: they join a call that is served", () => {
    const connected = (seconds: number) => call.segment("INTERACT", "t", seconds, OTHER)
    const joined = [waits, call.starts("t", 8, byOther)]
    own(...joined, connected(9), starts).has(interacting)
    own(...joined, connected(10), starts).has(ended("agent.state", 10))
    own(...joined, call.ends("t", 9, { ...byOther, interactingDurationMs: 500 }), starts).has(interacting)
    own(...joined, call.ends("t", 9, { ...byOther, interactingDurationMs: 0 }), starts).has(alerting)
    own(...joined, connected(9), starts, call.leaves("k", 60)).has(ended("customer.end", 60 + TEN_MINUTES))
  })

  it("[P4] is alerted for nobody once the customer has left", () => {
    own(waits, starts, call.leaves("k", 10)).has(ended("customer.end", 10))
    own(waits, starts, call.leaves("k", 9.999)).has(alerting)
  })
})

describe("a customer who waits", () => {
  it("[P4] waits no more once the last customer of that medium has left, from the time of the wait on", () => {
    wait(waits, call.leaves("k", 5)).has(ended("customer.end", 5))
    wait(waits, call.leaves("k", 4.999)).has(waiting)
    const both = [waits, call.joins("k", 0), call.joins("l", 20)]
    wait(...both, call.leaves("k", 40)).has(waiting)
    wait(...both, call.leaves("l", 60), call.leaves("k", 40)).has(ended("customer.end", 60))
    wait(waits, chat.leaves("k", 40)).has(waiting)
  })

  it("[P4] has the medium that one of the events names: the only one of the conversation, where no event of the wait does", () => {
    const left = ended("customer.end", 40)
    const leaves = call.leaves("k", 40)
    wait(callOf("UNKNOWN").waits("a", 5), leaves).has(left)
    wait(anything.waits("a", 5), chat.joins("l", 0), leaves).has(waiting)
    wait(anything.waits("a", 5), chat.segment("TERMINATED", "t", 50), leaves).has(waiting)
    wait(waits, chat.joins("l", 0), call.joins("k", 0), anything.leaves("k", 40)).has(left)
    wait(chat.waits("a", 5), chat.joins("l", 0), call.joins("k", 0), anything.leaves("k", 40)).has(waiting)
    own(interacts, chat.joins("l", 0), leaves).has(ended("customer.end", 40 + TEN_MINUTES))
  })

  it("[P4] waits no more from the first sign of that on", () => {
    const connected = call.segment("INTERACT", "s", 33)
    wait(waits, starts, connected, call.leaves("k", 60)).has(ended("agent.state", 33))
    wait(waits, starts, connected, call.leaves("k", 20)).has(ended("customer.end", 20))
  })

  it("[P4] was served by a session that names the queue at its end alone", () => {
    const nameless = call.starts("s", 10, { queueId: null })
    const served = { interactingDurationMs: 500 }
    wait(waits, nameless, call.ends("s", 90, served)).has(ended("user.end", 90))
    const terminated = [call.segment("TERMINATED", "s", 91), call.ends("s", 90, { ...served, queueId: null })]
    wait(waits, nameless, ...terminated).has(ended("user.end", 90))
  })
})

describe("an id of a session that names two things", () => {
  it("[P3] [P4] of two conversations is what both say of it, in every order", () => {
    const elsewhere = callOf("VOICE", "another-conversation").starts("s", 20)
    for (const session of [
      own(starts, elsewhere, call.leaves("k", 60)),
      inQueue(starts, elsewhere, call.leaves("k", 60))
    ])
      session.has(ended("customer.end", 60 + TEN_MINUTES))
  })

  it("[P3] [P4] of two agents is over in the queue where one of them shows that it is", () => {
    const idle = event(
      "v2.users.{id}.conversationsummary",
      AGENT,
      { call: { contactCenter: { active: 0, acw: 0 } } },
      100 * SECOND
    )
    inQueue(starts, call.starts("s", 20, byOther), idle).has({ phase: "ended", endedBy: "conversationsummary" })
  })

  it("[P3] [P4] of a wait and of an agent is the wait's", () => {
    for (const one of [call.waits("s", 5), call.answered("s", 50)]) {
      given(conversations, one, starts).row(CALL, row).has({ participant: "acd" })
      inQueue(one, starts, call.leaves("k", 60)).isClosed()
      given(conversations, one, starts, call.leaves("k", 60)).row(CALL, row).isClosed()
    }
    const requeued = [call.waits("s", 5), starts, call.waits("b", 30, { queueId: OTHER_QUEUE })]
    given(conversations, ...requeued)
      .row(CALL, row)
      .has({ participant: "acd", endedBy: "acd.start", endedAt: at(30) })
  })
})

describe("what a conversation says of a session in its own rows", () => {
  it("[P9] is nothing while it goes on", () => {
    const registers = registersOf([conversations], CALL, row, waits, starts)
    assert.deepStrictEqual([...(registers?.keys() ?? [])], [`user ["${AGENT}","${QUEUE}"]`])
  })
})
