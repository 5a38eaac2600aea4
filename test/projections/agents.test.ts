import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { AGENT, event, iso, noon, QUEUE } from "./support.ts"

const all = [agents, conversations] as const

const activity = (body: object, at = 0) => event("v2.users.{id}.activity", AGENT, { id: AGENT, ...body }, at)
const presence = (systemPresence: string, at: number, more = {}) =>
  event(
    "v2.users.{id}.presence",
    AGENT,
    {
      presenceDefinition: { id: "p", systemPresence },
      primary: true,
      modifiedDate: iso(at),
      ...more
    },
    at
  )
const routing = (status: string, at: number) =>
  event("v2.users.{id}.routingStatus", AGENT, { id: AGENT, routingStatus: { status, startTime: iso(at) } }, at)
const user = (phase: "start" | "end", at: number, more = {}) =>
  event(
    `v2.detail.events.conversation.{id}.user.${phase}`,
    "c1",
    {
      eventTime: noon + at,
      sessionId: "s1",
      userId: AGENT,
      queueId: QUEUE,
      mediaType: "VOICE",
      ...more
    },
    at
  )
const segment = (currentState: string, at: number, sessionStart?: number) =>
  event(
    "v2.detail.events.agent.{id}.state",
    AGENT,
    {
      conversationId: "c1",
      sessionId: "s1",
      currentState,
      currentStateStart: noon + at,
      mediaType: "CHAT",
      queueId: QUEUE,
      ...(sessionStart === undefined ? {} : { sessionStart: noon + sessionStart })
    },
    at
  )

/** In every order in which they can arrive. */
const state = (...events: ReadonlyArray<Event>) =>
  given(all, ...events)
    .row(AGENT)
    .columns()

describe("the state of an agent", () => {
  it("[P4] merges an activity event facet by facet, each by its own clock", () => {
    const older = activity({
      presence: { presenceDefinition: { id: "p1", systemPresence: "ON_QUEUE" }, modifiedDate: iso(-100) },
      routingStatus: { status: "IDLE", startTime: iso(-90) },
      outOfOffice: { active: true, modifiedDate: iso(-10) },
      activeQueueIds: ["b", "a"],
      dateActiveQueuesChanged: iso(-80)
    })
    const newer = activity(
      {
        presence: { presenceDefinition: { id: "p2", systemPresence: "AVAILABLE" }, modifiedDate: iso(-200) },
        routingStatus: { status: "INTERACTING", startTime: iso(500) },
        outOfOffice: { active: false, modifiedDate: iso(-20) },
        activeQueueIds: [],
        dateActiveQueuesChanged: iso(400)
      },
      1_000
    )
    const expected = {
      state: "Interacting",
      since: iso(500),
      presence: "ON_QUEUE",
      presenceSince: iso(-100),
      presenceId: "p1",
      routingStatus: "INTERACTING",
      routingStatusSince: iso(500),
      outOfOffice: true,
      activeQueueIds: []
    }
    assert.deepStrictEqual(state(older, newer), expected)
  })

  it("is unknown until presence and routing status were seen, and a facet never seen is absent", () => {
    assert.deepStrictEqual(state(presence("BREAK", 0)), {
      state: "Unknown",
      presence: "BREAK",
      presenceSince: iso(0),
      presenceId: "p"
    })
    assert.deepStrictEqual(state(routing("IDLE", 0)), {
      state: "Unknown",
      routingStatus: "IDLE",
      routingStatusSince: iso(0)
    })
    assert.strictEqual(state(presence("OFFLINE", 0))?.state, "Offline")
  })

  it("says since when by the facet that decides", () => {
    assert.include(state(presence("ON_QUEUE", 0), routing("NOT_RESPONDING", 50)), {
      state: "Not Responding",
      since: iso(50)
    })
    assert.include(state(presence("BREAK", 100), routing("OFF_QUEUE", 150)), { state: "Break", since: iso(100) })
    assert.include(state(presence("BREAK", 100), routing("INTERACTING", 50)), { state: "Interacting", since: iso(50) })
  })

  it("[P4] takes a presence from an audit only where no direct event states the same change or a later one", () => {
    const audit = event(
      "v2.audits.entitytype.{id}.entityid.{id}",
      ["UserPresence", AGENT],
      {
        entityType: "UserPresence",
        action: "Update",
        eventTime: iso(3_000),
        propertyChanges: [{ property: "PRESENCE", newValues: ["On Queue"] }]
      },
      3_400
    )
    assert.include(state(audit), { presence: "ON_QUEUE", presenceSince: iso(3_000) }, "nobody else stated it")
    assert.include(state(presence("BREAK", 2_000), audit), { presence: "BREAK", presenceSince: iso(2_000) })
    assert.include(state(presence("MEAL", 3_200), audit), { presence: "MEAL" })
    const late = 3_000 - 5 * 60_000
    assert.include(state(presence("MEAL", late + 1), audit), { presence: "MEAL" }, "an audit may be that late")
    assert.include(state(presence("MEAL", late - 1), audit), { presence: "ON_QUEUE" }, "no audit is that late")
  })

  it("takes nothing from an audit that does not say when, and names no definition where none was named", () => {
    const audit = (more: object) =>
      event("v2.audits.entitytype.{id}.entityid.{id}", ["UserPresence", AGENT], {
        action: "Update",
        propertyChanges: [{ property: "PRESENCE", newValues: ["On Queue"] }],
        ...more
      })
    assert.deepStrictEqual(given(all, audit({})).rows(), [])
    assert.notProperty(state(audit({ eventTime: iso(0) })), "presenceId")
  })

  it("[P4] is out of office by what the agent declared, since they did so, save on queue or on a conversation", () => {
    const away = activity({ outOfOffice: { active: true, modifiedDate: iso(30) } })
    assert.include(state(presence("AVAILABLE", 0), routing("OFF_QUEUE", 50), away), {
      state: "Out of Office",
      since: iso(30)
    })
    assert.include(state(presence("ON_QUEUE", 0), routing("IDLE", 50), away), { state: "On Queue" })
    const back = activity({ outOfOffice: { active: false, modifiedDate: iso(30) } })
    assert.include(state(presence("AVAILABLE", 0), routing("OFF_QUEUE", 50), back), { state: "Available" })
  })

  it("ignores a presence that is not the primary one", () => {
    assert.isUndefined(state(presence("BREAK", 0, { primary: false })))
  })

  it("replaces conversation counts medium by medium, and a medium that is not reported stays", () => {
    const load = (body: object, at: number) =>
      event("v2.users.{id}.conversationsummary", AGENT, { userId: AGENT, ...body }, at)
    const first = load(
      { call: { contactCenter: { active: 1, acw: 0 } }, chat: { contactCenter: { active: 2, acw: 1 } } },
      0
    )
    const counts = { contactCenter: { active: 0, acw: 1 } }
    const second = load({ call: counts }, 10)
    assert.deepStrictEqual(state(second, first)?.conversations, {
      call: { active: 0, acw: 1 },
      chat: { active: 2, acw: 1 }
    })
    assert.deepStrictEqual(
      Object.keys(state(load({ chat: counts }, 0), load({ call: counts }, 10))?.conversations ?? {}),
      ["call", "chat"]
    )
  })

  it("knows no station from a station never reported", () => {
    const station = (body: object, at: number) => event("v2.users.{id}.station", AGENT, body, at)
    assert.deepStrictEqual(state(station({ associatedStation: { id: "st", name: "Desk 14" } }, 0))?.station, {
      id: "st",
      name: "Desk 14"
    })
    assert.isNull(state(station({ associatedStation: null }, 0))?.station)
    assert.notProperty(state(presence("MEAL", 0)), "station")
  })

  it("an error instead of a routing status states nothing", () => {
    const error = event("v2.users.{id}.routingStatus", AGENT, { id: AGENT, errorInfo: { errorCode: "x" } })
    assert.deepStrictEqual(given(all, error).rows(), [])
  })
})

