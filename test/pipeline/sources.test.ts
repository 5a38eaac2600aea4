import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Delta } from "../../src/domain/delta.ts"
import type { Derivation } from "../../src/domain/derivation.ts"
import { DERIVED, type Register } from "../../src/domain/row.ts"
import { linksOf } from "../../src/domain/stages.ts"
import {
  derivedFrom,
  follows,
  type KnownSource,
  neededSources,
  type OnRefused,
  updatedSources
} from "../../src/pipeline/sources.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { ProjectionStore, rowKey } from "../../src/store/projection-store.ts"
import { saidOf } from "./audit/small.ts"

const register = (value: unknown, clock = 1): Register =>
  ({ value, stamp: { clock, published: clock, eventId: `e${clock}` } }) as Register

/** Of every row of a desk that has `x` a row of a screen that is called alike. */
const shown: Derivation = {
  ...{ from: "desks", register: "shown", shared: true, reads: () => "all" },
  rows: (_, rows) => [...rows].map(([row, held]) => ({ entity: "s", row, of: () => held.get("x") }))
}
const desks = saidOf("desks")
const screensBy = (...derived: ReadonlyArray<Partial<Derivation>>) =>
  saidOf("screens", { derived: derived.map((one) => ({ ...shown, ...one })) })
const linked = (...derived: ReadonlyArray<Partial<Derivation>>) => linksOf([desks, screensBy(...derived)])
const boom = (): never => {
  throw new TypeError("quotes a value")
}

/** Who was refused, and why. */
const refusals = () => {
  const told: Array<string> = []
  const onRefused: OnRefused = ({ projection, entity, wantedBy }, { reason, detail }) => {
    told.push([projection, entity, wantedBy?.row, reason, detail].filter(Boolean).join(" "))
  }
  return { told, onRefused }
}

const HELD = { both: ["x", "y"], x: ["x"], y: ["y"], none: [] } as const

/** What follows, and the calls that this took. The rows of `HELD` are stored, `x` as open. */
const derive = async (
  derivations: ReadonlyArray<Partial<Derivation>>,
  sources: ReadonlyArray<Partial<KnownSource>>,
  change: (store: ProjectionStore["Service"]) => Partial<ProjectionStore["Service"]> = () => ({})
) => {
  const calls: Array<string> = []
  const { told, onRefused } = refusals()
  const links = linked(...derivations)
  const updates = await Effect.gen(function* () {
    const store = yield* ProjectionStore
    for (const [row, names] of Object.entries(HELD))
      yield* store.save([
        {
          ...{ projection: "desks-v1", entity: "d", row, columns: {}, asOf: 0, from: undefined, counted: row === "x" },
          registers: new Map(names.map((name) => [name, register(row)]))
        }
      ])
    const noted: ProjectionStore["Service"] = {
      ...store,
      rows: (...of) => {
        calls.push(`rows ${of.join(" ")}`)
        return store.rows(...of)
      },
      open: (...of) => {
        calls.push(`open ${of.join(" ")}`)
        return store.open(...of)
      },
      load: (keys, consistent) => {
        calls.push(`load ${keys.map(({ row }) => row).join()} ${consistent}`)
        return store.load(keys, consistent)
      },
      ...change(store)
    }
    const given = sources.map((one, i) => ({
      ...{
        derivation: links[Math.min(i, links.length - 1)]?.derivation,
        projection: "desks-v1",
        entity: "d",
        reads: "all"
      },
      ...one
    })) as ReadonlyArray<KnownSource>
    return yield* derivedFrom(given, links, onRefused).pipe(Effect.provideService(ProjectionStore, noted))
  }).pipe(Effect.provide(memoryProjectionStore().layer, { local: true }), Effect.runPromise)
  const rows = updates.map(({ projection, entity, row, register: name, of }) =>
    [projection, entity, row, name, of(new Map())?.value].filter(Boolean).join(" ")
  )
  return { rows: rows.sort(), calls, told, updates }
}

const follow = (...rows: ReadonlyArray<string>) =>
  rows.map((row) => `screens-v1 s ${row} ~shown d${row === "y" ? "" : ` ${row}`}`)

