import { assert, describe, it } from "@effect/vitest"
import { modelOf } from "../support/core.ts"
import { historyOf } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, runStack, without } from "../support/stack.ts"

describe("what a service keeps refusing", () => {
  it("[P2] [P7] is given up whole and loses no neighbour, when the quarantine takes no poison", UNHURRIED, async () => {
    const captured = without(await devStack(), ({ resource }) => resource.includes("-quarantine/"))
    const run = await runStack({ captured })
    const good = historyOf(40).map(({ line }) => line)
    const poison = '{"id":"this is poison"'
    for (const line of [...good.slice(0, 30), poison, ...good.slice(30)]) run.send(line)
    await run.settle()
    assert.strictEqual((await run.events()).size, good.length)
    assert.deepStrictEqual(await run.dump(), modelOf(await run.events()))
    assert.deepStrictEqual(run.quarantined(), [])
    const records = run.givenUp().flatMap((object) => JSON.parse(JSON.parse(object).payload).Records)
    const given = records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString())
    // A stream goes back to the record that failed and redoes all after it: they are given up with it, and stored all the same.
    assert.strictEqual(given.filter((line) => line === poison).length, 1)
    assert.strictEqual(given[0], poison)
    assert.isTrue(given.slice(1).every((line) => good.includes(line)))
    await run.stack.stop()
  })
})
