import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { hourAt } from "../../src/domain/archive-window.ts"
import { indexedPage } from "../../src/pipeline/indexed-page.ts"
import { Archive } from "../../src/store/archive.ts"
import { CapacityUsed } from "../../src/store/counters.ts"
import { EntityIndex } from "../../src/store/entity-index.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { memoryArchive } from "../../src/store/memory/archive.ts"
import { memoryEntityIndex } from "../../src/store/memory/entity-index.ts"
import { memoryEventStore } from "../../src/store/memory/event-store.ts"
import { ARRIVAL, routingEvent } from "../store/events.ts"

const TOPIC = "v2.users.{id}.routingStatus"
const about = { projection: "agents", entity: "a" }
const [HERE, COLD] = [routingEvent("here"), routingEvent("cold", {}, {}, ARRIVAL + 5)]

/** What the index lists, of which the table holds `here` and the archive `cold`. */
const pages = Effect.fnUntraced(function* (ids: ReadonlyArray<string>) {
  const [index, archive, events] = [yield* EntityIndex, yield* Archive, yield* EventStore]
  yield* index.add(ids.map((eventId) => ({ ...about, eventId, received: eventId === "cold" ? ARRIVAL + 5 : ARRIVAL })))
  yield* events.append([HERE])
  const place = { window: 7, hour: hourAt(ARRIVAL), part: "1-0-0" }
  const { id, topic, published, received, envelope } = COLD
  const object = yield* archive.write(place, [{ id, topic, published, received, envelope }])
  const list = yield* archive.list(7, "1-0-0", [object])
  yield* archive.seal({ window: 7, state: "sealed", sealedAt: 1, items: 1, bytes: object.bytes, lists: [list] })
  const metered: EntityIndex["Service"] = {
    ...index,
    page: (request) =>
      Effect.gen(function* () {
        const { add } = yield* CapacityUsed
        add("readUnits", 4)
        return yield* index.page(request)
      })
  }
  return { page: (cursor?: string) => indexedPage(metered, { ...about, ...(cursor && { cursor }) }), object }
})

const stores = () => Layer.mergeAll(memoryEntityIndex().layer, memoryArchive().layer, memoryEventStore().layer)
const missing = (id: string) => ({ id, topic: "", reason: "the event store does not give it back" })
const held = ({ id, envelope, received }: typeof HERE) => ({ id, topic: TOPIC, envelope, received })

describe("a page of the events about an entity", () => {
  it.effect("is from the table, and else from the archive; what neither has is unreadable", () =>
    Effect.gen(function* () {
      const { page, object } = yield* pages(["here", "cold", "none"])
      assert.deepStrictEqual<unknown>(yield* page(), {
        ...{ events: [held(HERE), held(COLD)], unreadable: [missing("none")] },
        ...{ skipped: 0, archiveBytes: object.bytes, readUnits: 4 }
      })
    }).pipe(Effect.provide(stores()))
  )

  it.effect("reads no archive for what the table has, or where there is none", () =>
    Effect.gen(function* () {
      const { page } = yield* pages(["here"])
      assert.deepInclude(yield* page(), { archiveBytes: 0, unreadable: [] })
    }).pipe(Effect.provide(stores()))
  )

  it.effect("reads no archive where there is none, and what the table lacks is unreadable", () =>
    Effect.gen(function* () {
      const index = yield* EntityIndex
      yield* index.add([{ ...about, eventId: "cold", received: ARRIVAL }])
      const nothing = { events: [], skipped: 0, archiveBytes: 0, readUnits: 0 }
      assert.deepStrictEqual<unknown>(yield* indexedPage(index, about), { ...nothing, unreadable: [missing("cold")] })
    }).pipe(Effect.provide(Layer.mergeAll(memoryEntityIndex().layer, memoryEventStore().layer)))
  )

  it.effect("names where the next begins, but not after the last", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 101 }, (_, i) => `none-${String(i).padStart(3, "0")}`)
      const { page } = yield* pages(many)
      const first = yield* page()
      assert.deepStrictEqual([first.cursor, first.unreadable.length], ["100", 100])
      const last = yield* page(first.cursor)
      assert.deepStrictEqual(last.unreadable, [missing("none-100")])
      assert.notProperty(last, "cursor")
    }).pipe(Effect.provide(stores()))
  )
})
