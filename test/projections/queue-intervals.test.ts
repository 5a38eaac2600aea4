import { assert, describe, it } from "@effect/vitest"
import { figuresOf, serviceLevelRule } from "../../projections/queue-figures.ts"
import { queueIntervals } from "../../projections/queue-intervals.ts"
import { intervalKey, intervalOf } from "../../src/domain/interval.ts"
import type { Columns } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { projectionLaws } from "../../src/testing/index.ts"
import { seeds } from "../support/seeds.ts"
import { AGENT, event, fold, iso, noon, QUEUE } from "./support.ts"

const CALL = "4e7a19c3-2d85-4b60-9f1c-8a3b5d7e0f26"

const told =
  (topic: string) =>
  (at: number, fields: object = {}, sessionId = "s1"): Event =>
    event(
      `v2.detail.events.conversation.{id}.${topic}`,
      CALL,
      { eventTime: noon + at, sessionId, queueId: QUEUE, mediaType: "VOICE", ...fields },
      at
    )

const acdStart = told("acd.start")
const acdEnd = told("acd.end")
const userEnd = told("user.end")
const acw = told("acw")

const minutes = (count: number) => count * 60_000

/** The figures of each interval that holds something, by minutes after noon. */
const figures = (events: ReadonlyArray<Event>, rule = serviceLevelRule) => {
  const folded = fold(queueIntervals, ...events)
  const rows = folded.keys().map((key) => {
    const [entity = "", row = ""] = key.split(" ")
    return folded.view(entity, row) as Columns
  })
  const starts = [...new Set(rows.map(({ interval }) => String(interval)))].sort()
  return Object.fromEntries(
    starts.map((start) => [
      (Date.parse(start) - noon) / 60_000,
      figuresOf(
        rows.filter(({ interval }) => interval === start),
        rule
      )
    ])
  )
}

projectionLaws([queueIntervals], { describe, it, runs: Math.max(...seeds(6)) })

describe("an interval", () => {
  it("lasts 15 minutes and is named after its beginning", () => {
    assert.strictEqual(intervalOf(noon + minutes(14.99)), noon)
    assert.strictEqual(intervalKey(noon + minutes(15)), "2026-05-06T12:15Z")
  })

  it("[P4] counts each fact where its own clock says that it happened", () => {
    const all = figures([
      acdStart(minutes(14)),
      acdEnd(minutes(16), { acdOutcome: "ANSWERED", answeredUserId: AGENT, connectedDurationMs: minutes(2) }),
      userEnd(minutes(31), { userId: AGENT, interactingDurationMs: minutes(14), heldDurationMs: minutes(1) }, "s2"),
      acw(minutes(46), { wrapupDurationMs: 30_000 }, "s2")
    ])
    assert.deepStrictEqual(
      Object.entries(all).map(([at, { offered, answered, handled, wrapupMs }]) => [
        Number(at),
        { offered, answered, handled, wrapupMs }
      ]),
      [
        [0, { offered: 1, answered: 0, handled: 0, wrapupMs: 0 }],
        [15, { offered: 0, answered: 1, handled: 0, wrapupMs: 0 }],
        [30, { offered: 0, answered: 0, handled: 1, wrapupMs: 0 }],
        [45, { offered: 0, answered: 0, handled: 0, wrapupMs: 30_000 }]
      ]
    )
    assert.strictEqual(all[30]?.averageHandleMs, minutes(15))
    assert.strictEqual(all[15]?.averageSpeedOfAnswerMs, minutes(2))
    assert.isUndefined(all[0]?.averageHandleMs)
    assert.isUndefined(all[0]?.serviceLevel)
  })

  it("counts a wait whose beginning was lost as offered where its length says that it began, and otherwise nowhere", () => {
    const abandoned = { acdOutcome: "ABANDON" }
    const offered = (fields: object) => figures([acdEnd(minutes(16), fields)])[15]?.offered
    assert.strictEqual(offered({ ...abandoned, connectedDurationMs: 60_000 }), 1)
    assert.strictEqual(offered({ ...abandoned, connectedDurationMs: 60_001 }), 0)
    assert.strictEqual(offered(abandoned), 0)
  })

  it("takes the length of a wait from its clocks where the end does not name it", () => {
    const { longestWaitMs, averageSpeedOfAnswerMs } = figures([
      acdStart(0),
      acdEnd(7_000, { acdOutcome: "ANSWERED" })
    ])[0]!
    assert.deepStrictEqual([longestWaitMs, averageSpeedOfAnswerMs], [7_000, 7_000])
  })

  it("says how each wait ended, and by whom it was answered where the outcome is not told", () => {
    const ends = ["ANSWERED", "ABANDON", "FLOW_OUT", "UNKNOWN", "SOMETHING"].map((acdOutcome, at) =>
      acdEnd(at, { acdOutcome }, `s${at}`)
    )
    const silent = [acdEnd(10, { answeredUserId: AGENT }, "s10"), acdEnd(11, {}, "s11")]
    const { answered, abandoned, flowOut, otherEnds } = figures([...ends, ...silent])[0]!
    assert.deepStrictEqual(
      { answered, abandoned, flowOut, otherEnds },
      { answered: 2, abandoned: 1, flowOut: 1, otherEnds: 3 }
    )
  })

  it("tells handled sessions, transfers, and alerts that an agent did not answer from customers who left", () => {
    const served = { interactingDurationMs: 60_000 }
    const alerted = { alertingDurationMs: 9_000 }
    const { handled, transferred, notAnswered } = figures([
      userEnd(1, { ...served, disconnectType: "PEER" }, "s1"),
      userEnd(2, { ...served, disconnectType: "TRANSFER" }, "s2"),
      userEnd(3, { ...served, disconnectType: "CONSULT_TRANSFER" }, "s3"),
      userEnd(4, { ...alerted, disconnectType: "NO_ANSWER_TRANSFER" }, "s4"),
      userEnd(5, { ...alerted, disconnectType: "CLIENT" }, "s5"),
      userEnd(6, { ...alerted, disconnectType: "PEER" }, "s6"),
      userEnd(7, { disconnectType: "CLIENT" }, "s7")
    ])[0]!
    assert.deepStrictEqual({ handled, transferred, notAnswered }, { handled: 3, transferred: 2, notAnswered: 2 })
  })

  it("counts dialling to the time that a session took", () => {
    const dialled = { interactingDurationMs: 10_000, dialingDurationMs: 4_000, contactingDurationMs: 2_000 }
    assert.strictEqual(figures([userEnd(0, dialled)])[0]?.averageHandleMs, 16_000)
  })

  it("counts after-call work once, though two topics tell of it", () => {
    const work = { wrapupDurationMs: 25_000 }
    assert.strictEqual(figures([acw(0, work), told("wrapup")(0, work)])[0]?.wrapupMs, 25_000)
  })

  it("[P5] is marked as revised by what arrives a minute after its end, and by nothing sooner", () => {
    const arrived = (received: number): Event => ({ ...acdStart(minutes(14)), received: noon + received })
    assert.isFalse(figures([arrived(minutes(16) - 1)])[0]?.revised)
    assert.isTrue(figures([arrived(minutes(16))])[0]?.revised)
    // Also beside something that came in time.
    assert.isTrue(
      figures([acdStart(minutes(14)), { ...acdEnd(minutes(14.5)), received: noon + minutes(20) }])[0]?.revised
    )
  })

  it("that has not begun is not begun by a clock that runs ahead", () => {
    const ahead = { ...acdStart(minutes(16)), received: noon + minutes(14) }
    assert.deepStrictEqual(Object.keys(figures([ahead])), ["0"])
  })

  it("holds nothing of sessions without a queue", () => {
    assert.deepStrictEqual(
      figures([userEnd(0, { queueId: undefined, userId: AGENT }), acdEnd(0, { queueId: undefined })]),
      {}
    )
  })
})

