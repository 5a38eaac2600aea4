import { assert, describe, it } from "@effect/vitest"
import { type AgentSpan, agentFiguresOf, spansOf, tellsBoth } from "../../projections/agent-figures.ts"
import type { Columns } from "../../src/domain/projection.ts"
import { iso, noon } from "./support.ts"

const MINUTE = 60_000
const at = (minute: number) => noon + minute * MINUTE

/** A row of `agent-intervals`, by the minutes at which something began. */
const row = (presence: Readonly<Record<number, string>>, routingStatus: Readonly<Record<number, string>>): Columns => {
  const began = (words: Readonly<Record<number, string>>) =>
    Object.fromEntries(Object.entries(words).map(([minute, word]) => [iso(Number(minute) * MINUTE), word]))
  const given = { presence: began(presence), routingStatus: began(routingStatus) }
  return Object.fromEntries(Object.entries(given).filter(([, words]) => Object.keys(words).length > 0))
}

/** A span by minutes: from, to, and what was known of presence and routing status. */
type Short = ReadonlyArray<number | string | undefined>
const short = ({ from, to, presence, routingStatus }: AgentSpan): Short =>
  [(from - noon) / MINUTE, (to - noon) / MINUTE, presence, routingStatus].filter((part) => part !== undefined)

describe("spansOf", () => {
  it.each<readonly [says: string, rows: ReadonlyArray<Columns>, until: number, spans: ReadonlyArray<Short>]>([
    ["nothing is one span of which nothing is known", [], 9, [[0, 9]]],
    ["no time has no spans", [row({ [-1]: "BREAK" }, {})], 0, []],
    ["a time that ends before it begins has no spans", [row({ [-1]: "BREAK" }, {})], -1, []],
    ["a change before the time is how it begins", [row({ [-1]: "BREAK" }, {})], 9, [[0, 9, "BREAK"]]],
    ["the last of several before it counts", [row({ [-5]: "MEAL", [-1]: "BREAK" }, {})], 9, [[0, 9, "BREAK"]]],
    ["a change at the beginning makes no span before it", [row({ 0: "BREAK" }, {})], 9, [[0, 9, "BREAK"]]],
    ["a change at the end is not in the time", [row({ [-1]: "BREAK", 9: "MEAL" }, {})], 9, [[0, 9, "BREAK"]]],
    ["nor is one after it", [row({ [-1]: "BREAK", 10: "MEAL" }, {})], 9, [[0, 9, "BREAK"]]],
    [
      "what is told again goes on",
      [row({ [-1]: "BREAK", 3: "BREAK" }, {}), row({ 5: "BREAK" }, {})],
      9,
      [[0, 9, "BREAK"]]
    ],
    [
      "both facets at once are one change",
      [row({ [-1]: "BREAK", 4: "ON_QUEUE" }, { [-1]: "OFF_QUEUE", 4: "IDLE" })],
      9,
      [
        [0, 4, "BREAK", "OFF_QUEUE"],
        [4, 9, "ON_QUEUE", "IDLE"]
      ]
    ],
    [
      "rows come in any order, and a state comes back",
      [row({ 6: "BREAK" }, {}), row({ [-1]: "BREAK", 2: "MEAL" }, {})],
      9,
      [
        [0, 2, "BREAK"],
        [2, 6, "MEAL"],
        [6, 9, "BREAK"]
      ]
    ]
  ])("%s", (_, rows, until, spans) => {
    assert.deepStrictEqual(spansOf(rows, noon, at(until)).map(short), spans)
  })

  it("tells one state from another where only one facet changed", () => {
    const rows = [row({ [-1]: "ON_QUEUE" }, { [-1]: "IDLE", 3: "INTERACTING" }), row({ 6: "BREAK" }, {})]
    assert.deepStrictEqual(
      spansOf(rows, noon, at(9)).map(({ state }) => state),
      ["On Queue", "Interacting", "Interacting"]
    )
  })
})

describe("tellsBoth", () => {
  it.each([
    [false, []],
    [false, [row({ 1: "BREAK" }, {}), row({ 2: "MEAL" }, {})]],
    [false, [row({}, { 1: "IDLE" })]],
    [true, [row({ 1: "BREAK" }, {}), row({}, { 1: "IDLE" })]],
    [true, [row({ 1: "BREAK" }, { 1: "IDLE" })]]
  ])("%s of %j", (both, rows) => {
    assert.strictEqual(tellsBoth(rows), both)
  })
})

describe("agentFiguresOf", () => {
  const rows = [row({ [-1]: "ON_QUEUE", 4: "BREAK" }, { [-1]: "IDLE" })]
  const spans = spansOf(rows, noon, at(9))

  it("cuts spans at the time that is asked for, and leaves out what lasted no time", () => {
    assert.deepInclude(agentFiguresOf([], spans, at(2), at(4)), {
      presenceMs: { ON_QUEUE: 2 * MINUTE },
      routingStatusMs: { IDLE: 2 * MINUTE }
    })
    assert.deepStrictEqual(agentFiguresOf([], spans, at(2), at(4) + 1).presenceMs, { ON_QUEUE: 2 * MINUTE, BREAK: 1 })
  })

  it("adds what the rows say of sessions that ended", () => {
    const counted = { handled: 2, notAnswered: 1, transferred: 1, talkMs: 70, heldMs: 30 }
    const { presenceMs, routingStatusMs, stateMs, ...sums } = agentFiguresOf(
      [counted, { handled: 1, talkMs: 5 }, { notAnswered: 4, transferred: 2, heldMs: 1 }],
      spans,
      noon,
      at(9)
    )
    assert.deepStrictEqual(sums, { handled: 3, notAnswered: 5, transferred: 3, talkMs: 75, heldMs: 31 })
  })
})
