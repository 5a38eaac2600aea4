import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { judgementOf, readJudgement, serviceLevelOf, WrongThresholds } from "../../src/wallboard/thresholds.ts"
import { defaultThresholds, levelOf, stateLimits, waitLimits } from "../../src/wallboard/view/limits.ts"

const wrong: ReadonlyArray<readonly [given: unknown, sentence: string]> = [
  [[], "the file is []; it must be an object"],
  [{ wating: [1, 2] }, "wating is unknown; there are waiting, states, serviceLevel, queues"],
  [{ waiting: 30 }, "waiting is 30; it must be two numbers of seconds, long and too long, such as [30, 120]"],
  [
    { states: { Break: [900, 60] } },
    "states.Break is [900,60]; it must be two numbers of seconds, long and too long, such as [30, 120]"
  ],
  [{ queues: { Sales: { wait: 1 } } }, "queues.Sales.wait is unknown; there are waiting, states, serviceLevel"],
  [
    { queues: { Sales: { waiting: [-1, 2] } } },
    "queues.Sales.waiting is [-1,2]; it must be two numbers of seconds, long and too long, such as [30, 120]"
  ],
  [{ serviceLevel: { target: 80 } }, "serviceLevel.target is 80; it must be a share from 0 to 1"],
  [
    { queues: { q: { serviceLevel: { withFlowOuts: 1 } } } },
    "queues.q.serviceLevel.withFlowOuts is 1; it must be true or false"
  ]
]

describe("a file of thresholds", () => {
  it.each(wrong)("%j is refused with the field and what belongs there", (given, sentence) => {
    assert.throws(() => judgementOf(given), WrongThresholds, sentence)
  })

  it("says what is long by state and queue, over what is so by default", () => {
    const judgement = judgementOf({
      states: { Break: [60, 120] },
      queues: { Sales: { waiting: [10, 20], states: { Break: [1, 2] }, serviceLevel: { target: 0.9 } }, id: {} },
      serviceLevel: { answerSeconds: 30 }
    })
    const { thresholds } = judgement
    assert.deepStrictEqual(waitLimits(thresholds, "q1", "Sales"), [10, 20])
    assert.deepStrictEqual(waitLimits(thresholds, "id", "Sales"), defaultThresholds.waiting)
    assert.deepStrictEqual(waitLimits(thresholds, "constructor", "toString"), defaultThresholds.waiting)
    assert.deepStrictEqual(stateLimits(thresholds, "Break", "q1", "Sales"), [1, 2])
    assert.deepStrictEqual(stateLimits(thresholds, "Break", "q2", "Other"), [60, 120])
    assert.deepStrictEqual(stateLimits(thresholds, "Meal", "q1", "Sales"), defaultThresholds.states.Meal)
    assert.isUndefined(stateLimits(thresholds, "constructor"))
    assert.deepInclude(serviceLevelOf(judgement, "q1", "Sales"), { answerSeconds: 30, target: 0.9 })
    assert.deepInclude(serviceLevelOf(judgement, "q2", undefined), { answerSeconds: 30, target: 0.8 })
  })

  it("reaches a level with the second that it names", () => {
    assert.deepStrictEqual(
      [29_999, 30_000, 119_999, 120_000].map((ms) => levelOf(ms, [30, 120])),
      [0, 1, 1, 2]
    )
    assert.strictEqual(levelOf(1e9, undefined), 0)
  })

  it("that is none is refused", () => {
    const folder = mkdtempSync(join(tmpdir(), "thresholds-"))
    const file = join(folder, "wall.json")
    writeFileSync(file, "{ waiting: 1 }")
    assert.throws(() => readJudgement(file), WrongThresholds, "it cannot be read as JSON")
    assert.throws(() => readJudgement(join(folder, "none")), WrongThresholds, "name a file of JSON")
    writeFileSync(file, '{ "waiting": [1, 2] }')
    assert.deepStrictEqual(readJudgement(file).thresholds.waiting, [1, 2])
    rmSync(folder, { recursive: true })
  })
})