describe("the service level", () => {
  const waits = [
    ...[5, 20, 21].map((seconds) =>
      acdEnd(0, { acdOutcome: "ANSWERED", connectedDurationMs: seconds * 1_000 }, `a${seconds}`)
    ),
    ...[9, 10].map((seconds) =>
      acdEnd(0, { acdOutcome: "ABANDON", connectedDurationMs: seconds * 1_000 }, `b${seconds}`)
    ),
    acdEnd(0, { acdOutcome: "FLOW_OUT", connectedDurationMs: 1_000 }, "c")
  ]

  it.each([
    ["abandons, but no short ones", {}, 2 / 4],
    ["short abandons too", { withShortAbandons: true }, 2 / 5],
    ["no abandons", { withAbandons: false }, 2 / 3],
    ["no abandons, whatever is said of short ones", { withAbandons: false, withShortAbandons: true }, 2 / 3],
    ["flow-outs too", { withFlowOuts: true }, 2 / 5],
    ["another time", { answerSeconds: 21 }, 3 / 4],
    ["another limit of short abandons", { shortAbandonSeconds: 11 }, 2 / 3]
  ])("counts %s", (_, rule, level) => {
    const { serviceLevel, abandoned } = figures(waits, { ...serviceLevelRule, ...rule })[0]!
    assert.closeTo(serviceLevel ?? Number.NaN, level, 1e-9)
    assert.strictEqual(abandoned, 2)
  })
})

describe("a row", () => {
  it("says which interval, whose session and which, also where the id has separators", () => {
    const id = "a#agent#b"
    const row = `2026-05-06T12:00Z#wait#${id}`
    assert.deepInclude(fold(queueIntervals, acdStart(5, {}, id)).view(QUEUE, row), {
      interval: iso(0),
      participant: "acd",
      sessionId: id,
      offeredAt: iso(5)
    })
  })

  it("of an agent's session says the same", () => {
    const folded = fold(queueIntervals, userEnd(5, { userId: AGENT, interactingDurationMs: 9 }, "s9"))
    assert.deepStrictEqual(folded.keys(), [`${QUEUE} 2026-05-06T12:00Z#agent#s9`])
    assert.deepInclude(folded.view(QUEUE, "2026-05-06T12:00Z#agent#s9"), {
      ...{ interval: iso(0), participant: "user", sessionId: "s9", userId: AGENT, endedAt: iso(5) }
    })
    assert.notProperty(folded.view(QUEUE, "2026-05-06T12:00Z#agent#s9"), "late")
  })

  it("is none of what happened in no queue", () => {
    const nowhere = { queueId: undefined, userId: AGENT, wrapupDurationMs: 5, interactingDurationMs: 9 }
    for (const event of [acdStart(0, nowhere), acdEnd(0, nowhere), userEnd(0, nowhere), acw(0, nowhere)])
      assert.deepStrictEqual(fold(queueIntervals, event).keys(), [], event.topic)
  })

  it("[P9] expires after five weeks", () => {
    assert.isTrue(queueIntervals.closed("", new Map()))
    assert.strictEqual(queueIntervals.tombstoneSeconds, 35 * 86_400)
  })
})
