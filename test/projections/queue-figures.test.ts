import { assert, describe, it } from "@effect/vitest"
import { figuresOf, serviceLevelRule } from "../../projections/queue-figures.ts"
import { queues } from "../../projections/queues.ts"
import type { Columns } from "../../src/domain/projection.ts"

const START = "2026-05-06T12:00:00.000Z"
const at = (ms: number) => new Date(Date.parse(START) + ms).toISOString()
const QUARTER = 900_000

const wait = (more: Columns = {}): Columns => ({ participant: "acd", interval: START, ...more })
const ended = (outcome: string, waitMs?: number, more: Columns = {}): Columns =>
  wait({ outcome, endedAt: at(60_000), ...(waitMs === undefined ? {} : { waitMs }), ...more })
const session = (more: Columns = {}): Columns => ({ participant: "user", interval: START, endedAt: at(1), ...more })

describe("the waits of a queue", () => {
  it("are offered where they began in the interval, also by the length that an end tells", () => {
    const offered = (row: Columns) => figuresOf([row]).offered
    assert.strictEqual(offered(wait({ offeredAt: at(0) })), 1)
    assert.strictEqual(offered(wait()), 0)
    const told = (endedMs: number, waitMs: Columns[string]) => offered(wait({ endedAt: at(endedMs), waitMs }))
    assert.strictEqual(told(1_000, 1_000), 1)
    assert.strictEqual(told(1_000, 1_001), 0)
    assert.strictEqual(told(QUARTER + 5, 6), 1)
    assert.strictEqual(told(QUARTER + 5, 5), 0)
    assert.strictEqual(told(1_000, "1000"), 0)
    assert.strictEqual(offered(wait({ waitMs: 0 })), 0)
  })

  it("are as long as their end says, or from their beginning to their end", () => {
    const longest = (row: Columns) => figuresOf([row]).longestWaitMs
    assert.strictEqual(longest(ended("ANSWERED", 1)), 1)
    assert.strictEqual(longest(ended("ANSWERED", -5)), 0)
    assert.strictEqual(longest(ended("ANSWERED", undefined, { offeredAt: at(10_000) })), 50_000)
    assert.isUndefined(longest(ended("ANSWERED")))
    assert.isUndefined(longest(wait({ offeredAt: at(10_000) })))
    assert.deepInclude(figuresOf([wait({ offeredAt: at(10_000) })]), { offered: 1, otherEnds: 0 })
    assert.isUndefined(longest(wait({ outcome: "ANSWERED", offeredAt: at(10_000) })))
    const all = [ended("ANSWERED", 3), ended("ABANDON", 9), ended("FLOW_OUT", 7), ended("ANSWERED")]
    assert.strictEqual(figuresOf(all).longestWaitMs, 9)
  })

  it("are answered in time, and abandoned soon, at the second that is said", () => {
    const rule = { ...serviceLevelRule, answerSeconds: 20, shortAbandonSeconds: 10 }
    const rows = [20_000, 20_001].map((ms) => ended("ANSWERED", ms))
    const left = [9_999, 10_000].map((ms) => ended("ABANDON", ms))
    assert.deepInclude(figuresOf([...rows, ...left, ended("ABANDON"), ended("answered")], rule), {
      answered: 3,
      answeredInTime: 1,
      abandoned: 3,
      shortAbandoned: 1,
      averageSpeedOfAnswerMs: 20_001
    })
  })

  it("meet their target where they reach it", () => {
    const level = (target: number) =>
      figuresOf([ended("ANSWERED", 1), ended("ANSWERED", 99_000)], { ...serviceLevelRule, target })
    assert.deepInclude(level(0.5), { serviceLevel: 0.5, targetMet: true })
    assert.deepInclude(level(0.51), { serviceLevel: 0.5, targetMet: false })
    assert.deepInclude(level(0.49), { targetMet: true })
    assert.strictEqual(serviceLevelRule.target, 0.8)
  })

  it("end otherwise where nobody says how, unless somebody answered", () => {
    assert.deepInclude(figuresOf([ended("VOICEMAIL"), ended("x", 1, { answeredBy: "a" })]), {
      otherEnds: 1,
      answered: 1
    })
  })
})

