import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { members } from "../../projections/membership.ts"
import { queues } from "../../projections/queues.ts"
import { mergeRow, STATE_ROW } from "../../src/domain/projection.ts"
import { emptyRow, type Row } from "../../src/domain/row.ts"
import type { Event } from "../../src/genesys/event.ts"
import { call, presence, SECOND } from "./call.ts"
import { AGENT, event, iso, noon, QUEUE, registersOf } from "./support.ts"

const OTHER_QUEUE = "another-queue"
const ofAgents = [agents, conversations] as const
const ofQueues = [queues, agents, conversations] as const

const audit = (entityType: string, id: string, at: number, change: object, action = "Update") =>
  event(
    "v2.audits.entitytype.{id}.entityid.{id}",
    [entityType, id],
    { action, eventTime: iso(at * SECOND), propertyChanges: [change] },
    at * SECOND
  )
const summary = (active: number, at: number) =>
  event("v2.users.{id}.conversationsummary", AGENT, { call: { contactCenter: { active, acw: 0 } } }, at * SECOND)
const list = (ids: ReadonlyArray<string>, at: number, changed?: number) =>
  event(
    "v2.users.{id}.activity",
    AGENT,
    { activeQueueIds: ids, ...(changed === undefined ? {} : { dateActiveQueuesChanged: iso(changed * SECOND) }) },
    at * SECOND
  )
const state = (...events: ReadonlyArray<Event>) => registersOf(ofAgents, AGENT, STATE_ROW, ...events) ?? emptyRow
const names = (row: Row | undefined) => [...(row?.keys() ?? [])].sort()

/** A merge of the updates that one event makes of the row `state` of an agent, as one batch. */
const merged = (held: Row, of: Event): Row =>
  mergeRow(
    agents,
    STATE_ROW,
    held,
    agents.deltas(of).map(({ register, value, clock = of.published, afterMs = 0 }) => {
      const stamp = { clock: clock + afterMs, published: of.published, eventId: of.id }
      return [register, { value, stamp }] as const
    })
  )

