import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { AGENT, event, iso, noon, QUEUE } from "./support.ts"

const all = [queues, agents, conversations] as const

const joined = (value: unknown, at: number, metadata = {}) =>
  event(
    "v2.routing.queues.{id}.users",
    QUEUE,
    { id: AGENT, user: { id: AGENT }, queueId: QUEUE, joined: value },
    at,
    metadata
  )
const audit = (action: string, at: number) =>
  event(
    "v2.audits.entitytype.{id}.entityid.{id}",
    ["Queue", QUEUE],
    {
      action,
      entityType: "Queue",
      eventTime: iso(at),
      propertyChanges: [{ property: "members", [action === "MemberRemove" ? "oldValues" : "newValues"]: [AGENT] }]
    },
    at + 200
  )
const detail = (topic: string, sessionId: string, at: number, more = {}) =>
  event(
    `v2.detail.events.conversation.{id}.${topic}`,
    "c1",
    {
      eventTime: noon + at,
      sessionId,
      queueId: QUEUE,
      mediaType: "VOICE",
      ...more
    },
    at
  )

describe("a queue", () => {
  it("is told of no session that is in none", () => {
    const nowhere = { queueId: undefined, userId: AGENT }
    for (const topic of ["acd.start", "acd.end", "user.start", "user.end", "acw"])
      assert.deepStrictEqual(queues.deltas(detail(topic, "s1", 0, nowhere)), [], topic)
  })
})

describe("the members of a queue", () => {
  const memberRow = (...events: ReadonlyArray<Event>) => given(all, ...events).row(QUEUE, `member#${AGENT}`)
  const member = (...events: ReadonlyArray<Event>) => memberRow(...events).columns()

  it("[P4] are joined or not by the later event", () => {
    assert.deepStrictEqual(member(joined(true, 10), joined(false, 0)), { userId: AGENT, joined: true, since: iso(10) })
    assert.include(member(joined(true, 10), joined(false, 20)), { joined: false })
  })

  it("leave by a remove action in the metadata, and by the audit of a removal", () => {
    assert.include(member(joined(true, 0), joined(true, 10, { action: "REMOVE" })), { joined: false })
    assert.include(member(joined(true, 0), audit("MemberRemove", 5_000)), { joined: false })
    assert.include(member(audit("MemberRemove", 5_000), joined(true, 6_000)), { joined: true })
    assert.include(member(audit("MemberAdd", 5_000)), { joined: true, since: iso(5_000) })
  })

  it("[P4] count by the publication of an audit that does not say when", () => {
    const timeless = event("v2.audits.entitytype.{id}.entityid.{id}", ["Queue", QUEUE], {
      action: "MemberAdd",
      propertyChanges: [{ property: "members", newValues: [AGENT] }]
    })
    assert.deepStrictEqual(member(timeless), { userId: AGENT, joined: true, since: iso(0) })
  })

  it("one who left is a tombstone", () => {
    memberRow(joined(false, 0)).isClosed()
    memberRow(joined(true, 0)).isOpen()
  })
})

describe("the sessions of a queue", () => {
  it("[P3] wait from acd.start to acd.end, in any order", () => {
    const [start, end] = [detail("acd.start", "a1", 0), detail("acd.end", "a1", 900, { acdOutcome: "ABANDON" })]
    given(all, start)
      .row(QUEUE, "session#a1")
      .is({
        sessionId: "a1",
        phase: "waiting",
        since: iso(0),
        conversationId: "c1",
        mediaType: "VOICE"
      })
    const row = given(all, start, end).row(QUEUE, "session#a1")
    row.has({ phase: "ended", endedAt: iso(900), endedBy: "acd.end" })
    row.isClosed()
    given(all, end)
      .row(QUEUE, "session#a1")
      .is({ sessionId: "a1", phase: "ended", endedAt: iso(900), endedBy: "acd.end" })
  })

  it("interact from user.start to user.end, with who serves", () => {
    const start = detail("user.start", "u1", 0, { userId: AGENT })
    const end = detail("user.end", "u1", 5, { userId: AGENT })
    given(all, start)
      .row(QUEUE, "session#u1")
      .has({ phase: "interacting", userId: AGENT, since: iso(0) })
    given(all, start, end).row(QUEUE, "session#u1").has({ phase: "ended", endedBy: "user.end" })
  })

  it("without a queue belong to none", () => {
    assert.deepStrictEqual(given(all, detail("acd.start", "a1", 0, { queueId: null })).rows(), [])
  })
})