describe("what follows from a source", () => {
  it("is read from all of its rows that say something, or those that are named and open, consistently", async () => {
    const all = await derive([{}], [{}])
    assert.deepStrictEqual([all.rows, all.calls], [follow("both", "x", "y"), ["rows desks-v1 d"]])
    assert.strictEqual(all.updates[0]?.source.reads, "all")
    const named = await derive([{}], [{ reads: { rows: ["y", "none", "absent"], open: false } }])
    assert.deepStrictEqual([named.rows, named.calls], [follow("y"), ["load y,none,absent true"]])
    const open = await derive([{}], [{ reads: { rows: ["y"], open: true } }])
    assert.deepStrictEqual([open.rows, open.calls], [follow("x", "y"), ["open desks-v1 d", "load y,x true"]])
    // One that was open then may have closed when it is read again.
    assert.deepStrictEqual(open.updates[0]?.source.reads, { rows: ["y", "x"], open: true })
  })

  it("takes what is known as it is, and does not keep that", async () => {
    const known = new Map([["y", new Map([["x", register("known")]])]])
    const { rows, calls, updates } = await derive([{}], [{ known, reads: { rows: ["y"], open: false } }])
    assert.deepStrictEqual([rows, calls], [["screens-v1 s y ~shown d known"], []])
    assert.notProperty(updates[0]?.source, "known")
  })

  it("is left out where it stands in the source itself, and not where another is called alike", async () => {
    const rows: Derivation["rows"] = (_, all) => [...all].map(([row]) => ({ entity: "d", row, of: () => undefined }))
    const { updates } = await derive([{ rows }], [{}])
    assert.deepStrictEqual(updates.map(({ projection, entity, row }) => `${projection} ${entity} ${row}`).sort(), [
      "screens-v1 d both",
      "screens-v1 d x",
      "screens-v1 d y"
    ])
  })

  it("is read once for all that want the same rows of an entity", async () => {
    const reads = (rows: ReadonlyArray<string>, open = false) => ({ reads: { rows, open } })
    const twice = [{}, { register: "copy" }]
    const same = await derive(twice, [reads(["x", "y"]), reads(["y", "x"])])
    assert.deepStrictEqual([same.calls.length, same.rows.length], [1, 4])
    for (const other of [reads(["x"]), reads(["x", "y"], true), {}, { ...reads(["x", "y"]), entity: "e" }])
      assert.isAbove((await derive(twice, [reads(["x", "y"]), other])).calls.length, 1)
  })

  it("is that of its own derivation and generation alone", async () => {
    const { rows } = await derive([{}, { register: "copy" }], [{}])
    assert.deepStrictEqual(rows, follow("both", "x", "y"))
    assert.deepStrictEqual((await derive([{}], [{ projection: "desks-v2" }])).rows, [])
  })

  it("is nothing, and not read, where no table holds such a key", async () => {
    const none = await derive([{}], [{ entity: "" }])
    assert.deepStrictEqual([none.rows, none.calls, none.told], [[], [], []])
    const long = "r".repeat(1_100)
    const row = await derive([{}], [{ reads: { rows: [long, "x"], open: false } }])
    assert.deepStrictEqual([row.rows, row.calls], [follow("x"), ["load x true"]])
  })

  it("is refused alone where its rows cannot be read, or its derivation throws", async () => {
    const unreadable = await derive([{}], [{ reads: { rows: ["x"], open: false } }], () => ({
      load: (keys) =>
        Effect.succeed(
          new Map(
            keys.map((key) => [
              rowKey(key),
              { registers: new Map(), unreadable: { reason: "RowUnreadable", detail: "odd" } }
            ])
          )
        ) as never
    }))
    assert.deepStrictEqual([unreadable.rows, unreadable.told], [[], ["desks-v1 d RowUnreadable odd"]])
    const died = await derive([{}], [{}, { entity: "e" }], (store) => ({
      rows: (of, entity) => (entity === "d" ? Effect.die(new Error("odd")) : store.rows(of, entity))
    }))
    const sentence = "desks-v1 d RowUnreadable the rows that it follows from cannot be read"
    assert.deepStrictEqual([died.rows, died.told], [[], [sentence]])
    const thrown = await derive([{ rows: boom }, { register: "copy" }], [{}, {}])
    assert.deepStrictEqual(
      [thrown.rows.length, thrown.told],
      [3, ["desks-v1 d ProjectionThrew `derived.rows` threw TypeError"]]
    )
  })

  it("leaves out of its own rows what they hold already", async () => {
    const { shared: _, ...copied } = shown
    const copy: Derivation = {
      ...copied,
      rows: (entity, rows) => [...rows].map(([row, held]) => ({ entity, row, of: () => held.get("x") }))
    }
    const own = saidOf("desks", { derived: [copy] })
    const links = linksOf([own])
    const known = new Map([
      [
        "has",
        new Map([
          ["x", register(1)],
          [`${DERIVED}shown`, register(1)]
        ])
      ],
      ["lacks", new Map([["x", register(1)]])]
    ])
    const source = {
      ...{ derivation: links[0]?.derivation as Derivation, projection: "desks-v1", entity: "d", known },
      reads: { rows: ["has", "lacks"], open: false }
    }
    const rowsOf = (entity: string) =>
      Effect.map(
        derivedFrom([{ ...source, entity }], links, () => {}),
        (updates) => updates.map(({ row }) => row)
      )
    const found = await Effect.runPromise(Effect.provide(rowsOf("d"), memoryProjectionStore().layer))
    assert.deepStrictEqual(found, ["lacks"])
  })
})

describe("a row that follows", () => {
  const update = (value: Register | undefined) => ({ register: "r", of: () => value }) as never
  it.each([
    [register(1), register(1), true],
    [register(1), register(2), false],
    [register(1), register(1, 2), false],
    [undefined, undefined, true],
    [register(1), undefined, false],
    [undefined, register(1), false]
  ])("holds what is said, or does not: %o %o %s", (held, next, expected) => {
    assert.strictEqual(follows(update(next), new Map(held === undefined ? [] : [["r", held]])), expected)
  })
})

