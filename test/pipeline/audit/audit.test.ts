import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { audit } from "../../../src/pipeline/audit/audit.ts"
import type { AuditCheckpoint, Seen } from "../../../src/pipeline/audit/checkpoint.ts"
import { AuditLimits } from "../../../src/pipeline/audit/settings.ts"
import { CapacityUsed } from "../../../src/store/counters.ts"
import { Deadline } from "../../../src/store/deadline.ts"
import { EntityIndex } from "../../../src/store/entity-index.ts"
import { ProjectionStore } from "../../../src/store/projection-store.ts"
import { auditOnce, GENEROUS } from "../../support/audited-day.ts"
import { makeCore } from "../../support/core.ts"
import { forge } from "../../support/corruptions.ts"
import { lamp } from "./corrupted.ts"
import { desks, HOUR, makeSmall, type Small, START, saying, screens } from "./small.ts"

const MINUTES = 60_000
/** Deployed stacks have their checkpoint under this key of the control table. */
const AUDIT_KEY = "audit"
/** Every page of rows costs so many read units here. */
const COST = 40

/** A core whose pages of rows cost read units, by the account that an audit keeps. */
const costly = (lines?: ReadonlyArray<string>) =>
  makeSmall(lines, {
    rows: (inner) => ({
      ...inner,
      pages: (...of) =>
        Effect.gen(function* () {
          const { add } = yield* CapacityUsed
          add("readUnits", COST)
          return yield* inner.pages(...of)
        })
    })
  })

const known = (core: Small) => core.control.held().get(AUDIT_KEY)?.value as unknown as AuditCheckpoint

/** Writes what is remembered, as if an audit had. */
const remember = (core: Small, change: Partial<AuditCheckpoint>) => {
  const held = core.control.held() as Map<string, { value: unknown; version: number }>
  held.set(AUDIT_KEY, { value: { ...known(core), ...change }, version: held.get(AUDIT_KEY)?.version ?? 0 })
}

const wait = (core: Small, ms: number) => core.clock.advanceTo(core.clock.now() + ms)

