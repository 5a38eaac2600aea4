import { assert, describe, it } from "@effect/vitest"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { historyOf } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, runStack } from "../support/stack.ts"

const history = historyOf(240)

/** The rows that a stack makes of the history. */
const rowsOf = async (overrides: Parameters<typeof devStack>[0]): Promise<ReadonlyArray<string>> => {
  const run = await runStack({ captured: await devStack(overrides) })
  run.feed(history)
  await run.reach(Math.max(...history.map(({ at }) => at)) + 60_000)
  await run.settle()
  const dump = await run.dump()
  await run.stack.stop()
  return dump
}

describe("a stack on a bus of another", () => {
  it("[P3] makes the rows that the first makes, of copies that keep the partner's source", UNHURRIED, async () => {
    const rows = await rowsOf({})
    assert.isAbove(rows.length, 50)
    const there = await rowsOf({
      genesysEventSource: "",
      existingBusArn: "arn:aws:events:eu-central-1:000000000000:event-bus/first-copy-bus",
      customEventSource: SIMULATED_SOURCE
    })
    assert.deepStrictEqual(there, rows)
  })
})