describe("the sessions of an agent", () => {
  const row = "session#s1"
  const sessionRow = (...events: ReadonlyArray<Event>) => given(all, ...events).row(AGENT, row)
  const session = (...events: ReadonlyArray<Event>) => sessionRow(...events).columns()

  it("[P3] open and close, whichever comes first", () => {
    const [start, end] = [user("start", 0), user("end", 1_000)]
    sessionRow(start, end).has({ open: false, endedAt: iso(1_000) })
    assert.deepStrictEqual(session(start), {
      sessionId: "s1",
      phase: "interacting",
      open: true,
      since: iso(0),
      conversationId: "c1",
      mediaType: "VOICE",
      queueId: QUEUE
    })
  })

  it("an ended session is a tombstone, an open one is not", () => {
    sessionRow(user("start", 0)).isOpen()
    sessionRow(user("start", 0), user("end", 1)).isClosed()
    given(all, presence("OFFLINE", 0)).row(AGENT).isOpen()
    assert.deepStrictEqual(
      [row, "state"].map((of) => agents.summary?.reads(of)),
      [true, false],
      "the index of what is open holds sessions alone"
    )
  })

  it("shows what goes on in a session, and that it is open where its start was lost", () => {
    assert.deepStrictEqual(session(segment("INTERACT", 500, 100)), {
      sessionId: "s1",
      phase: "interacting",
      open: true,
      conversationId: "c1",
      mediaType: "CHAT",
      queueId: QUEUE,
      since: iso(100),
      connectedSince: iso(500),
      segment: "INTERACT"
    })
    assert.include(session(user("start", 0), segment("HOLD", 500, 0)), {
      mediaType: "VOICE",
      segment: "HOLD",
      since: iso(0)
    })
  })

  it("ends with TERMINATED too, and an older report does not reopen it", () => {
    assert.include(session(user("start", 0), segment("TERMINATED", 900)), { open: false, endedBy: "TERMINATED" })
    assert.include(session(user("end", 900), segment("INTERACT", 100, 0)), { open: false })
  })

  it("keeps the wrap-up of a session that has ended", () => {
    const acw = event("v2.detail.events.conversation.{id}.acw", "c1", {
      eventTime: noon + 2_000,
      sessionId: "s1",
      userId: AGENT,
      wrapupCode: "w",
      wrapupNotes: "secret",
      wrapupDurationMs: 700
    })
    const columns = session(user("start", 0), user("end", 1_000), acw)
    assert.deepStrictEqual(columns?.wrapup, { code: "w", durationMs: 700 })
    assert.notInclude(JSON.stringify(columns), "secret")
  })
})
