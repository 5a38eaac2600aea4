import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  availability,
  effectiveState,
  normalisePresence,
  normaliseRoutingStatus,
  presences,
  routingStatuses
} from "../../src/genesys/presence.ts"

const camel = (value: string) =>
  value
    .split("_")
    .map((word) => word[0] + word.slice(1).toLowerCase())
    .join("")
const display = (value: string) =>
  value
    .split("_")
    .map((word) => word[0] + word.slice(1).toLowerCase())
    .join(" ")
const spellings = (value: string) => [
  value,
  camel(value),
  display(value),
  value.toLowerCase(),
  display(value).toUpperCase()
]

describe("normalise", () => {
  it.each(presences.flatMap((value) => spellings(value).map((spelling) => [spelling, value] as const)))(
    "presence %s is %s",
    (spelling, value) => assert.strictEqual(normalisePresence(spelling), value)
  )

  it.each(routingStatuses.flatMap((value) => spellings(value).map((spelling) => [spelling, value] as const)))(
    "routing status %s is %s",
    (spelling, value) => assert.strictEqual(normaliseRoutingStatus(spelling), value)
  )

  it.each(["FOCUS_TIME", "Focus Time", "focusTime", "UNKNOWN", "", "ON-QUEUE", "constructor", "Außer Haus"])(
    "keeps the unknown %j",
    (value) => {
      assert.strictEqual(normalisePresence(value), value)
      assert.strictEqual(normaliseRoutingStatus(value), value)
    }
  )

  it.prop("is idempotent", [Schema.String], ([value]) => {
    assert.strictEqual(normalisePresence(normalisePresence(value)), normalisePresence(value))
    assert.strictEqual(normaliseRoutingStatus(normaliseRoutingStatus(value)), normaliseRoutingStatus(value))
  })
})

const [P, R] = ["presence", "routingStatus"] as const
const unseen = undefined

/** presence, routing status, state, what decides it, availability */
const table: ReadonlyArray<
  readonly [string | undefined, string | undefined, string, "presence" | "routingStatus" | undefined, string]
> = [
  ["OFFLINE", unseen, "Offline", P, "no"],
  ...[...routingStatuses, "SOMETHING_NEW"].map((routing) => ["OFFLINE", routing, "Offline", P, "no"] as const),
  [unseen, unseen, "Unknown", undefined, "unknown"],
  ...routingStatuses.map((routing) => [unseen, routing, "Unknown", undefined, "unknown"] as const),
  ["ON_QUEUE", unseen, "Unknown", undefined, "unknown"],
  ["BREAK", unseen, "Unknown", undefined, "unknown"],
  ["ON_QUEUE", "IDLE", "On Queue", R, "yes"],
  ["ON_QUEUE", "INTERACTING", "Interacting", R, "possibly"],
  ["ON_QUEUE", "COMMUNICATING", "Communicating", R, "possibly"],
  ["ON_QUEUE", "NOT_RESPONDING", "Not Responding", R, "no"],
  ["ON_QUEUE", "OFF_QUEUE", "On Queue", P, "no"],
  ["ON_QUEUE", "SOMETHING_NEW", "Something New", R, "unknown"],
  ...(
    [
      ["AVAILABLE", "Available"],
      ["BUSY", "Busy"],
      ["AWAY", "Away"],
      ["BREAK", "Break"],
      ["MEAL", "Meal"],
      ["MEETING", "Meeting"],
      ["TRAINING", "Training"],
      ["IDLE", "Idle"],
      ["FOCUS_TIME", "Focus Time"],
      ["FOCUS__TIME_", "Focus Time"],
      ["Focus Time", "Focus Time"]
    ] as const
  ).flatMap(([presence, words]) => [
    [presence, "OFF_QUEUE", words, P, "no"] as const,
    [presence, "IDLE", words, P, "no"] as const,
    [presence, "NOT_RESPONDING", words, P, "no"] as const,
    [presence, "INTERACTING", "Interacting", R, "no"] as const,
    [presence, "COMMUNICATING", "Communicating", R, "no"] as const,
    [presence, "SOMETHING_NEW", "Something New", R, "no"] as const
  ])
]

describe("effective state", () => {
  it.each(table)(
    "presence %s, routing %s: %s by %s, new work %s",
    (presence, routingStatus, state, decidedBy, work) => {
      assert.deepStrictEqual(
        effectiveState({ presence, routingStatus }),
        decidedBy === undefined ? { state } : { state, decidedBy }
      )
      assert.strictEqual(availability({ presence, routingStatus }), work)
    }
  )

  it("of who is out of office is that, unless they are on queue or still in a conversation", () => {
    const of = (presence: string, routingStatus: string) =>
      effectiveState({ presence, routingStatus, outOfOffice: true })
    const away = { state: "Out of Office", decidedBy: "outOfOffice" } as const
    assert.deepStrictEqual(of("AVAILABLE", "OFF_QUEUE"), away)
    assert.deepStrictEqual(effectiveState({ presence: "OFFLINE", outOfOffice: true }), away)
    assert.deepStrictEqual(of("AVAILABLE", "INTERACTING"), { state: "Interacting", decidedBy: "routingStatus" })
    assert.deepStrictEqual(of("ON_QUEUE", "OFF_QUEUE"), { state: "On Queue", decidedBy: "presence" })
    assert.deepStrictEqual(effectiveState({ presence: "AVAILABLE", routingStatus: "OFF_QUEUE", outOfOffice: false }), {
      state: "Available",
      decidedBy: "presence"
    })
  })

  it("of a user who was deleted or deactivated is that, and no work is offered", () => {
    const known = { presence: "ON_QUEUE", routingStatus: "IDLE", outOfOffice: true }
    for (const [userState, state] of [
      ["deleted", "Deleted"],
      ["inactive", "Inactive"]
    ] as const) {
      assert.deepStrictEqual(effectiveState({ ...known, userState }), { state, decidedBy: "userState" })
      assert.strictEqual(availability({ ...known, userState }), "no")
    }
    assert.strictEqual(availability({ ...known, userState: "active" }), "yes")
  })

  it("does not depend on the spelling", () => {
    for (const presence of spellings("ON_QUEUE"))
      for (const routingStatus of spellings("NOT_RESPONDING"))
        assert.deepStrictEqual(effectiveState({ presence, routingStatus }), {
          state: "Not Responding",
          decidedBy: "routingStatus"
        })
  })
})
