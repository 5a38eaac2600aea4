import { assert, describe, it } from "@effect/vitest"
import type { Event, Load } from "../../../src/genesys/event.ts"
import type { AgentAnswer } from "../../../src/pipeline/reconcile/answers.ts"
import { MARGIN_MS, TOLD_MS } from "../../../src/pipeline/reconcile/compare.ts"
import { compared, healed, interacting, presence, stated, station, status, summary, user } from "./agent-answers.ts"
import { AGENT, ASKED, asked, call, compareAgent, event, heldBy, iso, noon, QUEUE, STATED, sent } from "./support.ts"

const onBreak = { value: { systemPresence: "BREAK", definitionId: "p" } }

const counting = (value: Load): AgentAnswer => user({ conversations: [{ media: "call", value }] })
const audit = (action: string, at: number) =>
  event(
    "v2.audits.entitytype.{id}.entityid.{id}",
    ["User", AGENT],
    { action, entityType: "User", eventTime: iso(at) },
    at
  )

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
    const deleted = audit("Delete", 0)
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

  it("takes what has no time for the same where it says the same, however much of it is told", () => {
    const onBreakAs = (definition: object) => user({ presence: { value: { systemPresence: "BREAK", ...definition } } })
    const status = event(
      "v2.users.{id}.routingStatus",
      AGENT,
      { routingStatus: { status: "IDLE", startTime: iso(0) } },
      0
    )
    const away = event("v2.users.{id}.outofoffice", AGENT, { active: true }, 0)
    for (const [answer, told, wanted] of [
      [onBreakAs({}), presence("BREAK", 0), undefined],
      [onBreakAs({ definitionId: "p" }), presence("BREAK", 0), undefined],
      [onBreakAs({ definitionId: "q" }), presence("BREAK", 0), "presence"],
      [user({ routingStatus: { value: "IDLE" } }), status, undefined],
      [user({ routingStatus: { value: "COMMUNICATING" } }), status, "routingStatus"],
      [user({ outOfOffice: true }), away, undefined],
      [user({ outOfOffice: false }), away, "outOfOffice"],
      [counting({ active: 1, acw: 0, enterpriseActive: 0, enterpriseAcw: 0 }), summary(1, 0, 0), undefined],
      [counting({ active: 1, acw: 0, enterpriseActive: 1 }), summary(1, 0, 0), "conversations"]
    ] as const)
      assert.deepStrictEqual(
        stated(answer, told),
        wanted === undefined ? [] : [[wanted, STATED]],
        JSON.stringify(answer)
      )
  })

  it("takes a user for active who has declared a presence since an audit told something else", () => {
    const active = user({ state: "active", presence: { ...onBreak, since: noon + 5_000 } })
    assert.deepStrictEqual(stated(active, audit("Delete", 0)), [["presence", 5_000]])
    assert.deepStrictEqual(stated(active, audit("Delete", 6_000)), [
      ["presence", 5_000],
      ["userState", STATED]
    ])
    assert.deepStrictEqual(stated(user({ state: "active" }), audit("Delete", ASKED - MARGIN_MS + 1)), [])
  })

  it("counts no zero as lost that was told, and counts what was told otherwise", () => {
    const open = call.starts(1_000, AGENT, QUEUE)
    const lost = (answer: AgentAnswer, ...events: ReadonlyArray<Event>) => {
      const { statements, corrected } = compared(answer, events)
      return [statements.length, corrected]
    }
    const none = counting({ active: 0, acw: 0 })
    assert.deepStrictEqual(lost(none, summary(0, 0, 1_000), open), [1, {}])
    assert.deepStrictEqual(lost(none, summary(0, 0, 1_001), open), [0, {}])
    assert.deepStrictEqual(lost(none, summary(1, 0, 0), open), [1, { conversations: 1 }])
    assert.deepStrictEqual(lost(counting({ active: 1, acw: 0 }), summary(1, 0, 0), open), [0, {}])
  })

  it("knows of so many sessions that are open, where the list of them is complete", () => {
    const known = (answer: AgentAnswer, ...events: ReadonlyArray<Event>) =>
      compared(answer, [presence("BREAK", 0), ...events]).known
    const open = call.starts(1_000, AGENT, QUEUE)
    assert.deepStrictEqual(known(status([]), open), { session: 1 })
    assert.deepStrictEqual(known(status([]), open, call.ends(2_000, AGENT, QUEUE)), { session: 0 })
    assert.deepStrictEqual(known(status([], false), open), {})
    assert.deepStrictEqual(known(user({}), open), {})
  })
})
