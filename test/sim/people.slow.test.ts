import { assert, describe, it } from "@effect/vitest"
import { historyOf } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"

describe("the stack in bad weather", () => {
  it("[P11] says nothing of people in any line or attribute", UNHURRIED, async () => {
    const run = await runStack({ seed: 5, chaos: 0.6 })
    const canary = (line: string, i: number) =>
      line.replace(
        '"eventBody":{',
        `"eventBody":{"ani":"canary-${i}","message":"canary-${i}","notes":{"n":"canary-${i}"},`
      )
    const history = historyOf(200, { seed: 5, chaos: 1 }).map((one, i) => ({ ...one, line: canary(one.line, i) }))
    assert.isAbove(history.filter(({ line }) => line.includes("canary-")).length, 200)
    run.feed(history)
    await run.reach(history.at(-1)?.at ?? 0)
    run.stack.calm()
    await run.settle()
    const tables = JSON.stringify([...(await run.rows())], (_, value) => (value instanceof Map ? [...value] : value))
    const attributes = JSON.stringify(run.quarantined().map(({ key, metadata }) => [key, metadata]))
    assert.isAbove(run.lines.length, 10)
    assert.isAbove(run.quarantined().length, 0)
    for (const text of [...run.lines, attributes, tables]) assert.notMatch(text, /canary-|\+1202555/)
    await run.stack.stop()
  })
})
