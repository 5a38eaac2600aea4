import { assert, describe, it } from "@effect/vitest"
import { queues } from "../../../projections/queues.ts"
import type { Columns } from "../../../src/domain/projection.ts"
import type { Event } from "../../../src/genesys/event.ts"
import type { Waiting } from "../../../src/genesys-api/organisation.ts"
import type { QueueAnswer } from "../../../src/pipeline/reconcile/answers.ts"
import { AGE_MS, MARGIN_MS } from "../../../src/pipeline/reconcile/compare.ts"
import {
  AGENT,
  ASKED,
  asked,
  CALL,
  call,
  compareQueue,
  event,
  heldBy,
  iso,
  noon,
  QUEUE,
  STATED,
  sent
} from "./support.ts"

const OTHER_QUEUE = "another-queue"
const member = (joined: boolean, at: number, userId = AGENT) =>
  event("v2.routing.queues.{id}.users", QUEUE, { id: userId, joined }, at)
const listing = (items: ReadonlyArray<{ userId: string; joined: boolean }>, complete = true): QueueAnswer => ({
  queueId: QUEUE,
  members: { asked, said: { complete, items } }
})
const waiting = (
  all: ReadonlyArray<Waiting>,
  { complete = true, alerting = [] }: { complete?: boolean; alerting?: ReadonlyArray<Waiting> } = {}
): QueueAnswer => ({ queueId: QUEUE, waits: { asked, said: { complete, waiting: all, alerting } } })
const wait = (more: Partial<Waiting> = {}): Waiting => ({
  conversationId: CALL,
  sessionId: "a1",
  since: noon + 1_000,
  mediaType: "VOICE",
  ...more
})

const compared = (answer: QueueAnswer, events: ReadonlyArray<Event>, when: Parameters<typeof heldBy>[2] = {}) =>
  compareQueue(answer, heldBy(QUEUE, events, when))
const stated = (answer: QueueAnswer, ...events: ReadonlyArray<Event>) =>
  compared(answer, events).statements.map(({ facet, at }) => [
    facet.facet === "member" ? facet.joined : facet.facet === "sessionSeen" ? facet.value : facet.facet,
    at - noon
  ])
const healed = (answer: QueueAnswer, row: string, ...events: ReadonlyArray<Event>): Columns => {
  const { rows } = heldBy(QUEUE, [...events, ...sent(compared(answer, events).statements)])
  return queues.view(row, rows.get(row) ?? new Map())
}

describe("what the API says of a queue's members", () => {
  const joined = { userId: AGENT, joined: true }

  it("[P3] states who has joined and who has not, where the rows say something else", () => {
    assert.deepStrictEqual(stated(listing([joined])), [[true, STATED]])
    assert.deepStrictEqual(stated(listing([joined]), member(true, 0)), [])
    assert.deepStrictEqual(stated(listing([joined]), member(false, 0)), [[true, STATED]])
    assert.deepStrictEqual(stated(listing([{ ...joined, joined: false }])), [])
    assert.deepStrictEqual(stated(listing([{ ...joined, joined: false }]), member(true, 0)), [[false, STATED]])
    assert.strictEqual(healed(listing([joined]), `member#${AGENT}`, member(false, 0)).joined, true)
  })

  it("[P3] says of who is not on a complete list that they have not joined, and of nobody by an incomplete one", () => {
    assert.deepStrictEqual(stated(listing([]), member(true, 0)), [[false, STATED]])
    assert.deepStrictEqual(stated(listing([], false), member(true, 0)), [])
    assert.deepStrictEqual(stated(listing([]), member(false, 0)), [])
  })

  it("keeps apart who is on no list, of so many whom the rows have, from who is listed as not joined", () => {
    const events = [member(true, 0), member(true, 0, "user-2"), member(true, 0, "user-3"), member(false, 0, "user-4")]
    const said = compared(listing([joined, { userId: "user-2", joined: false }]), events)
    assert.deepStrictEqual(
      said.missing.map(({ kind, statement, told }) => [
        kind,
        statement.facet.facet === "member" && statement.facet.userId,
        told
      ]),
      [["member", "user-3", "corrected"]]
    )
    assert.deepStrictEqual([said.known, said.statements.length], [{ member: 3 }, 2])
    assert.deepStrictEqual(compared(listing([], false), events).known, {})
  })

  it("says nothing against what was told within a minute before the question", () => {
    assert.deepStrictEqual(stated(listing([]), member(true, ASKED - MARGIN_MS + 1)), [])
    assert.deepStrictEqual(stated(listing([]), member(true, ASKED - MARGIN_MS)), [[false, STATED]])
  })

  it("counts as lost who was a member by events, and not whom nobody told of", () => {
    assert.deepStrictEqual(compared(listing([]), [member(true, 0)]).corrected, { member: 1 })
    assert.deepStrictEqual(compared(listing([joined]), []).corrected, {})
    assert.deepStrictEqual(compared(listing([]), [member(true, 0)], { read: asked }).early, { member: 1 })
  })

  it("compares with what the agent's own list says too", () => {
    const list = event("v2.users.{id}.activity", AGENT, { activeQueueIds: [QUEUE], dateActiveQueuesChanged: iso(0) }, 0)
    assert.deepStrictEqual(stated(listing([joined]), list), [])
    assert.deepStrictEqual(stated(listing([]), list), [[false, STATED]])
    assert.strictEqual(healed(listing([]), `member#${AGENT}`, list).joined, false)
  })
})

