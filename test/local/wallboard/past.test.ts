import { assert, describe, it } from "@effect/vitest"
import type { Lags } from "../../../src/local/counters.ts"
import { makeSamples } from "../../../src/local/wallboard/samples.ts"
import { SAMPLES } from "../../../src/wallboard/board.ts"
import { makeHistory } from "../../../src/wallboard/history.ts"

const change = (entity: string, before: object | undefined, after: object, row = "state") => ({
  kind: "agents" as const,
  entity,
  row,
  asOf: 1,
  ...(before === undefined ? {} : { before: before as Record<string, string> }),
  after: after as Record<string, string>
})

describe("the history of an agent", () => {
  it("tells what became what and when, the newest first, and nothing of writes that changed nothing", () => {
    const history = makeHistory()
    history.note(change("a", undefined, { state: "Break" }), 10)
    history.note(change("a", { state: "Break", since: "x" }, { state: "Meal" }), 20)
    history.note(change("a", { state: "Meal" }, { state: "Meal" }), 30)
    history.note(change("a", undefined, { count: "1" }, "observation#voice#oWaiting"), 40)
    assert.deepStrictEqual(history.of("agents", "a"), [
      {
        at: 20,
        asOf: 1,
        row: "state",
        changes: [
          { column: "state", from: "Break", to: "Meal" },
          { column: "since", from: "x" }
        ]
      },
      { at: 10, asOf: 1, row: "state", changes: [{ column: "state", to: "Break" }] }
    ])
    assert.deepStrictEqual(history.of("queues", "a"), [])
  })

  it("keeps the last of each and of all, and no more", () => {
    const history = makeHistory({ each: 3, all: 5 })
    const note = (entity: string, n: number) => history.note(change(entity, undefined, { n: String(n) }), n)
    for (let n = 0; n < 10; n++) note("a", n)
    const times = (entity: string) => history.of("agents", entity).map(({ at }) => at)
    assert.deepStrictEqual(times("a"), [9, 8, 7])
    for (let n = 10; n < 13; n++) note("b", n)
    assert.deepStrictEqual(
      [times("a"), times("b")],
      [
        [9, 8],
        [12, 11, 10]
      ]
    )
    for (let n = 13; n < 16; n++) note("c", n)
    assert.deepStrictEqual([times("a"), times("b"), times("c")], [[], [12, 11], [15, 14, 13]])
  })
})

describe("samples", () => {
  it("tell the lag of what settled lately, and nothing where nothing did", () => {
    const samples = makeSamples()
    const lags: Lags = new Map()
    const counts = { perSecond: 1, late: 0, parked: 0 }
    assert.notProperty(samples.take(0, lags, counts), "p50")
    lags.set(50, 100)
    assert.deepStrictEqual(samples.take(1, lags, counts), { at: 1, ...counts, p50: 5_000, p99: 5_000 })
    for (let at = 2; at < 11; at++) samples.take(at, lags, counts)
    assert.notProperty(samples.take(11, lags, counts), "p50")
    lags.set(70, 1)
    assert.deepInclude(samples.take(12, lags, counts), { p50: 7_000, p99: 7_000 })
  })

  it("are kept for the last minutes", () => {
    const samples = makeSamples()
    for (let at = 0; at < SAMPLES + 50; at++) samples.take(at, new Map(), { perSecond: 0, late: 0, parked: 0 })
    assert.deepStrictEqual([samples.all().length, samples.all()[0]?.at], [SAMPLES, 50])
  })
})
