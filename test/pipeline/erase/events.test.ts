import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { Event } from "../../../src/genesys/event.ts"
import { namesOf } from "../../../src/genesys/person.ts"
import { indexedAs, searchEvents } from "../../../src/pipeline/erase/events.ts"
import { openRequest } from "../../../src/pipeline/erase/request.ts"
import { Projections, SettleWindow } from "../../../src/pipeline/folding.ts"
import { EntityEraser } from "../../../src/store/entity-eraser.ts"
import { type EntityEntry, EntityIndex } from "../../../src/store/entity-index.ts"
import { EventSource } from "../../../src/store/event-source.ts"
import { EventStore } from "../../../src/store/event-store.ts"
import { memoryEntityIndex } from "../../../src/store/memory/entity-index.ts"
import { memoryEventStore } from "../../../src/store/memory/event-store.ts"
import { ARRIVAL, decoded, routingEvent } from "../../store/events.ts"
import { notes, update } from "../../support/notes.ts"
import { memoryErasureJournal } from "./doubles.ts"

const ID = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
const OTHER = "7c1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b59"
const person = { kind: "agent", value: ID } as const
const names = namesOf(person)

const ofOther = (id: string, note?: string) =>
  decoded(
    JSON.parse(
      JSON.stringify(routingEvent(id, note === undefined ? {} : { note }).envelope)
        .replaceAll(ID, OTHER)
        .replaceAll("NAMED", ID)
    )
  )

/** A store of a hundred and fifty events: two pages, of which the person is in three events. */
const setUp = () => {
  const [store, journal, index] = [memoryEventStore(), memoryErasureJournal(), memoryEntityIndex()]
  const removed: Array<EntityEntry> = []
  const entries = Layer.succeed(EntityEraser, {
    remove: (some) =>
      Effect.sync(() => {
        removed.push(...some)
      }),
    drop: () => Effect.succeed(0)
  })
  const layer = Layer.mergeAll(
    store.layer,
    store.source,
    store.eraser,
    journal.layer,
    entries,
    Layer.succeed(SettleWindow, { settle: 5_000, skew: 300_000 })
  )
  const fill = EventStore.use(({ append }) =>
    append([
      routingEvent("about-1"),
      ofOther("mention", "by NAMED"),
      ...Array.from({ length: 147 }, (_, i) => ofOther(`other-${i}`)),
      routingEvent("about-2")
    ])
  )
  return { store, journal, index, removed, fill, layer }
}

