import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { hourAt, WINDOW_MS, windowStart } from "../../src/domain/archive-window.ts"
import { Archive, type ArchivedEvent, type ArchiveObject } from "../../src/store/archive.ts"
import { eventsIn, objectsOfArrivals, objectsOfPublished } from "../../src/store/archived-events.ts"
import { memoryArchive } from "../../src/store/memory/archive.ts"
import { archived } from "./archive.contract.ts"

const HOUR = 3_600_000
const WINDOW = 2_941
const START = windowStart(WINDOW)

/** Objects by part, each in its window and hour, of events that were published at these times. */
const site = (objects: Readonly<Record<string, { readonly at: number; readonly published: ReadonlyArray<number> }>>) =>
  Effect.gen(function* () {
    const { layer } = memoryArchive()
    const archive = yield* Effect.provide(Archive, layer)
    for (const [part, { at, published }] of Object.entries(objects)) {
      const window = Math.floor(at / WINDOW_MS)
      const events = published.map((time, n) => archived(`${part}-${n}`, time))
      const object = yield* archive.write({ window, hour: hourAt(at), part }, events)
      const list = yield* archive.list(window, part, [object])
      yield* archive.seal({ window, state: "sealed", sealedAt: at, items: 0, bytes: 0, lists: [] })
      yield* archive.amend(window, (known) => Effect.succeed({ ...known, lists: [...known.lists, list] }))
    }
    return { archive, provide: Effect.provide(Layer.succeed(Archive, archive)) }
  })

const parts = (objects: ReadonlyArray<ArchiveObject>) =>
  objects.map(({ key }) => key.replace(/.*\/\d+-|\.jsonl.*/g, ""))

describe("objects of the archive", () => {
  it.effect("are those of the hours in which events arrived", () =>
    Effect.gen(function* () {
      const one = { published: [START] }
      const { provide } = yield* site({
        a: { ...one, at: START },
        b: { ...one, at: START + HOUR },
        c: { ...one, at: START + WINDOW_MS }
      })
      const found = (...arrivals: ReadonlyArray<number>) => Effect.map(provide(objectsOfArrivals(arrivals)), parts)
      assert.deepStrictEqual(yield* found(START + 1, START + HOUR - 1), ["a"])
      assert.deepStrictEqual(yield* found(START + HOUR, START + WINDOW_MS), ["b", "c"])
      assert.deepStrictEqual(yield* found(START - 1), [])
      assert.deepStrictEqual(yield* found(), [])
    })
  )

  it.effect("are not asked for where nothing is looked for", () =>
    Effect.gen(function* () {
      const refuse = Effect.die("asked")
      const none = Effect.provideService(Archive, { windows: refuse, objects: () => refuse } as never)
      assert.deepStrictEqual(yield* none(objectsOfArrivals([])), [])
    })
  )

  it.effect("are those that may hold what was published at a time", () =>
    Effect.gen(function* () {
      const { provide } = yield* site({
        a: { at: START, published: [START + 10, START + 20] },
        b: { at: START + HOUR, published: [START + 20, START + 30] }
      })
      const found = (...times: ReadonlyArray<number>) => Effect.map(provide(objectsOfPublished(times, 0)), parts)
      assert.deepStrictEqual(yield* found(START + 9), [])
      assert.deepStrictEqual(yield* found(START + 10), ["a"])
      assert.deepStrictEqual(yield* found(START + 20), ["a", "b"])
      assert.deepStrictEqual(yield* found(START + 30), ["b"])
      assert.deepStrictEqual(yield* found(START + 31), [])
      assert.deepStrictEqual(yield* found(START + 5, START + 15), ["a"])
      assert.deepStrictEqual(yield* found(), [])
    })
  )

  it.effect("are looked for in the windows in which it may have been stored, and in no other", () =>
    Effect.gen(function* () {
      const { archive } = yield* site(
        Object.fromEntries(
          [-2, -1, 0, 1, 2].map((n) => [`w${n}`, { at: START + n * WINDOW_MS, published: [0, START + 10 * WINDOW_MS] }])
        )
      )
      const asked: Array<number> = []
      const objects: Archive["Service"]["objects"] = (window) => {
        asked.push(window.window - WINDOW)
        return archive.objects(window)
      }
      const windowsOf = Effect.fnUntraced(function* (time: number, latestMs: number) {
        asked.length = 0
        const found = yield* Effect.provideService(objectsOfPublished([time], latestMs), Archive, {
          ...archive,
          objects
        })
        assert.lengthOf(found, asked.length)
        return [...asked]
      })
      // A clock that runs ahead publishes in a week that has not begun.
      assert.deepStrictEqual(yield* windowsOf(START, 0), [-1, 0])
      assert.deepStrictEqual(yield* windowsOf(START - 1, 0), [-2, -1])
      assert.deepStrictEqual(yield* windowsOf(START, WINDOW_MS - 1), [-1, 0])
      assert.deepStrictEqual(yield* windowsOf(START, WINDOW_MS), [-1, 0, 1])
    })
  )
})

describe("events of the archive", () => {
  it.effect("are found by id, but for those of which nothing could be given back", () =>
    Effect.gen(function* () {
      const { archive, provide } = yield* site({})
      const { envelope: _, ...bare } = archived("bare")
      const events: ReadonlyArray<ArchivedEvent> = [archived("a"), archived("b"), { ...bare, item: {} }]
      const object = yield* archive.write({ window: 1, hour: 0, part: "0" }, events)
      const found = yield* provide(eventsIn([object], new Set(["a", "bare", "other"])))
      const { envelope = assert.fail(), received } = archived("a")
      assert.deepStrictEqual([...found], [["a", { envelope, received }]])
    })
  )
})
