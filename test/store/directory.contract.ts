import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { DirectoryEntry, DirectoryFilter, DirectoryScope } from "../../src/domain/directory.ts"
import { Directory } from "../../src/store/directory.ts"
import type { StoreError } from "../../src/store/store-error.ts"

const NOON = Date.parse("2026-03-02T12:00:00.000Z")
const DAY = 86_400_000

const entry = (id: string, said: Partial<DirectoryEntry> = {}): DirectoryEntry => ({
  kind: "agents",
  id,
  at: NOON,
  ...said
})

const everything: DirectoryScope = { holds: "emails", divisions: [] }

/** What every directory does, whatever it is stored in. */
export const directoryContract = (name: string, make: (scope: DirectoryScope) => Layer.Layer<Directory, unknown>) =>
  describe(`${name} keeps the contract of the directory`, () => {
    const test = (
      title: string,
      body: (directory: Directory["Service"]) => Effect.Effect<void, StoreError>,
      scope = everything
    ) => it.live(title, () => Directory.use(body).pipe(Effect.provide(Layer.fresh(make(scope)))))

    const namesOf = (directory: Directory["Service"], ...ids: ReadonlyArray<string>) =>
      Effect.map(directory.names("agents", ids), (found) =>
        Object.fromEntries([...found].map(([id, { name }]) => [id, name]))
      )

    /** The ids of all pages, and how many each had. */
    const listed = Effect.fnUntraced(function* (
      directory: Directory["Service"],
      filter: DirectoryFilter = {},
      limit = 100,
      kind: DirectoryEntry["kind"] = "agents"
    ) {
      const pages: Array<ReadonlyArray<string>> = []
      let cursor: string | undefined
      do {
        const page = yield* directory.list(kind, filter, { limit, ...(cursor === undefined ? {} : { cursor }) })
        pages.push(page.entries.map(({ id }) => id))
        cursor = page.cursor
      } while (cursor !== undefined)
      return { ids: pages.flat(), sizes: pages.map(({ length }) => length) }
    })
    const idsOf = (directory: Directory["Service"], filter?: DirectoryFilter, kind?: DirectoryEntry["kind"]) =>
      Effect.map(listed(directory, filter, 100, kind), ({ ids }) => ids)

    test("knows nothing at first", (directory) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* directory.put([]), { written: 0, removed: 0, refused: 0 })
        assert.deepStrictEqual(yield* namesOf(directory, "a-1"), {})
        assert.deepStrictEqual(yield* idsOf(directory), [])
        assert.isUndefined(yield* directory.lastSwept("agents"))
        yield* directory.remove("agents", "a-1")
      }))

    test("returns what was put, by id and in lists, and of one kind", (directory) =>
      Effect.gen(function* () {
        const anna = { name: "Anna Berg", email: "anna@example.com", division: "d-1", team: "t-1" }
        yield* directory.put([entry("a-1", anna), entry("a-1", { kind: "queues", name: "Sales" })])
        const found = yield* directory.names("agents", ["a-1", "a-2", "a-1", ""])
        assert.deepStrictEqual([...found], [["a-1", entry("a-1", anna)]])
        for (const filter of [{}, { division: "d-1" }, { team: "t-1" }, { team: "t-1", division: "d-1" }])
          assert.deepStrictEqual((yield* directory.list("agents", filter)).entries, [
            { kind: "agents", id: "a-1", ...anna }
          ])
        assert.deepStrictEqual((yield* directory.list("queues")).entries, [
          { kind: "queues", id: "a-1", name: "Sales" }
        ])
      }))

    test("leaves out at once who has left, but not who was seen since, and takes them back", (directory) =>
      Effect.gen(function* () {
        yield* directory.put([entry("a-1", { name: "Anna" }), entry("a-2", { name: "Bo", at: NOON + 5 })])
        assert.strictEqual(yield* directory.left("agents", ["a-1", "a-2", "a-3", ""], NOON + 5), 1)
        assert.deepStrictEqual(yield* idsOf(directory), ["a-2"])
        assert.strictEqual(yield* directory.left("agents", ["a-1"], NOON + 6), 0)
        assert.deepStrictEqual(yield* namesOf(directory, "a-1"), { "a-1": "Anna" })
        yield* directory.put([entry("a-1", { name: "Anna", at: NOON + 7 })])
        assert.deepStrictEqual(yield* idsOf(directory), ["a-1", "a-2"])
      }))

    test("a later request wins, in whatever order they are put", (directory) =>
      Effect.gen(function* () {
        const earlier = entry("a-1", { name: "Anna Berg", team: "t-1" })
        const later = entry("a-1", { name: "Anna Holm", at: NOON + 1 })
        for (const entries of [[earlier], [later], [earlier], [later, earlier]]) yield* directory.put(entries)
        assert.deepStrictEqual([...(yield* directory.names("agents", ["a-1"])).values()], [later])
        assert.deepStrictEqual(yield* idsOf(directory, { name: "anna berg" }), [])
        assert.deepStrictEqual(yield* idsOf(directory, { team: "t-1" }), [])
        assert.deepStrictEqual(yield* idsOf(directory, { name: "anna holm" }), ["a-1"])
      }))

    test("writes what says the same once a day", (directory) =>
      Effect.gen(function* () {
        const written = (at: number) =>
          Effect.map(directory.put([entry("a-1", { name: "Anna", at })]), (put) => put.written)
        assert.strictEqual(yield* written(NOON), 1)
        assert.strictEqual(yield* written(NOON + DAY - 1), 0)
        assert.strictEqual(yield* written(NOON + DAY), 1)
        assert.strictEqual(yield* written(NOON + DAY + 1), 0)
      }))

    test("lists by name, whatever its case and accents are, each page full", (directory) =>
      Effect.gen(function* () {
        const names = [
          "Zoë",
          "  émile  Zola",
          "Émile Ajar",
          "MÜLLER",
          "mullen",
          "Straße",
          "STRASSE 2",
          "Ödön",
          "李 雷",
          "anna"
        ]
        yield* directory.put(names.map((name, i) => entry(`a-${i}`, { name })))
        const sorted = ["a-9", "a-2", "a-1", "a-4", "a-3", "a-7", "a-5", "a-6", "a-0", "a-8"]
        assert.deepStrictEqual(yield* listed(directory, {}, 4), { ids: sorted, sizes: [4, 4, 2] })
        const begin = (name: string) => idsOf(directory, { name })
        assert.deepStrictEqual(yield* begin("EMILE "), ["a-2", "a-1"])
        assert.deepStrictEqual(yield* begin("mül"), ["a-4", "a-3"])
        assert.deepStrictEqual(yield* begin("strasse"), ["a-5", "a-6"])
        assert.deepStrictEqual(yield* begin("李"), ["a-8"])
        assert.deepStrictEqual(yield* begin("berg"), [])
      }))

    test("pages of a division and of a team are full as well, and both together", (directory) =>
      Effect.gen(function* () {
        const two = (i: number) => String(i).padStart(2, "0")
        yield* directory.put(
          Array.from({ length: 60 }, (_, i) =>
            entry(`a-${two(i)}`, { name: `Agent ${two(i)}`, division: `d-${i % 2}`, team: `t-${i % 3}` })
          )
        )
        const every = (n: number, from: number) =>
          Array.from({ length: 60 }, (_, i) => i)
            .filter((i) => i % n === from)
            .map((i) => `a-${two(i)}`)
        const { ids, sizes } = yield* listed(directory, { division: "d-1" }, 12)
        assert.deepStrictEqual([ids, sizes.slice(0, 2)], [every(2, 1), [12, 12]])
        assert.deepStrictEqual(yield* idsOf(directory, { team: "t-2" }), every(3, 2))
        const both = yield* listed(directory, { team: "t-2", division: "d-1" }, 4)
        assert.deepStrictEqual([both.ids, both.sizes.slice(0, 2)], [every(6, 5), [4, 4]])
        assert.deepStrictEqual(yield* idsOf(directory, { team: "t-2", division: "d-1", name: "agent 1" }), [
          "a-11",
          "a-17"
        ])
        assert.deepStrictEqual(yield* idsOf(directory, { division: "d-2" }), [])
      }))

    test("lists what has no name by its id", (directory) =>
      Effect.gen(function* () {
        yield* directory.put([entry("A-2"), entry("a-1", { name: "́ " })])
        assert.deepStrictEqual(yield* idsOf(directory, { name: "a-" }), ["a-1", "A-2"])
      }))

    test("a complete sweep marks what it has not put, and half a sweep nothing", (directory) =>
      Effect.gen(function* () {
        const began = NOON + 2 * DAY
        yield* directory.put([
          entry("a-1", { name: "Anna", division: "d-1", team: "t-1" }),
          entry("a-2", { name: "Bo" }),
          entry("a-3", { name: "Cy", at: began - 1 }),
          entry("q-1", { kind: "queues", name: "Sales" })
        ])
        yield* directory.put([entry("a-2", { name: "Bo", at: began })])
        assert.lengthOf(yield* idsOf(directory), 3)
        assert.strictEqual(yield* directory.swept("agents", began), 1)
        assert.deepStrictEqual(yield* idsOf(directory), ["a-2", "a-3"])
        for (const filter of [{ division: "d-1" }, { team: "t-1" }])
          assert.deepStrictEqual(yield* idsOf(directory, filter), [])
        assert.deepStrictEqual(yield* idsOf(directory, {}, "queues"), ["q-1"])
        const gone = (yield* directory.names("agents", ["a-1"])).get("a-1")
        assert.deepInclude(gone, { name: "Anna", gone: began })
        assert.deepStrictEqual(yield* directory.lastSwept("agents"), { began, ...everything })
        assert.isUndefined(yield* directory.lastSwept("queues"))
        assert.strictEqual(yield* directory.swept("agents", began), 0)
      }))

    test("somebody who was gone and is back is listed again", (directory) =>
      Effect.gen(function* () {
        yield* directory.put([entry("a-1", { name: "Anna" })])
        yield* directory.swept("agents", NOON + 2 * DAY)
        yield* directory.put([entry("a-1", { name: "Anna", at: NOON + DAY })])
        assert.deepStrictEqual(yield* idsOf(directory), ["a-1"])
        assert.isUndefined((yield* directory.names("agents", ["a-1"])).get("a-1")?.gone)
      }))

    test("[P11] removes an entry at once", (directory) =>
      Effect.gen(function* () {
        yield* directory.put([entry("a-1", { name: "Anna", team: "t-1" }), entry("a-2", { name: "Bo" })])
        yield* directory.remove("agents", "a-1")
        yield* directory.remove("agents", "a-1")
        yield* directory.remove("agents", "")
        assert.deepStrictEqual(yield* namesOf(directory, "a-1", "a-2"), { "a-2": "Bo" })
        assert.deepStrictEqual(yield* idsOf(directory), ["a-2"])
        assert.deepStrictEqual(yield* idsOf(directory, { team: "t-1" }), [])
      }))

    test(
      "[P11] keeps no e-mail address unless it is to, and drops one that it has",
      (directory) =>
        Effect.gen(function* () {
          yield* directory.put([entry("a-1", { name: "Anna", email: "anna@example.com" })])
          assert.deepStrictEqual(
            [...(yield* directory.names("agents", ["a-1"])).values()],
            [entry("a-1", { name: "Anna" })]
          )
        }),
      { holds: "names", divisions: [] }
    )

    test(
      "[P11] keeps no name of a person where it holds ids, and the names of what is no person",
      (directory) =>
        Effect.gen(function* () {
          yield* directory.put([
            entry("a-1", { name: "Anna", email: "anna@example.com", division: "d-1" }),
            entry("q-1", { kind: "queues", name: "Sales" })
          ])
          assert.deepStrictEqual((yield* directory.list("agents")).entries, [
            { kind: "agents", id: "a-1", division: "d-1" }
          ])
          assert.deepStrictEqual(yield* idsOf(directory, { name: "sales" }, "queues"), ["q-1"])
          yield* directory.swept("agents", NOON)
          assert.deepStrictEqual(yield* directory.lastSwept("agents"), { began: NOON, holds: "ids", divisions: [] })
        }),
      { holds: "ids", divisions: [] }
    )

    test(
      "keeps only what is of its divisions, and removes what has left them",
      (directory) =>
        Effect.gen(function* () {
          const sales = { name: "Sales", division: "d-1" }
          yield* directory.put([
            entry("a-1", { ...sales, name: "Anna" }),
            entry("a-2", { name: "Bo", division: "d-2" }),
            entry("a-3", { name: "Cy" }),
            entry("q-1", { kind: "queues", ...sales }),
            entry("d-1", { kind: "divisions", name: "One" }),
            entry("d-2", { kind: "divisions", name: "Two" }),
            entry("w-1", { kind: "wrapupCodes", name: "Done" })
          ])
          assert.deepStrictEqual(yield* idsOf(directory), ["a-1"])
          assert.deepStrictEqual(yield* idsOf(directory, {}, "queues"), ["q-1"])
          assert.deepStrictEqual(yield* idsOf(directory, {}, "divisions"), ["d-1"])
          assert.deepStrictEqual(yield* idsOf(directory, {}, "wrapupCodes"), ["w-1"])
          const moved = entry("a-1", { name: "Anna", division: "d-2", at: NOON + 1 })
          assert.deepStrictEqual(yield* directory.put([moved]), { written: 0, removed: 1, refused: 0 })
          assert.deepStrictEqual(yield* namesOf(directory, "a-1"), {})
        }),
      { holds: "names", divisions: ["d-1"] }
    )

    test("[P7] takes names and ids of any form beside others, and refuses ids that are no key", (directory) =>
      Effect.gen(function* () {
        const names = [
          "<img src=x onerror=alert(1)>",
          "__proto__",
          "half \ud800",
          "\u0000",
          "é".repeat(3_000),
          "#",
          "\u202eevil"
        ]
        const odd = names.map((name, i) => entry(`a-${i}`, { name, division: "", team: "t".repeat(2_000) }))
        const bad = ["", "\ud800", "x".repeat(1_025)].map((id) => entry(id))
        assert.deepStrictEqual(yield* directory.put([...odd, ...bad, entry("__proto__")]), {
          written: names.length + 1,
          removed: 0,
          refused: 3
        })
        assert.lengthOf((yield* listed(directory, {}, 3)).ids, names.length + 1)
        assert.strictEqual((yield* directory.names("agents", ["a-4"])).get("a-4")?.name, "é".repeat(3_000))
        assert.deepStrictEqual(yield* idsOf(directory, { name: "É".repeat(400) }), ["a-4"])
        assert.deepStrictEqual(yield* idsOf(directory, { name: "<IMG" }), ["a-0"])
      }))
  })
