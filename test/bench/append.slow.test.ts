import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { type Contender, otherWays } from "../../bench/append/contenders.ts"
import { deployBench } from "../../bench/append/deployed.ts"
import { measure } from "../../bench/append/measure.ts"
import { batchOf, deliveriesUntil } from "../../bench/append/records.ts"
import { run } from "../../bench/append/rounds.ts"
import { serve } from "../../bench/append/serve.ts"
import { median, ratios } from "../../bench/median.ts"

describe("the bench of append", () => {
  const folders: Array<string> = []
  afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))))

  it("measures handlers that stored all that they were given, and nothing else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-"))
    folders.push(folder)
    const functions = await deployBench(folder, {
      module: "src/store/aws/pack-body.ts",
      before: join(import.meta.dirname, "../../bench/before.ts")
    })
    assert.isAbove(functions.append.bytes, functions.append.bareBytes)
    const [now, before] = await Promise.all(
      [functions.append.file, functions.beforeFile ?? ""].map((file) => readFile(file, "utf8"))
    )
    assert.include(now, "CorrelationId")
    assert.isBelow(before?.match(/CorrelationId/g)?.length ?? 0, now?.match(/CorrelationId/g)?.length ?? 0)
    const names = [...(Object.keys(otherWays) as Array<keyof typeof otherWays>), "append", "before"] as const
    const { spent, delays, updates } = await measure(functions, names, { size: 20, rounds: 1, warm: 1 })
    assert.deepStrictEqual(
      Object.entries(spent).map(([name, all]) => [name, all.length, all.every(({ cpu }) => cpu > 0)]),
      names.map((name) => [name, 1, true])
    )
    // Twenty calls one after the other, of 4 ms each.
    assert.isAtLeast(median(delays.sequential), 80)
    assert.lengthOf(updates, 1)
  })

  let endpoint = ""
  const nothing = { batchItemFailures: [] }
  it.each<readonly [string, Pick<Contender, "envelopeOf" | "handler">]>([
    ["stores nothing", { envelopeOf: (item) => item, handler: async () => nothing }],
    [
      "wants it again",
      { envelopeOf: undefined, handler: async () => ({ batchItemFailures: [{ itemIdentifier: "1" }] }) }
    ],
    [
      "stores another body",
      {
        envelopeOf: (item) => ({ ...(item as { readonly envelope: object }).envelope, source: "another" }),
        handler: async ({ Records }) => {
          const stored = Records.map(({ kinesis }) => JSON.parse(Buffer.from(kinesis.data, "base64").toString()))
          for (const envelope of stored)
            await fetch(endpoint, {
              method: "POST",
              headers: { "x-amz-target": "DynamoDB_20120810.PutItem" },
              body: JSON.stringify({ TableName: "events", Item: { id: { S: envelope.id }, envelope } })
            })
          return nothing
        }
      }
    ]
  ])("measures no handler that %s", async (_, how) => {
    const { port, close } = await serve()
    endpoint = `http://127.0.0.1:${port}`
    const batch = batchOf(deliveriesUntil(Date.parse("2026-05-06T08:00:00.000Z"), 3, 1))
    const failure = await run(endpoint, { name: "it", invocations: 1, ...how }, batch).catch(String)
    close()
    assert.match(String(failure), /it did not store what it was given/)
  })

  it("compares round by round", () => {
    assert.strictEqual(median([3, 1, 2]), 2)
    assert.deepStrictEqual(ratios([10, 40], [1, 2]), [10, 20])
  })
})
