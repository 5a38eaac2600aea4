import { assert, describe, it } from "@effect/vitest"
import { lagOf, WATERMARK_KEY, type Watermark } from "../../src/domain/watermark.ts"
import { WINDOW } from "../support/core.ts"
import { historyOf, START, statusLine } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"

const MINUTE = 60_000

/** From a heartbeat to the watermark that it moves, in ms: the batches on its way, and not the minute until the next. */
const ON_ITS_WAY = 5_000

const watched = async () => {
  const run = await runStack()
  const table = String(run.captured.outputs.controlTableName)
  const levels: Array<Watermark & { readonly at: number }> = []
  run.stack.dynamodb.onWrite((written, item) => {
    if (written !== table || item.key?.S !== WATERMARK_KEY) return
    levels.push({ at: run.clock.now(), through: Number(item.through?.N), windowMs: Number(item.windowMs?.N) })
  })
  const lag = () => {
    const level = levels.at(-1)
    assert.isDefined(level)
    return lagOf(level, run.clock.now())
  }
  return { ...run, levels, lag }
}

describe("the watermark on the whole stack", () => {
  it("[P5] follows the traffic, goes forward only, and never passes what is due", UNHURRIED, async () => {
    const run = await watched()
    const history = historyOf(400, { rate: 10 })
    const last = Math.max(...history.map(({ at }) => at))
    run.feed(history)
    await run.reach(last)
    assert.isBelow(run.lag(), ON_ITS_WAY)
    await run.settle()
    assert.isAbove(run.levels.length, 20)
    for (const [i, { at, through, windowMs }] of run.levels.entries()) {
      assert.strictEqual(windowMs, WINDOW.settle)
      assert.isAtMost(through, at - windowMs)
      assert.isAbove(through, run.levels[i - 1]?.through ?? 0)
    }
    await run.stack.stop()
  })

  it("[P2] goes on minute by minute where nothing happens, and the books stay empty", UNHURRIED, async () => {
    const run = await watched()
    for (let minute = 2; minute < 12; minute++) {
      await run.reach(START + minute * MINUTE)
      assert.isBelow(run.lag(), MINUTE + ON_ITS_WAY)
    }
    assert.isAtLeast(run.levels.length, 10)
    const { received, appended, quarantined, rows, warnings } = run.counters
    assert.deepStrictEqual([received, appended, quarantined, rows, warnings], [0, 0, 0, 0, 0])
    assert.deepStrictEqual([(await run.events()).size, run.quarantined().length], [0, 0])
    assert.deepStrictEqual(run.stack.denied(), [])
    await run.settle()
    await run.stack.stop()
  })

  it.each([
    ["the stream is out", (action: string) => action.startsWith("kinesis:PutRecord")],
    ["append cannot send", (action: string) => action === "sqs:SendMessage"],
    ["the control table is out", (_: string, resource: string) => resource.endsWith("-control")]
  ])("stands while %s, and goes on when that is over", UNHURRIED, async (_, isOut) => {
    const run = await watched()
    await run.reach(START + 3 * MINUTE)
    run.stack.outage(isOut)
    await run.reach(START + 10 * MINUTE)
    assert.isAbove(run.lag(), 6 * MINUTE)
    run.stack.outage(() => false)
    await run.reach(START + 12 * MINUTE)
    assert.isBelow(run.lag(), MINUTE + ON_ITS_WAY)
    await run.stack.stop()
  })

  it("stands while updates fail for want of a table, heartbeats or not", UNHURRIED, async () => {
    const run = await watched()
    await run.reach(START + 2 * MINUTE)
    run.stack.outage((_, resource) => resource.includes("agents-v2"))
    run.send(statusLine("e-1", "IDLE", run.clock.now()))
    await run.reach(START + 3 * MINUTE)
    const before = run.levels.at(-1)
    await run.reach(START + 8 * MINUTE)
    assert.deepStrictEqual(run.levels.at(-1), before)
    run.stack.outage(() => false)
    await run.settle()
    await run.reach(run.clock.now() + 2 * MINUTE)
    assert.isBelow(run.lag(), MINUTE + ON_ITS_WAY)
    await run.stack.stop()
  })
})