describe("the registers of rows that are deployed", () => {
  it("keep their names: a row that holds another one forgets what it knew", () => {
    const agent = [
      event("v2.users.{id}.activity", AGENT, {
        presence: { presenceDefinition: { systemPresence: "MEAL" }, modifiedDate: iso(20 * SECOND) },
        routingStatus: { status: "IDLE" },
        outOfOffice: { active: false }
      }),
      event("v2.users.{id}.station", AGENT, { associatedStation: null }),
      event("v2.users.{id}.persistentconnection", AGENT, { persistentState: "FAILED" }),
      event("v2.users.{id}.integrationpresence", AGENT, {
        eventType: "UserPrimaryPresenceSourceChanged",
        currentDisplaySourceId: "teams"
      }),
      audit("User", AGENT, 0, {}, "Activate"),
      ...[summary(0, 10), summary(1, 20), list([QUEUE], 10), list([OTHER_QUEUE], 20)],
      ...[presence("OFFLINE", 10), presence("BREAK", 15), presence("OFFLINE", 16), presence("MEAL", 20)]
    ]
    assert.deepStrictEqual(names(state(...agent)), [
      "@loggedOff",
      "activeQueues",
      "conversations.call",
      "idle.call",
      `listed.${QUEUE}`,
      "outOfOffice",
      "persistentConnection",
      "presence",
      "presenceSource",
      "routingStatus",
      "station",
      "userState"
    ])
    const session = [call.waits("a", 5), call.starts("s", 10), call.segment("ALERT", "s", 11), call.notes("s", 90)]
    const ends = [call.ends("s", 80), call.segment("TERMINATED", "s", 81)]
    const row = "session#s"
    assert.deepStrictEqual(names(registersOf(ofAgents, AGENT, row, ...session, ...ends)), [
      "end",
      `segment ${QUEUE}`,
      `start ${QUEUE}`,
      "terminated",
      "wrapup"
    ])
    assert.deepStrictEqual(names(registersOf(ofQueues, QUEUE, row, ...session, ...ends)), [
      "end",
      "segment",
      "start",
      "terminated",
      "wrapup"
    ])
    const nothing = [registersOf(ofAgents, AGENT, row, ...ends), registersOf(ofQueues, QUEUE, row, ...ends)]
    for (const held of nothing) assert.isNull(held?.get("end")?.value)
    assert.isNull(registersOf(ofQueues, QUEUE, "session#a", call.answered("a", 14))?.get("acdEnd")?.value)
    const lost = [...session.slice(0, 3), presence("OFFLINE", 100), call.leaves("k", 60)]
    assert.deepStrictEqual(names(registersOf(ofAgents, AGENT, row, ...lost)).slice(-2), ["~connection c1", "~presumed"])
    assert.deepStrictEqual(names(registersOf(ofQueues, QUEUE, row, ...lost)).slice(-2), [
      "~connection c1",
      `~presumed ${AGENT}`
    ])
    const wait = [call.waits("a", 5), call.answered("a", 14), call.leaves("k", 60)]
    assert.deepStrictEqual(names(registersOf(ofQueues, QUEUE, "session#a", ...wait)), ["acd", "acdEnd"])
    const joined = event("v2.routing.queues.{id}.users", QUEUE, { id: AGENT, joined: false })
    assert.deepStrictEqual(names(registersOf(ofQueues, QUEUE, `member#${AGENT}`, joined, list([QUEUE], 10))), [
      "joined",
      "~listed"
    ])
    const observed = event("v2.analytics.queues.{id}.observations", QUEUE, {
      group: { mediaType: "voice" },
      data: [{ metrics: [{ metric: "oWaiting", stats: { count: 3 } }] }]
    })
    assert.deepStrictEqual(names(registersOf(ofQueues, QUEUE, "observation#voice", observed)), ["stats.oWaiting"])
  })

  it("of a conversation are named after what happened, and whom it names", () => {
    const of = (id: string, ...events: ReadonlyArray<Event>) =>
      names(registersOf([conversations], "c1", `session#${id}`, ...events))
    const both = `["${AGENT}","${QUEUE}"]`
    assert.deepStrictEqual(of("k", call.joins("k", 0), call.leaves("k", 60)), [
      "@customerGone",
      "customer",
      "customerEnd"
    ])
    assert.deepStrictEqual(of("a", call.waits("a", 5), call.answered("a", 14)), [
      `acd [null,"${QUEUE}"]`,
      `acdEnd [null,"${QUEUE}"]`
    ])
    const session = [call.starts("s", 10), call.segment("INTERACT", "s", 12), call.ends("s", 90)]
    assert.deepStrictEqual(of("s", ...session, call.segment("TERMINATED", "s", 91)), [
      `connected ${both}`,
      `terminated ${both}`,
      `user ${both}`,
      `userEnd ${both}`
    ])
    assert.deepStrictEqual(of("s", call.starts("s", 10, { queueId: null })), [`user ["${AGENT}",null]`])
    assert.deepStrictEqual(of("s", call.ends("s", 10, { userId: null, queueId: null })), ["userEnd"])
    assert.deepStrictEqual(of("s", call.starts("s", 10), call.leaves("k", 60)), [`user ${both}`, "~over"])
  })

  it("that say that something was so once are the same, whichever event said it", () => {
    const once = { value: null, stamp: { clock: 0, published: 0, eventId: "" } }
    const lists = [list([QUEUE], 0), list([QUEUE], 10), list([OTHER_QUEUE], 20)]
    for (const events of [lists, lists.toReversed(), lists.slice(1)])
      assert.deepStrictEqual(state(...events).get(`listed.${QUEUE}`), once)
    const back = { ...once, stamp: { ...once.stamp, clock: noon + 15 * SECOND } }
    const returned = [presence("BREAK", 15), presence("OFFLINE", 20)]
    for (const events of [returned, returned.toReversed(), [presence("BREAK", 15, 9_000), ...returned]])
      assert.deepStrictEqual(state(...events).get("back"), back)
  })

  it("of a list say since when it holds, for whoever asks why", () => {
    const verdict = (...events: ReadonlyArray<Event>) =>
      registersOf(ofQueues, QUEUE, `member#${AGENT}`, ...events)?.get("~listed")
    const stamp = (seconds: number) => ({
      clock: noon + seconds * SECOND,
      published: noon + seconds * SECOND,
      eventId: "v2.users.{id}.activity"
    })
    const left = event("v2.routing.queues.{id}.users", QUEUE, { id: AGENT, joined: false }, 2 * SECOND)
    assert.deepStrictEqual(verdict(list([QUEUE], 60, 30)), {
      value: { joined: true, since: noon + 30 * SECOND },
      stamp: stamp(30)
    })
    assert.deepStrictEqual(verdict(left, list([QUEUE], 60, 30))?.stamp, stamp(30))
    assert.deepStrictEqual(verdict(left, list([QUEUE], 60)), { value: { joined: true }, stamp: stamp(2) })
    assert.deepStrictEqual(verdict(list([QUEUE], 60))?.stamp.clock, 0)
  })
})

