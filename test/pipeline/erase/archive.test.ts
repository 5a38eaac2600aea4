import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { hourAt } from "../../../src/domain/archive-window.ts"
import { namesOf } from "../../../src/genesys/person.ts"
import { ERASURES_KEY } from "../../../src/pipeline/archive/erasures.ts"
import { eraseArchive } from "../../../src/pipeline/erase/archive.ts"
import { Archive, type ArchivedEvent } from "../../../src/store/archive.ts"
import { Control } from "../../../src/store/control.ts"
import { EventEraser } from "../../../src/store/event-eraser.ts"
import { EventStore } from "../../../src/store/event-store.ts"
import { memoryArchive } from "../../../src/store/memory/archive.ts"
import { memoryControl } from "../../../src/store/memory/control.ts"
import { memoryEventStore } from "../../../src/store/memory/event-store.ts"
import { decoded } from "../../store/events.ts"
import { START, statusLine } from "../../support/history.ts"

const ID = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
const OTHER = "7c1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b59"
const names = namesOf({ kind: "agent", value: ID })

const archived = (id: string, agent: string): ArchivedEvent => {
  const envelope = JSON.parse(statusLine(id, "IDLE", START).replaceAll(ID, agent))
  return { id, topic: envelope["detail-type"], published: START, received: START, envelope }
}

const found = (searched: number, deleted: number) => [{ place: "archive", searched, deleted, redacted: 0 }]
const earlier = (searched: number, deleted: number) => [
  { place: "archive, earlier versions", searched, deleted, redacted: 0 }
]

const place = (part: string) => ({ window: 7, hour: hourAt(START), part })
const of = (request?: { readonly number: string; readonly at: number }) =>
  eraseArchive({ names, deleted: new Set(), redacted: new Set(), ...(request && { request }) })

const site = () => {
  const erased: Array<string> = []
  const eraser = Layer.succeed(EventEraser, {
    bodies: () => Effect.succeed([]),
    erase: (events) => Effect.sync(() => void erased.push(...events.map(({ id }) => id))),
    drop: () => Effect.void
  })
  const archive = memoryArchive()
  const layer = Layer.mergeAll(archive.layer, memoryEventStore().layer, memoryControl().layer, eraser)
  return { erased, archive, layer }
}