describe("an audit", () => {
  it("goes through all tables once, and counts what it has looked at", async () => {
    const core = await makeSmall()
    const began = known(core).began
    assert.strictEqual(began, START - 1)
    const { state, run, checkpoint } = await auditOnce(core)
    assert.strictEqual(state, "audited")
    assert.deepStrictEqual(run, { events: 4, rows: 6, entries: 4, readUnits: 0 })
    const whole = { rounds: 2 }
    assert.deepStrictEqual(checkpoint, {
      ...{ began, at: core.clock.now(), balance: 600 * GENEROUS.readUnitsPerSecond, indexedSince: began },
      positions: { events: whole, "desks-v1": whole, "screens-v1": whole, entries: whole },
      ...{ counts: run, suspects: [], found: [], more: false }
    })
    assert.deepStrictEqual(known(core), checkpoint)
  })

  it("looks at tables in pages of 50, and goes on where the last one stopped", async () => {
    const lines = Array.from({ length: 51 }, (_, i) => saying(`e${i}`, i, ["desks", `d${i}`, "lamp", "on", 1]))
    const core = await costly(lines)
    const bounds = { ...GENEROUS, readUnitsPerSecond: 1 }
    remember(core, {
      at: core.clock.now() - 1_000,
      balance: -0.5,
      counts: { rows: 1, events: 1, entries: 1, readUnits: 1 }
    })
    const first = await auditOnce(core, bounds)
    // It had half a unit, and spent it on one look at rows.
    assert.strictEqual(first.checkpoint?.balance, 0.5 - COST)
    const { run } = first
    assert.deepStrictEqual(first.checkpoint?.counts, {
      ...{ rows: 1 + run.rows, events: 1 + run.events, entries: 1 + run.entries, readUnits: 1 + COST }
    })
    assert.strictEqual(run.rows, 25)
    assert.isString(first.checkpoint?.positions["desks-v1"]?.cursor)
    assert.deepInclude(first.checkpoint?.positions["desks-v1"], { rounds: 1 })
    wait(core, 600_000)
    const { checkpoint } = await auditOnce(core, { ...bounds, readUnitsPerSecond: 1_000 })
    assert.deepStrictEqual(checkpoint?.positions["desks-v1"], { rounds: 2 })
    assert.strictEqual(checkpoint?.counts.rows, 1 + 51)
  })

  it("begins at another table each time, where it cannot reach all of them", async () => {
    const core = await costly()
    const looked: Array<string> = []
    for (let i = 0; i < 4; i++) {
      remember(core, { at: core.clock.now(), balance: 1e-9 })
      core.lines.length = 0
      const { run } = await auditOnce(core, { readUnitsPerSecond: 1 })
      looked.push(
        Object.entries(run)
          .flatMap(([of, n]) => (n > 0 && of !== "readUnits" ? [`${of} ${n}`] : []))
          .join()
      )
    }
    assert.deepStrictEqual(looked, ["rows 4", "rows 2", "rows 4,events 4,entries 4", "rows 4,events 4"])
  })

  it("spends what it may since the last one, of ten minutes at most, and nothing without", async () => {
    const core = await costly()
    const balanceAfter = async (change: Partial<AuditCheckpoint>) => {
      remember(core, change)
      return (await auditOnce(core, { readUnitsPerSecond: 2 })).checkpoint?.balance
    }
    const now = core.clock.now()
    assert.strictEqual(await balanceAfter({ at: now - 1_000, balance: 0 }), 2 - COST)
    assert.strictEqual(await balanceAfter({ at: now - 60_000, balance: -10 }), 110 - 2 * COST)
    // What was not spent adds up, and no more than in ten minutes.
    assert.strictEqual(await balanceAfter({ at: now - 60_000, balance: 1_190 }), 1_200 - 2 * COST)
    assert.strictEqual(await balanceAfter({ at: now - HOUR, balance: 0 }), 1_200 - 2 * COST)
    assert.strictEqual(await balanceAfter({ at: now + HOUR, balance: 0 }), 0)
    const first = await makeCore({ projections: [desks, screens] }, core.clock)
    const { checkpoint } = await auditOnce(first as never, { readUnitsPerSecond: 2 })
    assert.deepInclude(checkpoint, { balance: 1_200, began: now, at: now })
    assert.notProperty(checkpoint, "indexedSince")
    assert.deepStrictEqual(Object.keys(checkpoint?.positions ?? {}), ["events", "desks-v1", "screens-v1"])
  })

  it("ends ten seconds before its time is up", async () => {
    const core = await makeSmall()
    const until = async (ms: number) =>
      (
        await core.run(
          audit.pipe(
            Effect.provideService(AuditLimits, GENEROUS),
            Effect.provideService(Deadline, core.clock.now() + ms)
          )
        )
      ).run
    assert.deepStrictEqual(await until(10_000), { rows: 0, events: 0, entries: 0, readUnits: 0 })
    assert.deepStrictEqual(await until(10_001), { rows: 6, events: 4, entries: 4, readUnits: 0 })
  })

  it("that another has overtaken leaves what that one wrote, and says so", async () => {
    const core = await makeSmall()
    let isFirst = true
    const overtaken = await core.run(
      Effect.gen(function* () {
        const inner = yield* ProjectionStore
        return yield* audit.pipe(
          Effect.provideService(AuditLimits, GENEROUS),
          Effect.provideService(ProjectionStore, {
            ...inner,
            pages: (...of) =>
              Effect.suspend(() => {
                const held = core.control.held() as Map<string, object>
                if (isFirst) held.set(AUDIT_KEY, { value: { ...known(core), at: 7 }, version: 99 })
                isFirst = false
                return inner.pages(...of)
              })
          })
        )
      })
    )
    assert.deepStrictEqual(overtaken, {
      ...{ state: "overtaken", run: { rows: 0, events: 0, entries: 0, readUnits: 0 } }
    })
    assert.strictEqual(known(core).at, 7)
  })
})

