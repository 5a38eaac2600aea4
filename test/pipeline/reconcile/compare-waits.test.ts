import { assert, describe, it } from "@effect/vitest"
import type { Event } from "../../../src/genesys/event.ts"
import type { Waiting } from "../../../src/genesys-api/organisation.ts"
import type { QueueAnswer } from "../../../src/pipeline/reconcile/answers.ts"
import { AGE_MS, MARGIN_MS } from "../../../src/pipeline/reconcile/compare.ts"
import { compared, healed, OTHER_QUEUE, stated, wait, waiting } from "./queue-answers.ts"
import { AGENT, ASKED, asked, CALL, call, compareQueue, heldBy, iso, noon, QUEUE, STATED, sent } from "./support.ts"

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

  it("states no more of a wait than the API says", () => {
    const facets = (said: Waiting) => compared(waiting([said]), []).statements.map(({ facet }) => facet)
    const named = { facet: "acdSession", conversationId: CALL, queueId: QUEUE, sessionId: "a1" } as const
    assert.deepStrictEqual(facets(wait({ direction: "INBOUND" })), [
      { ...named, value: { conversationId: CALL, mediaType: "VOICE", direction: "INBOUND" } }
    ])
    const { mediaType: _, ...bare } = wait()
    assert.deepStrictEqual(facets(bare), [{ ...named, value: { conversationId: CALL } }])
  })

  it("takes a wait for the same by its session, too, and that of another conversation for another", () => {
    assert.deepStrictEqual(stated(waiting([wait({ conversationId: "c2" })], { complete: false }), waits), [])
    const other = wait({ conversationId: "c2", sessionId: "a2" })
    assert.deepStrictEqual(stated(waiting([other], { complete: false }), waits), [["acdSession", 1_000]])
  })

  it("opens one where the same conversation has waited before, and long since not any more", () => {
    const again = wait({ sessionId: "k1", since: noon + 300_000 })
    assert.deepStrictEqual(stated(waiting([again]), waits, call.answered(2_000, QUEUE)), [["acdSession", 300_000]])
    assert.deepStrictEqual(stated(waiting([]), call.answered(2_000, QUEUE)), [])
  })

  it("knows of so many that are open, where the observations are complete", () => {
    const known = (answer: QueueAnswer, ...events: ReadonlyArray<Event>) => compared(answer, events).known
    assert.deepStrictEqual(known(waiting([]), waits), { wait: 1 })
    assert.deepStrictEqual(known(waiting([]), waits, call.answered(2_000, QUEUE)), { wait: 0 })
    assert.deepStrictEqual(known(waiting([], { complete: false }), waits), {})
    assert.deepStrictEqual(
      compared(waiting([]), [waits]).missing.map(({ kind }) => kind),
      ["wait"]
    )
  })

  it("counts as lost what events should have told, from the moment on that they come, and none that it lists again", () => {
    assert.deepStrictEqual(compared(waiting([wait()]), [], { heard: noon + 1_000 }).corrected, { acdSession: 1 })
    const elsewhere = call.waits(9_000, OTHER_QUEUE, "a2")
    assert.deepStrictEqual(compared(waiting([wait()]), [waits, elsewhere]).corrected, {})
    const absent = sent([
      {
        facet: { facet: "sessionSeen", queueId: QUEUE, conversationId: CALL, sessionId: "a1", value: false },
        at: noon + 1_000
      }
    ])
    const { statements, corrected } = compared(waiting([wait()]), absent, { heard: noon })
    assert.deepStrictEqual([statements.length, corrected], [2, { acdSession: 1 }])
  })
})