describe("what the API says of what waits in a queue", () => {
  const waits = call.waits(1_000, QUEUE)

  it("[P3] opens a wait that the rows do not have, where its session is named", () => {
    assert.deepStrictEqual(stated(waiting([wait()])), [["acdSession", 1_000]])
    const { sessionId: _, ...unnamed } = wait()
    assert.deepStrictEqual(stated(waiting([unnamed])), [])
    assert.deepStrictEqual(healed(waiting([wait()]), "session#a1"), {
      sessionId: "a1",
      phase: "waiting",
      conversationId: CALL,
      mediaType: "VOICE",
      since: iso(1_000)
    })
  })

  it("counts it as lost where events of sessions were known to come when it began", () => {
    assert.deepStrictEqual(compared(waiting([wait()]), []).corrected, {})
    assert.deepStrictEqual(compared(waiting([wait()]), [], { heard: noon }).corrected, { acdSession: 1 })
    assert.deepStrictEqual(compared(waiting([wait()]), [], { heard: noon + 1_001 }).corrected, {})
  })

  it("takes a conversation that waits in the rows as the same wait, whichever session is named", () => {
    assert.deepStrictEqual(stated(waiting([wait()]), waits), [])
    assert.deepStrictEqual(stated(waiting([wait({ sessionId: "k1" })]), waits), [])
  })

  it("opens no wait by a session that is an agent's", () => {
    assert.deepStrictEqual(stated(waiting([wait({ sessionId: "s1" })]), call.starts(1_000, AGENT, QUEUE)), [])
  })

  it("[P3] closes one that complete observations do not list, and nothing by those that are cut short", () => {
    assert.deepStrictEqual(stated(waiting([]), waits), [[false, STATED]])
    assert.deepStrictEqual(stated(waiting([], { complete: false }), waits), [])
    const row = healed(waiting([]), "session#a1", waits)
    assert.deepStrictEqual([row.phase, row.endedBy, row.endedAt], ["ended", "snapshot", iso(STATED)])
    assert.deepStrictEqual(compared(waiting([]), [waits]).corrected, { sessionSeen: 1 })
  })

  it("does not close one that alerts an agent, nor one of the last minute", () => {
    assert.deepStrictEqual(stated(waiting([], { alerting: [wait({ sessionId: "s1" })] }), waits), [])
    assert.deepStrictEqual(stated(waiting([]), call.waits(ASKED - MARGIN_MS + 1, QUEUE)), [])
    assert.deepStrictEqual(stated(waiting([]), call.waits(ASKED - MARGIN_MS, QUEUE)), [[false, STATED]])
  })

  it("[P3] lists one again that a rule or a snapshot has closed, and never one that its own end has", () => {
    const elsewhere = call.waits(9_000, OTHER_QUEUE, "a2")
    assert.deepStrictEqual(stated(waiting([wait()]), waits, elsewhere), [[true, STATED]])
    const justNow = call.waits(ASKED - MARGIN_MS + 1, OTHER_QUEUE, "a2")
    assert.deepStrictEqual(stated(waiting([wait()]), waits, justNow), [])
    assert.strictEqual(healed(waiting([wait()]), "session#a1", waits, elsewhere).phase, "waiting")
    const gone = sent(compared(waiting([]), [waits]).statements)
    const later: QueueAnswer = {
      queueId: QUEUE,
      waits: { asked: asked + 900_000, said: { complete: true, waiting: [wait()], alerting: [] } }
    }
    const { statements } = compareQueue(later, heldBy(QUEUE, [waits, ...gone]))
    assert.deepStrictEqual(
      statements.map(({ facet, at }) => [facet, at - asked]),
      [[{ facet: "sessionSeen", queueId: QUEUE, conversationId: CALL, sessionId: "a1", value: true }, 900_000 - AGE_MS]]
    )
    const ended = [waits, call.answered(2_000, QUEUE)]
    assert.deepStrictEqual(stated(waiting([wait()]), ...ended), [])
    assert.deepStrictEqual(stated(waiting([]), ...ended), [])
  })

  it("opens no second wait by another session where its own end came a moment before", () => {
    const ended = [waits, call.answered(ASKED - 1_000, QUEUE)]
    assert.deepStrictEqual(stated(waiting([wait({ sessionId: "k1" })]), ...ended), [])
  })

  it("opens one of which only its absence is known, though that is later", () => {
    const absent = sent([
      {
        facet: { facet: "sessionSeen", queueId: QUEUE, conversationId: CALL, sessionId: "a1", value: false },
        at: asked - 100_000
      }
    ])
    assert.deepStrictEqual(stated(waiting([wait()]), ...absent), [
      ["acdSession", 1_000],
      [true, STATED]
    ])
    assert.strictEqual(healed(waiting([wait()]), "session#a1", ...absent).phase, "waiting")
  })
})