describe("what an audit sees", () => {
  it("counts when it is so still ten minutes later, since it was first seen", async () => {
    const core = await makeSmall()
    await forge(core, lamp, { columns: { on: 2 } })
    const seen = core.clock.now()
    const one: Seen = {
      ...{ kind: "columns", generation: "desks-v1", entity: "d", row: "lamp", names: ["on"], version: 2, seen }
    }
    assert.deepInclude((await auditOnce(core)).checkpoint, { suspects: [one], found: [] })
    wait(core, 10 * MINUTES - 1)
    assert.deepInclude((await auditOnce(core)).checkpoint, { suspects: [one], found: [] })
    wait(core, 1)
    assert.deepInclude((await auditOnce(core)).checkpoint, { suspects: [], found: [one], more: false })
    // It is told as it is now, and forgotten when it is gone.
    await forge(core, lamp, { columns: { on: 2, other: 3 } })
    const now = { ...one, names: ["on", "other"], version: 3 }
    assert.deepInclude((await auditOnce(core)).checkpoint, { suspects: [], found: [now] })
    await forge(core, lamp, { columns: { on: 1 } })
    assert.deepInclude((await auditOnce(core)).checkpoint, { suspects: [], found: [] })
  })

  it("does not count where it was right again meanwhile", async () => {
    const core = await makeSmall()
    await forge(core, lamp, { columns: { on: 2 } })
    await auditOnce(core)
    await forge(core, lamp, { columns: { on: 1 } })
    wait(core, 10 * MINUTES)
    assert.deepInclude((await auditOnce(core)).checkpoint, { suspects: [], found: [] })
  })

  it("is looked at again 40 at a time, the others in their turn, and none is forgotten", async () => {
    const rows = Array.from({ length: 42 }, (_, i) => String(i).padStart(2, "0"))
    const lines = rows.map((i) => saying(`e${i}`, Number(i), ["desks", `d${i}`, "lamp", "on", 1]))
    const core = await makeSmall(lines)
    for (const i of rows) await forge(core, { ...lamp, entity: `d${i}` }, { columns: { on: 2 } })
    const lists = async () => {
      const { suspects = [], found = [] } = (await auditOnce(core)).checkpoint ?? {}
      return [suspects.length, found.length, found.slice(0, 3).map(({ entity }) => entity)]
    }
    assert.deepStrictEqual(await lists(), [42, 0, []])
    wait(core, 10 * MINUTES)
    assert.deepStrictEqual(await lists(), [2, 40, ["d00", "d01", "d02"]])
    assert.deepStrictEqual(await lists(), [0, 42, ["d00", "d01", "d02"]])
    // The last ones come first then.
    assert.deepStrictEqual(await lists(), [0, 42, ["d41", "d40", "d00"]])
    for (const i of rows) await forge(core, { ...lamp, entity: `d${i}` }, { columns: { on: 1 } })
    assert.deepStrictEqual(await lists(), [0, 2, ["d39", "d38"]])
    assert.deepStrictEqual(await lists(), [0, 0, []])
  })

  it("names 200 at most, and says that there are more", async () => {
    const core = await makeSmall()
    const many = Array.from(
      { length: 201 },
      (_, i): Seen => ({
        ...{ kind: "columns", generation: "desks-v1", entity: `d${i}`, row: "r", seen: core.clock.now() }
      })
    )
    remember(core, { suspects: many })
    const { checkpoint } = await auditOnce(core)
    assert.deepStrictEqual([checkpoint?.suspects.length, checkpoint?.more], [200, true])
    remember(core, { suspects: [], found: many })
    assert.strictEqual((await auditOnce(core)).checkpoint?.more, false)
  })

  it("is of events that came two hours ago at least, and of entries since there is an index", async () => {
    const core = await makeSmall([saying("e", 0, ["desks", "d", "lamp", "on", 1])])
    core.rows.drop("desks-v1", "d")
    await core.run(EntityIndex.use(({ remove }) => remove(core.index.entries())) as never)
    const kinds = async (bounds: object) =>
      (await auditOnce(core, bounds)).checkpoint?.suspects.map(({ kind }) => kind).sort()
    const age = core.clock.now() - (START + 5_000)
    assert.deepStrictEqual(await kinds({ settledMs: age }), [])
    assert.deepStrictEqual(await kinds({ settledMs: age - 1 }), ["entryMissing", "update"])
    remember(core, { suspects: [], indexedSince: START + 5_000 })
    assert.deepStrictEqual(await kinds({ settledMs: 0 }), ["update"])
    remember(core, { suspects: [], indexedSince: START + 4_999 })
    assert.deepStrictEqual(await kinds({ settledMs: 0 }), ["entryMissing", "update"])
  })
})
