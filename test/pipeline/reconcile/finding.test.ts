import { assert, describe, it } from "@effect/vitest"
import {
  AGE_MS,
  believed,
  comparedOf,
  isRecent,
  MARGIN_MS,
  SKEW_MS,
  statedAt,
  TOLD_MS
} from "../../../src/pipeline/reconcile/finding.ts"

const asked = 1_000_000

describe("times", () => {
  it("that answers and events may be apart are a minute, twenty seconds, five and one", () => {
    assert.deepStrictEqual([MARGIN_MS, TOLD_MS, AGE_MS, SKEW_MS], [60_000, 20_000, 5_000, 1_000])
  })

  it("of an answer are believed up to a minute after the question, and replaced by that of the question beyond", () => {
    const latest = asked + MARGIN_MS
    assert.deepStrictEqual([believed(latest, asked), believed(latest + 1, asked)], [latest, undefined])
    assert.deepStrictEqual([statedAt(latest, asked), statedAt(latest + 1, asked)], [latest, asked - AGE_MS])
    assert.strictEqual(statedAt(undefined, asked), asked - AGE_MS)
  })

  it("of a row stand against an answer where they are of the minute before it", () => {
    assert.deepStrictEqual([isRecent(asked - MARGIN_MS, asked), isRecent(asked - MARGIN_MS + 1, asked)], [false, true])
  })
})

describe("what an answer says", () => {
  const finding = (at: number, expected = true) => ({
    statement: { facet: { facet: "routingStatus", agentId: "a", value: "IDLE" }, at } as const,
    expected
  })

  it("is lost where events have had their time to tell it, and new where they never told such a thing", () => {
    const held = { rows: new Map(), read: asked }
    const last = asked - TOLD_MS
    const { corrected, early, statements } = comparedOf([finding(last), finding(last + 1), finding(1, false)], held, {})
    assert.deepStrictEqual([corrected, early, statements.length], [{ routingStatus: 1 }, { routingStatus: 1 }, 3])
  })

  it("is said once, though it is found twice", () => {
    const { statements, corrected } = comparedOf([finding(1), finding(1)], { rows: new Map(), read: asked }, {})
    assert.deepStrictEqual([statements.length, corrected], [1, { routingStatus: 1 }])
  })
})
