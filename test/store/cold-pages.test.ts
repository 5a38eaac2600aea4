import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Archive, type ArchivedEvent, type ArchiveWindow } from "../../src/store/archive.ts"
import { describeObject } from "../../src/store/archive-lines.ts"
import { coldSource, sealedBefore } from "../../src/store/cold-source.ts"
import { type EventPage, EventSource, type PageRequest } from "../../src/store/event-source.ts"
import { archived } from "./archive.contract.ts"

const window = (window: number, ...lists: ReadonlyArray<string>): ArchiveWindow => ({
  window,
  state: "sealed",
  sealedAt: 0,
  items: 0,
  bytes: 0,
  lists
})

const events = (...ids: ReadonlyArray<string>) => ids.map((id) => archived(id, id.charCodeAt(0)))

/** What the archive holds: windows, with the events of the objects of each list. `read` and `listed` remember what was asked for. */
const site = (
  windows: ReadonlyArray<ArchiveWindow>,
  lists: Readonly<Record<string, ReadonlyArray<ReadonlyArray<ArchivedEvent>>>>,
  table: EventPage = { events: [], unreadable: [], skipped: 0, readUnits: 3 }
) => {
  const [read, listed, asked]: [Array<string>, Array<string>, Array<PageRequest>] = [[], [], []]
  const archive = {
    windows: Effect.succeed(windows),
    objects: ({ lists: keys }: ArchiveWindow) => {
      listed.push(...keys)
      return Effect.succeed(
        keys.flatMap((key) =>
          (lists[key] ?? []).map((held, n) => ({
            ...describeObject({ window: 7, hour: 0, part: "0" }, held, 1),
            key: `${key}/${n}`
          }))
        )
      )
    },
    read: ({ key }: { readonly key: string }) => {
      read.push(key)
      const [list = "", n = ""] = key.split("/")
      return Effect.succeed(lists[list]?.[Number(n)] ?? [])
    }
  }
  const hot = Layer.succeed(EventSource, {
    page: (request: PageRequest) => {
      asked.push(request)
      return Effect.succeed(table)
    }
  })
  const source = coldSource(hot).pipe(Layer.provide(Layer.succeed(Archive, archive as unknown as Archive["Service"])))
  const run = <A, E>(work: (page: EventSource["Service"]["page"]) => Effect.Effect<A, E>) =>
    Effect.provide(
      EventSource.use(({ page }) => work(page)),
      source
    )
  return { run, read, listed, asked }
}

const whole = { segment: 0, segments: 1 }
const ids = ({ events }: EventPage) => events.map(({ id }) => id).join("")

/** The ids of each page, up to the first of the table, and the cursors between them. */
const pages = (page: EventSource["Service"]["page"], request: PageRequest = whole) =>
  Effect.gen(function* () {
    const [found, cursors]: [Array<string>, Array<string>] = [[], []]
    for (let cursor: string | undefined; ; ) {
      const one: EventPage = yield* page({ ...request, ...(cursor === undefined ? {} : { cursor }) })
      if (one.cold !== true) return { found, cursors }
      found.push(ids(one))
      cursor = one.cursor ?? assert.fail("no cursor")
      cursors.push(cursor)
    }
  })

