import { mkdirSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { exportOf } from "../../support/export.ts"
import { raised } from "../../support/generations.ts"
import { AGENT, historyOf, START, statusLine } from "../../support/history.ts"
import { UNHURRIED } from "../../support/seeds.ts"
import { devStack } from "../../support/stack.ts"
import { operate } from "../harness.ts"
import { folder, upgraded } from "./upgraded.ts"

const WHY = ["--why", "ticket 7"] as const

describe("replay", () => {
  it("is a dry run with items, units, dollars and time, unless told otherwise", async () => {
    using data = folder()
    const site = await upgraded(data.path, 200)
    const { code, out, err } = await site.command("replay", "agents-v3")
    assert.strictEqual(code, 0)
    assert.match(out, /^agents-v3-\d{8}T\d{6}: would fold the event store into agents-v3\n/)
    assert.match(
      out,
      /at most about \d{3} items, \d+ read units, \d+ write units, \$0\.0\S+, \d:\d\d at [\d,]+ events and [\d,]+ rows a second\n$/
    )
    assert.include(err, "this was a dry run")
    const { plan, cost, seconds, dryRun } = JSON.parse((await site.command("replay", "agents-v3", "--json")).out)
    assert.deepStrictEqual([plan.generation, plan.write, plan.park, dryRun], ["agents-v3", true, false, true])
    assert.isAbove(Math.min(cost.items, cost.readUnits, cost.writeUnits, cost.dollars, seconds), 0)
    const counts = JSON.parse((await site.command("status", "--json")).out).generations
    assert.strictEqual(counts.find(({ generation }: { generation: string }) => generation === "agents-v3").rows, 0)
    await site.stack.stop()
  })

  it("[P8] stops when its budget is spent, and the same id goes on", UNHURRIED, async () => {
    using data = folder()
    const site = await upgraded(data.path, 300)
    const run = (...more: ReadonlyArray<string>) =>
      site.command("replay", "agents-v3", "--id", "first", "--yes", "--json", ...WHY, ...more)
    const part = await run("--max-items", "100")
    assert.strictEqual(part.code, 3)
    assert.include(part.err, "first stopped: the budget is spent: resume it with the same --id and a higher limit")
    assert.strictEqual(JSON.parse(part.out).counts.scanned, 100)
    const rest = await run()
    assert.strictEqual(rest.code, 0)
    assert.strictEqual(JSON.parse(rest.out).counts.scanned, (await site.events()).size)
    const verified = await site.command("verify", "agents-v3", "--yes")
    assert.strictEqual(verified.code, 0, verified.out + verified.err)
    assert.match(verified.out, /rows of agents-v3 compared: all match the event store/)
    await site.stack.stop()
  })

  it("[P8] reads a table export as well, which takes no read units of the store, and whose checkpoints are its own", async () => {
    using data = folder()
    const site = await upgraded(data.path, 200)
    const { manifest, objects } = exportOf(await site.eventItems(), 60)
    const at = join(data.path, "export")
    mkdirSync(join(at, "data"), { recursive: true })
    for (const [key, file] of objects) writeFileSync(join(at, key === manifest ? "" : "data", basename(key)), file)
    const path = join(at, "manifest-files.json")
    const run = (...more: ReadonlyArray<string>) =>
      site.command("replay", "agents-v3", "--id", "exported", "--yes", "--json", ...WHY, ...more)
    const { code, out, err } = await run("--export", path)
    assert.strictEqual(code, 0, err)
    assert.strictEqual(JSON.parse(out).counts.scanned, (await site.events()).size)
    const verified = await site.command("verify", "agents-v3", "--yes")
    assert.strictEqual(verified.code, 0, verified.out + verified.err)
    assert.include((await run()).err, "exported is the id of another replay")
    const both = await run("--export", path, "--state-machine")
    assert.include(both.err, "with --state-machine the export must be in the bucket of the stack")
    const missing = await site.command("replay", "agents-v3", "--export", join(at, "nothing"), "--yes", ...WHY)
    assert.include(missing.err, "the manifest cannot be read")
    await site.stack.stop()
  })

  it("verifies without writing, and says what is not as the store says", async () => {
    using data = folder()
    const site = await upgraded(data.path, 100)
    await site.reach(site.clock.now() + 600_000)
    const { code, out, err } = await site.command("verify", "agents-v3", "--yes", "--json")
    assert.strictEqual(code, 4, err)
    const { counts, differences } = JSON.parse(out)
    assert.isAbove(counts.differences, 0)
    assert.deepStrictEqual([counts.writeUnits, counts.rows > 0, differences[0].kind], [0, true, "missing"])
    assert.strictEqual((await site.command("verify", "agents-v2", "--yes")).code, 0)
    await site.stack.stop()
  })

  it("is about one entity, a time or a topic, and says when there was nothing", async () => {
    using data = folder()
    const site = await upgraded(data.path, 100)
    site.send(statusLine("e-1", "IDLE", site.clock.now()))
    await site.settle()
    const counts = async (...scope: ReadonlyArray<string>) =>
      JSON.parse((await site.command("replay", "agents-v3", "--yes", "--json", ...WHY, ...scope)).out).counts
    assert.strictEqual((await counts("--id", "a", "--entity", AGENT)).folded, 1)
    assert.strictEqual((await counts("--id", "b", "--since", new Date(START + 86_400_000).toISOString())).folded, 0)
    const nobody = await site.command("replay", "agents-v3", "--entity", "nobody", "--id", "c", "--yes", ...WHY)
    assert.strictEqual(nobody.code, 2)
    assert.include(nobody.err, "no event is in that scope")
    const wrong = await site.command("replay", "agents-v3", "--topic", "v2.nonsense")
    assert.deepStrictEqual([wrong.code, wrong.out], [1, ""])
    assert.include(wrong.err, '--topic: agents-v3 does not fold "v2.nonsense"; give one of v2.users')
    const unlisted = await site.command("replay", "agents-v9")
    assert.include(unlisted.err, "agents-v9 is not folded")
    await site.stack.stop()
  })

  it("ends at once on an empty store", async () => {
    const site = await operate({ captured: raised(await devStack()) })
    const { code, err } = await site.command("replay", "agents-v3", "--yes", ...WHY)
    assert.strictEqual(code, 2)
    assert.include(err, "the event store is empty: nothing to fold")
    await site.stack.stop()
  })
})

describe("a change of a projection", () => {
  it("[P8] is replayed, compared, promoted, explained and rolled back while events come in", UNHURRIED, async () => {
    using data = folder()
    const site = await upgraded(data.path, 2_000)
    const live = historyOf(600, { seed: 2, start: site.clock.now(), rate: 20 })
    site.feed(live)

    const replayed = await site.command("replay", "agents-v3", "--rate", "100", "--yes", "--json", ...WHY)
    assert.strictEqual(replayed.code, 0, replayed.err)
    assert.isAbove(JSON.parse(replayed.out).counts.scanned, 2_000)
    // Events came in meanwhile.
    assert.isAbove(site.counters.appended, 100)

    await site.settle()
    const { code, out } = await site.command("diff", "agents-v2", "agents-v3", "--yes", "--json")
    assert.strictEqual(code, 4)
    const { kinds, rows, total } = JSON.parse(out)
    // Each row has what the change adds to it, and nothing else is different.
    assert.deepStrictEqual(kinds, { onlyInA: 0, onlyInB: 0, fold: 0, event: 0, view: total })
    assert.isAtLeast(rows, total)
    assert.isAbove(total, 12)

    assert.strictEqual((await site.command("promote", "agents-v3", "--yes", ...WHY)).code, 0)
    const entity = (await site.rows())[0]?.entity ?? ""
    const explained = await site.command("explain", "agent", entity)
    assert.strictEqual(explained.code, 0)
    assert.match(explained.out, new RegExp(`^${entity} in agents-v3\n`))
    assert.include(explained.out, "knownBy\t")
    assert.strictEqual((await site.command("rollback", "agents", "--yes", ...WHY)).code, 0)
    assert.match((await site.command("explain", "agent", entity)).out, new RegExp(`^${entity} in agents-v2\n`))

    const used = (await site.command("uses")).out
    for (const command of ["replay", "diff", "promote", "explain", "rollback"]) assert.include(used, `\t${command}\t`)
    await site.stack.stop()
  })
})
