import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { type EntityEntry, EntityIndex, type EntityRequest } from "../../src/store/entity-index.ts"
import { ARRIVAL } from "./events.ts"

const entry = (eventId: string, after = 0, entity = "a-1", projection = "agents"): EntityEntry => ({
  projection,
  entity,
  eventId,
  received: ARRIVAL + after
})

/** What every index by entity does. The layer makes an empty one. */
export const entityIndexContract = <E>(name: string, layer: Layer.Layer<EntityIndex, E>) =>
  describe(`${name} keeps the contract of the index by entity`, () => {
    const test = (title: string, body: (index: EntityIndex["Service"]) => Effect.Effect<void, unknown>) =>
      it.live(title, () => EntityIndex.use(body).pipe(Effect.provide(Layer.fresh(layer))))

    /** All pages of an entity, and how many there were. */
    const pagesOf = Effect.fnUntraced(function* (index: EntityIndex["Service"], of: Partial<EntityRequest> = {}) {
      const ids: Array<string> = []
      let cursor: string | undefined
      let pages = 0
      do {
        const request = { projection: "agents", entity: "a-1", ...of }
        const page = yield* index.page({ ...request, ...(cursor === undefined ? {} : { cursor }) })
        ids.push(...page.eventIds)
        pages++
        cursor = page.cursor
      } while (cursor !== undefined)
      return { ids, pages }
    })
    const idsOf = (index: EntityIndex["Service"], of?: Partial<EntityRequest>) =>
      Effect.map(pagesOf(index, of), ({ ids }) => ids)

    test("knows nothing at first, and is told nothing", (index) =>
      Effect.gen(function* () {
        yield* index.add([])
        assert.deepStrictEqual(yield* idsOf(index), [])
      }))

    test("answers an entity of a projection in the order of arrival, and no other", (index) =>
      Effect.gen(function* () {
        yield* index.add([entry("e-3", 2), entry("e-1", 1), entry("e-2", 1)])
        yield* index.add([entry("e-4", 0, "a-2"), entry("e-5", 0, "a-1", "queues"), entry("e-6", 0, "a")])
        assert.deepStrictEqual(yield* idsOf(index), ["e-1", "e-2", "e-3"])
        assert.deepStrictEqual(yield* idsOf(index, { entity: "a-2" }), ["e-4"])
        assert.deepStrictEqual(yield* idsOf(index, { projection: "queues" }), ["e-5"])
        assert.deepStrictEqual(yield* idsOf(index, { entity: "-1" }), [])
      }))

    test("may be told the same again, in one call or another", (index) =>
      Effect.gen(function* () {
        for (const entries of [
          [entry("e-1"), entry("e-1")],
          [entry("e-1"), entry("e-2")]
        ])
          yield* index.add(entries)
        assert.deepStrictEqual(yield* idsOf(index), ["e-1", "e-2"])
      }))

    test("stops at an arrival, which is included to the millisecond", (index) =>
      Effect.gen(function* () {
        yield* index.add([entry("e-1", -1), entry("e-2", 0), entry("~", 0), entry("e-3", 1)])
        const until = (after: number) => idsOf(index, { until: ARRIVAL + after })
        assert.deepStrictEqual(yield* until(-2), [])
        assert.deepStrictEqual(yield* until(-1), ["e-1"])
        assert.deepStrictEqual(yield* until(0), ["e-1", "e-2", "~"])
        assert.deepStrictEqual(yield* until(1), ["e-1", "e-2", "~", "e-3"])
      }))

    test("has more than a page, each entry once", (index) =>
      Effect.gen(function* () {
        const entries = Array.from({ length: 2_100 }, (_, i) => entry(`e-${String(i).padStart(4, "0")}`, i % 7))
        yield* index.add(entries)
        const { ids, pages } = yield* pagesOf(index)
        assert.isAbove(pages, 2)
        const sorted = entries.toSorted((a, b) => a.received - b.received || (a.eventId < b.eventId ? -1 : 1))
        assert.deepStrictEqual(
          ids,
          sorted.map(({ eventId }) => eventId)
        )
        assert.lengthOf(yield* idsOf(index, { until: ARRIVAL }), 300)
      }))

    test("says which entries it lacks, and takes out those that it is told to", (index) =>
      Effect.gen(function* () {
        const entries = [entry("e-1"), entry("x".repeat(2_000)), entry("e-2", 1, "half \ud800")]
        yield* index.add(entries)
        const others = [entry("e-1", 1), entry("e-1", 0, "a-2"), entry("e-1", 0, "a-1", "queues"), entry("e-3")]
        assert.deepStrictEqual(yield* index.missing([...entries, ...others]), others)
        assert.deepStrictEqual(yield* index.missing([]), [])
        yield* index.remove(entries.slice(1))
        assert.deepStrictEqual(yield* index.missing(entries), entries.slice(1))
        yield* index.remove(entries)
        assert.deepStrictEqual(yield* idsOf(index), [])
      }))

    test("is read whole, in parts and in pages: every entry once", (index) =>
      Effect.gen(function* () {
        const entries = Array.from({ length: 250 }, (_, i) => entry(`e-${i}`, i % 7, `a-${i % 40}`))
        yield* index.add(entries)
        for (const segments of [1, 3]) {
          const found: Array<EntityEntry> = []
          for (let segment = 0; segment < segments; segment++) {
            let cursor: string | undefined
            do {
              const at = { segment, segments, limit: 60, ...(cursor === undefined ? {} : { cursor }) }
              const page = yield* index.pages(at)
              assert.isAtMost(page.entries.length, 60)
              found.push(...page.entries)
              cursor = page.cursor
            } while (cursor !== undefined)
          }
          const text = (all: ReadonlyArray<EntityEntry>) =>
            all
              .map(({ projection, entity, eventId, received }) => `${projection} ${entity} ${eventId} ${received}`)
              .sort()
          assert.deepStrictEqual(text(found), text(entries))
        }
      }))

    test("[P7] takes ids of any length and of any characters beside others", (index) =>
      Effect.gen(function* () {
        const ids = ["é".repeat(999), "x".repeat(2_000), "a#b", "#", "e-1"]
        const entities = [
          "y".repeat(3_000),
          `${"y".repeat(2_999)}z`,
          "é#",
          "a-1",
          "half \ud800",
          "half \ud801",
          "",
          "\uffff"
        ]
        yield* index.add(entities.flatMap((entity) => ids.map((id, i) => entry(id, i, entity))))
        for (const entity of entities) assert.deepStrictEqual(yield* idsOf(index, { entity }), ids)
      }))
  })
