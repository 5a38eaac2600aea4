import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { realClock } from "aws-in-process/clock"
import type { DynamoDBRecord } from "aws-lambda"
import { agents } from "../../projections/agents.ts"
import { generation } from "../../src/domain/projection.ts"
import { followChanges } from "../../src/local/changes.ts"
import { NoHandler } from "../../src/local/consumer.ts"
import { changesOf } from "../../src/read/index.ts"
import { keepEnvironment } from "../support/environment.ts"
import { START, statusLine } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, runStack } from "../support/stack.ts"

const folder = mkdtempSync(join(tmpdir(), "changes-"))
const restore = keepEnvironment()
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  restore()
})

const fileOf = (name: string, text: string) => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const captured = await devStack({ projectionStreams: true })

describe("a function that is called with the changes of a run", UNHURRIED, () => {
  it("[P10] gets each record in order, and again from the one that it failed on", async () => {
    const run = await runStack({ captured, start: START })
    const file = fileOf(
      "consumer.mjs",
      `globalThis.batches = []
      export const handler = async ({ Records }) => {
        globalThis.batches.push(Records)
        if (globalThis.batches.length === 1)
          return { batchItemFailures: [{ itemIdentifier: Records.at(-1).dynamodb.SequenceNumber }] }
        if (globalThis.batches.length === 2) throw new Error("out of reach")
      }`
    )
    const said: Array<string> = []
    const end = await followChanges({ projection: "agents", file }, captured, run.stack, realClock(), (text) =>
      said.push(text)
    )
    for (const [i, status] of ["IDLE", "INTERACTING", "IDLE"].entries())
      run.clock.at(START + i * 20_000, () => run.send(statusLine(`e-${i}`, status, START + i * 20_000)))
    await run.reach(START + 60_000)
    await end()
    await run.stack.stop()

    const { batches } = globalThis as unknown as { readonly batches: ReadonlyArray<ReadonlyArray<DynamoDBRecord>> }
    assert.isAtLeast(batches.length, 3)
    const [first, second, third] = batches.map((batch) => batch.map(({ dynamodb }) => dynamodb?.SequenceNumber))
    assert.strictEqual(second?.[0], first?.at(-1))
    assert.strictEqual(third?.[0], second?.[0])
    assert.deepStrictEqual(said, ["the handler failed: out of reach\n"])
    const options = { prefix: String(captured.outputs.prefix), readers: { agents: { generation: generation(agents) } } }
    const changes = new Map(changesOf(batches.flat(), options).map((change) => [change.id, change]))
    assert.deepStrictEqual(
      [...changes.values()].map(({ after }) => after?.routingStatus),
      ["IDLE", "INTERACTING", "IDLE"]
    )
  })

  it("is missed by name, as is a projection", async () => {
    const run = await runStack({ captured })
    const follow = (projection: string, file: string) =>
      followChanges({ projection, file }, captured, run.stack, realClock(), () => {}).then(
        () => assert.fail("it began"),
        (error: unknown) => error as Error
      )
    const none = await follow("agents", fileOf("none.mjs", "export const other = 1"))
    assert.instanceOf(none, NoHandler)
    assert.match(none.message, /none\.mjs exports no function named handler$/)
    const unknown = await follow("agent", fileOf("some.mjs", "export const handler = () => {}"))
    assert.strictEqual(unknown.message, "--changes: the stack has no projection agent")
    await run.stack.stop()
  })
})
