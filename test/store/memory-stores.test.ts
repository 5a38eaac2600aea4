import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DIRECTORY_HOLDS } from "../../src/domain/directory.ts"
import { emptyRow } from "../../src/domain/row.ts"
import { Archive } from "../../src/store/archive.ts"
import { contentOf } from "../../src/store/content.ts"
import { countCapacity, countRetries } from "../../src/store/counters.ts"
import { Directory } from "../../src/store/directory.ts"
import { EntityIndex } from "../../src/store/entity-index.ts"
import { memoryArchive } from "../../src/store/memory/archive.ts"
import { memoryDirectory } from "../../src/store/memory/directory.ts"
import { memoryEntityIndex } from "../../src/store/memory/entity-index.ts"
import { memoryPage } from "../../src/store/memory/event-source.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { laterRevision, ProjectionStore, type RowWrite, rowKey } from "../../src/store/projection-store.ts"
import { addTally, noTally, tallyOf } from "../../src/store/tally.ts"
import { archived } from "./archive.contract.ts"
import { ARRIVAL, routingEvent } from "./events.ts"

describe("the index by entity in memory", () => {
  const { layer, entries } = memoryEntityIndex()
  const entity = { projection: "agents", entity: "a-1" }
  const entry = (eventId: string, received = ARRIVAL) => ({ ...entity, eventId, received })
  const fresh = <A, E>(count: number, work: (of: EntityIndex["Service"]) => Effect.Effect<A, E>) =>
    Effect.gen(function* () {
      const of = yield* EntityIndex
      yield* of.add(Array.from({ length: count }, (_, n) => entry(`e-${String(n).padStart(3, "0")}`, ARRIVAL + n)))
      return yield* work(of)
    }).pipe(Effect.provide(memoryEntityIndex().layer))

  it.effect("returns events in the order of their arrival, and of one time in that of their ids", () =>
    Effect.gen(function* () {
      const of = yield* EntityIndex
      yield* of.add([entry("c"), entry("a"), entry("d"), entry("b"), entry("e", ARRIVAL - 1), entry("a", ARRIVAL + 1)])
      yield* of.add([
        { ...entry("x"), projection: "queues" },
        { ...entry("y"), entity: "a-2" }
      ])
      const { eventIds, arrivals } = yield* of.page(entity)
      assert.deepStrictEqual(eventIds, ["e", "a", "b", "c", "d", "a"])
      assert.strictEqual(arrivals.get("e"), ARRIVAL - 1)
      assert.deepStrictEqual((yield* of.page({ ...entity, until: ARRIVAL - 1 })).eventIds, ["e"])
      assert.lengthOf(entries(), 8)
      yield* of.remove([entry("c")])
      assert.deepStrictEqual(yield* of.missing([entry("c"), entry("a")]), [entry("c")])
    }).pipe(Effect.provide(layer))
  )

  it.effect.each<[count: number, first: number, cursor: string | undefined]>([
    [100, 100, undefined],
    [101, 100, "100"]
  ])("has pages of a hundred: of %s", ([count, first, cursor]) =>
    fresh(count, (of) =>
      Effect.gen(function* () {
        const page = yield* of.page(entity)
        assert.deepStrictEqual([page.eventIds.length, page.cursor], [first, cursor])
        const all = yield* of.pages({ segment: 0, segments: 1 })
        assert.deepStrictEqual([all.entries.length, all.cursor], [first, cursor])
        if (cursor === undefined) return
        const next = yield* of.page({ ...entity, cursor })
        assert.deepStrictEqual([next.eventIds, next.cursor], [["e-100"], undefined])
        assert.lengthOf((yield* of.pages({ segment: 0, segments: 1, cursor })).entries, 1)
        assert.strictEqual(all.readUnits, 0)
        const few = yield* of.pages({ segment: 0, segments: 1, limit: 3 })
        assert.deepStrictEqual([few.entries.length, few.cursor], [3, "3"])
      })
    )
  )

  it.effect("has each entity in one segment whole, and not all in one", () =>
    Effect.gen(function* () {
      const of = yield* EntityIndex
      const all = Array.from({ length: 40 }, (_, n) => ({ ...entry(`e-${n}`), entity: `a-${n % 20}` }))
      yield* of.add(all)
      const shares: Array<ReadonlyArray<string>> = []
      for (const segment of [0, 1, 2])
        shares.push((yield* of.pages({ segment, segments: 3 })).entries.map(({ entity }) => entity))
      assert.strictEqual(shares.flat().length, 40)
      assert.strictEqual(
        shares.map((share) => new Set(share).size).reduce((sum, n) => sum + n),
        20
      )
      for (const share of shares) assert.isAtLeast(share.length, 2)
    }).pipe(Effect.provide(memoryEntityIndex().layer))
  )
})

