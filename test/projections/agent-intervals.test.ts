import { assert, describe, it } from "@effect/vitest"
import { agentFiguresOf, spansOf } from "../../projections/agent-figures.ts"
import { agentIntervals } from "../../projections/agent-intervals.ts"
import type { Columns } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { projectionLaws } from "../../src/testing/index.ts"
import { seeds } from "../support/seeds.ts"
import { AGENT, event, fold, iso, noon, QUEUE, registersOf } from "./support.ts"

const MINUTE = 60_000
const WEEK = 7 * 24 * 60 * MINUTE
const CALL = "4e7a19c3-2d85-4b60-9f1c-8a3b5d7e0f26"
const [FIRST, NEXT] = ["2026-05-06T12:00Z", "2026-05-06T12:15Z"]

const presence = (systemPresence: string, since: number | undefined, published = since ?? 0) =>
  event(
    "v2.users.{id}.presence",
    AGENT,
    { presenceDefinition: { systemPresence }, ...(since === undefined ? {} : { modifiedDate: iso(since) }) },
    published
  )

/** Both facets, each since its own time. */
const activity = (
  published: number,
  [word, since]: readonly [string, number],
  [status, start]: readonly [string, number]
) =>
  event(
    "v2.users.{id}.activity",
    AGENT,
    {
      presence: { presenceDefinition: { systemPresence: word }, modifiedDate: iso(since) },
      routingStatus: { status, startTime: iso(start) }
    },
    published
  )

const ended = (at: number, fields: object, sessionId = "s1") =>
  event(
    "v2.detail.events.conversation.{id}.user.end",
    CALL,
    { eventTime: noon + at, sessionId, userId: AGENT, queueId: QUEUE, mediaType: "VOICE", ...fields },
    at
  )

const talked = { alertingDurationMs: 2_000, interactingDurationMs: MINUTE, heldDurationMs: 5_000 }

const rowsOf = (events: ReadonlyArray<Event>): ReadonlyArray<Columns> => {
  const folded = fold(agentIntervals, ...events)
  return folded.keys().map((key) => {
    const [entity = "", row = ""] = key.split(" ")
    return folded.view(entity, row) as Columns
  })
}

const figures = (events: ReadonlyArray<Event>, from: number, to: number) => {
  const rows = rowsOf(events)
  const inside = rows.filter(({ interval }) => {
    const at = Date.parse(String(interval)) - noon
    return at >= from && at < to
  })
  return agentFiguresOf(inside, spansOf(rows, noon + from, noon + to), noon + from, noon + to)
}

projectionLaws([agentIntervals], { describe, it, runs: Math.max(...seeds(6)) })

