import { assert, describe, it } from "@effect/vitest"
import { makeDays } from "../../src/wallboard/day.ts"
import { bandsOf, barsOf, beginOf, timesOf, withNow } from "../../src/wallboard/page/spans.ts"
import type { RowChange } from "../../src/wallboard/row-change.ts"

const START = Date.parse("2026-05-06T10:00:00.000Z")
const iso = (seconds: number) => new Date(START + seconds * 1_000).toISOString()
const at = (seconds: number) => START + seconds * 1_000

const change = (row: string, after: RowChange["after"], before?: RowChange["after"]): RowChange => ({
  kind: "agents",
  entity: "a",
  row,
  asOf: START,
  after,
  ...(before === undefined ? {} : { before })
})

describe("the day of an agent", () => {
  it("has the states by event time, in any order of arrival, from what was there before on", () => {
    const days = makeDays()
    days.note(change("state", { state: "Break", since: iso(60) }, { state: "On Queue", since: iso(0) }))
    days.note(change("state", { state: "Interacting", since: iso(30) }))
    days.note(change("state", { state: "Break", since: iso(60) }))
    const bands = bandsOf(days.of("a").states, at(100))
    assert.deepStrictEqual(bands, [
      { from: at(0), to: at(30), state: "On Queue" },
      { from: at(30), to: at(60), state: "Interacting" },
      { from: at(60), to: at(100), state: "Break" }
    ])
    assert.deepStrictEqual(timesOf(bands), [
      ["Break", 40_000],
      ["On Queue", 30_000],
      ["Interacting", 30_000]
    ])
    assert.deepStrictEqual(days.of("nobody"), { states: [], sessions: [] })
  })

  it("has sessions with their phases and their end, on lines of their own where they overlap", () => {
    const days = makeDays()
    const session = (id: string, phase: string, since: number, more: RowChange["after"] = {}) =>
      days.note(change(`session#${id}`, { phase, since: iso(since), mediaType: "VOICE", queueId: "q", ...more }))
    session("1", "alerting", 0)
    session("1", "interacting", 5)
    session("2", "interacting", 10)
    session("1", "ended", 20, { endedAt: iso(20) })
    session("3", "interacting", 30)
    const bars = barsOf(days.of("a").sessions, at(40))
    assert.deepStrictEqual(
      bars.map(({ from, to, phase, lane, session: { sessionId } }) => [sessionId, phase, from, to, lane]),
      [
        ["1", "alerting", at(0), at(5), 0],
        ["1", "interacting", at(5), at(20), 0],
        ["2", "interacting", at(10), at(40), 1],
        ["3", "interacting", at(30), at(40), 0]
      ]
    )
    assert.deepInclude(bars[0]?.session, { medium: "VOICE", queueId: "q", endedAt: at(20) })
    assert.strictEqual(beginOf(days.of("a"), at(100)), at(0))
    assert.strictEqual(beginOf({ states: [], sessions: [] }, at(100)), at(40))
  })

  it("is kept of the last states, sessions and agents alone", () => {
    const days = makeDays({ each: 2, all: 2 })
    for (let n = 0; n < 5; n++) {
      days.note(change("state", { state: `${n}`, since: iso(n) }))
      days.note(change(`session#${n}`, { phase: "interacting", since: iso(n) }))
    }
    const { states, sessions } = days.of("a")
    assert.deepStrictEqual(
      [states.map(({ state }) => state), sessions.map(({ sessionId }) => sessionId)],
      [
        ["3", "4"],
        ["3", "4"]
      ]
    )
    for (const entity of ["b", "c"]) days.note({ ...change("state", { state: "x", since: iso(0) }), entity })
    assert.lengthOf(days.of("a").states, 0)
    assert.lengthOf(days.of("c").states, 1)
  })
})

describe("the day of an agent up to now", () => {
  const MIDNIGHT = 1_000_000
  const day = (...states: ReadonlyArray<readonly [at: number, state: string]>) => ({
    since: MIDNIGHT,
    states: states.map(([at, state]) => ({ at, state })),
    sessions: []
  })

  it("is the state that has held for longer than rows are kept, and not Unknown", () => {
    const away = { since: MIDNIGHT - 40 * 86_400_000, state: "Offline" }
    assert.deepStrictEqual(withNow(day([MIDNIGHT, "Unknown"]), away), day([MIDNIGHT, "Offline"]))
  })

  it("is Unknown up to when the state began", () =>
    assert.deepStrictEqual(
      withNow(day([MIDNIGHT, "Unknown"]), { since: MIDNIGHT + 9, state: "On Queue" }),
      day([MIDNIGHT, "Unknown"], [MIDNIGHT + 9, "On Queue"])
    ))

  it("is what its rows say where they are of the same time or later, and where nothing is known of now", () => {
    const told = day([MIDNIGHT, "Break"], [MIDNIGHT + 5, "On Queue"])
    assert.deepStrictEqual(withNow(told, { since: MIDNIGHT + 5, state: "On Queue" }), told)
    assert.deepStrictEqual(withNow(told, undefined), told)
    const unknown = day([MIDNIGHT, "Unknown"])
    assert.deepStrictEqual(withNow(unknown, { state: "Unknown" }), unknown)
  })
})