describe("the directory in memory", () => {
  const DAY = 86_400_000
  const entry = (id: string, at: number, more: object = {}) => ({ kind: "agents", id, at, name: id, ...more }) as const
  const on = <A, E>(work: (of: Directory["Service"]) => Effect.Effect<A, E>, site = memoryDirectory()) =>
    Effect.provide(Directory.use(work), site.layer)

  it.effect("holds emails unless it is told otherwise, and shows what it holds", () =>
    Effect.gen(function* () {
      const site = memoryDirectory()
      yield* on((of) => of.put([entry("a", 1, { email: "a@example.com" })]), site)
      assert.deepStrictEqual(site.held(), [entry("a", 1, { email: "a@example.com" })])
      assert.include(DIRECTORY_HOLDS, "emails")
    })
  )

  it.effect("removes what is left out unless it was written later", () =>
    Effect.gen(function* () {
      const scope = { holds: "names", divisions: ["d"] } as const
      const outcome = (at: number) =>
        on(
          (of) => Effect.andThen(of.put([entry("a", 5, { division: "d" })]), of.put([entry("a", at), entry("b", at)])),
          memoryDirectory(scope)
        )
      assert.deepStrictEqual(yield* outcome(4), { written: 0, removed: 0, refused: 0 })
      assert.deepStrictEqual(yield* outcome(5), { written: 0, removed: 1, refused: 0 })
    })
  )

  it.effect("has a cursor where more follow, and no other", () =>
    on((of) =>
      Effect.gen(function* () {
        yield* of.put([entry("a", 1), entry("b", 1), entry("c", 1)])
        const page = (limit: number, cursor?: string) =>
          Effect.map(of.list("agents", {}, { limit, ...(cursor && { cursor }) }), ({ entries, cursor }) => [
            entries.map(({ id }) => id).join(""),
            cursor
          ])
        assert.deepStrictEqual(yield* page(3), ["abc", undefined])
        assert.deepStrictEqual(yield* page(2), ["ab", "2"])
        assert.deepStrictEqual(yield* page(2, "2"), ["c", undefined])
      })
    )
  )

  it.effect("knows the latest sweep alone", () =>
    on((of) =>
      Effect.gen(function* () {
        assert.isUndefined(yield* of.lastSwept("agents"))
        for (const began of [2 * DAY, DAY, 3 * DAY, 2 * DAY]) yield* of.swept("agents", began)
        assert.strictEqual((yield* of.lastSwept("agents"))?.began, 3 * DAY)
        yield* of.swept("queues", 1)
        assert.strictEqual((yield* of.lastSwept("queues"))?.began, 1)
      })
    )
  )
})