describe("a change of an agent's state", () => {
  it("[P3] stands once in the interval of its own clock, however many events tell it", () => {
    const told = activity(16 * MINUTE, ["ON_QUEUE", MINUTE], ["IDLE", 16 * MINUTE])
    const repeated = activity(20 * MINUTE, ["ON_QUEUE", MINUTE], ["INTERACTING", 20 * MINUTE])
    assert.deepStrictEqual(rowsOf([presence("ON_QUEUE", MINUTE), told, repeated]), [
      { interval: iso(0), presence: { [iso(MINUTE)]: "ON_QUEUE" } },
      {
        interval: iso(15 * MINUTE),
        routingStatus: { [iso(16 * MINUTE)]: "IDLE", [iso(20 * MINUTE)]: "INTERACTING" }
      }
    ])
    assert.deepStrictEqual(
      registersOf([agentIntervals], AGENT, FIRST, presence("ON_QUEUE", MINUTE)),
      registersOf([agentIntervals], AGENT, FIRST, told, presence("ON_QUEUE", MINUTE), repeated)
    )
  })

  it("[P4] whose own event was lost counts from its own time when another event repeats it", () => {
    const begun = [presence("AVAILABLE", 0), activity(0, ["AVAILABLE", 0], ["OFF_QUEUE", 0])]
    const late = activity(40 * MINUTE, ["BREAK", 10 * MINUTE], ["OFF_QUEUE", 0])
    assert.deepStrictEqual(figures(begun, 0, 30 * MINUTE).presenceMs, { AVAILABLE: 30 * MINUTE })
    assert.deepStrictEqual(figures([...begun, late], 0, 30 * MINUTE).presenceMs, {
      AVAILABLE: 10 * MINUTE,
      BREAK: 20 * MINUTE
    })
    const snapshot = event("snapshot.agents.{id}", AGENT, { presence: { systemPresence: "MEAL" } }, 20 * MINUTE)
    assert.deepStrictEqual(figures([...begun, snapshot], 0, 30 * MINUTE).presenceMs, {
      AVAILABLE: 20 * MINUTE,
      MEAL: 10 * MINUTE
    })
  })

  it("is not believed from an event that repeats it after more than a week, whose row may have been deleted", () => {
    assert.lengthOf(rowsOf([activity(WEEK, ["OFFLINE", 0], ["OFF_QUEUE", 0])]), 1)
    assert.lengthOf(rowsOf([activity(WEEK + 1, ["OFFLINE", 0], ["OFF_QUEUE", 0])]), 0)
  })

  it("is not taken from an audit, which tells when it was logged", () => {
    const audit = event(
      "v2.audits.entitytype.{id}.entityid.{id}",
      ["UserPresence", AGENT],
      {
        entityType: "UserPresence",
        action: "Update",
        eventTime: iso(5 * MINUTE),
        propertyChanges: [{ property: "PRESENCE", oldValues: ["Away"], newValues: ["Break"] }]
      },
      5 * MINUTE
    )
    assert.isAbove(audit.facets.length, 0)
    assert.lengthOf(agentIntervals.deltas(audit), 0)
  })

  it("that an event does not date counts from its publication, or from where another event dates it", () => {
    const undated = presence("BUSY", undefined, 2 * MINUTE)
    assert.deepStrictEqual(figures([undated], 0, 10 * MINUTE).presenceMs, { BUSY: 8 * MINUTE })
    const dated = activity(2 * MINUTE, ["BUSY", MINUTE], ["OFF_QUEUE", 0])
    for (const events of [
      [undated, dated],
      [dated, undated]
    ])
      assert.deepStrictEqual(figures(events, 0, 10 * MINUTE).presenceMs, { BUSY: 9 * MINUTE })
  })

  it("with a clock ahead of its arrival begins no interval that has not begun", () => {
    assert.deepStrictEqual(rowsOf([presence("AWAY", 16 * MINUTE, 14 * MINUTE)]), [
      { interval: iso(0), presence: { [iso(14 * MINUTE)]: "AWAY" } }
    ])
  })

  it("[P3] at the instant of another leaves the same in any order", () => {
    const both = [presence("AWAY", MINUTE, 2 * MINUTE), presence("BREAK", MINUTE, 3 * MINUTE)]
    const [one, other] = [rowsOf(both), rowsOf(both.toReversed())]
    assert.deepStrictEqual(one, other)
    assert.deepStrictEqual(one[0]?.presence, { [iso(MINUTE)]: "BREAK" })
  })

  it("[P3] is a register by its time in the interval and its word, with no event's stamp", () => {
    const registers = registersOf([agentIntervals], AGENT, NEXT, presence("BREAK", 16 * MINUTE, 17 * MINUTE))
    assert.deepStrictEqual(
      [...(registers ?? [])],
      [["presence 60000 BREAK", { value: null, stamp: { clock: noon + 16 * MINUTE, published: 0, eventId: "" } }]]
    )
  })

  it("keeps any word that Genesys may add", () => {
    assert.deepStrictEqual(
      figures([presence("__proto__", 0)], 0, MINUTE).presenceMs,
      JSON.parse(`{"__proto__":${MINUTE}}`)
    )
    assert.deepStrictEqual(rowsOf([presence("on the moon", 0)])[0]?.presence, { [iso(0)]: "on the moon" })
  })
})

