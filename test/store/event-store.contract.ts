import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Layer, Schema } from "effect"
import type { Json } from "../../src/domain/json.ts"
import type { Event } from "../../src/genesys/event.ts"
import { EventEraser } from "../../src/store/event-eraser.ts"
import { type Appended, EventStore } from "../../src/store/event-store.ts"
import { noise, routingEvent } from "./events.ts"

const Fields = Schema.Record(Schema.String, Schema.Json)

/** Envelopes with unknown fields everywhere, and known fields of odd types. */
const envelopes: Arbitrary.Arbitrary<{ readonly [key: string]: Json }> = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({
      n: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })),
      extra: Fields,
      detail: Fields,
      body: Schema.Json,
      timestamp: Schema.Union([
        Schema.Literals(["2026-05-06T10:00:00.240Z", "2026-05-06T10:00:00Z", "2026-05-06T12:00:00.240+02:00", "soon"]),
        Schema.Json
      ])
    })
  ),
  ({ n, extra, detail, body, timestamp }) =>
    JSON.parse(
      JSON.stringify({
        ...extra,
        id: `generated-${n}`,
        "detail-type": "v2.users.{id}.presence",
        source: "aws.partner/genesys.com/cloud/o/s",
        detail: { ...detail, topicName: "v2.users.u-1.presence", eventBody: body, timestamp }
      })
    )
)

/** As the door leaves it to the store, whatever is in it: the limits of the door are not the store's. */
const toEvent = (envelope: { readonly [key: string]: Json }): Event => ({
  ...routingEvent(String(envelope.id)),
  topic: String(envelope["detail-type"]),
  envelope
})

const tags = (outcomes: ReadonlyArray<Appended>) => outcomes.map(({ _tag }) => _tag)

