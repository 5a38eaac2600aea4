import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Derivation } from "../../../src/domain/derivation.ts"
import { merge, type Row } from "../../../src/domain/row.ts"
import type { Discrepancy } from "../../../src/pipeline/audit/discrepancy.ts"
import { mend } from "../../../src/pipeline/audit/mend.ts"
import { type AuditBounds, AuditLimits } from "../../../src/pipeline/audit/settings.ts"
import { EventEraser } from "../../../src/store/event-eraser.ts"
import { auditTwice, GENEROUS } from "../../support/audited-day.ts"
import { forge, having } from "../../support/corruptions.ts"
import { lamp, pane, rowAt } from "./corrupted.ts"
import { desks, EVENTS, HOUR, makeSmall, type Small, START, saidOf, saying, screens } from "./small.ts"

/** A register of an event that was never stored, though it would be there still. */
const odd = { value: 1, stamp: { clock: START, published: START + 3 * HOUR - 1, eventId: "none" } }

/** Adds a register that no event explains. */
const addOdd = (core: Small, at: typeof lamp, change: Partial<Parameters<typeof forge>[2]> = {}) =>
  forge(core, at, { registers: having(rowAt(core, at).registers, "odd", odd), ...change })

/** Mends the first of what an audit finds of this kind. */
const mendFirst = async (core: Small, kind: Discrepancy["kind"], bounds: Partial<AuditBounds> = {}) => {
  const one = (await auditTwice(core, bounds)).find((other) => other.kind === kind)
  const limits = { ...GENEROUS, ...bounds }
  return (
    one && core.run(Effect.provideService(mend(one, "robin", { segments: 1 }) as never, AuditLimits, limits as never))
  )
}

const values = (registers: Row) => [...registers].map(([name, { value }]) => `${name} ${value}`).sort()

/** Takes events out of the store, as their retention does. */
const leave = (core: Small, ...ids: ReadonlyArray<string>) =>
  core.run(
    Effect.provide(
      EventEraser.use(({ erase }) => erase(ids.map((id) => ({ id, at: START, request: "r" })))),
      core.events.eraser
    )
  )

describe("a row that is mended", () => {
  it("says what its latest event says, where an older one explains what it said", async () => {
    const core = await makeSmall([...EVENTS, saying("e5", 5_000, ["desks", "d", "lamp", "on", 2])])
    const held = { value: 1, stamp: { clock: START + 4_000, published: START + 4_000, eventId: "e3" } }
    await addOdd(core, lamp, { registers: new Map(Object.entries({ on: held, odd })) as Row })
    assert.strictEqual(await mendFirst(core, "unexplained"), "mended" as never)
    assert.deepStrictEqual(values(rowAt(core, lamp).registers), ["on 2"])
  })

  it("keeps a register of which the event has left the store, whatever its column says", async () => {
    const core = await makeSmall()
    await leave(core, "e3")
    await addOdd(core, lamp, { columns: { on: 7, odd: 1 } })
    assert.strictEqual(await mendFirst(core, "unexplained", { eventsKeptMs: HOUR }), "mended" as never)
    assert.deepStrictEqual(rowAt(core, lamp).columns, { on: 1 })
  })

  it("gets back nothing that followed from rows as they were once", async () => {
    const dim = saying("e5", 5_000, ["screens", "s", "pane", "dim", 1], ["desks", "d", "lamp", "on", 2])
    const moved = saying("e6", 6_000, ["desks", "d", "seat#1", "screen", "t"])
    const core = await makeSmall([...EVENTS, dim, moved])
    await leave(core, "e6")
    await addOdd(core, pane)
    assert.strictEqual(await mendFirst(core, "unexplained", { eventsKeptMs: HOUR }), "mended" as never)
    assert.deepStrictEqual(values(rowAt(core, pane).registers), ["dim 1"])
  })

  it("is a tombstone where nothing but what is derived is left, and no source says that", async () => {
    const marked = { ...screens.derived?.[0], register: "mark", shared: false, rows: () => [] } as unknown as Derivation
    const projections = [desks, { ...screens, derived: [...(screens.derived ?? []), marked] }]
    const core = await makeSmall(undefined, { projections })
    const ghost = { ...pane, row: "ghost" }
    await forge(core, ghost, { registers: new Map(Object.entries({ odd, "~mark": odd })) as Row, asOf: START })
    assert.strictEqual(await mendFirst(core, "unexplained"), "mended" as never)
    assert.deepStrictEqual(values(rowAt(core, ghost).registers), [])
  })

  it("is merged by its projection's own merge from what events say, and from nothing that is derived", async () => {
    const asked: Array<string> = []
    const own = (_: string, held: Row, updates: Parameters<typeof merge>[1]) => {
      asked.push(...[...updates].map(([name]) => name))
      return merge(held, updates)
    }
    const core = await makeSmall([...EVENTS, saying("e5", 5_000, ["screens", "s", "pane", "dim", 1])], {
      projections: [desks, { ...screens, merge: own }]
    })
    await addOdd(core, pane)
    assert.strictEqual(await mendFirst(core, "unexplained"), "mended" as never)
    assert.deepStrictEqual([...new Set(asked)].sort(), ["dim", "odd"])
    assert.deepStrictEqual(values(rowAt(core, pane).registers), ["dim 1", "~shown d 5"])
  })

  it("is left where its projection cannot show it, and nothing is written", async () => {
    let isShown = true
    const view = (row: string, registers: Row) => {
      if (!isShown && row === "lamp") throw new Error("no bulb")
      return desks.view(row, registers)
    }
    const core = await makeSmall(undefined, { projections: [{ ...desks, view }, screens] })
    await addOdd(core, lamp)
    const before = rowAt(core, lamp)
    isShown = false
    assert.strictEqual(await mendFirst(core, "unexplained"), "left" as never)
    assert.deepStrictEqual(rowAt(core, lamp), before)
  })

  it.each([0, 1, 2])(
    "gets a derived register by its own derivation, whoever else has one of that name (%i)",
    async (at) => {
      const [shown] = screens.derived ?? []
      const elsewhere = { ...shown, rows: () => [] } as unknown as Derivation
      const walls = saidOf("walls", { derived: [elsewhere] })
      const core = await makeSmall(undefined, { projections: [desks, screens].toSpliced(at, 0, walls) })
      const before = rowAt(core, pane)
      await forge(core, pane, { registers: new Map([["~shown d", odd]]) as Row })
      assert.strictEqual(await mendFirst(core, "derived"), "mended" as never)
      assert.deepStrictEqual(rowAt(core, pane).registers, before.registers)
    }
  )
})