describe("the time in a state", () => {
  const day = [
    activity(-60 * MINUTE, ["ON_QUEUE", -60 * MINUTE], ["IDLE", -60 * MINUTE]),
    activity(5 * MINUTE, ["ON_QUEUE", -60 * MINUTE], ["INTERACTING", 5 * MINUTE]),
    activity(20 * MINUTE, ["BREAK", 20 * MINUTE], ["INTERACTING", 5 * MINUTE]),
    activity(25 * MINUTE, ["BREAK", 20 * MINUTE], ["OFF_QUEUE", 25 * MINUTE])
  ]

  it("runs from one change to the next, over the boundaries of intervals, and until the end that is asked for", () => {
    assert.deepInclude(figures(day, 0, 30 * MINUTE), {
      presenceMs: { ON_QUEUE: 20 * MINUTE, BREAK: 10 * MINUTE },
      routingStatusMs: { IDLE: 5 * MINUTE, INTERACTING: 20 * MINUTE, OFF_QUEUE: 5 * MINUTE },
      stateMs: { "On Queue": 5 * MINUTE, Interacting: 20 * MINUTE, Break: 5 * MINUTE }
    })
    assert.deepStrictEqual(figures(day, 10 * MINUTE, 10 * MINUTE).stateMs, {})
  })

  it("is of two halves what it is of the whole", () => {
    const [whole, first, second] = [
      figures(day, 0, 40 * MINUTE),
      figures(day, 0, 22 * MINUTE),
      figures(day, 22 * MINUTE, 40 * MINUTE)
    ]
    for (const [state, time] of Object.entries(whole.stateMs))
      assert.strictEqual((first.stateMs[state] ?? 0) + (second.stateMs[state] ?? 0), time)
  })

  it("is unknown before the first change of either facet", () => {
    assert.deepStrictEqual(figures([presence("ON_QUEUE", 5 * MINUTE)], 0, 10 * MINUTE), {
      ...{ presenceMs: { ON_QUEUE: 5 * MINUTE }, routingStatusMs: {}, stateMs: { Unknown: 10 * MINUTE } },
      ...{ handled: 0, notAnswered: 0, transferred: 0, talkMs: 0, heldMs: 0 }
    })
  })
})

describe("an agent's session that ends", () => {
  it("[P4] counts in the interval of its end, with a queue and without", () => {
    const rows = rowsOf([
      ended(MINUTE, talked),
      ended(2 * MINUTE, { ...talked, disconnectType: "TRANSFER" }, "s2"),
      ended(16 * MINUTE, { ...talked, queueId: undefined }, "s3"),
      ended(17 * MINUTE, { alertingDurationMs: 9_000, disconnectType: "NO_ANSWER_TRANSFER" }, "s4")
    ])
    assert.deepStrictEqual(rows, [
      { interval: iso(0), handled: 2, transferred: 1, talkMs: 2 * MINUTE, heldMs: 10_000 },
      { interval: iso(15 * MINUTE), handled: 1, notAnswered: 1, talkMs: MINUTE, heldMs: 5_000 }
    ])
  })

  it("writes nothing where the customer left while it alerted, nor for a session of nobody", () => {
    assert.deepStrictEqual(rowsOf([ended(MINUTE, { ...talked, userId: undefined })]), [])
    assert.deepStrictEqual(rowsOf([ended(MINUTE, { alertingDurationMs: 9_000, disconnectType: "PEER" })]), [])
  })

  it("is not counted with another interval that was asked for", () => {
    const events = [ended(MINUTE, talked), ended(16 * MINUTE, talked, "s2")]
    assert.strictEqual(figures(events, 0, 15 * MINUTE).handled, 1)
    assert.strictEqual(figures(events, 0, 30 * MINUTE).handled, 2)
  })
})

it("rows of intervals are expired from the first on, five weeks later", () => {
  assert.isTrue(agentIntervals.closed(NEXT, new Map()))
  assert.strictEqual(agentIntervals.tombstoneSeconds, 35 * 86_400)
})
