import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { deploy } from "../../bench/append/deployed.ts"
import { measure } from "../../bench/append/measure.ts"
import { batchOf, deliveriesUntil } from "../../bench/append/records.ts"
import { type Contender, run } from "../../bench/append/rounds.ts"
import { serve } from "../../bench/append/serve.ts"
import { median, ratios } from "../../bench/median.ts"

describe("the bench of append", () => {
  const folders: Array<string> = []
  afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))))

  it("measures handlers that stored all that they were given, and nothing else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-"))
    folders.push(folder)
    const [append, project] = await deploy(["append", "project"], folder)
    assert(append !== undefined && project !== undefined)
    assert.isAbove(append.bytes, append.bareBytes)
    const { spent, delays, updates } = await measure(append, project, { size: 20, rounds: 1, warm: 1 })
    assert.deepStrictEqual(
      Object.entries(spent).map(([name, all]) => [name, all.length, all.every(({ cpu }) => cpu > 0)]),
      ["sequential", "again", "concurrent", "powertools", "readOnly", "append"].map((name) => [name, 1, true])
    )
    // Twenty calls one after the other, of 4 ms each.
    assert.isAtLeast(median(delays.sequential), 80)
    assert.lengthOf(updates, 1)
  })

  it.each<readonly [string, Pick<Contender, "stores" | "handler">]>([
    ["stores nothing", { stores: true, handler: async () => ({ batchItemFailures: [] }) }],
    ["wants it again", { stores: false, handler: async () => ({ batchItemFailures: [{ itemIdentifier: "1" }] }) }]
  ])("measures no handler that %s", async (_, how) => {
    const { port, close } = await serve()
    const batch = batchOf(deliveriesUntil(Date.parse("2026-05-06T08:00:00.000Z"), 3, 1))
    const failure = await run(`http://127.0.0.1:${port}`, { name: "it", invocations: 1, ...how }, batch).catch(String)
    close()
    assert.match(String(failure), /it did not store what it was given/)
  })

  it("compares round by round", () => {
    assert.strictEqual(median([3, 1, 2]), 2)
    assert.deepStrictEqual(ratios([10, 40], [1, 2]), [10, 20])
  })
})