describe("the archive, searched for a person", () => {
  it("is searched in what a pass of the archiver has written and not sealed yet, and the lists of that stay right", () => {
    const { erased, archive, layer } = site()
    return Effect.gen(function* () {
      const { write, list, seal, windows, objects, read } = yield* Archive
      const lost = yield* write(place("1-0-0"), [archived("lost", ID)])
      const own = yield* write(place("1-0-1"), [archived("a", ID), archived("b", OTHER)])
      const key = yield* list(7, "1-0-1", [own])

      assert.deepStrictEqual(yield* of(), [...found(3, 2), ...earlier(0, 0)])
      assert.deepStrictEqual(yield* of({ number: "7", at: 9 }), [...found(3, 2), ...earlier(0, 0)])
      assert.sameMembers(erased, ["lost", "a"])
      assert.deepStrictEqual(yield* read(lost, "unchecked"), [])

      // The pass goes on, and knows nothing of it.
      yield* seal({ window: 7, state: "sealed", sealedAt: START, items: 2, bytes: own.bytes, lists: [key] })
      const [window] = yield* windows
      const [object, ...more] = window === undefined ? [] : yield* objects(window)
      assert.deepStrictEqual([object?.tally.items, more], [1, []])
      assert.deepStrictEqual(object && (yield* read(object)), [archived("b", OTHER)])
      assert.deepStrictEqual(yield* of(), [...found(1, 0), ...earlier(0, 0)])
      assert.strictEqual(archive.kept().size, 4)
    }).pipe(Effect.provide(layer), Effect.runPromise)
  })

  it.each(["windows", "unlisted", "former"] as const)(
    "[P1] is searched in what a pass of the archiver seals, or adds to a sealed window, right after a look at %s",
    (look) => {
      const { erased, layer } = site()
      return Effect.gen(function* () {
        const inner = yield* Archive
        const [own, late] = [
          yield* inner.write(place("1-0-0"), [archived("a", ID), archived("b", OTHER)]),
          yield* inner.write({ ...place("2-0-0"), window: 6 }, [archived("c", ID)])
        ]
        const earlier = yield* inner.write({ ...place("0-0-0"), window: 6 }, [archived("d", OTHER)])
        const lists = [yield* inner.list(6, "0-0-0", [earlier]), yield* inner.list(6, "2-0-0", [late])] as const
        const key = yield* inner.list(7, "1-0-0", [own])
        const sealed = { state: "sealed", sealedAt: START, bytes: own.bytes } as const
        yield* inner.seal({ ...sealed, window: 6, items: 1, lists: [lists[0]] })
        const ends = inner
          .seal({ ...sealed, window: 7, items: 2, lists: [key] })
          .pipe(
            Effect.andThen(inner.amend(6, (window) => Effect.succeed({ ...window, lists: [...lists] }))),
            Effect.orDie
          )
        let looks = 0
        const looking = <A, E>(one: Effect.Effect<A, E>) => Effect.tap(one, () => (looks++ === 0 ? ends : Effect.void))
        const racing = Archive.of({ ...inner, [look]: looking<unknown, unknown>(inner[look]) } as typeof inner)

        const [places] = yield* Effect.provideService(of({ number: "7", at: 9 }), Archive, racing)
        assert.strictEqual(looks, 1)
        assert.deepStrictEqual(places, found(4, 2)[0])
        assert.sameMembers(erased, ["a", "c"])
        assert.deepStrictEqual(yield* inner.former, [])
        const all = yield* Effect.forEach(yield* inner.windows, inner.objects)
        assert.deepStrictEqual(
          (yield* Effect.forEach(all.flat(), (object) => inner.read(object))).flat().map(({ id }) => id),
          ["d", "b"]
        )
      }).pipe(Effect.provide(layer), Effect.runPromise)
    }
  )

  it("mends the list of what is not sealed yet, where a run was cut off before it did", () => {
    const { layer } = site()
    return Effect.gen(function* () {
      const { write, list, seal, windows, objects, read } = yield* Archive
      const own = yield* write(place("1-0-0"), [archived("a", ID), archived("b", OTHER)])
      const key = yield* list(7, "1-0-0", [own])
      // A run that died between the object and its list.
      yield* write(place("1-0-0"), [archived("b", OTHER)])
      yield* of({ number: "7", at: 9 })
      yield* seal({ window: 7, state: "sealed", sealedAt: START, items: 2, bytes: own.bytes, lists: [key] })
      const [window] = yield* windows
      const [object] = window === undefined ? [] : yield* objects(window)
      assert.deepStrictEqual(object && (yield* read(object)), [archived("b", OTHER)])
    }).pipe(Effect.provide(layer), Effect.runPromise)
  })

  it("[P1] loses what the archiver has written over while it named the person, and keeps other earlier versions", () => {
    const { erased, archive, layer } = site()
    return Effect.gen(function* () {
      const { write, list, seal, former, readFormer } = yield* Archive
      // A pass that was cut off is done again, after an erasure of the events in the table.
      yield* write(place("1-0-0"), [archived("a", ID), archived("b", OTHER)])
      const own = yield* write(place("1-0-0"), [archived("b", OTHER)])
      yield* write(place("1-0-1"), [archived("c", OTHER)])
      archive.put(own.key.replace("1-0-0", "1-0-2"), Buffer.from("no gzip"))
      const others = [
        yield* write(place("1-0-1"), [archived("c", OTHER), archived("d", OTHER)]),
        // The archiver empties what cannot be read, and archives its events again.
        yield* write(place("1-0-2"), [])
      ]
      const key = yield* list(7, "1-0-0", [own, ...others])
      yield* seal({ window: 7, state: "sealed", sealedAt: START, items: 3, bytes: own.bytes, lists: [key] })

      assert.deepStrictEqual(yield* of(), [...found(3, 0), ...earlier(3, 2)])
      assert.lengthOf(yield* former, 3)
      assert.deepStrictEqual(yield* of({ number: "7", at: 9 }), [...found(3, 0), ...earlier(3, 2)])
      assert.deepStrictEqual(erased, ["a"])
      assert.deepStrictEqual(yield* Effect.forEach(yield* former, readFormer), [[archived("c", OTHER)]])
      assert.deepStrictEqual(yield* of(), [...found(3, 0), ...earlier(1, 0)])
    }).pipe(Effect.provide(layer), Effect.runPromise)
  })

  it("loses earlier versions of an object also where a run was cut off before it deleted them", () => {
    const { layer } = site()
    return Effect.gen(function* () {
      const inner = yield* Archive
      const own = yield* inner.write(place("1-0-0"), [archived("a", ID), archived("b", OTHER)])
      // The new version is there, and the one before it is too.
      const dying = Archive.of({ ...inner, drop: () => Effect.die("cut off") })
      const run = of({ number: "7", at: 9 })
      assert.strictEqual((yield* Effect.exit(Effect.provideService(run, Archive, dying)))._tag, "Failure")
      assert.lengthOf(yield* inner.read(own, "unchecked"), 1)
      assert.lengthOf(yield* inner.former, 1)
      yield* run
      assert.deepStrictEqual(yield* inner.former, [])
      assert.lengthOf(yield* inner.read(own, "unchecked"), 1)
    }).pipe(Effect.provide(layer), Effect.runPromise)
  })

  it("keeps of an event that was cut in the table what that has of it, and cuts the others itself", () => {
    const { layer } = site()
    const noted = (id: string, note: string) => {
      const one = archived(id, OTHER)
      const { detail } = one.envelope as unknown as { readonly detail: { readonly eventBody: object } }
      const eventBody = { ...detail.eventBody, note }
      return { ...one, envelope: { ...one.envelope, detail: { ...detail, eventBody } } } as ArchivedEvent
    }
    const decodedOf = ({ envelope }: ArchivedEvent) => decoded(JSON.parse(JSON.stringify(envelope)), START)
    return Effect.gen(function* () {
      const { write, list, seal, windows, objects, read } = yield* Archive
      const ids = ["cut", "other", "lost", "late"]
      yield* EventStore.use(({ append }) =>
        append([
          decodedOf(noted("cut", "of the table")),
          decodedOf(noted("other", "of the table")),
          decodedOf(noted("late", `again by ${ID}`))
        ])
      )
      const own = yield* write(
        place("1-0-0"),
        ids.map((id) => noted(id, `by ${ID}`))
      )
      const key = yield* list(7, "1-0-0", [own])
      yield* seal({ window: 7, state: "sealed", sealedAt: START, items: 4, bytes: own.bytes, lists: [key] })
      const [redacted, request] = [new Set(["cut", "lost", "late"]), { number: "7", at: 9 }]
      const places = yield* eraseArchive({ names, deleted: new Set(), redacted, request })
      assert.deepInclude(places[0], { searched: 4, deleted: 0, redacted: 4 })
      const [window] = yield* windows
      const [object] = window === undefined ? [] : yield* objects(window)
      const notes = (object === undefined ? [] : yield* read(object)).map(({ id, envelope }) => [
        id,
        (envelope as { detail?: { eventBody: { note: string } } } | undefined)?.detail?.eventBody.note
      ])
      assert.deepStrictEqual(notes, [
        ["cut", "of the table"],
        ["other", "by erased"],
        ["lost", "by erased"],
        ["late", "by erased"]
      ])
    }).pipe(Effect.provide(layer), Effect.runPromise)
  })

  it("lets the archiver write nothing any more that it read before, and leaves it alone where it only searches", () => {
    const { layer } = site()
    const count = Control.use(({ read }) => Effect.map(read(ERASURES_KEY), ({ version }) => version))
    return Effect.gen(function* () {
      yield* of()
      assert.strictEqual(yield* count, 0)
      yield* of({ number: "7", at: 9 })
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(layer), Effect.runPromise)
  })

  it("counts a window right that was sealed after its objects were searched, and one whose run was cut off before that", () => {
    const { layer } = site()
    return Effect.gen(function* () {
      const { write, list, seal, windows } = yield* Archive
      const own = yield* write(place("1-0-0"), [archived("a", ID), archived("b", OTHER)])
      const other = yield* write(place("1-0-1"), [archived("c", OTHER)])
      const lists = [yield* list(7, "1-0-0", [own]), yield* list(7, "1-0-1", [other])]
      const countsOf = Effect.map(windows, ([window]) => [window?.items, window?.bytes])
      yield* of({ number: "7", at: 9 })
      // The archiver seals what it has counted before.
      const bytes = own.bytes + other.bytes
      yield* seal({ window: 7, state: "sealed", sealedAt: START, items: 3, bytes, lists })
      yield* of()
      assert.deepStrictEqual(yield* countsOf, [3, bytes])
      yield* of({ number: "7", at: 9 })
      const [one] = yield* Archive.use(({ objects }) =>
        objects({ window: 7, state: "sealed", sealedAt: START, items: 0, bytes: 0, lists })
      )
      const left = (one?.bytes ?? 0) + other.bytes
      assert.deepStrictEqual(yield* countsOf, [2, left])
      // Cut off after an event was made shorter, and none deleted.
      yield* Archive.use(({ amend }) => amend(7, (window) => Effect.succeed({ ...window, bytes: left + 9 })))
      yield* of({ number: "7", at: 9 })
      assert.deepStrictEqual(yield* countsOf, [2, left])
      yield* Archive.use(({ amend }) => amend(7, (window) => Effect.succeed({ ...window, items: 3 })))
      yield* of({ number: "7", at: 9 })
      assert.deepStrictEqual(yield* countsOf, [2, left])
      // What is right is not counted again.
      const inner = yield* Archive
      const right = Archive.of({ ...inner, recount: () => Effect.die("counted") })
      yield* Effect.provideService(of({ number: "7", at: 9 }), Archive, right)
    }).pipe(Effect.provide(layer), Effect.runPromise)
  })

  it("mends what a run was cut off at between an object and the list of it", () => {
    const { layer } = site()
    return Effect.gen(function* () {
      const { write, list, seal, windows, objects, read } = yield* Archive
      const own = yield* write(place("1-0-0"), [archived("a", OTHER), archived("b", OTHER)])
      const key = yield* list(7, "1-0-0", [own])
      yield* seal({ window: 7, state: "sealed", sealedAt: START, items: 2, bytes: own.bytes, lists: [key] })
      for (const left of [[archived("b", OTHER)], []]) {
        yield* write(place("1-0-0"), left)
        yield* of({ number: "7", at: 9 })
        const [window] = yield* windows
        const [object] = window === undefined ? [] : yield* objects(window)
        assert.deepStrictEqual([object?.tally.items, object && (yield* read(object))], [left.length, left])
        assert.deepStrictEqual([window?.items, window?.bytes], [left.length, object?.bytes])
      }
    }).pipe(Effect.provide(layer), Effect.runPromise)
  })
})
