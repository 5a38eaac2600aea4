import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { iso } from "../../../src/domain/stamp.ts"
import { raised } from "../../support/generations.ts"
import { AGENT, historyOf, START, statusLine } from "../../support/history.ts"
import { UNHURRIED } from "../../support/seeds.ts"
import { snapshotOf } from "../../support/snapshots.ts"
import { devStack } from "../../support/stack.ts"
import { dryCommand, operate, type Said } from "../harness.ts"

const [MINUTE, HOUR] = [60_000, 3_600_000]

const indexed = await devStack({ entityIndex: true })

const folder = mkdtempSync(join(tmpdir(), "explain-"))
afterAll(() => rmSync(folder, { recursive: true }))

type Site = Awaited<ReturnType<typeof operate>>

const past = (site: Site, at: number, ...flags: ReadonlyArray<string>) =>
  site.command("explain", "agent", AGENT, "--at", iso(at), ...flags)

interface Field {
  readonly column: string
  readonly value: unknown
}

const statusIn = ({ out }: Said): unknown =>
  JSON.parse(out).rows[0]?.fields.find(({ column }: Field) => column === "routingStatus")?.value

describe("explain --at with an index by entity", () => {
  it("[P6] [P9] asks nothing, reads the events of the entity alone, and says what that took", UNHURRIED, async () => {
    const site = await operate({ captured: indexed })
    const others = historyOf(200)
    site.feed(others)
    await site.reach(others.at(-1)?.at ?? 0)
    const moment = site.clock.now()
    site.send(statusLine("e-1", "IDLE", moment - 1_000))
    await site.reach(moment + MINUTE)
    // Late by a minute: true at the time of its clock, shown only later.
    site.send(statusLine("e-2", "INTERACTING", moment))
    await site.settle()

    const found = await past(site, moment + 1_000)
    assert.strictEqual(found.code, 0)
    assert.match(found.out, new RegExp(`^${AGENT} in agents-v2, as it was at `))
    // A page of the index and two events.
    assert.include(found.err, "read 2 events by the index: about 2 items, 3 read units, 0 write units, $")
    assert.notInclude(found.err, "--scan")

    const document = await past(site, moment + 1_000, "--json")
    const { readUnits, scanned, folded, unreadable, dryRun, indexedFrom } = JSON.parse(document.out)
    assert.deepStrictEqual([readUnits, scanned, folded, unreadable, dryRun], [2.5, 2, 2, 0, false])
    assert.isUndefined(indexedFrom)
    assert.strictEqual(statusIn(document), "INTERACTING")
    assert.strictEqual(statusIn(await past(site, moment + 1_000, "--arrived", "--json")), "IDLE")
    assert.match((await site.command("uses")).out, /explain\t.*\texplained\tscanned=2 folded=2/)

    const asked = await past(site, moment + 1_000, "--scan")
    assert.match(asked.out, /^without the index by entity: this would read the whole event store, about \d+ items, /)
    const whole = JSON.parse((await past(site, moment + 1_000, "--scan", "--yes", "--json")).out)
    assert.isAbove(whole.scanned, 200)
    assert.deepStrictEqual(whole.rows, JSON.parse(document.out).rows)
    const nobody = await site.command("explain", "agent", "nobody", "--at", iso(moment))
    assert.deepStrictEqual([nobody.code, nobody.out], [2, ""])
    await site.stack.stop()
  })

  it(
    "[P8] says from when on it knows, where it was turned on later, and scans for the rest when told to",
    UNHURRIED,
    async () => {
      const path = join(folder, "later")
      const before = await operate({ path })
      before.send(statusLine("e-1", "IDLE", START))
      await before.settle()
      await before.stack.stop()

      const start = START + 2 * HOUR
      const site = await operate({ captured: indexed, path, start })
      site.send(statusLine("e-2", "INTERACTING", start))
      await site.settle()
      const early = await past(site, START + MINUTE, "--json")
      const from = iso(start + 15 * MINUTE)
      assert.strictEqual(early.code, 2)
      assert.deepStrictEqual([JSON.parse(early.out).rows, JSON.parse(early.out).indexedFrom], [[], from])
      const warning = `the index may lack events that arrived before ${from}; --scan reads the whole event store`
      assert.include(early.err, warning)
      const late = await past(site, start + MINUTE)
      assert.deepStrictEqual([late.code, late.err.includes(warning)], [0, true])
      assert.strictEqual(statusIn(await past(site, START + MINUTE, "--scan", "--yes", "--json")), "IDLE")
      await site.stack.stop()
    }
  )

  it(
    "[P8] counts a generation that was added later from then on, and follows none that is retired",
    UNHURRIED,
    async () => {
      const path = join(folder, "raised")
      const before = await operate({ captured: indexed, path })
      before.send(statusLine("e-1", "IDLE", START))
      await before.settle()
      await before.stack.stop()

      const start = START + 2 * HOUR
      const site = await operate({ captured: raised(indexed), path, start })
      const at = ["--at", iso(start)]
      const old = await site.command("explain", "agents-v2", AGENT, ...at)
      assert.deepStrictEqual([old.code, old.err.includes("the index may lack events")], [0, false])
      const added = await site.command("explain", "agents-v3", AGENT, ...at)
      assert.include(added.err, `the index may lack events that arrived before ${iso(start + 15 * MINUTE)}`)

      for (const [decision, subject] of [
        ["promote", "agents-v3"],
        ["retire", "agents-v2"]
      ] as const)
        assert.strictEqual((await site.command(decision, subject, "--yes", "--why", "ticket 7")).code, 0)
      const retired = await site.command("explain", "agents-v2", AGENT, ...at)
      assert.match(
        retired.out,
        /^the index by entity does not follow agents-v2, which is retired: this would read the whole event store, /
      )
      await site.stack.stop()
    }
  )

  it("says what a snapshot set, and of when it is", UNHURRIED, async () => {
    const site = await operate({})
    site.stack.put(
      JSON.stringify(snapshotOf({ facet: "routingStatus", agentId: AGENT, value: "IDLE" }, START - 2 * HOUR))
    )
    const asked = iso(site.clock.now()).slice(11, 16)
    await site.settle()
    const { out } = await site.command("explain", "agent", AGENT)
    const line = out.split("\n").find((text) => text.startsWith("routingStatus\t"))
    assert.match(
      line ?? "",
      new RegExp(`^routingStatus\tIDLE\t${iso(START - 2 * HOUR)}\t.*\t-\tsnapshot of ${asked}: snapshot-`)
    )
    await site.stack.stop()
  })

  it("takes --scan with a time only", async () => {
    const { code, err } = await dryCommand("explain", "agent", AGENT, "--scan", "--local", "x")
    assert.deepStrictEqual([code, err.includes("--scan needs --at")], [1, true])
  })
})
