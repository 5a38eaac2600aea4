import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { presumedOfAgents } from "../../projections/presumed.ts"
import { queues } from "../../projections/queues.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { call, callOf, presence, SECOND } from "./call.ts"
import { AGENT, event, iso, QUEUE, registersOf } from "./support.ts"

const TEN_MINUTES = 600
const OTHER = "another-queue"
const row = "session#s"

const media = ["call", "callback", "email", "message", "chat", "video"]
/** A summary that says how many conversations there are in each of some media. */
const summary = (at: number, counts: Readonly<Record<string, number>>) =>
  event(
    "v2.users.{id}.conversationsummary",
    AGENT,
    Object.fromEntries(
      Object.entries(counts).map(([medium, active]) => [medium, { contactCenter: { active, acw: 0 } }])
    ),
    at * SECOND
  )
const idle = (at: number, ...of: ReadonlyArray<string>) =>
  summary(at, Object.fromEntries(of.map((medium) => [medium, 0])))

const own = (...events: ReadonlyArray<Event>) => given([agents, conversations], ...events).row(AGENT, row)
const inQueue = (queueId: string, ...events: ReadonlyArray<Event>) =>
  given([queues, agents, conversations], ...events).row(queueId, row)

const goesOn = { phase: "interacting" }
const byPresence = { phase: "ended", endedBy: "presence" }
const bySummary = { phase: "ended", endedBy: "conversationsummary" }

describe("a session that a summary shows to be over", () => {
  it("[P4] is of the medium in which the summary counts no conversation", () => {
    const names = {
      VOICE: "call",
      CALLBACK: "callback",
      EMAIL: "email",
      MESSAGE: "message",
      CHAT: "chat",
      VIDEO: "video"
    }
    for (const [mediaType, medium] of Object.entries(names)) {
      const starts = callOf(mediaType).starts("s", 10)
      own(starts, idle(100, medium)).has(bySummary)
      own(starts, idle(100, ...media.filter((other) => other !== medium))).has(goesOn)
    }
    own(callOf("COBROWSE").starts("s", 10), idle(100, ...media, "cobrowse")).has(goesOn)
    const nameless = callOf("UNKNOWN").starts("s", 10)
    own(nameless, call.segment("INTERACT", "s", 12), idle(100, "call")).has(bySummary)
    own(callOf(null).segment("INTERACT", "s", 12), idle(100, "call")).has(goesOn)
    own(call.segment("INTERACT", "s", 12), idle(100, "call")).has(bySummary)
  })

  it("[P4] of a medium that is not known ended before the first of the last summaries of all media", () => {
    const starts = callOf(null).starts("s", 50)
    const others = media.filter((medium) => medium !== "email")
    own(starts, idle(100, ...others), idle(40, "email")).has(goesOn)
    own(starts, idle(40, ...others), idle(100, "email")).has(goesOn)
    own(starts, idle(90, ...others), idle(100, "email")).has(bySummary)
  })

  it("[P4] was last seen more than a moment before the summary, for that may have been made before", () => {
    own(call.starts("s", 10), idle(15, "call")).has(goesOn)
    own(call.starts("s", 10), idle(15.001, "call")).has(bySummary)
    const seen = [call.starts("s", 10), call.segment("HOLD", "s", 60)]
    own(...seen, idle(65, "call")).has(goesOn)
    own(...seen, idle(65.001, "call")).has(bySummary)
    const answered = [call.waits("a", 5), call.starts("s", 10), call.answered("a", 60)]
    own(...answered, idle(65, "call")).has(goesOn)
    own(...answered, idle(65.001, "call")).has(bySummary)
  })

  it("[P4] counts conversations that are not of a queue as well, and wrap-up", () => {
    const reports = (counts: object) =>
      event("v2.users.{id}.conversationsummary", AGENT, { call: counts }, 100 * SECOND)
    const zero = { active: 0, acw: 0 }
    const starts = call.starts("s", 10)
    own(starts, reports({ contactCenter: zero, enterprise: zero })).has(bySummary)
    for (const some of [
      { active: 1, acw: 0 },
      { active: 0, acw: 1 }
    ]) {
      own(starts, reports({ contactCenter: some, enterprise: zero })).has(goesOn)
      own(starts, reports({ contactCenter: zero, enterprise: some })).has(goesOn)
    }
    own(starts, reports({ enterprise: zero })).has(goesOn)
  })

  it("[P4] is over in every queue that it ever named", () => {
    const moved = [
      call.starts("s", 10),
      call.segment("INTERACT", "s", 20, AGENT, { queueId: OTHER }),
      idle(100, "call")
    ]
    for (const queueId of [QUEUE, OTHER]) inQueue(queueId, ...moved).has(bySummary)
  })
})