describe("the counts of a queue", () => {
  it("come from its sets: duplicates count once, a lost start is no minus one", () => {
    const waiting = [detail("acd.start", "a1", 100), detail("acd.start", "a2", 50, { mediaType: "CHAT" })]
    const counted = given(
      all,
      ...waiting,
      ...waiting,
      detail("acd.end", "a3", 60),
      detail("user.start", "u1", 70, { userId: AGENT }),
      joined(true, 0)
    )
    counted.row(QUEUE).is({
      members: 1,
      waiting: 2,
      waitingByMedia: { CHAT: 1, VOICE: 1 },
      alerting: 1,
      alertingByMedia: { VOICE: 1 },
      interacting: 0,
      interactingByMedia: {},
      monitoring: 0,
      monitoringByMedia: {},
      wrapup: 0,
      wrapupByMedia: {},
      oldestWaitingSince: iso(50)
    })
    assert.deepStrictEqual(Object.keys(counted.row(QUEUE).columns()?.waitingByMedia ?? {}), ["CHAT", "VOICE"])
  })

  it("count what names no medium as unknown, and no members where none was ever reported", () => {
    const counts = given(all, detail("acd.start", "a1", 0, { mediaType: null })).row(QUEUE)
    counts.has({ waiting: 1, waitingByMedia: { UNKNOWN: 1 }, oldestWaitingSince: iso(0) })
    assert.notProperty(counts.columns(), "members")
  })

  it("keep that members were reported, once the row of the last one is deleted", () => {
    const { of: summarise } = queues.summary ?? {}
    assert.notProperty(summarise?.([], {}), "members")
    assert.include(summarise?.([], { members: 1 }), { members: 0 })
    given(all, joined(false, 0)).row(QUEUE).has({ members: 0 })
  })
})

describe("observations", () => {
  const observe = (metrics: ReadonlyArray<object>, at: number, interval = `${iso(at)}/${iso(at)}`) =>
    event(
      "v2.analytics.queues.{id}.observations",
      QUEUE,
      {
        group: { queueId: QUEUE, mediaType: "voice" },
        data: [{ interval, metrics }]
      },
      at + 250
    )

  it("[P4] are kept metric by metric, and a metric that is not reported stays", () => {
    const observed = given(
      all,
      observe(
        [
          { metric: "oWaiting", stats: { count: 3 } },
          { metric: "oAlerting", stats: { count: 1 } }
        ],
        0
      ),
      observe([{ metric: "oWaiting", stats: { count: 2 } }], 1_000)
    )
    observed.row(QUEUE, "observation#voice").is({
      media: "voice",
      metrics: { oAlerting: { stats: { count: 1 }, at: iso(0) }, oWaiting: { stats: { count: 2 }, at: iso(1_000) } }
    })
  })

  it("of the smaller topic feed the same rows, by publication", () => {
    const small = event(
      "v2.analytics.queues.{id}.activity",
      QUEUE,
      {
        results: [{ mediaType: "voice", data: [{ metric: "oWaiting", count: 7, calculatedMetricValue: 12 }] }]
      },
      2_000
    )
    const large = observe([{ metric: "oWaiting", stats: { count: 3 } }], 0)
    given(all, large, small)
      .row(QUEUE, "observation#voice")
      .is({ media: "voice", metrics: { oWaiting: { stats: { count: 7, calculatedMetricValue: 12 }, at: iso(2_000) } } })
  })

  it("[P9] that one event reports are one row, and so are the qualifiers of a metric", () => {
    const metrics = ["oWaiting", "oAlerting", "oInteracting"].map((metric) => ({ metric, stats: { count: 1 } }))
    const statuses = ["IDLE", "INTERACTING"].map((qualifier) => ({
      metric: "oUserRoutingStatuses",
      qualifier,
      stats: { count: 1 }
    }))
    assert.deepStrictEqual(given(all, observe([...metrics, ...statuses], 0)).rows(), [
      [QUEUE, "observation#voice"],
      [QUEUE, "observation#voice#oUserRoutingStatuses"]
    ])
  })

  it("by qualifier and without a medium have rows of their own, and never touch the summary", () => {
    const observed = given(
      all,
      event("v2.analytics.queues.{id}.observations", QUEUE, {
        group: { queueId: QUEUE },
        data: [{ metrics: [{ metric: "oUserRoutingStatuses", qualifier: "IDLE", stats: { count: 4 } }] }]
      })
    )
    assert.deepStrictEqual(observed.rows(), [[QUEUE, "observation#all#oUserRoutingStatuses"]])
    observed.row(QUEUE, "observation#all#oUserRoutingStatuses").is({
      media: "all",
      metric: "oUserRoutingStatuses",
      qualifiers: { IDLE: { stats: { count: 4 }, at: iso(0) } }
    })
    assert.isFalse(queues.summary?.reads("observation#all#oUserRoutingStatuses"))
  })
})