describe("the sessions of a queue's agents", () => {
  it("are handled where the agent was connected, and take what dialling, talk, hold and after-call work take", () => {
    const parts = { dialingMs: 1, contactingMs: 20, interactingMs: 300, heldMs: 4_000, wrapupMs: 50_000 }
    assert.deepInclude(figuresOf([session(parts)]), {
      ...{ handled: 1, averageHandleMs: 54_321, talkMs: 300, heldMs: 4_000, wrapupMs: 50_000 }
    })
    assert.strictEqual(figuresOf([session(parts), session({ interactingMs: 1 })]).averageHandleMs, 27_161)
    assert.deepInclude(figuresOf([session({ heldMs: 1 })]), { handled: 1 })
    assert.deepInclude(figuresOf([session({ dialingMs: 9 })]), { handled: 0 })
    assert.notProperty(figuresOf([session({ dialingMs: 9 })]), "averageHandleMs")
    // After-call work is told before the end of its session is.
    assert.deepInclude(figuresOf([{ participant: "user", interval: START, wrapupMs: 7, interactingMs: 9 }]), {
      ...{ handled: 0, wrapupMs: 7, talkMs: 0 }
    })
  })

  it.each(["TRANSFER", "CONSULT_TRANSFER", "CONFERENCE_TRANSFER", "FORWARD_TRANSFER"])(
    "hand the customer on by a %s",
    (disconnectType) => {
      assert.strictEqual(figuresOf([session({ interactingMs: 1, disconnectType })]).transferred, 1)
      assert.strictEqual(figuresOf([session({ disconnectType })]).transferred, 0)
      assert.strictEqual(figuresOf([session({ interactingMs: 1, disconnectType: "PEER" })]).transferred, 0)
    }
  )

  it("are not answered where they only rang, and the customer did not leave", () => {
    assert.strictEqual(figuresOf([session({ alertingMs: 1 })]).notAnswered, 1)
    for (const row of [
      session({ alertingMs: 1, disconnectType: "PEER" }),
      session({ alertingMs: 1, interactingMs: 1 }),
      session(),
      { participant: "user", interval: START, alertingMs: 1 }
    ])
      assert.strictEqual(figuresOf([row]).notAnswered, 0)
  })

  it("and its waits are counted apart, and are revised where one of them was late", () => {
    const waiting = { outcome: "ANSWERED", interactingMs: 5, alertingMs: 5 }
    assert.deepInclude(figuresOf([ended("ANSWERED", 1, waiting)]), { answered: 1, handled: 0, revised: false })
    assert.deepInclude(figuresOf([session({ ...waiting, offeredAt: at(0) })]), { answered: 0, offered: 0, handled: 1 })
    assert.isTrue(figuresOf([session(), ended("ABANDON", 1, { late: true })]).revised)
  })
})

describe("a queue's summary from parts", () => {
  const { of, join } = queues.summary as Required<NonNullable<typeof queues.summary>>
  const open = (row: string, columns: Columns) => ({ row, columns })

  it("is that of all of their rows", () => {
    const rows = [
      open("member#1", { joined: true }),
      open("member#2", { joined: true }),
      open("session#1", { phase: "waiting", mediaType: "VOICE", since: at(2) }),
      open("session#2", { phase: "waiting", mediaType: "VOICE", since: at(1) }),
      open("session#3", { phase: "waiting", mediaType: "CHAT", since: at(3) }),
      open("session#4", { phase: "interacting", mediaType: "CHAT", since: at(0) })
    ]
    const whole = of(rows, {})
    assert.deepInclude(whole, { members: 2, waiting: 3, interacting: 1, oldestWaitingSince: at(1) })
    for (let cut = 0; cut <= rows.length; cut++) {
      const parts = [of(rows.slice(0, cut), {}), of(rows.slice(cut), {})]
      assert.deepStrictEqual(join(parts, {}), whole)
      assert.deepStrictEqual(join(parts.toReversed(), {}), whole)
    }
  })

  it("says nothing of members as long as there were none, and none once there were", () => {
    const waiting = of([open("session#1", { phase: "waiting", mediaType: "VOICE", since: at(2) })], {})
    assert.notProperty(join([waiting, waiting], {}), "members")
    assert.strictEqual(join([waiting], { members: 3 }).members, 0)
    assert.strictEqual(join([waiting, { ...waiting, members: 2 }], {}).members, 2)
    assert.notProperty(join([of([], {})], {}), "oldestWaitingSince")
  })
})