describe("a session of an agent who has logged off", () => {
  const talks = call.starts("s", 10)

  it("[P4] is over where the agent logged off after it was last seen, and is not back within ten minutes", () => {
    own(talks, presence("OFFLINE", 10)).has(goesOn)
    own(talks, presence("OFFLINE", 10.001)).has(byPresence)
    own(talks, presence("OFFLINE", 100), presence("BREAK", 100 + TEN_MINUTES)).has(goesOn)
    own(talks, presence("OFFLINE", 100), presence("BREAK", 100.001 + TEN_MINUTES)).has(byPresence)
    for (const before of [50, 100]) own(talks, presence("OFFLINE", 100), presence("BREAK", before)).has(byPresence)
    inQueue(QUEUE, talks, presence("OFFLINE", 100)).has(byPresence)
  })

  it("[P4] goes on where all that is left of the agent's return is an event that repeats it, or a later presence", () => {
    own(talks, presence("OFFLINE", 100), presence("BREAK", 220, 9_000)).has(goesOn)
    own(talks, presence("OFFLINE", 100), presence("BREAK", 220), presence("MEAL", 9_000)).has(byPresence)
  })

  it("[P4] ends for that reason in every order, though a summary counts no conversation either", () => {
    const rings = [call.waits("a", 5), call.starts("s", 10), call.segment("ALERT", "s", 10)]
    own(...rings, presence("OFFLINE", 20), idle(60, "call")).has(byPresence)
    own(talks, presence("OFFLINE", 20), idle(60, "call")).has(bySummary)
  })

  it("[P4] is not told from one whose agent an audit shows to be back: it may have been logged minutes later", () => {
    const audit = event(
      "v2.audits.entitytype.{id}.entityid.{id}",
      ["UserPresence", AGENT],
      { eventTime: iso(700 * SECOND), propertyChanges: [{ property: "PRESENCE", newValues: ["Meal"] }] },
      700 * SECOND
    )
    own(talks, presence("OFFLINE", 100), audit).has(byPresence)
  })
})

describe("what is presumed of a session", () => {
  const presumed = (...events: ReadonlyArray<Event>) =>
    registersOf([agents, conversations], AGENT, row, ...events)?.get("~presumed")

  it("[P9] is nothing while it goes on, where an event ended it, and where nothing but its wrap-up was seen", () => {
    for (const end of [call.ends("s", 90), call.segment("TERMINATED", "s", 90)])
      assert.isUndefined(presumed(call.starts("s", 10), end, idle(100, "call"), presence("OFFLINE", 100)))
    assert.isUndefined(presumed(call.starts("s", 10), idle(5, "call"), presence("OFFLINE", 5)))
    assert.isUndefined(presumed(call.notes("s", 90), idle(100, "call"), presence("OFFLINE", 100)))
  })

  it("[P9] stays as it is when later summaries say the same", () => {
    const begun = call.starts("s", 10)
    const first = presumed(begun, idle(100, "call"))
    assert.deepInclude(first, { value: { endedBy: "conversationsummary" } })
    assert.deepStrictEqual(presumed(begun, idle(100, "call"), idle(200, "call")), first)
  })

  it("[P9] is looked up again only where something says more than before", () => {
    const sessionRows = { rows: ["state", row], open: false }
    const all = { rows: ["state"], open: true }
    const cases = [
      ["a session", call.starts("s", 10), sessionRows],
      ["a log-off", presence("OFFLINE", 10), all],
      ["a return", presence("BREAK", 10), all],
      [
        "a return without a time",
        event("v2.users.{id}.presence", AGENT, { presenceDefinition: { id: "p", systemPresence: "MEAL" } }),
        all
      ],
      ["a return that is told minutes later", presence("BREAK", 10, 9 + TEN_MINUTES), all],
      ["a presence that is repeated", presence("BREAK", 10, 10 + TEN_MINUTES), undefined],
      ["a summary without a conversation", idle(10, "call"), all],
      ["a summary with one", summary(10, { call: 1 }), undefined],
      ["a station", event("v2.users.{id}.station", AGENT, { associatedStation: null }), undefined]
    ] as const
    assert.deepStrictEqual(
      presumedOfAgents.reads([
        [row, "start"],
        [row, "segment"],
        ["state", "station"]
      ]),
      sessionRows
    )
    assert.isUndefined(presumedOfAgents.reads([["state", "presence"]]))
    assert.isUndefined(presumedOfAgents.reads([["member#a", "back"]]))
    for (const [what, one, expected] of cases) {
      const updated = agents.deltas(one).map(({ row, register }) => [row, register] as const)
      assert.deepStrictEqual(presumedOfAgents.reads(updated), expected, what)
    }
  })
})