/** What every event store does, and its eraser. `layer` makes an empty one each time that it is built. */
export const eventStoreContract = (name: string, layer: Layer.Layer<EventStore | EventEraser>) =>
  describe(`${name} keeps the contract of the event store`, () => {
    const test = (
      title: string,
      body: (store: EventStore["Service"], eraser: EventEraser["Service"]) => Effect.Effect<void, unknown>
    ) =>
      it.live(title, () =>
        Effect.gen(function* () {
          yield* body(yield* EventStore, yield* EventEraser)
        }).pipe(Effect.provide(Layer.fresh(layer)))
      )

    test("[P1] gives back what was inserted, with its arrival", (store) =>
      Effect.gen(function* () {
        const event = routingEvent("a", { unknown: [1, null, { deep: true }] }, { "x-new": "field" })
        assert.deepStrictEqual(yield* store.append([event]), [{ _tag: "inserted" }])
        const stored = yield* store.read(["a", "absent", "a", ""])
        assert.deepStrictEqual([...stored], [["a", { envelope: event.envelope, received: event.received }]])
      }))

    test("[P1] answers a duplicate with the first arrival and keeps the first bytes", (store) =>
      Effect.gen(function* () {
        const first = routingEvent("a")
        yield* store.append([first])
        const replayed = routingEvent(
          "a",
          {},
          { "replay-name": "r1", time: "2027-01-01T00:00:00Z" },
          first.received + 9
        )
        assert.deepStrictEqual(yield* store.append([replayed]), [{ _tag: "duplicate", received: first.received }])
        assert.deepStrictEqual((yield* store.read(["a"])).get("a")?.envelope, first.envelope)
      }))

    test("[P1] answers a conflict where the content differs, and the first stays", (store) =>
      Effect.gen(function* () {
        const first = routingEvent("a")
        yield* store.append([first])
        const others = [
          routingEvent("a", { routingStatus: { status: "OFF_QUEUE" } }),
          routingEvent("a", {}, { source: "elsewhere" }),
          routingEvent("a", {}, { "detail-type": "v2.users.{id}.presence" })
        ]
        for (const other of others) assert.deepStrictEqual(tags(yield* store.append([other])), ["conflict"])
        assert.deepStrictEqual((yield* store.read(["a"])).get("a")?.envelope, first.envelope)
      }))

    test("[P1] judges the same id in one call against what is stored", (store) =>
      Effect.gen(function* () {
        const a = routingEvent("a")
        const other = routingEvent("a", { routingStatus: { status: "OFF_QUEUE" } })
        const later = { ...a, received: a.received + 5 }
        assert.deepStrictEqual(yield* store.append([a, later, other, routingEvent("b"), a]), [
          { _tag: "inserted" },
          { _tag: "duplicate", received: a.received },
          { _tag: "conflict" },
          { _tag: "inserted" },
          { _tag: "duplicate", received: a.received }
        ])
        assert.deepStrictEqual(tags(yield* store.append([other, later])), ["conflict", "duplicate"])
      }))

    test("does not see the order of keys as content", (store) =>
      Effect.gen(function* () {
        const reversed = (value: Json): Json =>
          Array.isArray(value)
            ? value.map(reversed)
            : value !== null && typeof value === "object"
              ? Object.fromEntries(
                  Object.entries(value)
                    .reverse()
                    .map(([key, field]) => [key, reversed(field)])
                )
              : value
        const event = routingEvent("a")
        yield* store.append([event])
        const turned = { ...event, envelope: reversed(event.envelope) as Event["envelope"] }
        assert.deepStrictEqual(tags(yield* store.append([turned])), ["duplicate"])
      }))

    test("[P2] takes a thousand events in one call and answers in their order", (store) =>
      Effect.gen(function* () {
        const old = Array.from({ length: 300 }, (_, i) => routingEvent(`e-${i * 3}`))
        yield* store.append(old)
        const batch = Array.from({ length: 1_000 }, (_, i) =>
          routingEvent(`e-${i}`, i % 10 === 0 ? { changed: true } : {})
        )
        const expected = batch.map((_, i) =>
          i % 3 !== 0 || i >= 900 ? "inserted" : i % 10 === 0 ? "conflict" : "duplicate"
        )
        assert.deepStrictEqual(tags(yield* store.append(batch)), expected)
        assert.strictEqual((yield* store.read(batch.map(({ id }) => id))).size, 1_000)
      }))

    test("[P1] restores any envelope to an equal value", (store) =>
      Effect.gen(function* () {
        const generated = yield* Arbitrary.sampleEffect(envelopes, { count: 60, seed: 7 })
        const distinct = [...new Map(generated.map((envelope) => [envelope.id, envelope])).values()]
        const outcomes = yield* store.append(distinct.map(toEvent))
        assert.deepStrictEqual([...new Set(tags(outcomes))], ["inserted"])
        const stored = yield* store.read(distinct.map(({ id }) => String(id)))
        for (const envelope of distinct) {
          assert.deepStrictEqual(stored.get(String(envelope.id))?.envelope, envelope)
        }
      }))

    test("[P2] keeps a body that no item can hold, and knows its duplicates", (store) =>
      Effect.gen(function* () {
        const large = routingEvent("large", { note: noise(700_000) })
        const other = routingEvent("large", { note: noise(700_000, 2) })
        assert.deepStrictEqual(yield* store.append([large, routingEvent("small"), large, other]), [
          { _tag: "inserted" },
          { _tag: "inserted" },
          { _tag: "duplicate", received: large.received },
          { _tag: "conflict" }
        ])
        assert.deepStrictEqual(tags(yield* store.append([large, other, routingEvent("large")])), [
          "duplicate",
          "conflict",
          "conflict"
        ])
        assert.deepStrictEqual((yield* store.read(["large"])).get("large")?.envelope, large.envelope)
      }))

    test("[P1] keeps two large bodies apart that say the same under two ids", (store) =>
      Effect.gen(function* () {
        const [a, b] = ["a", "b"].map((id) =>
          routingEvent(id, { note: noise(500_000) }, { time: `2026-05-06T10:00:0${id === "a" ? 1 : 2}Z` })
        )
        yield* store.append([a as Event, b as Event])
        const stored = yield* store.read(["a", "b"])
        assert.deepStrictEqual(stored.get("a")?.envelope, a?.envelope)
        assert.deepStrictEqual(stored.get("b")?.envelope, b?.envelope)
      }))

    test("[P7] does not let an id that cannot be stored fail its neighbours", (store) =>
      Effect.gen(function* () {
        const hostile = { ...routingEvent("x"), id: "x".repeat(3_000) }
        const batch = Array.from({ length: 40 }, (_, i) => (i === 17 ? hostile : routingEvent(`n-${i}`)))
        const outcomes = yield* store.append(batch)
        assert.deepStrictEqual(
          outcomes.flatMap(({ _tag }, i) => (i !== 17 && _tag !== "inserted" ? [i] : [])),
          []
        )
      }))

    const erasure = { at: Date.UTC(2026, 5, 1), request: "r-1" }

    test("[P1] takes an event no more that was erased, whatever comes under its id", (store, eraser) =>
      Effect.gen(function* () {
        const [a, b] = [routingEvent("a"), routingEvent("b")]
        yield* store.append([a, b])
        for (let times = 0; times < 2; times++) {
          yield* eraser.erase([
            { id: "a", ...erasure },
            { id: "never-stored", ...erasure }
          ])
          assert.deepStrictEqual([...(yield* store.read(["a", "b", "never-stored"])).keys()], ["b"])
          const other = routingEvent("a", { routingStatus: { status: "OFF_QUEUE" } })
          assert.deepStrictEqual(tags(yield* store.append([a, b, other, a, routingEvent("never-stored")])), [
            "erased",
            "duplicate",
            "erased",
            "erased",
            "erased"
          ])
        }
        assert.deepStrictEqual([...(yield* store.read(["a", "b", "never-stored"])).keys()], ["b"])
      }))

    test("[P1] keeps what is left of an erased event, and takes the whole of it no more", (store, eraser) =>
      Effect.gen(function* () {
        const whole = routingEvent("a", { note: "of somebody" })
        const left = routingEvent("a", {}, {}, whole.received)
        yield* store.append([whole])
        yield* eraser.erase([{ id: "a", left, ...erasure }])
        const stored = [["a", { envelope: left.envelope, received: whole.received }]]
        assert.deepStrictEqual([...(yield* store.read(["a"]))], stored)
        assert.deepStrictEqual(tags(yield* store.append([whole, left])), ["erased", "erased"])
        assert.deepStrictEqual([...(yield* store.read(["a"]))], stored)
      }))

    test("[P1] erases a body that no item can hold, and keeps what is left of it", (store, eraser) =>
      Effect.gen(function* () {
        const [a, b] = ["a", "b"].map((id) => routingEvent(id, { note: noise(700_000, id.length), of: id })) as [
          Event,
          Event
        ]
        yield* store.append([a, b])
        const bodies = yield* eraser.bodies(["a", "b", "absent", ""])
        const left = routingEvent("b", { note: noise(700_000, 2) })
        yield* eraser.erase([
          { id: "a", ...erasure },
          { id: "b", left, ...erasure }
        ])
        for (let times = 0; times < 2; times++) yield* eraser.drop(bodies)
        assert.deepStrictEqual(
          [...(yield* store.read(["a", "b"]))],
          [["b", { envelope: left.envelope, received: left.received }]]
        )
        assert.deepStrictEqual(tags(yield* store.append([a, b])), ["erased", "erased"])
      }))

    test("does nothing for nothing", (store) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* store.append([]), [])
        assert.strictEqual((yield* store.read([])).size, 0)
      }))
  })
