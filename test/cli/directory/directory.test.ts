import { assert, describe, it } from "@effect/vitest"
import type { DirectoryEntry } from "../../../src/domain/directory.ts"
import { historyOf, START } from "../../support/history.ts"
import { UNHURRIED } from "../../support/seeds.ts"
import { dryCommand, operate } from "../harness.ts"
import { fillDirectory } from "./fill.ts"

const at = START
const agent = (id: string, name: string, more: Partial<DirectoryEntry> = {}): DirectoryEntry => ({
  kind: "agents",
  id,
  at,
  name,
  ...more
})

const entries: ReadonlyArray<DirectoryEntry> = [
  agent("a-2", "Bo Ek", { division: "d-2" }),
  agent("a-1", "Anna Berg", { division: "d-1", team: "t-1" }),
  agent("a-3", "Cy\u001b[31m\u202eevil"),
  agent("a-4", `Dag ${"a".repeat(10_000)}`),
  { kind: "queues", id: "q-1", at, name: "Sales", division: "d-1" },
  { kind: "divisions", id: "d-1", at, name: "North" },
  { kind: "teams", id: "t-1", at, name: "Blue" }
]

type Site = Awaited<ReturnType<typeof operate>>

const use = async (run: (site: Site) => Promise<void>) => {
  const site = await operate()
  try {
    await run(site)
  } finally {
    await site.stack.stop()
  }
}

describe("projections list", UNHURRIED, () => {
  it("shows agents by name, with ids, and what their divisions and teams are called", () =>
    use(async (site) => {
      await fillDirectory(site, entries, ["agents", "queues"])
      const { code, out, err } = await site.onTerminal("list", "agents")
      assert.strictEqual(code, 0, err)
      assert.deepStrictEqual(
        out
          .trimEnd()
          .split("\n")
          .map((line) => line.split(/ {2,}/)),
        [
          ["NAME", "ID", "DIVISION", "TEAM"],
          ["Anna Berg", "a-1", "North", "Blue"],
          ["Bo Ek", "a-2", "d-2", "-"],
          ["Cy\\u001b[31m\\u202eevil", "a-3", "-", "-"],
          // Nobody's name takes the columns away from the others.
          [`Dag ${"a".repeat(56)}…`, "a-4", "-", "-"]
        ]
      )
      const ids = async (...args: ReadonlyArray<string>) =>
        (await site.command("list", ...args)).out
          .trimEnd()
          .split("\n")
          .map((line) => line.split("\t")[1])
      assert.deepStrictEqual(await ids("queues"), ["q-1"])
      assert.deepStrictEqual(await ids("agents", "--division", "d-2"), ["a-2"])
      assert.deepStrictEqual(await ids("agents", "--team", "t-1", "--name", "ANNA"), ["a-1"])
      const more = await site.command("list", "agents", "--limit", "2", "--json")
      assert.deepStrictEqual(JSON.parse(more.out), {
        kind: "agents",
        swept: new Date(START).toISOString(),
        more: true,
        entries: [
          { id: "a-1", name: "Anna Berg", division: "d-1", team: "t-1" },
          { id: "a-2", name: "Bo Ek", division: "d-2" }
        ]
      })
      assert.include(more.err, "the first 2; there are more: raise --limit, or give --name")
    }))

  it("[P11] leaves no name in the use log", () =>
    use(async (site) => {
      await fillDirectory(site, entries, ["agents"])
      assert.strictEqual((await site.command("list", "agents", "--name", "Anna")).code, 0)
      assert.strictEqual((await site.command("forget", "agents", "a-1", "--yes", "--why", "left us")).code, 0)
      const kept = site.keys("audit/").map((key) => Buffer.from(site.stack.s3.read(site.bucket, key) ?? []).toString())
      assert.lengthOf(kept, 4)
      for (const record of kept) assert.notMatch(record, /anna|berg/i)
      assert.include(kept.join(), '"byName": true')
    }))

  it("says why nothing is listed", () =>
    use(async (site) => {
      const said = async (...args: ReadonlyArray<string>) => {
        const { code, out, err } = await site.command("list", "agents", ...args)
        assert.deepStrictEqual([code, out], [2, ""])
        return err
      }
      assert.match(await said(), /nothing has filled the directory yet: .*run projections reconcile/)
      await fillDirectory(site, entries, ["agents"], { holds: "ids", divisions: ["d-1"] })
      assert.match(await said("--name", "Anna"), /keeps no names of people: set directory to names/)
      assert.match(await said("--division", "d-2"), /keeps nothing of this division/)
      assert.match(await said("--team", "t-9"), /nothing matches/)
    }))

  it.each([
    [["list"], /kind/i],
    [["list", "people"], /agents.*queues.*presences/],
    [["list", "agents", "--limit", "0"], /--limit must be a whole number of entries/],
    [["forget", "agents", "a-1", "--yes"], /Removing a name is recorded: add --why "reason"/]
  ] as const)("%j ends with 1 and one sentence", async (args, expected) => {
    const { code, out, err } = await dryCommand(...args)
    assert.deepStrictEqual([code, out], [1, ""])
    assert.match(err, expected)
  })
})

describe("projections forget", UNHURRIED, () => {
  it("[P11] removes the name of somebody, after a dry run that shows none", () =>
    use(async (site) => {
      await fillDirectory(site, entries, ["agents"])
      const dry = await site.command("forget", "agents", "a-1")
      assert.deepStrictEqual([dry.code, dry.out], [0, "this would remove the entry of a-1, with the name\n"])
      assert.include((await site.command("list", "agents")).out, "Anna")
      const done = await site.command("forget", "agents", "a-1", "--yes", "--why", "left us")
      assert.deepStrictEqual([done.code, done.out], [0, "removed a-1\n"])
      assert.include(done.err, "the next sweep brings it back if Genesys still has it")
      assert.notInclude((await site.command("list", "agents")).out, "Anna")
      assert.strictEqual((await site.command("forget", "agents", "a-1")).code, 2)
    }))
})

describe("projections explain", UNHURRIED, () => {
  it("says what an agent is called, and goes on without names that it may not read", () =>
    use(async (site) => {
      site.feed(historyOf(20))
      await site.reach(START + 30_000)
      await site.settle()
      const id = (await site.rows()).find(({ projection }) => projection === "agents-v2")?.entity ?? ""
      const first = async () => (await site.command("explain", "agent", id)).out.split("\n")[0]
      assert.strictEqual(await first(), `${id} in agents-v2`)
      await fillDirectory(site, [agent(id, "Anna \u001bBerg")])
      assert.strictEqual(await first(), `Anna \\u001bBerg, ${id}, in agents-v2`)
      site.stack.outage((action, resource) => /directory$/.test(resource) && action === "dynamodb:BatchGetItem")
      const { code, err, out } = await site.command("explain", "agent", id)
      assert.deepStrictEqual([code, out.split("\n")[0]], [0, `${id} in agents-v2`])
      assert.match(err, /without names: directory: names: /)
    }))
})
