import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../../projections/agents.ts"
import type { Columns } from "../../../src/domain/projection.ts"
import type { Event } from "../../../src/genesys/event.ts"
import type { AgentSession } from "../../../src/genesys-api/organisation.ts"
import type { AgentAnswer, SaidOfSessions, SaidOfUser } from "../../../src/pipeline/reconcile/answers.ts"
import { AGE_MS, MARGIN_MS, TOLD_MS } from "../../../src/pipeline/reconcile/compare.ts"
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

const user = (said: Partial<SaidOfUser>): AgentAnswer => ({
  agentId: AGENT,
  user: { asked, said: { conversations: [], ...said } }
})
const status = (sessions: ReadonlyArray<AgentSession>, complete = true): AgentAnswer => ({
  agentId: AGENT,
  status: { asked, said: { complete, sessions } satisfies SaidOfSessions }
})
const interacting = (since: number | undefined, state = "INTERACT"): AgentSession => ({
  sessionId: "s1",
  state,
  conversationId: CALL,
  queueId: QUEUE,
  mediaType: "VOICE",
  ...(since === undefined ? {} : { since: noon + since })
})

const presence = (systemPresence: string, at: number) =>
  event(
    "v2.users.{id}.presence",
    AGENT,
    { presenceDefinition: { id: "p", systemPresence }, primary: true, modifiedDate: iso(at) },
    at
  )
const station = (id: string, at: number) => event("v2.users.{id}.station", AGENT, { associatedStation: { id } }, at)
const summary = (active: number, acw: number, at: number) =>
  event(
    "v2.users.{id}.conversationsummary",
    AGENT,
    { call: { contactCenter: { active, acw }, enterprise: { active: 0, acw: 0 } } },
    at
  )

const compared = (answer: AgentAnswer, events: ReadonlyArray<Event>, when: Parameters<typeof heldBy>[2] = {}) =>
  compareAgent(answer, heldBy(AGENT, events, when))
const stated = (answer: AgentAnswer, ...events: ReadonlyArray<Event>) =>
  compared(answer, events).statements.map(({ facet, at }) => [facet.facet, at - noon])
/** The agent's rows after what was stated has come in as well. */
const healed = (answer: AgentAnswer, row: string, ...events: ReadonlyArray<Event>): Columns => {
  const { rows } = heldBy(AGENT, [...events, ...sent(compared(answer, events).statements)])
  return agents.view(row, rows.get(row) ?? new Map())
}

const onBreak = { value: { systemPresence: "BREAK", definitionId: "p" } }

describe("a time that the API says to come", () => {
  const YEAR = 365 * 86_400_000

  it("is none: what differs is stated as of the request, once", () => {
    const said = user({ presence: { ...onBreak, since: asked + YEAR } })
    const before = presence("AVAILABLE", 1_000)
    assert.deepStrictEqual(stated(said, before), [["presence", STATED]])
    const statements = sent(compared(said, [before]).statements)
    assert.deepStrictEqual(stated(said, before, ...statements), [])
  })

  it("is none of a session either", () => {
    const said = status([{ ...interacting(ASKED + YEAR), sessionStart: asked + YEAR }])
    assert.deepStrictEqual(stated(said), [["segment", STATED]])
    const statements = sent(compared(said, []).statements)
    assert.deepStrictEqual(stated(said, ...statements), [])
  })

  it("is one where the clocks of the two are less than a minute apart", () => {
    const said = user({ presence: { ...onBreak, since: asked + 30_000 } })
    assert.deepStrictEqual(stated(said, presence("AVAILABLE", 1_000)), [["presence", ASKED + 30_000]])
  })
})

