import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { windowAt } from "../../src/domain/archive-window.ts"
import { Archive, type ArchivedEvent, type ArchiveWindow } from "../../src/store/archive.ts"
import { sameTally, tallyOf } from "../../src/store/tally.ts"
import { ARRIVAL, routingEvent } from "./events.ts"

/** An archive under test. `damage` puts other bytes in the place of an object. */
export interface ArchiveUnderTest {
  readonly layer: Layer.Layer<Archive>
  readonly damage: (key: string, bytes: Uint8Array) => void
  readonly keys: () => ReadonlyArray<string>
}

const HOUR = Date.UTC(2026, 4, 6, 10)
const WINDOW = windowAt(ARRIVAL)

export const archived = (id: string, published = ARRIVAL): ArchivedEvent => ({
  id,
  topic: "v2.users.{id}.routingStatus",
  published,
  received: ARRIVAL,
  envelope: routingEvent(id).envelope
})

const place = (part: string, hour = HOUR) => ({ window: WINDOW, hour, part })

const sealed = (lists: ReadonlyArray<string>, items: number, window = WINDOW): ArchiveWindow => ({
  window,
  state: "sealed",
  sealedAt: ARRIVAL,
  items,
  bytes: 1,
  lists
})

/** What every archive does. `make` returns an empty one. */
export const archiveContract = (name: string, make: () => ArchiveUnderTest) =>
  describe(`${name} keeps the contract of the archive`, () => {
    const test = (
      title: string,
      body: (archive: Archive["Service"], under: ArchiveUnderTest) => Effect.Effect<void, unknown>
    ) =>
      it.live(title, () => {
        const under = make()
        return Archive.use((archive) => body(archive, under)).pipe(Effect.provide(under.layer))
      })

    test("[P1] gives events back as they came, what no column holds and the item of an overflow included", (archive) =>
      Effect.gen(function* () {
        const item = { Item: { id: { S: "big" }, bodyKey: { S: "events/1" } } }
        const events = [
          archived("é \u{1f600}"),
          { ...archived("odd"), envelope: { ...routingEvent("odd").envelope, extra: [1e-7, null, "\n"] } },
          { id: "big", topic: "t", published: 1, received: 2, item }
        ]
        const object = yield* archive.write(place("0-0"), events)
        assert.deepStrictEqual(yield* archive.read(object), events)
        assert.strictEqual(object.key, `events/2026/05/06/10/${WINDOW}-0-0.jsonl.gz`)
        assert.deepStrictEqual(object.published, [1, ARRIVAL])
        assert.isTrue(sameTally(object.tally, tallyOf(["big", "odd", "é \u{1f600}"])))
      }))

    test("shows a window once it is sealed, its objects by hour, and none that no list names", (archive) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* archive.windows, [])
        const late = yield* archive.write(place("0-0", HOUR + 3_600_000), [archived("b")])
        const early = yield* archive.write(place("0-1"), [archived("a")])
        const other = yield* archive.write(place("1-0"), [archived("c"), archived("d")])
        yield* archive.write(place("2-0"), [archived("never listed")])
        const lists = [yield* archive.list(WINDOW, "0-0", [late, early]), yield* archive.list(WINDOW, "1-0", [other])]
        assert.deepStrictEqual(yield* archive.windows, [])
        yield* archive.seal(sealed(lists, 4))
        yield* archive.seal(sealed([], 0, WINDOW - 1))
        const windows = yield* archive.windows
        assert.deepStrictEqual(
          windows.map(({ window }) => window),
          [WINDOW - 1, WINDOW]
        )
        assert.deepStrictEqual(yield* archive.objects(sealed(lists, 4)), [early, other, late])
      }))

    test("the same part written again is one object, with what was written last", (archive, { keys }) =>
      Effect.gen(function* () {
        yield* archive.write(place("0-0"), [archived("a"), archived("b")])
        const again = yield* archive.write(place("0-0"), [archived("a")])
        assert.deepStrictEqual(
          (yield* archive.read(again)).map(({ id }) => id),
          ["a"]
        )
        assert.strictEqual(keys().filter((key) => key.startsWith("events/")).length, 1)
      }))

    test("shows what objects were before they were written over, and loses of that what is dropped", (archive, {
      damage
    }) =>
      Effect.gen(function* () {
        const object = yield* archive.write(place("0-0"), [archived("a"), archived("b")])
        const other = yield* archive.write(place("0-0-1"), [archived("c")])
        yield* archive.list(WINDOW, "0-0", [object])
        yield* archive.list(WINDOW, "0-0", [object, other])
        assert.deepStrictEqual(yield* archive.former, [])
        yield* archive.write(place("0-0"), [archived("b")])
        yield* archive.replace(object, () => Effect.succeed([]))
        const heldBefore = Effect.flatMap(archive.former, (found) => Effect.forEach(found, archive.readFormer))
        const ids = (held: ReadonlyArray<ReadonlyArray<ArchivedEvent> | undefined>) =>
          held.map((events) => events?.map(({ id }) => id).join(" ") ?? "nobody can say").sort()
        assert.deepStrictEqual(ids(yield* heldBefore), ["a b", "b"])
        damage(other.key, Buffer.from("no gzip"))
        yield* archive.write(place("0-0-1"), [archived("c")])
        assert.deepStrictEqual(ids(yield* heldBefore), ["a b", "b", "c", "nobody can say"])
        const found = yield* archive.former
        for (const one of found) if (one.key === object.key) yield* archive.drop(one)
        assert.deepStrictEqual(ids(yield* heldBefore), ["c", "nobody can say"])
        assert.deepStrictEqual(yield* archive.readFormer(found.find(({ key }) => key === object.key)!), [])
        assert.deepStrictEqual(yield* archive.read(object, "unchecked"), [])
      }))

    test("leaves what another worker has written to that one, and puts over what one that is gone has left", (archive) =>
      Effect.gen(function* () {
        const [mine, theirs] = [[archived("a"), archived("b")], [archived("a")]]
        const own = yield* archive.write(place("0-0"), mine, Effect.die("was asked where nothing is"))
        const key = yield* archive.list(WINDOW, "0-0", [own], Effect.die("was asked where nothing is"))
        const other = yield* archive.write(place("0-0"), theirs)
        yield* archive.list(WINDOW, "0-0", [other])
        const taken: Effect.Effect<void, string> = Effect.fail("taken")
        assert.strictEqual(yield* Effect.flip(archive.write(place("0-0"), mine, taken)), "taken")
        assert.strictEqual(yield* Effect.flip(archive.list(WINDOW, "0-0", [own], taken)), "taken")
        // Asked at last before it puts: what comes in between makes it look, and ask, again.
        let asked = 0
        const late = Effect.suspend(
          (): Effect.Effect<unknown, unknown> => (asked++ === 0 ? archive.list(WINDOW, "0-0", []) : taken)
        )
        assert.strictEqual(yield* Effect.flip(archive.list(WINDOW, "0-0", [own], late)), "taken")
        assert.strictEqual(asked, 2)
        assert.deepStrictEqual(yield* archive.objects(sealed([key], 0)), [])
        yield* archive.list(WINDOW, "0-0", [other], Effect.void)
        assert.deepStrictEqual(yield* archive.objects(sealed([key], 1)), [other])
        assert.deepStrictEqual(yield* archive.read(other), theirs)
      }))

    test("seals a window once, and amends what it has become", (archive) =>
      Effect.gen(function* () {
        yield* archive.amend(WINDOW, () => Effect.die("there is no window"))
        yield* archive.seal(sealed(["a"], 1))
        yield* archive.seal(sealed(["old"], 0))
        assert.deepStrictEqual(yield* archive.windows, [sealed(["a"], 1)])
        let looked = 0
        yield* archive.amend(
          WINDOW,
          Effect.fnUntraced(function* (window) {
            if (looked++ === 0) yield* archive.amend(WINDOW, (now) => Effect.succeed({ ...now, lists: ["a", "b"] }))
            return { ...window, items: window.items + 1 }
          })
        )
        assert.strictEqual(looked, 2)
        assert.deepStrictEqual(yield* archive.windows, [sealed(["a", "b"], 2)])
      }))

    test("refuses an object that is cut off, gone, or holds other events than its list says", (archive, { damage }) =>
      Effect.gen(function* () {
        const object = yield* archive.write(place("0-0"), [archived("a"), archived("b")])
        const reasonOf = (one: typeof object) =>
          Effect.map(Effect.flip(archive.read(one)), ({ reason, retryable }) => {
            assert.isFalse(retryable)
            return reason
          })
        const { key } = yield* archive.write(place("0-1"), [archived("a"), archived("other")])
        assert.include(yield* reasonOf({ ...object, key }), "holds 2 events that are not the 2 of its list")
        assert.include(yield* reasonOf({ ...object, key: "events/none" }), "events/none is not in the archive")
        damage(object.key, Buffer.from("no gzip"))
        assert.include(yield* reasonOf(object), `${object.key} cannot be read`)
      }))

    test("puts other events in the place of those of an object, and says so in its list and, asked to count, in its window", (archive) =>
      Effect.gen(function* () {
        const [one, other] = [
          yield* archive.write(place("0-0"), [archived("a"), archived("b")]),
          yield* archive.write(place("0-1"), [archived("c")])
        ]
        const lists = [yield* archive.list(WINDOW, "0-0", [one, other])]
        yield* archive.seal(sealed(lists, 3))
        const replaced = yield* archive.replace(one, (held) => Effect.succeed(held.slice(1)))
        yield* archive.recount(WINDOW)
        const [window] = yield* archive.windows
        assert.deepInclude(window, { state: "sealed", items: 2, bytes: replaced.bytes + other.bytes, lists })
        assert.deepStrictEqual(yield* archive.objects(sealed(lists, 2)), [replaced, other])
        assert.deepStrictEqual(
          (yield* archive.read(replaced)).map(({ id }) => id),
          ["b"]
        )
        // Whoever has the old list reads what it is now.
        assert.strictEqual((yield* archive.read(one)).length, 1)
        assert.strictEqual((yield* archive.read(one, "unchecked")).length, 1)
      }))

    test("an object of which all is erased stays, and is empty", (archive) =>
      Effect.gen(function* () {
        const object = yield* archive.write(place("0-0"), [archived("a")])
        const lists = [yield* archive.list(WINDOW, "0-0", [object])]
        yield* archive.seal(sealed(lists, 1))
        assert.deepStrictEqual(yield* archive.read(yield* archive.replace(object, () => Effect.succeed([]))), [])
        yield* archive.recount(WINDOW)
        assert.strictEqual((yield* archive.windows)[0]?.items, 0)
      }))
  })
