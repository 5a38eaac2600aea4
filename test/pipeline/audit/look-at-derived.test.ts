import { assert, describe, it } from "@effect/vitest"
import { effectClock, virtualClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import type { Derivation } from "../../../src/domain/derivation.ts"
import { generation, type Projection } from "../../../src/domain/projection.ts"
import type { Register } from "../../../src/domain/row.ts"
import { linksOf } from "../../../src/domain/stages.ts"
import type { Event } from "../../../src/genesys/event.ts"
import { derivedWrong, sourcesNamed } from "../../../src/pipeline/audit/look-at-derived.ts"
import { memoryProjectionStore } from "../../../src/store/memory/projection-store.ts"
import { ProjectionStore, type StoredRow } from "../../../src/store/projection-store.ts"

const DAY = 86_400_000
const NOW = 1_700_000_000_000
/** A row is young for three quarters of the life of a tombstone, which is a day. */
const YOUNG = NOW - 0.75 * DAY + 1

const projection = (name: string, more: Partial<Projection<Event>> = {}): Projection<Event> => ({
  ...{ name, version: 1, key: "id", topics: [], tombstoneSeconds: DAY / 1_000 },
  deltas: () => [],
  view: () => ({}),
  closed: (_, row) => row.has("end") || row.has("~end"),
  ...more
})

const register = (value: unknown, published: number, clock = published): Register =>
  ({ value, stamp: { clock, published, eventId: `e-${clock}` } }) as Register

/** A screen shows, for each desk that names it in its rows, the register `x` of that row. */
const shown: Derivation = {
  ...{ from: "desks", register: "shown", shared: true, reads: () => "all" },
  rows: (_, rows) =>
    [...rows.values()].flatMap((row) =>
      row.has("screen")
        ? [
            {
              entity: String(row.get("screen")?.value),
              row: "state",
              of: (own) => (own.has("off") ? undefined : row.get("x"))
            }
          ]
        : []
    )
}
const desks = projection("desks")
const screens = projection("screens", { derived: [shown] })

interface Held {
  readonly of?: string
  readonly entity?: string
  readonly row?: string
  readonly registers: Readonly<Record<string, Register>>
  readonly expiresAt?: number
}

const desk = (registers: Held["registers"], more: Partial<Held> = {}): Held => ({
  ...{ of: "desks-v1", entity: "d", row: "state" },
  ...{ registers: { screen: register("s", NOW - 5), ...registers } },
  ...more
})
const screen = (registers: Held["registers"], more: Partial<Held> = {}): Held => ({
  ...{ of: "screens-v1", entity: "s", row: "state", registers },
  ...more
})

const x = register(1, NOW - 4)
const wrong = { kind: "derived", generation: "screens-v1", entity: "s", row: "state", names: ["~shown d"] }
const from = { generation: "desks-v1", entity: "d" }

/** What is wrong of what follows from the desk `d`, where these rows are stored. */
const look = (
  rows: ReadonlyArray<Held>,
  {
    all = [desks, screens],
    only,
    unreadable = false
  }: { all?: ReadonlyArray<Projection<Event>>; only?: object; unreadable?: boolean } = {}
) =>
  Effect.gen(function* () {
    const store = yield* ProjectionStore
    yield* store.save(
      rows.map(({ of = "", entity = "", row = "", registers, expiresAt }) => ({
        ...{ projection: of, entity, row, registers: new Map(Object.entries(registers)), columns: {}, asOf: 0 },
        ...{ from: undefined, counted: false, ...(expiresAt === undefined ? {} : { expiresAt }) }
      }))
    )
    const loaded: Array<ReadonlyArray<unknown>> = []
    const broken = (held: StoredRow) => ({ ...held, unreadable: { reason: "RowUnreadable", detail: "" } }) as StoredRow
    const around: ProjectionStore["Service"] = {
      ...store,
      load: (keys, consistent) => {
        loaded.push([keys, consistent])
        const found = store.load(keys, consistent)
        return unreadable
          ? Effect.map(found, (held) => new Map([...held].map(([key, one]) => [key, broken(one)])))
          : found
      }
    }
    const said = yield* derivedWrong(linksOf(all), from, only as never).pipe(
      Effect.provideService(ProjectionStore, around)
    )
    return { ...said, loaded }
  }).pipe(
    Effect.provide(Layer.mergeAll(memoryProjectionStore().layer, effectClock(virtualClock(NOW))), { local: true }),
    Effect.runPromise
  )

const found = async (...of: Parameters<typeof look>) => (await look(...of)).found

describe("a register that follows from rows of another entity", () => {
  it("is sound where it is what these rows make, and else it is named with where it follows from", async () => {
    assert.deepStrictEqual(await found([desk({ x }), screen({ "~shown d": x })]), [])
    for (const held of [
      [],
      [screen({})],
      [screen({ "~shown d": register(2, NOW - 4) })],
      [screen({ "~shown d": register(1, NOW - 3) })]
    ])
      assert.deepStrictEqual<unknown>(await found([desk({ x }), ...held]), [{ ...wrong, source: from }])
    // It must not be there at all.
    assert.deepStrictEqual<unknown>(await found([desk({}), screen({ "~shown d": x })]), [{ ...wrong, source: from }])
    assert.deepStrictEqual(await found([desk({}), screen({})]), [])
    assert.deepStrictEqual(await found([desk({ x }), screen({ off: x })]), [])
  })

  it("is looked at by one consistent read of each row, and the latest word of its source is told", async () => {
    const twice = projection("screens", { derived: [shown, { ...shown, register: "copy" }] })
    const rows = [desk({ x }), desk({ x: register(1, NOW - 3, NOW + 7) }, { row: "other" })]
    const { found: all, latest, loaded } = await look(rows, { all: [desks, twice] })
    assert.deepStrictEqual(
      all.map(({ names }) => names?.[0]),
      ["~shown d", "~shown d", "~copy d", "~copy d"]
    )
    assert.deepStrictEqual(loaded, [[[{ projection: "screens-v1", entity: "s", row: "state" }], true]])
    assert.strictEqual(latest, NOW + 7)
    assert.strictEqual((await look([desk({ x }), screen({ "~shown d": x })])).latest, NOW - 4)
  })

  it("follows from nothing where its source is not listed, has no rows, or makes none", async () => {
    const nothing = { found: [], latest: 0, loaded: [] }
    assert.deepStrictEqual(await look([desk({ x })], { all: [screens] }), nothing)
    assert.deepStrictEqual(await look([screen({ "~shown d": x })]), nothing)
    assert.deepStrictEqual(await look([desk({}, { registers: { x } })]), nothing)
    assert.deepStrictEqual(await look([desk({ x }, { expiresAt: NOW / 1_000 })]), nothing)
    assert.lengthOf(await found([desk({ x }, { expiresAt: NOW / 1_000 + 1 })]), 1)
    // A row without registers is none.
    assert.deepStrictEqual(await look([desk({}, { registers: {} })]), nothing)
    const of = () => x
    const counted = {
      ...shown,
      rows: (_: string, rows: ReadonlyMap<string, unknown>) => [...rows.keys()].map((row) => ({ entity: "s", row, of }))
    }
    const all = [desks, projection("screens", { derived: [counted] })]
    const summary = desk({}, { row: "summary", registers: {} })
    assert.deepStrictEqual(
      (await found([desk({ x }), summary], { all })).map(({ row }) => row),
      ["state"]
    )
    // Nor is anything asked of an entity that has none.
    const always = { ...shown, rows: () => [{ entity: "s", row: "state", of }] }
    const some = [desks, projection("screens", { derived: [always] })]
    const held = screen({ "~shown d": register(2, NOW) })
    assert.deepStrictEqual(await look([held], { all: some }), nothing)
    assert.lengthOf(await found([desk({ x }), held], { all: some }), 1)
  })

  it("is not judged by a projection that throws, nor of a row that cannot be read", async () => {
    const boom = (): never => {
      throw new Error("boom")
    }
    for (const derived of [
      { ...shown, rows: boom },
      { ...shown, rows: () => [{ entity: "s", row: "state", of: boom }] }
    ])
      assert.deepStrictEqual(
        await found([desk({ x })], { all: [desks, projection("screens", { derived: [derived] })] }),
        []
      )
    assert.deepStrictEqual(await found([desk({ x }), screen({})], { unreadable: true }), [])
  })

  it("is not missed in a row that would be a tombstone, and may have been deleted", async () => {
    const ended = { ...shown, register: "end", shared: false } as unknown as Derivation
    const all = [desks, projection("screens", { derived: [ended] })]
    assert.deepStrictEqual(await found([desk({ x })], { all }), [])
    assert.lengthOf(await found([desk({ x }), screen({})], { all }), 1)
    assert.deepStrictEqual(await found([desk({ x }), screen({}, { expiresAt: NOW / 1_000 })], { all }), [])
  })
})

describe("what is older than tombstones live", () => {
  const old = YOUNG - 1

  it("is not judged, on either side, unless it is the state of an entity that is open", async () => {
    const row = (published: number, more: Partial<Held> = {}) => desk({ x: register(1, published) }, more)
    assert.lengthOf(await found([row(old)]), 1)
    assert.lengthOf(await found([row(YOUNG, { row: "seat" })]), 1)
    assert.deepStrictEqual(await found([row(old, { row: "seat" })]), [])
    assert.deepStrictEqual(await found([desk({ x: register(1, old), end: x })]), [])
    assert.lengthOf(await found([desk({ x: register(1, YOUNG), end: x })]), 1)
    assert.lengthOf(await found([row(NOW), screen({ other: register(1, YOUNG) })]), 1)
    assert.deepStrictEqual(await found([row(NOW), screen({ other: register(1, old) })]), [])
    // What was published when is told by what events said alone.
    assert.lengthOf(await found([row(NOW), screen({ "~other": register(1, old), set: register(1, 0) })]), 1)
  })

  it("is judged all the same where a row names its source", async () => {
    const named = { ...shown, sourceOf: () => "d" }
    const all = [desks, projection("screens", { derived: [named] })]
    assert.lengthOf(await found([desk({ x: register(1, old) }, { row: "seat" })], { all }), 1)
    const unnamed = { ...shown, sourceOf: () => undefined }
    const none = [desks, projection("screens", { derived: [unnamed] })]
    assert.deepStrictEqual(await found([desk({ x: register(1, old) }, { row: "seat" })], { all: none }), [])
  })
})

describe("one row that says it follows from an entity", () => {
  const only = { generation: "screens-v1", entity: "s", row: "state" }

  it("is wrong where it does not", async () => {
    const expected = [{ ...wrong, source: from }]
    assert.deepStrictEqual<unknown>(await found([screen({ "~shown d": x })], { only }), expected)
    const elsewhere = desk({ x }, { registers: { screen: register("t", NOW), x } })
    assert.deepStrictEqual<unknown>(await found([elsewhere, screen({ "~shown d": x })], { only }), expected)
    assert.deepStrictEqual(await found([elsewhere, screen({ "~shown e": x })], { only }), [])
    // Only that row is looked at.
    assert.deepStrictEqual(await found([elsewhere], { only }), [])
    assert.deepStrictEqual(await found([desk({ x }), screen({ "~shown d": x })], { only }), [])
    for (const other of [{ generation: "walls-v1" }, { entity: "t" }, { row: "seat" }])
      assert.deepStrictEqual(await found([desk({ x })], { only: { ...only, ...other } }), [])
  })

  it("is judged while it is young, since its source may have been deleted", async () => {
    const held = (published: number) => screen({ "~shown d": register(1, published) })
    assert.lengthOf(await found([held(YOUNG)], { only }), 1)
    assert.deepStrictEqual(await found([held(YOUNG - 1)], { only }), [])
  })
})

describe("the entities that a row names", () => {
  const row = (of: Projection<Event>, registers: ReadonlyArray<string>, name = "state") =>
    sourcesNamed(linksOf([desks, of]), of, {
      ...{ entity: "s", row: name, registers: new Map(registers.map((one) => [one, x])) },
      ...{ columns: {}, asOf: 0, version: 1, open: false }
    })
  const of = (more: Partial<Derivation>) =>
    projection("screens", { derived: [{ ...shown, shared: undefined, ...more } as never] })

  it("are those of its shared registers", () => {
    assert.deepStrictEqual(row(screens, ["~shown d", "~shown e f", "~shownd", "~other d", "shown g"]), [
      { generation: "desks-v1", entity: "d" },
      { generation: "desks-v1", entity: "e f" }
    ])
    assert.deepStrictEqual(row(screens, []), [])
    // Another generation's row names none of this one.
    assert.deepStrictEqual(
      sourcesNamed(linksOf([desks, screens]), desks, { registers: new Map([["~shown d", x]]), row: "r" } as never),
      []
    )
  })

  it("are those by whose name the row is called, or its own where it derives from itself", () => {
    const named = of({ sourceOf: (name) => name.split("#")[1] })
    assert.deepStrictEqual(row(named, ["~shown"], "desk#d"), [{ generation: "desks-v1", entity: "d" }])
    assert.deepStrictEqual(row(named, ["~shown"], "state"), [])
    assert.deepStrictEqual(row(named, ["~shown d", "shown"], "desk#d"), [])
    const itself = of({ from: "screens" })
    assert.deepStrictEqual(row(itself, ["~shown"]), [{ generation: "screens-v1", entity: "s" }])
    assert.deepStrictEqual(row(of({}), ["~shown"]), [])
    assert.strictEqual(generation(itself), "screens-v1")
  })
})