describe("sources of which something was updated", () => {
  const held = (entity: string, row: string, ...updated: ReadonlyArray<string>) => ({
    ...{ projection: "desks-v1", entity, row, updated, changed: updated.length > 0 },
    registers: new Map(updated.map((name) => [name, register(row)]))
  })
  const updated = (
    derived: Partial<Derivation>,
    rows: ReadonlyArray<ReturnType<typeof held>>,
    mend = false,
    of = linked
  ) => {
    const { told, onRefused } = refusals()
    const sources = updatedSources(rows, of(derived), mend, onRefused)
    return {
      told,
      sources: sources.map(({ entity, projection, reads, known }) => [
        projection,
        entity,
        reads,
        [...(known?.keys() ?? [])]
      ])
    }
  }
  const reads: Derivation["reads"] = (of) => ({ rows: of.map((one) => one.join(" ")), open: of.length === 0 })

  it("are asked, entity by entity, with what was updated", () => {
    const rows = [held("d", "a", "x", "y"), held("e", "b", "z"), held("d", "c", "z")]
    assert.deepStrictEqual<unknown>(updated({ reads }, rows).sources, [
      ["desks-v1", "d", { rows: ["a x", "a y", "c z"], open: false }, ["a", "c"]],
      ["desks-v1", "e", { rows: ["b z"], open: false }, ["b"]]
    ])
    assert.deepStrictEqual(updated({ reads: () => undefined }, rows).sources, [])
    assert.deepStrictEqual(updated({ reads, from: "others" }, rows).sources, [])
  })

  it("are those of which nothing was updated only where a crash is to be mended", () => {
    assert.deepStrictEqual(updated({ reads }, [held("d", "a")]).sources, [])
    assert.deepStrictEqual<unknown>(updated({ reads }, [held("d", "a")], true).sources, [
      ["desks-v1", "d", { rows: [], open: true }, ["a"]]
    ])
  })

  it("are refused where the derivation throws", () => {
    const { told, sources } = updated({ reads: boom }, [held("d", "a", "x")])
    assert.deepStrictEqual([told, sources], [["desks-v1 d ProjectionThrew `derived.reads` threw TypeError"], []])
  })

  it("are not asked by what derives from another projection", () => {
    const both = (derived: Partial<Derivation>) =>
      linksOf([desks, saidOf("others"), saidOf("screens", { derived: [{ ...shown, ...derived, from: "others" }] })])
    assert.deepStrictEqual(updated({ reads }, [held("d", "a", "x")], false, both).sources, [])
  })
})

describe("sources that rows need which were updated themselves", () => {
  const delta = (row: string, projection = "screens-v1") => ({ projection, entity: "s", row, register: "r" }) as Delta
  const sourceOf = (row: string) => (row.startsWith("desk#") ? row.slice(5) : undefined)
  const needed = (derived: Partial<Derivation>, ...deltas: ReadonlyArray<Delta>) => {
    const { told, onRefused } = refusals()
    const sources = neededSources(deltas, linked(derived), onRefused)
    return {
      told,
      sources: sources.map(({ projection, entity, reads, wantedBy }) => [projection, entity, reads, wantedBy?.row])
    }
  }

  it("are those that the rows name, each once", () => {
    const { sources } = needed({ sourceOf }, delta("desk#a"), delta("state"), delta("desk#b"), delta("desk#a"))
    assert.deepStrictEqual<unknown>(sources, [
      ["desks-v1", "a", "all", "desk#a"],
      ["desks-v1", "b", "all", "desk#b"]
    ])
    assert.deepStrictEqual(needed({ sourceOf }, delta("desk#a", "desks-v1")).sources, [])
    assert.deepStrictEqual(needed({}, delta("desk#a")).sources, [])
    assert.deepStrictEqual(needed({ sourceOf, reads: () => undefined }, delta("desk#a")).sources, [])
  })

  it("are not asked for what they read where no row names one", () => {
    assert.deepStrictEqual(needed({ sourceOf, reads: boom }, delta("state")).told, [])
    assert.deepStrictEqual(needed({ sourceOf, reads: boom }, delta("desk#a", "desks-v1")).told, [])
  })

  it("are refused for each row that names one where the derivation throws", () => {
    const threw = (what: string, row: string) =>
      `screens-v1 s ProjectionThrew \`derived.${what}\` threw TypeError ${row}`
    const { told } = needed({ sourceOf: boom }, delta("desk#a"))
    assert.deepStrictEqual(told, [threw("sourceOf", "").trim()])
    const reading = needed({ sourceOf, reads: boom }, delta("desk#a"), delta("desk#b"))
    assert.deepStrictEqual(reading.told, [threw("reads", "").trim(), threw("reads", "").trim()])
    assert.deepStrictEqual(reading.sources, [])
  })
})
