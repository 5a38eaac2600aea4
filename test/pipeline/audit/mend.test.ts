import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Derivation } from "../../../src/domain/derivation.ts"
import { readersKey } from "../../../src/domain/readers.ts"
import { DISCREPANCY_KINDS, type Discrepancy } from "../../../src/pipeline/audit/discrepancy.ts"
import { generationsInUse } from "../../../src/pipeline/audit/in-use.ts"
import { type Finding, mend, needsEvents } from "../../../src/pipeline/audit/mend.ts"
import { AuditLimits } from "../../../src/pipeline/audit/settings.ts"
import { Control } from "../../../src/store/control.ts"
import { EntityIndex } from "../../../src/store/entity-index.ts"
import { EventEraser } from "../../../src/store/event-eraser.ts"
import { auditTwice, GENEROUS } from "../../support/audited-day.ts"
import { forge, having } from "../../support/corruptions.ts"
import { corrupted, lamp, pane, rowAt, seat } from "./corrupted.ts"
import { desks, EVENTS, foundIn, HOUR, makeSmall, type Small, START, saidOf, saying, screens } from "./small.ts"

/** All that an audit looks at, without versions and without what is deleted at once. */
const allOf = async (core: Small) => ({
  rows: core.dump().filter((line) => !line.includes('{"events":[],"registers":{}} {} 0')),
  entries: core.index
    .entries()
    .map((entry) => JSON.stringify(entry))
    .sort(),
  readers: await core.run(generationsInUse)
})

/** How events are found: with an index by entity, or without. */
const findingBy = async (core: Small, indexed: boolean): Promise<Finding> =>
  indexed ? { segments: 2, index: (await core.run(EntityIndex as never)) as EntityIndex["Service"] } : { segments: 2 }

/** What became of each discrepancy. */
const mended = async (core: Small, indexed = true) => {
  const finding = await findingBy(core, indexed)
  const became = []
  for (const one of await auditTwice(core)) became.push(await core.run(mend(one, "robin", finding)))
  return became
}

describe("what somebody did to a table", () => {
  it("is of every kind that an audit tells apart", () => {
    assert.sameMembers(
      [...new Set(corrupted.flatMap(({ found }) => found.map(({ kind }) => kind)))],
      [...DISCREPANCY_KINDS]
    )
  })

  it.each(corrupted)("is found, all of it and nothing else: $title", async ({ corrupt, found }) => {
    const core = await makeSmall()
    await corrupt(core)
    assert.deepStrictEqual(await foundIn(core), found)
  })

  it.each(corrupted)("is mended, and nothing else changes: $title", async ({ corrupt, found }) => {
    const core = await makeSmall()
    const before = await allOf(core)
    await corrupt(core)
    const became = await mended(core)
    assert.lengthOf(became, found.length)
    assert.strictEqual(became[0], "mended")
    assert.notInclude(became, "left")
    assert.deepStrictEqual(await allOf(core), before)
    core.clock.advanceTo(core.clock.now() + 900_000)
    assert.deepStrictEqual(await foundIn(core), [])
  })

  it.each(corrupted)("is mended without an index by entity as well: $title", async ({ corrupt }) => {
    const core = await makeSmall()
    const before = await allOf(core)
    await corrupt(core)
    assert.notInclude(await mended(core, false), "left")
    assert.deepStrictEqual(await allOf(core), before)
  })
})

/** A hall whose board tells how many rows of a desk say something. */
const halls = saidOf("halls", {
  derived: [
    {
      ...{ from: "desks", register: "seats", reads: () => "all" },
      rows: (_, rows) => {
        const [[, first] = []] = rows
        const stamp = [...(first?.values() ?? [])][0]?.stamp
        const value = [...rows.keys()].filter((row) => row.startsWith("seat")).length
        return stamp === undefined ? [] : [{ entity: "h", row: "board", of: () => ({ value, stamp }) }]
      }
    }
  ],
  view: (_, row) => ({ x: row.get("~seats")?.value ?? 0 }),
  summary: desks.summary && { ...desks.summary, reads: (row) => row === "board" }
} as Partial<typeof desks>)

/** Mends the first of what an audit finds of this kind, and nothing else. */
const mendFirst = async (core: Small, kind: Discrepancy["kind"], indexed = false) => {
  const one = (await auditTwice(core)).find((other) => other.kind === kind)
  return one && core.run(mend(one, "robin", await findingBy(core, indexed)))
}

const corruptionOf = (title: string) => {
  const one = corrupted.find((other) => other.title === title)
  if (one === undefined) throw new Error(`there is no ${title}`)
  return one
}