describe("what the API says of an agent", () => {
  it("states all of it where nothing is known, and corrects nothing by that", () => {
    const all = user({
      state: "active",
      presence: { ...onBreak, since: noon + 1 },
      routingStatus: { value: "OFF_QUEUE", since: noon + 2 },
      outOfOffice: false,
      station: null,
      conversations: [
        { media: "call", value: { active: 1, acw: 0 } },
        { media: "email", value: { active: 0, acw: 0 } }
      ]
    })
    assert.deepStrictEqual(stated(all), [
      ["presence", 1],
      ["routingStatus", 2],
      ["outOfOffice", STATED],
      ["station", STATED],
      ["conversations", STATED]
    ])
    const { corrected, early } = compared(all, [])
    assert.deepStrictEqual([corrected, early], [{}, {}])
    assert.deepStrictEqual(compared(user({}), []).statements, [], "what is not told is not stated")
  })

  it("[P4] states a facet with a clock where it is later than the row's, and never where it is older", () => {
    const said = (since: number) => user({ presence: { ...onBreak, since: noon + since } })
    assert.deepStrictEqual(stated(said(5_000), presence("AVAILABLE", 4_999)), [["presence", 5_000]])
    assert.deepStrictEqual(stated(said(5_000), presence("AVAILABLE", 5_000)), [])
    assert.deepStrictEqual(stated(said(5_000), presence("AVAILABLE", 5_001)), [])
    // Left and came back, and both were lost.
    assert.deepStrictEqual(stated(said(9_000), presence("BREAK", 5_000)), [["presence", 9_000]])
    assert.deepStrictEqual(stated(said(6_000), presence("BREAK", 5_000)), [], "one change, as two sources put it")
  })

  it("states a facet without a clock where it says something else than a row that has stood for a while", () => {
    const at = (id: string) => user({ station: { id } })
    assert.deepStrictEqual(stated(at("desk"), station("other", 0)), [["station", STATED]])
    assert.deepStrictEqual(stated(at("desk"), station("desk", 0)), [])
    assert.deepStrictEqual(stated(user({ station: null }), station("desk", 0)), [["station", STATED]])
    assert.deepStrictEqual(stated(at("desk"), station("other", ASKED - MARGIN_MS + 1)), [])
    assert.deepStrictEqual(stated(at("desk"), station("other", ASKED - MARGIN_MS)), [["station", STATED]])
  })

  it("counts as corrected what events should have told by the time the rows were read, and the rest as early", () => {
    const answer = user({ presence: { ...onBreak, since: noon + 300_000 }, station: { id: "desk" } })
    const events = [presence("AVAILABLE", 0), station("other", 0)]
    const counts = (read: number) => {
      const { corrected, early } = compared(answer, events, { read })
      return [corrected, early]
    }
    assert.deepStrictEqual(counts(asked), [{ presence: 1 }, { station: 1 }])
    assert.deepStrictEqual(counts(asked + TOLD_MS), [{ presence: 1, station: 1 }, {}])
    assert.deepStrictEqual(counts(noon + 300_000 + TOLD_MS - 1), [{}, { presence: 1, station: 1 }])
  })

  it("does not count as lost what no event has ever told, but a snapshot", () => {
    const first = sent(compared(user({ station: { id: "desk" } }), []).statements)
    const later = { agentId: AGENT, user: { asked: asked + 900_000, said: { conversations: [], station: null } } }
    const { statements, corrected, early } = compareAgent(later, heldBy(AGENT, first, { read: asked + 1_800_000 }))
    assert.lengthOf(statements, 1)
    assert.deepStrictEqual([corrected, early], [{}, {}])
  })

  it("says that a user is gone, or back, where audits told something else", () => {
    const deleted = event(
      "v2.audits.entitytype.{id}.entityid.{id}",
      ["User", AGENT],
      { action: "Delete", entityType: "User", eventTime: iso(0) },
      0
    )
    assert.deepStrictEqual(stated(user({ state: "active" })), [])
    assert.deepStrictEqual(stated(user({ state: "inactive" })), [["userState", STATED]])
    assert.deepStrictEqual(stated(user({ state: "deleted" }), deleted), [])
    assert.strictEqual(healed(user({ state: "active" }), "state", deleted).userState, "active")
  })

  it("states counts that differ, and zeros again only where they may end a session that no list tells of", () => {
    const said = (active: number) => user({ conversations: [{ media: "call", value: { active, acw: 0 } }] })
    assert.deepStrictEqual(stated(said(1), summary(1, 0, 0)), [])
    assert.deepStrictEqual(stated(said(0), summary(1, 0, 0)), [["conversations", STATED]])
    assert.deepStrictEqual(stated(said(0), summary(0, 0, 0)), [])
    const open = call.starts(1_000, AGENT, QUEUE)
    assert.deepStrictEqual(stated(said(0), summary(0, 0, 0), open), [["conversations", STATED]])
    assert.deepStrictEqual(healed(said(0), "session#s1", summary(0, 0, 0), open).endedBy, "conversationsummary")
    const mails = event(
      "v2.users.{id}.conversationsummary",
      AGENT,
      { email: { contactCenter: { active: 0, acw: 0 } } },
      0
    )
    const noMails = user({ conversations: [{ media: "email", value: { active: 0, acw: 0 } }] })
    assert.deepStrictEqual(stated(noMails, mails, open), [], "of another medium")
    const alerts = [call.waits(0, QUEUE), open, summary(0, 0, 20_000)]
    assert.deepStrictEqual(stated(said(0), ...alerts), [], "told since then")
    const listed = { ...said(0), ...status([interacting(1_000)]) }
    assert.deepStrictEqual(stated(listed, summary(0, 0, 0), open), [])
  })
})

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
    const left = event(
      "v2.detail.events.conversation.{id}.customer.end",
      CALL,
      { eventTime: noon + 9_000, sessionId: "k1", mediaType: "VOICE" },
      9_000
    )
    const alone = [call.waits(0, QUEUE), started, left]
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
})

function heldEnd(events: ReadonlyArray<Event>) {
  const { rows } = heldBy(AGENT, events)
  return agents.view("session#s1", rows.get("session#s1") ?? new Map()).endedBy
}