describe("the projection store in memory", () => {
  const write = (entity: string, row: string, more: Partial<RowWrite> = {}): RowWrite => ({
    projection: "agents-v1",
    entity,
    row,
    registers: emptyRow,
    columns: {},
    asOf: ARRIVAL,
    from: undefined,
    counted: true,
    ...more
  })
  const on = <A, E>(writes: ReadonlyArray<RowWrite>, work: (of: ProjectionStore["Service"]) => Effect.Effect<A, E>) => {
    const site = memoryProjectionStore()
    return Effect.provide(
      ProjectionStore.use((of) => Effect.andThen(of.save(writes), work(of))),
      site.layer
    )
  }
  const names = (rows: ReadonlyArray<{ readonly entity: string; readonly row: string }>) =>
    rows.map(({ entity, row }) => `${entity}/${row}`).join(" ")

  it.effect("gives back a tombstone with its end, and a row without", () =>
    on([write("a", "r", { expiresAt: 5 }), write("a", "s")], (of) =>
      Effect.gen(function* () {
        const keys = ["r", "s", "t"].map((row) => ({ projection: "agents-v1", entity: "a", row }))
        const loaded = yield* of.load(keys)
        const stored = { registers: emptyRow, version: 1, columns: [] }
        assert.deepStrictEqual(
          [...loaded.values()],
          [
            { ...stored, open: false, expiresAt: 5 },
            { ...stored, open: true }
          ]
        )
        assert.deepStrictEqual([...(yield* of.read(keys)).keys()], keys.slice(0, 2).map(rowKey))
      })
    )
  )

  it.effect("has pages of 25 rows, entity by entity and row by row, and a cursor where more follow", () =>
    on(
      ["b", "a"].flatMap((entity) =>
        Array.from({ length: 13 }, (_, n) => write(entity, `r-${String(12 - n).padStart(2, "0")}`))
      ),
      (of) =>
        Effect.gen(function* () {
          const first = yield* of.pages("agents-v1", { segment: 0, segments: 1 })
          assert.deepStrictEqual([first.rows.length, first.cursor], [25, '["b","r-11"]'])
          assert.isTrue(names(first.rows).startsWith("a/r-00 a/r-01"))
          const next = yield* of.pages("agents-v1", { segment: 0, segments: 1, cursor: first.cursor ?? "" })
          assert.deepStrictEqual([names(next.rows), next.cursor], ["b/r-12", undefined])
          const exact = yield* of.pages("agents-v1", { segment: 0, segments: 1, limit: 13, cursor: '["a","r-12"]' })
          assert.deepStrictEqual([exact.rows.length, exact.cursor], [13, undefined])
          // A page costs nothing here.
          assert.deepStrictEqual(yield* of.pages("queues-v1", { segment: 0, segments: 1 }), { rows: [], readUnits: 0 })
        })
    )
  )

  it.effect("has each entity in one segment, and not all in one", () =>
    on(
      [..."abcdef"].map((entity) => write(entity, "r")),
      (of) =>
        Effect.gen(function* () {
          const shares: Array<string> = []
          for (const segment of [0, 1, 2])
            shares.push(names((yield* of.pages("agents-v1", { segment, segments: 3 })).rows))
          assert.deepStrictEqual(shares.toSorted(), ["a/r d/r", "b/r e/r", "c/r f/r"])
        })
    )
  )

  it.effect("keeps of a summary what it was given", () =>
    on([], (of) =>
      Effect.gen(function* () {
        const none = { version: 0, columns: {}, asOf: 0 }
        assert.deepStrictEqual(yield* of.summary("agents-v1", "a"), none)
        yield* of.summarise("agents-v1", "a", none, { ...none, columns: { c: 1 }, asOf: 5 })
        const bare = yield* of.summary("agents-v1", "a")
        assert.deepStrictEqual(bare, { version: 1, columns: { c: 1 }, asOf: 5, revised: undefined } as never)
        const rows = yield* of.rows("agents-v1", "a")
        assert.doesNotHaveAnyKeys(rows[0], ["revised", "parts"])
        const revised = { at: 1, lateMs: 2 }
        yield* of.summarise("agents-v1", "a", bare, { ...bare, revised, parts: [1] })
        assert.deepInclude(yield* of.summary("agents-v1", "a"), { version: 2, revised, parts: [1] })
      })
    )
  )

  it.effect("loses what is dropped: an entity, or one row of it", () => {
    const { layer, rows, drop } = memoryProjectionStore()
    const held = (entity: string) => rows("agents-v1", entity).map(({ row }) => row)
    return Effect.gen(function* () {
      yield* ProjectionStore.use((of) => of.save([write("a", "s"), write("a", "r"), write("b", "r")]))
      assert.deepStrictEqual(held("a"), ["r", "s"])
      drop("agents-v1", "none", "r")
      drop("agents-v1", "a", "r")
      assert.deepStrictEqual([held("a"), held("b")], [["s"], ["r"]])
      drop("agents-v1", "a")
      assert.deepStrictEqual([held("a"), held("b")], [[], ["r"]])
    }).pipe(Effect.provide(layer))
  })

  it("takes the later of two revisions", () => {
    const [early, late] = [
      { at: 1, lateMs: 1 },
      { at: 2, lateMs: 2 }
    ]
    assert.strictEqual(laterRevision(early, late), late)
    assert.strictEqual(laterRevision(late, early), late)
    assert.strictEqual(laterRevision(undefined, early), early)
    assert.strictEqual(laterRevision(early, undefined), early)
    assert.strictEqual(laterRevision(early, { ...early }), early)
  })
})

