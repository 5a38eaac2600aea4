import { assert, describe, it } from "@effect/vitest"
import type { Seen } from "../../../src/pipeline/audit/checkpoint.ts"
import { DISCREPANCY_KINDS } from "../../../src/pipeline/audit/discrepancy.ts"
import { generationsInUse } from "../../../src/pipeline/audit/in-use.ts"
import { mend } from "../../../src/pipeline/audit/mend.ts"
import { EntityIndex } from "../../../src/store/entity-index.ts"
import { auditOnce, auditTwice, makeDay } from "../../support/audited-day.ts"
import type { Core } from "../../support/core.ts"
import { type Corruption, corruptions } from "../../support/corruptions.ts"
import { seeds } from "../../support/seeds.ts"

/** All that an audit looks at, without versions and without what is deleted at once. */
const allOf = async (core: Core) => ({
  rows: core.dump().filter((line) => !line.includes('{"events":[],"registers":{}} {} 0')),
  entries: core.index
    .entries()
    .map((entry) => JSON.stringify(entry))
    .sort(),
  readers: await core.run(generationsInUse)
})

const indexOf = (core: Core) => core.run(EntityIndex as never) as Promise<EntityIndex["Service"]>

describe("an audit", () => {
  it.each(seeds(3))("finds nothing in a healthy day, after faults of all kinds (seed %i)", async (seed) => {
    const core = await makeDay({ seed, chaos: 0.7 })
    assert.deepStrictEqual(await auditTwice(core), [])
    const { checkpoint } = await auditOnce(core)
    assert.deepStrictEqual(checkpoint?.suspects, [])
    assert.isAbove(checkpoint?.counts.events ?? 0, 300)
    assert.isAbove(checkpoint?.counts.rows ?? 0, 80)
    assert.isAbove(checkpoint?.counts.entries ?? 0, 300)
  })
})

describe("a corruption", () => {
  it("of every kind is in the table", () => {
    assert.deepStrictEqual([...new Set(corruptions.map(({ kind }) => kind))].sort(), [...DISCREPANCY_KINDS].sort())
  })
})

describe("what an audit found", () => {
  it.each(corruptions.filter(({ stays }) => stays !== true))(
    "is named and mended, and nothing else changes: $title",
    async ({ kind, corrupt }) => {
      const core = await makeDay()
      const before = await allOf(core)
      await corrupt(core)
      const found = await auditTwice(core)
      assert.include(
        found.map((one) => one.kind),
        kind
      )
      for (const one of found)
        assert.notStrictEqual(
          await core.run(mend(one, "robin", { index: await indexOf(core), segments: 1 })),
          "left",
          one.kind
        )
      assert.deepStrictEqual(await allOf(core), before)
      core.clock.advanceTo(core.clock.now() + 900_000)
      assert.deepStrictEqual((await auditOnce(core)).checkpoint?.found, [])
      assert.deepStrictEqual(await auditTwice(core), [])
    }
  )

  it.each(corruptions.filter(({ stays }) => stays === true))("stays, and is said to: $title", async ({ corrupt }) => {
    const core = await makeDay()
    await corrupt(core)
    const found = await auditTwice(core)
    assert.lengthOf(found, 1)
    for (const one of found) assert.strictEqual(await core.run(mend(one, "robin", { segments: 1 })), "left")
  })

  it("is mended without an index by entity, by all events of the store", async () => {
    const core = await makeDay()
    const before = await allOf(core)
    for (const { corrupt } of corruptions.filter(({ kind }) => kind === "unexplained").slice(0, 2)) {
      await corrupt(core)
      for (const one of await auditTwice(core)) await core.run(mend(one, "robin", { segments: 2 }))
    }
    assert.deepStrictEqual(await allOf(core), before)
  })

  it("is not what an event says that may have been archived", async () => {
    const core = await makeDay()
    const { corrupt } = corruptions.find(({ title }) => title.startsWith("an entry of an event")) as Corruption
    await corrupt(core)
    assert.deepStrictEqual(await auditTwice(core, { eventsKeptMs: 3_600_000 }), [])
    assert.lengthOf(await auditTwice(core), 1)
  })

  it("is forgotten once live updates have mended it", async () => {
    const core = await makeDay()
    const { corrupt } = corruptions.find(({ kind }) => kind === "summary") as (typeof corruptions)[number]
    await corrupt(core)
    const [one, ...others] = await auditTwice(core)
    assert.deepStrictEqual([one?.kind, others], ["summary", []])
    await core.run(mend(one as Seen, "robin", { segments: 1 }))
    core.clock.advanceTo(core.clock.now() + 300_000)
    assert.deepStrictEqual((await auditOnce(core)).checkpoint?.found, [])
  })
})
