import { assert, describe, it } from "@effect/vitest"
import { queues } from "../../projections/queues.ts"
import { AGENT, event, fold, iso, noon, QUEUE } from "./support.ts"

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

describe("the members of a queue", () => {
  const member = (...events: Parameters<typeof fold>[1][]) => fold(queues, ...events).view(QUEUE, `member#${AGENT}`)

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

  it("one who left is a tombstone", () => {
    assert.isTrue(fold(queues, joined(false, 0)).closed(QUEUE, `member#${AGENT}`))
    assert.isFalse(fold(queues, joined(true, 0)).closed(QUEUE, `member#${AGENT}`))
  })
})

describe("the sessions of a queue", () => {
  it("[P3] wait from acd.start to acd.end, in any order", () => {
    const [start, end] = [detail("acd.start", "a1", 0), detail("acd.end", "a1", 900, { acdOutcome: "ABANDON" })]
    assert.deepStrictEqual(fold(queues, start).view(QUEUE, "session#a1"), {
      sessionId: "a1",
      waiting: true,
      since: iso(0),
      conversationId: "c1",
      mediaType: "VOICE"
    })
    for (const events of [
      [start, end],
      [end, start]
    ]) {
      const folded = fold(queues, ...events)
      assert.include(folded.view(QUEUE, "session#a1"), { waiting: false, waitingEndedAt: iso(900) })
      assert.isTrue(folded.closed(QUEUE, "session#a1"))
    }
  })

  it("interact from user.start to user.end, with who serves", () => {
    const start = detail("user.start", "u1", 0, { userId: AGENT })
    assert.include(fold(queues, start).view(QUEUE, "session#u1"), { interacting: true, userId: AGENT, since: iso(0) })
    assert.include(fold(queues, start, detail("user.end", "u1", 5, { userId: AGENT })).view(QUEUE, "session#u1"), {
      interacting: false
    })
  })

  it("without a queue belong to none", () => {
    assert.deepStrictEqual(fold(queues, detail("acd.start", "a1", 0, { queueId: null })).keys(), [])
  })
})

describe("the counts of a queue", () => {
  it("come from its sets: duplicates count once, a lost start is no minus one", () => {
    const waiting = [detail("acd.start", "a1", 100), detail("acd.start", "a2", 50, { mediaType: "CHAT" })]
    const folded = fold(
      queues,
      ...waiting,
      ...waiting,
      detail("acd.end", "a3", 60),
      detail("user.start", "u1", 70, { userId: AGENT }),
      joined(true, 0)
    )
    assert.deepStrictEqual(folded.summary(QUEUE), {
      members: 1,
      waiting: 2,
      waitingByMedia: { CHAT: 1, VOICE: 1 },
      interacting: 1,
      interactingByMedia: { VOICE: 1 },
      oldestWaitingSince: iso(50)
    })
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
    const folded = fold(
      queues,
      observe(
        [
          { metric: "oWaiting", stats: { count: 3 } },
          { metric: "oAlerting", stats: { count: 1 } }
        ],
        0
      ),
      observe([{ metric: "oWaiting", stats: { count: 2 } }], 1_000)
    )
    assert.deepStrictEqual(folded.view(QUEUE, "observation#voice#oWaiting"), {
      media: "voice",
      metric: "oWaiting",
      stats: { count: 2 },
      at: iso(1_000)
    })
    assert.include(folded.view(QUEUE, "observation#voice#oAlerting"), { at: iso(0) })
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
    assert.deepStrictEqual(
      fold(queues, observe([{ metric: "oWaiting", stats: { count: 3 } }], 0), small).view(
        QUEUE,
        "observation#voice#oWaiting"
      ),
      {
        media: "voice",
        metric: "oWaiting",
        stats: { count: 7, calculatedMetricValue: 12 },
        at: iso(2_000)
      }
    )
  })

  it("by qualifier and without a medium have rows of their own, and never touch the summary", () => {
    const folded = fold(
      queues,
      event("v2.analytics.queues.{id}.observations", QUEUE, {
        group: { queueId: QUEUE },
        data: [{ metrics: [{ metric: "oUserRoutingStatuses", qualifier: "IDLE", stats: { count: 4 } }] }]
      })
    )
    assert.deepStrictEqual(folded.keys(), [`${QUEUE} observation#all#oUserRoutingStatuses#IDLE`])
    assert.isFalse(queues.summary?.reads("observation#all#oUserRoutingStatuses#IDLE"))
  })
})