describe("the archive in memory", () => {
  it.effect("has nothing under a key that it does not know, and keeps the bytes as they were", () => {
    const { layer, kept, put } = memoryArchive()
    return Archive.use((of) =>
      Effect.gen(function* () {
        const object = yield* of.write({ window: 1, hour: 0, part: "0" }, [archived("a")])
        assert.include((yield* Effect.flip(of.read({ ...object, key: "none" }))).reason, "none is not in the archive")
        const bytes = Buffer.from("x")
        put("k", bytes)
        bytes.write("y")
        assert.strictEqual(Buffer.from(kept().get("k") ?? "").toString(), "x")
        yield* of.write({ window: 1, hour: 0, part: "0" }, [])
        yield* of.write({ window: 1, hour: 0, part: "0" }, [])
        const former = yield* of.former
        assert.deepStrictEqual(
          former.map(({ key }) => key),
          [object.key, object.key]
        )
        assert.notStrictEqual(former[0]?.version, former[1]?.version)
        assert.deepStrictEqual(yield* Effect.forEach(former, of.readFormer), [[], [archived("a")]])
        yield* of.drop({ key: "none", version: "1" })
      })
    ).pipe(Effect.provide(layer))
  })
})

describe("a page of events in memory", () => {
  const read = (id: string) => (id === "gone" ? undefined : { envelope: routingEvent(id).envelope, received: ARRIVAL })
  const whole = { segment: 0, segments: 1 }
  const ids = (count: number) => Array.from({ length: count }, (_, n) => `e-${n}`)

  it("has a hundred items, of whichever segment, and a cursor where more follow", () => {
    assert.strictEqual(memoryPage(ids(100), read, whole).cursor, undefined)
    const first = memoryPage(ids(101), read, whole)
    assert.deepStrictEqual([first.events.length, first.cursor], [100, "100"])
    assert.deepStrictEqual(
      memoryPage(ids(101), read, { ...whole, cursor: "100" }).events.map(({ id }) => id),
      ["e-100"]
    )
    assert.strictEqual(memoryPage(ids(5), read, { ...whole, limit: 2 }).cursor, "2")
    assert.deepStrictEqual(memoryPage(["gone"], read, whole).events, [])
  })

  it("has each event in one segment, and not all in one", () => {
    const shares = [0, 1, 2].map((segment) => memoryPage(ids(30), read, { segment, segments: 3 }).events.length)
    assert.strictEqual(
      shares.reduce((sum, n) => sum + n),
      30
    )
    for (const share of shares) assert.isAbove(share, 0)
  })
})

describe("what stores count", () => {
  it("begins at nothing, and is added up by name", () => {
    const [retries, capacity] = [countRetries(), countCapacity()]
    retries.add("throttles", 2)
    retries.add("throttles", 3)
    capacity.add("writeUnits", 0.5)
    assert.deepStrictEqual(retries.counts(), { throttles: 5, retries: 0 })
    assert.deepStrictEqual(capacity.counts(), { readUnits: 0, writeUnits: 0.5 })
  })

  it("is of ids by their hashes, modulo 128 bits", () => {
    assert.deepStrictEqual(noTally, { items: 0, ids: "00000000000000000000000000000000" })
    assert.deepStrictEqual(tallyOf([]), noTally)
    assert.deepStrictEqual(tallyOf(["a"]), { items: 1, ids: "ca978112ca1bbdcafac231b39a23dc4d" })
    const most = { items: 1, ids: "f".repeat(32) }
    assert.deepStrictEqual(addTally(most, { items: 1, ids: `${"0".repeat(31)}2` }), {
      items: 2,
      ids: `${"0".repeat(31)}1`
    })
    assert.deepStrictEqual(addTally(most, { items: 0, ids: `${"0".repeat(31)}1` }).ids, "0".repeat(32))
  })

  it("tells events of one id apart by their source, type and detail alone", () => {
    const envelope = { id: "e", source: "s", "detail-type": "t", detail: { a: 1 }, time: "now" }
    const content = contentOf(envelope)
    assert.strictEqual(content, '{"detail":{"a":1},"detail-type":"t","source":"s"}')
    assert.strictEqual(contentOf({ ...envelope, id: "f", time: "later", extra: 1 }), content)
    for (const other of [{ source: "o" }, { "detail-type": "o" }, { detail: {} }])
      assert.notStrictEqual(contentOf({ ...envelope, ...other }), content)
    assert.strictEqual(contentOf({}), "{}")
  })
})
