import { assert, describe, it } from "vitest"
import { windowAt, windowColumn, windowStart } from "../../src/domain/archive-window.ts"
import { parseWindow } from "../../src/store/archive-lines.ts"
import { START, statusLine } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, grantsOf, isSame, runStack, without } from "../support/stack.ts"

const captured = await devStack({ eventRetentionDays: 30 })

const MINUTE = 60_000
const END = windowStart(windowAt(START) + 1)
const BEGIN = END - 20 * MINUTE

/** A stack in the last minutes of a week, with some events; then an hour and a half later. */
const overTheEnd = async (stack = captured) => {
  const run = await runStack({ captured: stack, start: BEGIN })
  for (let n = 0; n < 12; n++)
    run.clock.at(BEGIN + 11 * MINUTE + n * 1_000, () =>
      run.send(statusLine(`e-${n}`, n % 2 === 0 ? "IDLE" : "INTERACTING", BEGIN + 11 * MINUTE + n * 1_000))
    )
  await run.reach(END + 90 * MINUTE)
  return run
}

type Run = Awaited<ReturnType<typeof overTheEnd>>

const windowsOf = ({ stack, captured }: Run) => {
  const bucket = String(captured.outputs.archiveBucketName)
  return stack.s3
    .listAll(bucket, "windows/")
    .map(({ key }) => parseWindow(Buffer.from(stack.s3.read(bucket, key) ?? []).toString()))
}

describe("the stack with a retention of events", () => {
  it(
    "[P1] stores the week with each event, and archives it under its own role when the week is over",
    UNHURRIED,
    async () => {
      const run = await overTheEnd()
      const items = await run.eventItems()
      assert.lengthOf(items, 12)
      for (const item of items) assert.property(item, windowColumn(windowAt(BEGIN)))
      assert.deepStrictEqual(
        windowsOf(run).map(({ window, state, items }) => ({ window, state, items })),
        [{ window: windowAt(BEGIN), state: "sealed", items: 12 }]
      )
      assert.isEmpty(run.lines.filter((line) => /"ERROR"/.test(line)))
    }
  )

  it("[P10] each right of the archiver is needed", UNHURRIED, async () => {
    const grants = grantsOf(captured).filter(
      ({ policy, action }) => policy === "archive-policy" && !action.startsWith("logs:")
    )
    assert.isAbove(grants.length, 6)
    // What only an overflow, an object that is gone, or a week that may leave needs is used by the simulation of the archiver.
    const later = ["dynamodb:UpdateTimeToLive", "s3:GetObject", "s3:ListBucket"]
    for (const grant of grants.filter(({ action }) => !later.includes(action))) {
      const run = await overTheEnd(without(captured, isSame(grant)))
      assert.isTrue(
        windowsOf(run).length === 0 || run.lines.some((line) => /"ERROR"/.test(line)),
        `${grant.action} on ${grant.resource}`
      )
    }
  })
})