describe("a search of the events for a person", () => {
  it.effect("counts what it would erase, page by page, and changes nothing", () => {
    const { store, journal, fill, layer } = setUp()
    const told: Array<readonly [number, number, number]> = []
    return Effect.gen(function* () {
      yield* fill
      const found = yield* searchEvents({
        names,
        segments: 1,
        onPage: ({ searched, deleted, redacted }) =>
          Effect.sync(() => {
            told.push([searched, deleted, redacted])
          })
      })
      assert.deepStrictEqual(found, { searched: 150, deleted: 2, redacted: 1, unreadable: 0, readUnits: 0 })
      assert.deepStrictEqual(told, [
        [100, 1, 1],
        [150, 2, 1]
      ])
      assert.strictEqual(store.stored().size, 150)
      assert.strictEqual(journal.notes("7").size, 0)
    }).pipe(Effect.provide(layer))
  })

  it.effect("erases what it finds, after a note of it, and what the index knows of that", () => {
    const { store, journal, removed, fill, layer } = setUp()
    return Effect.gen(function* () {
      yield* fill
      const request = yield* openRequest("7", person)
      const found = yield* searchEvents({ names, segments: 2, ...(request && { request }) })
      assert.deepStrictEqual([found.searched, found.deleted, found.redacted], [150, 2, 1])
      assert.isFalse(store.stored().has("about-1"))
      assert.isFalse(store.stored().has("about-2"))
      assert.include(JSON.stringify(store.stored().get("mention")?.envelope), "by erased")
      const notes = [...journal.notes("7")].filter(([name]) => name.startsWith("found-")).map(([, note]) => note)
      const all = (field: string) =>
        (notes as ReadonlyArray<Record<string, ReadonlyArray<string>>>).flatMap((one) => one[field] ?? [])
      assert.deepStrictEqual([all("deleted").toSorted(), all("redacted")], [["about-1", "about-2"], ["mention"]])
      const segments = [0, 1].map((n) => journal.notes("7").get(`segment-${n}-of-2`) as { readonly searched: number })
      assert.strictEqual(
        segments.reduce((sum, { searched }) => sum + searched, 0),
        150
      )
      for (const segment of segments) assert.notProperty(segment, "cursor")
      assert.sameMembers(
        removed.map(({ projection, entity, eventId }) => `${projection} ${entity} ${eventId}`),
        ["about-1", "about-2"].flatMap((id) => [`agents ${ID} ${id}`, `agent-intervals ${ID} ${id}`])
      )
      for (const { received } of removed) assert.strictEqual(received, ARRIVAL)
    }).pipe(Effect.provide(layer))
  })

  it.effect("goes on after the last page that was dealt with, and does not read again what is over", () => {
    const { journal, fill, layer } = setUp()
    return Effect.gen(function* () {
      yield* fill
      yield* TestClock.setTime(5)
      const request = (yield* openRequest("7", person)) ?? assert.fail("it is about somebody else")
      const noted = (note: object) => ({ ...request, notes: new Map([["segment-0-of-1", note as never]]) })
      const search = (note: object) => searchEvents({ names, segments: 1, request: noted(note) })
      const goesOn = yield* search({ searched: 100, unreadable: 2, cursor: "100" })
      assert.deepStrictEqual([goesOn.searched, goesOn.unreadable], [150, 2])
      assert.deepStrictEqual(journal.notes("7").get("segment-0-of-1"), { searched: 150, unreadable: 2 })
      const over = yield* search({ searched: 150, unreadable: 1 })
      assert.deepStrictEqual([over.searched, over.unreadable], [150, 1])
      // What a run noted in other shares than these is searched anew, of what is left.
      const others = { ...request, notes: new Map([["segment-0-of-3", { searched: 70 } as never]]) }
      assert.strictEqual((yield* searchEvents({ names, segments: 1, request: others })).searched, 149)
    }).pipe(Effect.provide(layer))
  })

  it.effect("by the index by entity reads what that lists, page by page, and nothing without one", () => {
    const { index, fill, layer } = setUp()
    const of = (ids: ReadonlyArray<string>) =>
      ids.map((eventId, i) => ({ projection: "agents", entity: ID, eventId, received: i }))
    return Effect.gen(function* () {
      yield* fill
      const search = searchEvents({ names, segments: 1, index: true })
      assert.strictEqual((yield* search).searched, 0)
      yield* EntityIndex.use(({ add }) =>
        add(of(["about-1", "mention", "gone", ...Array.from({ length: 100 }, (_, i) => `other-${i}`)]))
      ).pipe(Effect.provide(index.layer))
      assert.deepStrictEqual(yield* Effect.provide(search, index.layer), {
        ...{ searched: 102, deleted: 1, redacted: 1 },
        ...{ unreadable: 0, readUnits: 0 }
      })
    }).pipe(Effect.provide(layer))
  })

  it.effect("by the index counts anew, whatever a search of all events has noted", () => {
    const { layer, fill } = setUp()
    return Effect.gen(function* () {
      yield* fill
      const request = (yield* openRequest("7", person)) ?? assert.fail("it is about somebody else")
      const noted = { ...request, notes: new Map([["segment-0-of-1", { searched: 100, cursor: "100" } as never]]) }
      const found = yield* searchEvents({ names, segments: 1, index: true, request: noted })
      assert.deepStrictEqual(found, { searched: 0, deleted: 0, redacted: 0, unreadable: 0, readUnits: 0 })
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "notes nothing of a page that has nobody, takes nothing from the index then, and counts what it cannot read",
    () => {
      const { layer, journal, removed } = setUp()
      const told: Array<readonly [number, number]> = []
      const page = { events: [], unreadable: [{ id: "u", topic: "t", reason: "r" }], skipped: 0, readUnits: 3 }
      const source = {
        page: ({ cursor }: { readonly cursor?: string }) =>
          Effect.succeed(cursor === undefined ? { ...page, cursor: "1" } : page)
      }
      return Effect.gen(function* () {
        const request = (yield* openRequest("7", person)) ?? assert.fail("it is about somebody else")
        const onPage = ({ unreadable, readUnits }: { readonly unreadable: number; readonly readUnits: number }) =>
          Effect.sync(() => void told.push([unreadable, readUnits]))
        const found = yield* searchEvents({ names, segments: 1, request, onPage })
        assert.deepStrictEqual(found, { searched: 0, deleted: 0, redacted: 0, unreadable: 2, readUnits: 6 })
        assert.deepStrictEqual(told, [
          [1, 3],
          [2, 6]
        ])
        assert.deepStrictEqual([...journal.notes("7").keys()], ["begun", "segment-0-of-1"])
        assert.deepStrictEqual(journal.notes("7").get("segment-0-of-1"), { searched: 0, unreadable: 2 })
        assert.deepStrictEqual(removed, [])
      }).pipe(Effect.provideService(EventSource, source), Effect.provide(layer))
    }
  )

  const erasing = (projection: Parameters<typeof notes>[1]) => {
    const { layer, removed, store } = setUp()
    const calls: Array<number> = []
    const entries = Layer.succeed(EntityEraser, {
      remove: (some) =>
        Effect.sync(() => {
          calls.push(some.length)
          removed.push(...some)
        }),
      drop: () => Effect.succeed(0)
    })
    return Effect.gen(function* () {
      yield* EventStore.use(({ append }) => append([ofOther("mention", "by NAMED")]))
      const request = (yield* openRequest("7", person)) ?? assert.fail("it is about somebody else")
      yield* searchEvents({ names, segments: 1, request })
      assert.include(JSON.stringify(store.stored().get("mention")?.envelope), "by erased")
      return { calls, entities: removed.map(({ entity }) => entity) }
    }).pipe(Effect.provideService(Projections, [notes({}, projection)]), Effect.provide(Layer.merge(layer, entries)))
  }

  it.effect("takes from the index what an event said of the person, also by updates that no table can hold", () =>
    Effect.gen(function* () {
      const about = (event: Event) => (JSON.stringify(event.envelope).includes(ID) ? [ID, OTHER] : [OTHER])
      const said = yield* erasing({ deltas: (event) => about(event).map((entity) => update(entity)) })
      assert.deepStrictEqual(said, { calls: [1], entities: [ID] })
      const clock = Number.NaN
      const unwritable = yield* erasing({ deltas: (event) => about(event).map((entity) => update(entity, { clock })) })
      assert.deepStrictEqual(unwritable, { calls: [1], entities: [ID] })
      // What says the same as before stays, and so does what a projection that throws would have said.
      assert.deepStrictEqual(yield* erasing({ deltas: () => [update(OTHER)] }), { calls: [], entities: [] })
      const throwing = yield* erasing({
        deltas: () => {
          throw new TypeError("secret")
        }
      })
      assert.deepStrictEqual(throwing, { calls: [], entities: [] })
    })
  )

  it.effect("looks for the person as an entity of every projection, by its name", () =>
    Effect.gen(function* () {
      const listed = ["agents", "agents", "queues"].map((name, version) => ({ name, version }))
      assert.deepStrictEqual(yield* Effect.provideService(indexedAs(names), Projections, listed as never), [
        { projection: "agents", entity: ID },
        { projection: "queues", entity: ID }
      ])
    })
  )
})
