import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { EventEraser } from "../../src/store/event-eraser.ts"
import { type EventPage, EventSource } from "../../src/store/event-source.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { ARRIVAL, noise, routingEvent } from "./events.ts"

const IDS = Array.from({ length: 60 }, (_, i) => `event-${i}`)

type Source = EventSource["Service"]

/** All pages of a segment, from where `cursor` says. */
const pagesOf = Effect.fnUntraced(function* (
  source: Source,
  segment: number,
  segments: number,
  limit?: number,
  from?: string,
  topics?: ReadonlySet<string>
) {
  const pages: Array<EventPage> = []
  let cursor = from
  do {
    const page: EventPage = yield* source.page({
      segment,
      segments,
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { cursor }),
      ...(topics === undefined ? {} : { topics })
    })
    pages.push(page)
    cursor = page.cursor
  } while (cursor !== undefined)
  return pages
})

const idsIn = (pages: ReadonlyArray<EventPage>) => pages.flatMap(({ events }) => events.map(({ id }) => id))

/** What every event source does. `layer` makes an empty store, and its source, each time that it is built. */
export const eventSourceContract = (name: string, layer: Layer.Layer<EventStore | EventEraser | EventSource>) =>
  describe(`${name} keeps the contract of the event source`, () => {
    const test = (
      title: string,
      body: (
        source: Source,
        store: EventStore["Service"],
        eraser: EventEraser["Service"]
      ) => Effect.Effect<void, unknown>
    ) =>
      it.live(title, () =>
        Effect.gen(function* () {
          yield* body(yield* EventSource, yield* EventStore, yield* EventEraser)
        }).pipe(Effect.provide(Layer.fresh(layer)))
      )

    test("[P8] answers one empty page for an empty store", (source) =>
      Effect.gen(function* () {
        const [page, ...more] = yield* pagesOf(source, 0, 1)
        assert.deepStrictEqual([page?.events, page?.unreadable, page?.cursor, more], [[], [], undefined, []])
      }))

    test("[P8] gives no event that was erased, and of others what is left", (source, store, eraser) =>
      Effect.gen(function* () {
        yield* store.append(IDS.map((id) => routingEvent(id, { note: "of somebody" })))
        const erasure = { at: ARRIVAL, request: "r-1" }
        const left = (id: string) => ({ id, left: routingEvent(id), ...erasure })
        yield* eraser.erase([...IDS.slice(0, 40).map((id) => ({ id, ...erasure })), ...IDS.slice(40, 50).map(left)])
        const pages = yield* pagesOf(source, 0, 1)
        assert.sameMembers([...idsIn(pages)], IDS.slice(40))
        assert.deepStrictEqual(pages.flatMap(({ unreadable, skipped }) => [...unreadable, skipped]).filter(Boolean), [])
        const noted = pages.flatMap(({ events }) =>
          events.filter(({ envelope }) => JSON.stringify(envelope).includes("of somebody"))
        )
        assert.sameMembers(
          noted.map(({ id }) => id),
          IDS.slice(50)
        )
      }))

    test("[P8] gives every event once, whatever the segments and pages are", (source, store) =>
      Effect.gen(function* () {
        yield* store.append(IDS.map((id) => routingEvent(id)))
        for (const [segments, limit] of [[1], [1, 1], [1, 7], [4, 3], [16, 2], [90, 50]] as const) {
          const all = yield* Effect.forEach(
            Array.from({ length: segments }, (_, i) => i),
            (segment) => pagesOf(source, segment, segments, limit)
          )
          assert.deepStrictEqual(all.flatMap(idsIn).sort(), [...IDS].sort(), `${segments} segments of ${limit}`)
          assert.isTrue(limit === undefined || all.flat().every(({ events }) => events.length <= limit))
        }
      }))

    test("[P8] has empty pages with a cursor, which are not the end", (source, store) =>
      Effect.gen(function* () {
        yield* store.append(IDS.map((id) => routingEvent(id)))
        const pages = yield* Effect.forEach(
          Array.from({ length: 90 }, (_, i) => i),
          (segment) => pagesOf(source, segment, 90, 1)
        )
        assert.isTrue(pages.some((some) => some.length > 1))
        assert.isTrue(pages.flat().some(({ events }) => events.length === 0))
      }))

    test("[P8] goes on from a cursor as often as it is asked", (source, store) =>
      Effect.gen(function* () {
        yield* store.append(IDS.map((id) => routingEvent(id)))
        const pages = yield* pagesOf(source, 1, 2, 5)
        for (const [i, { cursor }] of pages.entries()) {
          if (cursor === undefined) continue
          const rest = yield* pagesOf(source, 1, 2, 5, cursor)
          assert.deepStrictEqual(idsIn(rest), idsIn(pages.slice(i + 1)))
        }
        assert.isAbove(pages.length, 2)
      }))

    test("[P8] counts events of other topics than those asked for, and does not give them", (source, store) =>
      Effect.gen(function* () {
        const other = "v2.users.{id}.presence"
        const ids = IDS.map((id, i) => routingEvent(id, {}, i % 3 === 0 ? { "detail-type": other } : {}))
        yield* store.append(ids)
        const { topic } = routingEvent("any")
        const pages = yield* pagesOf(source, 0, 1, 7, undefined, new Set([topic]))
        assert.strictEqual(idsIn(pages).length, 40)
        assert.isTrue(pages.every(({ events }) => events.every((event) => event.topic === topic)))
        assert.strictEqual(
          pages.reduce((sum, { skipped }) => sum + skipped, 0),
          20
        )
        assert.deepStrictEqual(idsIn(yield* pagesOf(source, 0, 1, 7, undefined, new Set())), [])
        assert.isTrue((yield* pagesOf(source, 0, 1)).every(({ skipped }) => skipped === 0))
      }))

    test("[P8] gives back what was stored, with its arrival, also what no item holds", (source, store) =>
      Effect.gen(function* () {
        const events = [
          routingEvent("plain", { unknown: [1, null] }),
          routingEvent("deflated", { unknown: "x".repeat(5_000) }, {}, ARRIVAL + 1),
          routingEvent("overflow", { unknown: noise(900_000) }, {}, ARRIVAL + 2)
        ]
        yield* store.append(events)
        const found = (yield* pagesOf(source, 0, 1)).flatMap((page) => page.events)
        assert.deepStrictEqual(
          found.sort((a, b) => a.received - b.received),
          events.map(({ id, topic, envelope, received }) => ({ id, topic, envelope, received }))
        )
      }))
  })