describe("the events of archive and table", () => {
  it("begin in the table after the last window that is sealed", () => {
    assert.isUndefined(sealedBefore([]))
    assert.strictEqual(sealedBefore([window(7), window(9)]), 10)
  })

  it.effect("come list by list and object by object, and then from the table without what was archived", () =>
    Effect.gen(function* () {
      const { run, read, listed, asked } = site([window(7, "b", "a"), window(9, "c")], {
        a: [events("p", "q"), events("r")],
        b: [events("s")],
        c: [events("t")]
      })
      const { found, cursors } = yield* run((page) => pages(page))
      assert.deepStrictEqual(found, ["pq", "r", "s", "t"])
      assert.deepStrictEqual(cursors, ["archive:1:0:a", "archive:2:0:a", "archive:1:0:b", "archive:1:0:c"])
      assert.deepStrictEqual(read, ["a/0", "a/1", "b/0", "c/0"])
      assert.deepStrictEqual(
        listed,
        ["a", "b", "c"].flatMap((list) => [list, ...(list === "c" ? [] : [])])
      )
      assert.deepStrictEqual(asked, [{ ...whole, archived: new Set([7, 9]) }])
    })
  )

  it.effect("are cut into pages, for which an object is read once", () =>
    Effect.gen(function* () {
      const { run, read } = site([window(7, "a")], { a: [events("p", "q", "r", "s", "t"), events("u", "v")] })
      const { found, cursors } = yield* run((page) => pages(page, { ...whole, limit: 2 }))
      assert.deepStrictEqual(found, ["pq", "rs", "t", "uv"])
      assert.deepStrictEqual(cursors, ["archive:0:2/5:a", "archive:0:4/5:a", "archive:1:0:a", "archive:2:0:a"])
      assert.deepStrictEqual(read, ["a/0", "a/1"])
      const least = yield* run((page) => pages(page, { ...whole, limit: 0 }))
      assert.strictEqual(least.found.join(), "p,q,r,s,t,u,v")
    })
  )

  it.effect("are a thousand a page at most", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 1_001 }, (_, n) => archived(`e-${n}`))
      const { run } = site([window(7, "a")], { a: [many] })
      const first = yield* run((page) => page(whole))
      assert.deepStrictEqual([first.events.length, first.cursor], [1_000, "archive:0:1000/1001:a"])
      assert.lengthOf((yield* run((page) => page({ ...whole, limit: 5_000 }))).events, 1_000)
    })
  )

  it.effect("are read anew from an object that has lost some meanwhile", () =>
    Effect.gen(function* () {
      const { run } = site([window(7, "a")], { a: [events("p", "q", "r")] })
      const from = (cursor: string) =>
        Effect.map(
          run((page) => page({ ...whole, cursor })),
          ids
        )
      assert.strictEqual(yield* from("archive:0:2/3:a"), "r")
      assert.strictEqual(yield* from("archive:0:2/4:a"), "pqr")
      assert.strictEqual(yield* from("archive:0:2:a"), "r")
    })
  )

  it.effect("are those of a span of time and of topics", () =>
    Effect.gen(function* () {
      const other = { ...archived("q", 113), topic: "other" }
      const { run, read } = site([window(7, "a")], {
        a: [[...events("p"), other], events("t")]
      })
      const spanOf = (more: Partial<PageRequest>) =>
        Effect.map(
          run((page) => pages(page, { ...whole, ...more })),
          ({ found }) => found
        )
      assert.deepStrictEqual(yield* spanOf({ since: 113 }), ["pq", "t"])
      assert.deepStrictEqual(yield* spanOf({ since: 114 }), ["t"])
      assert.deepStrictEqual(yield* spanOf({ since: 117 }), [])
      assert.deepStrictEqual(yield* spanOf({ until: 112 }), [])
      assert.deepStrictEqual(yield* spanOf({ until: 113 }), ["pq"])
      assert.deepStrictEqual(yield* spanOf({ until: 116 }), ["pq"])
      read.length = 0
      const page = yield* run((page) => page({ ...whole, topics: new Set(["other"]) }))
      assert.deepStrictEqual([ids(page), page.skipped, page.readUnits, page.cold], ["q", 1, 0, true])
    })
  )

  it.effect("are said to be unreadable where the archive has no body of them", () =>
    Effect.gen(function* () {
      const { envelope: _, ...bare } = archived("p")
      const { run } = site([window(7, "a")], { a: [[bare, archived("q")]] })
      const page = yield* run((page) => page(whole))
      const reason = "its body could not be restored when it was archived"
      assert.deepStrictEqual(page.unreadable, [{ id: "p", topic: bare.topic, reason }])
      const { envelope = assert.fail(), id, topic, received } = archived("q")
      assert.deepStrictEqual(page.events, [{ id, topic, envelope, received }])
    })
  )

  it.effect("go on in the table by a cursor of its own", () =>
    Effect.gen(function* () {
      const more = { events: [], unreadable: [], skipped: 0, readUnits: 3, cursor: "e-9" }
      const { run, asked } = site([window(7)], {}, more)
      const first = yield* run((page) => page({ ...whole, limit: 5 }))
      assert.deepStrictEqual(first, { ...more, cursor: "table:e-9" })
      yield* run((page) => page({ ...whole, cursor: "table:e-9" }))
      yield* run((page) => page({ ...whole, cursor: "table:" }))
      const archived = new Set([7])
      assert.deepStrictEqual(asked, [
        { ...whole, limit: 5, archived },
        { ...whole, archived, cursor: "e-9" },
        { ...whole, archived }
      ])
    })
  )

  it.effect("come from the archive before the window that is asked for alone", () =>
    Effect.gen(function* () {
      const { run, asked } = site([window(7, "a"), window(8, "b")], { a: [events("p")], b: [events("q")] })
      const { found } = yield* run((page) => pages(page, { ...whole, sealed: 8 }))
      assert.deepStrictEqual(found, ["p"])
      assert.deepStrictEqual(asked, [{ ...whole, sealed: 8, archived: new Set([7]) }])
    })
  )

  it.effect("are all of the table's while nothing is sealed, and where there is no archive", () =>
    Effect.gen(function* () {
      const { run, asked } = site([], {})
      yield* run((page) => page({ ...whole, cursor: "e-9" }))
      assert.deepStrictEqual(asked, [{ ...whole, cursor: "e-9" }])
      const page = () => Effect.die("asked")
      const hot = EventSource.of({ page })
      const alone = EventSource.pipe(Effect.provide(coldSource(Layer.succeed(EventSource, hot))))
      assert.strictEqual(yield* alone, hot)
    })
  )

  it.effect("are not read from a cursor of another source", () =>
    Effect.gen(function* () {
      const { run } = site([window(7)], {})
      for (const cursor of ["e-9", "", "archive:1:a", "archive:1:2:", "xarchive:0:0:a"])
        assert.deepInclude(yield* Effect.flip(run((page) => page({ ...whole, cursor }))), {
          store: "event source",
          operation: "page",
          reason: "the checkpoint is of another source; take another id",
          retryable: false
        })
    })
  )

  it.effect("are read by one segment each, the same in every version: checkpoints count on it", () =>
    Effect.gen(function* () {
      const lists = Array.from({ length: 8 }, (_, n) => `lists/2941/${n}-0.json`)
      const { run, listed } = site([window(7, ...lists)], {})
      const shares: Array<string> = []
      for (const segment of [0, 1, 2]) {
        listed.length = 0
        yield* run((page) => page({ segment, segments: 3 }))
        shares.push(listed.map((list) => list.slice(11, 12)).join(""))
      }
      assert.deepStrictEqual(shares, ["012", "6", "3457"])
    })
  )
})
