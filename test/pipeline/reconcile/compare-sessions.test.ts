import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../../projections/agents.ts"
import type { Event, Load } from "../../../src/genesys/event.ts"
import type { AgentSession } from "../../../src/genesys-api/organisation.ts"
import type { AgentAnswer } from "../../../src/pipeline/reconcile/answers.ts"
import { AGE_MS, MARGIN_MS } from "../../../src/pipeline/reconcile/compare.ts"
import { SKEW_MS } from "../../../src/pipeline/reconcile/finding.ts"
import { compared, healed, interacting, stated, status, user } from "./agent-answers.ts"
import {
  AGENT,
  ASKED,
  asked,
  CALL,
  call,
  compareAgent,
  event,
  heldBy,
  iso,
  noon,
  QUEUE,
  STATED,
  sent
} from "./support.ts"

describe("what the API says of an agent's sessions", () => {
  const started = call.starts(1_000, AGENT, QUEUE)

  it("[P3] states one that the rows do not have, as it is", () => {
    assert.deepStrictEqual(stated(status([interacting(5_000)])), [["segment", 5_000]])
    assert.deepStrictEqual(stated(status([interacting(undefined)])), [["segment", STATED]])
    const row = healed(status([interacting(5_000)]), "session#s1")
    assert.deepStrictEqual([row.phase, row.conversationId, row.queueId], ["interacting", CALL, QUEUE])
  })

  it("counts it as lost where events of sessions were known to come when it began", () => {
    const answer = status([{ ...interacting(5_000), sessionStart: noon + 4_000 }])
    const counts = (heard?: number) => {
      const { corrected } = compared(answer, [], heard === undefined ? {} : { heard: noon + heard })
      return corrected
    }
    assert.deepStrictEqual(counts(), {})
    assert.deepStrictEqual(counts(4_001), {})
    assert.deepStrictEqual(counts(4_000), { segment: 1 })
  })

  it("states the state of one that the rows have in an older one", () => {
    const alerts = call.segment("ALERT", 1_000, AGENT, QUEUE)
    assert.deepStrictEqual(stated(status([interacting(5_000)]), started, alerts), [["segment", 5_000]])
    assert.deepStrictEqual(stated(status([interacting(1_001)]), started, alerts), [["segment", 1_001]])
    assert.deepStrictEqual(stated(status([interacting(1_000)]), started, alerts), [])
    assert.deepStrictEqual(stated(status([interacting(2_000, "ALERT")]), started, alerts), [], "one change")
    assert.deepStrictEqual(stated(status([interacting(5_000)]), started), [], "it serves, by other events")
    assert.deepStrictEqual(stated(status([interacting(5_000, "WRAPUP")]), started), [["segment", 5_000]])
  })

  it("[P3] closes one that a complete list does not have, and nothing by an incomplete one", () => {
    assert.deepStrictEqual(stated(status([]), started), [["sessionSeen", STATED]])
    assert.deepStrictEqual(stated(status([], false), started), [])
    const row = healed(status([]), "session#s1", started)
    assert.deepStrictEqual([row.phase, row.endedBy, row.endedAt], ["ended", "snapshot", iso(STATED)])
    const { corrected } = compared(status([]), [started])
    assert.deepStrictEqual(corrected, { sessionSeen: 1 })
  })

  it("closes none of which something was heard within a minute before the question", () => {
    const seen = (at: number) => stated(status([]), started, call.segment("INTERACT", at, AGENT, QUEUE))
    assert.deepStrictEqual(seen(ASKED - MARGIN_MS + 1), [])
    assert.deepStrictEqual(seen(ASKED - MARGIN_MS), [["sessionSeen", STATED]])
  })

  it("closes a wrap-up only where the summary counts none", () => {
    const events = [started, call.segment("WRAPUP", 2_000, AGENT, QUEUE)]
    const said = (acw: number) => ({
      ...user({ conversations: [{ media: "call", value: { active: 0, acw } }] }),
      ...status([])
    })
    const closes = (answer: AgentAnswer) => stated(answer, ...events).some(([facet]) => facet === "sessionSeen")
    assert.isFalse(closes(status([])))
    assert.isFalse(closes(said(1)))
    assert.isTrue(closes(said(0)))
    const email = { media: "email", value: { active: 0, acw: 1 } }
    const { user: both } = user({ conversations: [{ media: "call", value: { active: 0, acw: 0 } }, email] })
    assert.isTrue(closes({ ...said(0), ...(both === undefined ? {} : { user: both }) }), "that of another medium")
    const ended = [...events, call.ends(ASKED - MARGIN_MS + 1, AGENT, QUEUE)]
    assert.notDeepInclude(stated(said(0), ...ended), ["sessionSeen", STATED])
  })

  it("[P3] opens one again that a rule has ended, and never one that its own end has", () => {
    const alone = [call.waits(0, QUEUE), started, left(9_000)]
    assert.strictEqual(heldEnd(alone), "customer.end")
    const listed = status([interacting(1_000, "ALERT")])
    assert.deepStrictEqual(stated(listed, ...alone), [
      ["segment", 1_000],
      ["sessionSeen", STATED]
    ])
    assert.strictEqual(healed(listed, "session#s1", ...alone).phase, "alerting")
    const ended = [started, call.ends(2_000, AGENT, QUEUE)]
    assert.deepStrictEqual(stated(status([interacting(5_000)]), ...ended), [])
    assert.deepStrictEqual(stated(status([]), ...ended), [])
    const wrappingUp = [...ended, call.segment("WRAPUP", 2_000, AGENT, QUEUE)]
    assert.deepStrictEqual(stated(status([interacting(5_000)]), ...wrappingUp), [])
  })

  it("opens again one that an earlier snapshot did not list", () => {
    const gone = sent(compared(status([]), [started]).statements)
    const later: AgentAnswer = {
      agentId: AGENT,
      status: { asked: asked + 900_000, said: { complete: true, sessions: [interacting(1_000)] } }
    }
    const { statements, corrected } = compareAgent(later, heldBy(AGENT, [started, ...gone]))
    assert.deepStrictEqual(
      statements.map(({ facet, at }) => [facet, at - asked]),
      [
        [
          { facet: "sessionSeen", userId: AGENT, conversationId: CALL, queueId: QUEUE, sessionId: "s1", value: true },
          900_000 - AGE_MS
        ]
      ]
    )
    assert.deepStrictEqual(corrected, {})
    const { rows } = heldBy(AGENT, [started, ...gone, ...sent(statements)])
    assert.strictEqual(agents.view("session#s1", rows.get("session#s1") ?? new Map()).phase, "interacting")
  })

  it("states no more of one than the API says", () => {
    const facets = (session: AgentSession) => compared(status([session]), []).statements.map(({ facet }) => facet)
    const bare = { facet: "segment", userId: AGENT, sessionId: "s1", value: { state: "INTERACT" } } as const
    assert.deepStrictEqual(facets({ sessionId: "s1", state: "INTERACT" }), [bare])
    const session = { ...interacting(5_000), sessionStart: noon + 4_000, direction: "INBOUND" }
    const { state, conversationId, mediaType, direction, sessionStart } = session
    const value = { state, conversationId, mediaType, direction, sessionStart }
    assert.deepStrictEqual(facets(session), [{ ...bare, queueId: QUEUE, value }] as never)
  })

  it("states the state of one of which no segment was told, unless that is older than its start", () => {
    const said = (since: number | undefined) => stated(status([interacting(since, "WRAPUP")]), started)
    assert.deepStrictEqual(said(undefined), [["segment", STATED]])
    assert.deepStrictEqual(said(1_000 - SKEW_MS), [["segment", 1_000 - SKEW_MS]])
    assert.deepStrictEqual(said(1_000 - SKEW_MS - 1), [])
  })

  it("counts as lost the state of one that events have told of", () => {
    const { corrected } = compared(status([interacting(5_000, "WRAPUP")]), [started])
    assert.deepStrictEqual(corrected, { segment: 1 })
  })

  it("closes a wrap-up of a medium that is not known only where the summary counts none of any", () => {
    const wrapup = event(
      "v2.detail.events.agent.{id}.state",
      AGENT,
      { conversationId: CALL, sessionId: "s2", currentState: "WRAPUP", currentStateStart: noon + 2_000 },
      2_090
    )
    const closes = (...values: ReadonlyArray<Load>) => {
      const conversations = values.map((value, i) => ({ media: `medium ${i}`, value }))
      return stated({ ...user({ conversations }), ...status([]) }, wrapup).some(([facet]) => facet === "sessionSeen")
    }
    for (const [values, wanted] of [
      [[], false],
      [[{}], true],
      [[{ acw: 0 }, { acw: 0, enterpriseAcw: 0 }], true],
      [[{ acw: 0 }, { acw: 1 }], false],
      [[{ acw: 1, enterpriseAcw: 1 }], false],
      [[{ enterpriseAcw: 1 }], false]
    ] as ReadonlyArray<[ReadonlyArray<Load>, boolean]>)
      assert.strictEqual(closes(...values), wanted, JSON.stringify(values))
    assert.deepStrictEqual(
      compared(status([]), [started]).missing.map(({ kind }) => kind),
      ["session"]
    )
  })

  it("opens one again that a rule has ended within a minute only where the API tells of a later change", () => {
    const over = ASKED - MARGIN_MS + 1
    const said = (since: number | undefined) =>
      stated(status([interacting(since)]), call.waits(0, QUEUE), started, left(over))
    assert.deepStrictEqual(said(undefined), [])
    assert.deepStrictEqual(said(1_000), [])
    assert.deepStrictEqual(said(over + SKEW_MS), [])
    assert.deepStrictEqual(said(over + SKEW_MS + 1), [["segment", over + SKEW_MS + 1]])
  })

  it("counts none of those as lost that it opens again", () => {
    const { corrected } = compared(status([interacting(1_000, "ALERT")]), [call.waits(0, QUEUE), started, left(9_000)])
    assert.deepStrictEqual(corrected, { segment: 1 })
  })

  it("never opens one again whose wrap-up was told, or that was terminated", () => {
    const acw = detail("acw", { queueId: QUEUE })
    assert.deepStrictEqual(stated(status([interacting(9_000)]), started, acw), [])
  })

  it("opens one of which only its absence is known, and states one anew of which only its presence is", () => {
    const seen = (value: boolean) =>
      sent([{ facet: { facet: "sessionSeen", userId: AGENT, sessionId: "s1", value }, at: noon + 2_000 }])
    assert.deepStrictEqual(stated(status([interacting(1_000)]), ...seen(false)), [
      ["segment", 1_000],
      ["sessionSeen", STATED]
    ])
    assert.deepStrictEqual(stated(status([interacting(1_000)]), ...seen(true)), [["segment", 1_000]])
  })
})

const detail = (topic: string, more: object) =>
  event(
    `v2.detail.events.conversation.{id}.${topic}`,
    CALL,
    { eventTime: noon + 3_000, sessionId: "s1", mediaType: "VOICE", userId: AGENT, ...more },
    3_080
  )

function left(at: number) {
  return event(
    "v2.detail.events.conversation.{id}.customer.end",
    CALL,
    { eventTime: noon + at, sessionId: "k1", mediaType: "VOICE" },
    at
  )
}

function heldEnd(events: ReadonlyArray<Event>) {
  const { rows } = heldBy(AGENT, events)
  return agents.view("session#s1", rows.get("session#s1") ?? new Map()).endedBy
}