describe("what the row of an agent remembers", () => {
  it("[P9] stands beside what hides it, and nowhere else", () => {
    const loads = [summary(0, 10), summary(1, 20), summary(0, 30)]
    assert.deepStrictEqual(names(state(...loads.slice(0, 1))), ["conversations.call"])
    assert.deepStrictEqual(names(state(...loads.slice(0, 2))), ["conversations.call", "idle.call"])
    assert.deepStrictEqual(names(state(...loads)), ["conversations.call"])
    const [break_, offline] = [presence("BREAK", 15), presence("OFFLINE", 20)]
    assert.deepStrictEqual(names(state(break_)), ["presence"])
    assert.deepStrictEqual(names(state(break_, offline)), ["@loggedOff", "back", "presence"])
    assert.deepStrictEqual(names(state(break_, offline, presence("MEAL", 30))), ["@loggedOff", "presence"])
    const audited = audit("UserPresence", AGENT, 10, { property: "PRESENCE", newValues: ["Meal"] })
    assert.deepStrictEqual(names(state(audited)), ["presence"])
    assert.deepStrictEqual(names(state(audited, presence("OFFLINE", 10 - 300))), ["@loggedOff", "presence"])
  })

  it("[P9] is the same row, and no write, where an event says nothing new", () => {
    const events = [presence("BREAK", 15), summary(0, 10), list([QUEUE], 10), list([OTHER_QUEUE], 20), list([], 5)]
    const held = events.reduce(merged, emptyRow)
    for (const one of events) assert.strictEqual(merged(held, one), held)
    for (const news of [presence("MEAL", 30), summary(1, 30), list([QUEUE], 30)])
      assert.notStrictEqual(merged(held, news), held)
    const returned = merged(held, presence("OFFLINE", 20))
    for (const one of [...events, presence("MEAL", 14, 9_000)]) assert.strictEqual(merged(returned, one), returned)
    const again = merged(returned, presence("MEAL", 30))
    assert.deepStrictEqual(names(again).includes("back"), false)
  })

  it("[P3] holds what half of an event said, until the other half comes", () => {
    const [whole, half] = agents.deltas(summary(0, 10))
    assert.deepStrictEqual([whole?.register, half?.register], ["conversations.call", "idle.call"])
    const stamp = (at: number) => ({ clock: at, published: at, eventId: `e${at}` })
    const held = mergeRow(agents, STATE_ROW, emptyRow, [
      ["conversations.call", { value: { active: 0, acw: 0 }, stamp: stamp(1) }],
      ["idle.call", { value: null, stamp: stamp(2) }]
    ])
    assert.deepStrictEqual(names(held), ["conversations.call", "idle.call"])
    const listed = new Map([[STATE_ROW, new Map([[`listed.${QUEUE}`, { value: null, stamp: stamp(1) }]])]])
    assert.deepStrictEqual(members.rows(AGENT, listed), [])
    assert.deepStrictEqual(members.rows(AGENT, new Map()), [])
  })
})

describe("the list of an agent's queues", () => {
  it("[P9] is read where it was updated, or a member whom it may be about, and not else", () => {
    const needed = { rows: [STATE_ROW], open: false }
    assert.deepStrictEqual(members.reads([]), needed)
    assert.deepStrictEqual(
      members.reads([
        ["session#s", "start"],
        [STATE_ROW, "activeQueues"]
      ]),
      needed
    )
    for (const [row, register] of [
      [STATE_ROW, "presence"],
      ["session#s", "activeQueues"]
    ] as const)
      assert.isUndefined(members.reads([[row, register]]))
    assert.strictEqual(members.sourceOf?.(`member#${AGENT}`), AGENT)
    assert.isUndefined(members.sourceOf?.("session#s"))
  })
})