describe("mending", () => {
  it("of a row brings what follows from it into order, too: other rows, and what is counted of both", async () => {
    for (const [title, kind] of [
      ["a value that no event says", "unexplained"],
      ["an open row that the index of open rows lacks", "openIndex"],
      ["a row in the index of open rows that is left", "openIndex"],
      ["a derived register that is gone", "derived"],
      ["a derived register that says something else", "derived"]
    ] as const) {
      const core = await makeSmall()
      const before = await allOf(core)
      await corruptionOf(title).corrupt(core)
      assert.strictEqual(await mendFirst(core, kind), "mended", title)
      assert.deepStrictEqual(await allOf(core), before, title)
    }
  })

  it("of an update that is not there brings all that events say of the row, where an index tells which these are", async () => {
    for (const [indexed, names] of [
      [true, ["screen", "x", "y"]],
      [false, ["screen", "x"]]
    ] as const) {
      const core = await makeSmall()
      const before = await allOf(core)
      await corruptionOf("an open row that is lost").corrupt(core)
      assert.strictEqual(await mendFirst(core, "update", indexed), "mended")
      assert.deepStrictEqual<unknown>([...rowAt(core, seat).registers.keys()].sort(), names)
      assert.notProperty(rowAt(core, seat), "revised")
      if (indexed) assert.deepStrictEqual(await allOf(core), before)
    }
  })

  it("of what follows from a row leaves in it what no event explains, which is another thing", async () => {
    const core = await makeSmall()
    await corruptionOf("two registers that no event explains").corrupt(core)
    await forge(core, lamp, { columns: {} })
    assert.strictEqual(await mendFirst(core, "columns"), "mended")
    assert.deepStrictEqual([...rowAt(core, lamp).registers.keys()].sort(), ["a", "b", "on"])
    assert.deepStrictEqual(rowAt(core, lamp).columns, { on: 1, a: 1, b: 1 })
    assert.strictEqual(await mendFirst(core, "unexplained"), "mended")
    assert.deepStrictEqual([...rowAt(core, lamp).registers.keys()], ["on"])
  })

  it("of a row that no event explains keeps what is derived for it where something else is left of it", async () => {
    const core = await makeSmall([...EVENTS, saying("e5", 4_000, ["screens", "s", "pane", "dim", 1])])
    const { registers } = rowAt(core, pane)
    assert.deepStrictEqual([...registers.keys()].sort(), ["dim", "~shown d"])
    const odd = { value: 1, stamp: { clock: START, published: START, eventId: "none" } }
    await forge(core, pane, { registers: having(registers, "odd", odd), asOf: rowAt(core, pane).asOf })
    assert.strictEqual(await mendFirst(core, "unexplained"), "mended")
    assert.deepStrictEqual(rowAt(core, pane).registers, registers)
  })

  it.each([
    [0, "mended"],
    [19, "mended"],
    [20, "left"]
  ])(
    "writes a row again where others write it at the same time, 20 times in all (%i conflicts: %s)",
    async (count, became) => {
      let [conflicts, saves] = [0, 0]
      const core: Small = await makeSmall(undefined, {
        rows: (inner) => ({
          ...inner,
          save: (writes) => {
            saves++
            return conflicts-- > 0 ? Effect.succeed(writes.map(() => "conflict" as const)) : inner.save(writes)
          }
        })
      })
      await corruptionOf("a column that is another").corrupt(core)
      const [one] = await auditTwice(core)
      conflicts = count
      saves = 0
      assert.strictEqual(one && (await core.run(mend(one, "robin", { segments: 1 }))), became)
      assert.strictEqual(saves, Math.min(count + 1, 20))
    }
  )

  it("of a row that no event explains leaves what is derived for it, which is derived again", async () => {
    const core = await makeSmall()
    const before = await allOf(core)
    const odd = { value: 1, stamp: { clock: START, published: START, eventId: "none" } }
    await forge(core, pane, { registers: having(rowAt(core, pane).registers, "odd", odd), asOf: START })
    assert.strictEqual(await mendFirst(core, "unexplained"), "mended")
    assert.deepStrictEqual(await allOf(core), before)
  })

  it("of a row too many takes back what followed from it elsewhere, and what is counted there", async () => {
    const projections = [desks, halls]
    const core = await makeSmall(undefined, { projections })
    const board = { projection: "halls-v1", entity: "h", row: "board" }
    const before = await allOf(core)
    assert.deepStrictEqual(rowAt(core, board).columns, { x: 2 })
    const odd = { value: 9, stamp: { clock: START, published: START, eventId: "none" } }
    const seats = { registers: new Map([["x", odd]]), columns: { x: 9 }, asOf: START, counted: true }
    await forge(core, { ...seat, row: "seat#9" }, seats)
    assert.strictEqual(await mendFirst(core, "derived"), "mended")
    assert.deepStrictEqual(rowAt(core, board).columns, { x: 3 })
    assert.deepStrictEqual(rowAt(core, { ...board, row: "state" }).columns, { count: 1, sum: 3 })
    assert.strictEqual(await mendFirst(core, "summary"), "mended")
    assert.deepStrictEqual(rowAt(core, { ...seat, row: "state" }).columns, { count: 2, sum: 14 })
    assert.strictEqual(await mendFirst(core, "unexplained"), "mended")
    assert.deepStrictEqual(await allOf(core), before)
  })

  it("of what follows from a row writes that register of that row alone", async () => {
    const other = saying("e5", 5_000, ["desks", "d", "seat#3", "x", 7], ["desks", "d", "seat#3", "screen", "t"])
    const copied = { ...screens.derived?.[0], register: "copy" } as Derivation
    const projections = [desks, { ...screens, derived: [...(screens.derived ?? []), copied] }]
    const core = await makeSmall([...EVENTS, other], { projections })
    const before = await allOf(core)
    const at = { ...pane, entity: "t" }
    const { registers } = rowAt(core, at)
    const without = new Map([...registers].map(([name, one]) => [name, { ...one, value: 1 }]))
    await forge(core, at, { registers: without, columns: { x: 1 } })
    const values = () => [...rowAt(core, at).registers].map(([name, { value }]) => `${name} ${value}`).sort()
    assert.strictEqual(await mendFirst(core, "derived"), "mended")
    assert.deepStrictEqual(values(), ["~copy d 1", "~shown d 7"])
    assert.strictEqual(await mendFirst(core, "derived"), "mended")
    assert.deepStrictEqual(await allOf(core), before)
  })

  it("keeps of a row what nothing can be said of, since its event has left the store", async () => {
    const core = await makeSmall()
    await core.run(
      Effect.provide(
        EventEraser.use(({ erase }) => erase([{ id: "e3", at: START, request: "r" }])),
        core.events.eraser
      )
    )
    const odd = { value: 1, stamp: { clock: core.clock.now(), published: core.clock.now(), eventId: "none" } }
    const registers = having(rowAt(core, lamp).registers, "odd", odd)
    await forge(core, lamp, { registers, columns: { on: 1, odd: 1 }, asOf: core.clock.now() })
    const bounds = { ...GENEROUS, eventsKeptMs: HOUR }
    const [one] = await auditTwice(core, bounds)
    const effect = one && mend(one, "robin", { segments: 1 })
    assert.strictEqual(await core.run(Effect.provideService(effect as never, AuditLimits, bounds)), "mended" as never)
    assert.deepStrictEqual(rowAt(core, lamp).columns, { on: 1 })
  })

  it("finds the events of a row by the index where one is given, and else in the whole store", async () => {
    let asked = 0
    const core = await makeSmall(undefined, {
      index: (inner) => ({
        ...inner,
        page: (request) => {
          asked++
          return inner.page(request)
        }
      })
    })
    for (const indexed of [false, true]) {
      await corruptionOf("a value that no event says").corrupt(core)
      assert.strictEqual(await mendFirst(core, "unexplained", indexed), "mended")
      assert.strictEqual(asked > 0, indexed)
    }
  })

  it("leaves a pointer to a generation that is fed no longer where there is no other", async () => {
    const core = await makeSmall()
    await core.run(Control.use((control) => control.write("retired/desks-v1", { at: 1, by: "otto" }, 0)))
    assert.strictEqual(await mendFirst(core, "pointer"), "left")
  })

  it.each([
    ["desks-v2", "desks-v2"],
    ["desks-v3", "desks-v1"],
    ["screens-v1", "desks-v1"],
    [undefined, "desks-v1"]
  ])("points to what readers used before (%s), or else to the first that is fed", async (previous, expected) => {
    const projections = [{ ...desks, version: 2 }, desks, screens]
    const core = await makeSmall(undefined, { projections })
    const pointer = { generation: "desks-v9", ...(previous && { previous }) }
    await core.run(Control.use((control) => control.write(readersKey("desks"), pointer, 0)))
    assert.strictEqual(await mendFirst(core, "pointer"), "mended")
    const { value } = await core.run(Control.use((control) => control.read(readersKey("desks"))))
    assert.deepInclude(value as object, { generation: expected, previous: "desks-v9", by: "robin" })
  })

  it("reads all events of an entity where what is there must be explained, and else none", () => {
    const kinds = ["update", "unexplained", "columns", "derived"] as const
    assert.deepStrictEqual(
      kinds.map((kind) => needsEvents({ kind, generation: "desks-v1" })),
      [false, true, false, false]
    )
  })

  it("finds that a discrepancy is gone already, and writes nothing", async () => {
    const core = await makeSmall()
    const before = core.dump()
    for (const { found } of corrupted)
      for (const one of found) assert.strictEqual(await core.run(mend(one, "robin", { segments: 1 })), "healed")
    assert.deepStrictEqual(core.dump(), before)
  })
})
