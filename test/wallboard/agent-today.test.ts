import { assert, describe, it } from "@effect/vitest"
import { figuresWith, withEarlier, withToday } from "../../src/wallboard/agent-today.ts"
import { bandsOf, beginOf, cut, timesOf } from "../../src/wallboard/page/spans.ts"

const MIDNIGHT = Date.parse("2026-05-06T00:00:00.000Z")
const at = (minutes: number) => MIDNIGHT + minutes * 60_000
const iso = (minutes: number) => new Date(at(minutes)).toISOString()
const state = (minutes: number, name: string) => ({ at: at(minutes), state: name })

const today = { since: MIDNIGHT, states: [state(0, "Offline"), state(480, "On Queue"), state(500, "Interacting")] }

describe("the day of an agent", () => {
  it("begins at midnight, and goes on from what was read with what was seen since, without a gap", () => {
    const seen = {
      states: [state(490, "Interacting"), state(500, "Interacting"), state(505, "On Queue")],
      sessions: []
    }
    const day = withToday(seen, today)
    assert.deepStrictEqual(day, {
      since: MIDNIGHT,
      states: [...today.states, state(505, "On Queue")],
      sessions: []
    })
    const bands = bandsOf(day.states, at(510))
    assert.strictEqual(beginOf(day, at(510)), MIDNIGHT)
    assert.strictEqual(bands[0]?.from, MIDNIGHT)
    assert.deepStrictEqual(
      bands.slice(1).map(({ from }) => from),
      bands.slice(0, -1).map(({ to }) => to)
    )
    assert.deepStrictEqual(timesOf(bands), [
      ["Offline", 480 * 60_000],
      ["On Queue", 25 * 60_000],
      ["Interacting", 5 * 60_000]
    ])
    // Nothing is counted twice by who looks at a part of it.
    assert.deepStrictEqual(timesOf(cut(bands, at(490))), [
      ["On Queue", 15 * 60_000],
      ["Interacting", 5 * 60_000]
    ])
    assert.strictEqual(withToday(seen, undefined), seen)
  })

  it("has the sessions that ended before the page was opened, as their rows tell them, and none of yesterday", () => {
    const seen = [{ sessionId: "open", phases: [{ at: at(500), phase: "interacting" }] }]
    const session = (id: string, columns: object) => ({ row: `session#${id}`, columns: { phase: "ended", ...columns } })
    const all = withEarlier(
      seen,
      [
        { row: "state", columns: { state: "Interacting", since: iso(500) } },
        session("open", { phase: "interacting", since: iso(499) }),
        session("before", { since: iso(481), endedAt: iso(490), mediaType: "VOICE", queueId: "q" }),
        session("alert", { phase: "alerting", since: iso(509) }),
        session("yesterday", { since: iso(-90), endedAt: iso(-80) }),
        session("unknown", { endedAt: iso(20) })
      ],
      MIDNIGHT
    )
    assert.deepStrictEqual(all, [
      {
        sessionId: "before",
        medium: "VOICE",
        queueId: "q",
        phases: [{ at: at(481), phase: "session" }],
        endedAt: at(490)
      },
      { sessionId: "alert", phases: [{ at: at(509), phase: "alerting" }] },
      ...seen
    ])
  })

  it("adds up by the projections that the stack folds", () => {
    const handled = { handled: 4, notAnswered: 1, transferred: 0, averageHandleMs: 60_000 }
    const figures = { handled: 5, notAnswered: 1, transferred: 1, talkMs: 200_000, heldMs: 10_000 }
    assert.deepStrictEqual(figuresWith(handled, { figures }).today, { ...figures, averageHandleMs: 60_000 })
    assert.deepStrictEqual(figuresWith(handled, undefined).today, handled)
    assert.deepStrictEqual(figuresWith(undefined, undefined), {})
  })
})
