import { Readable } from "node:stream"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Item } from "../../src/store/aws/attribute.ts"
import { toItem } from "../../src/store/aws/event-item.ts"
import { lineOf } from "../../src/store/aws/export-format.ts"
import { exportSource, objectOf } from "../../src/store/aws/export-source.ts"
import { type EventPage, EventSource, type PageRequest } from "../../src/store/event-source.ts"
import { answering, bodyOf } from "./answering.ts"
import { routingEvent } from "./events.ts"

const item = (id: string): Item => toItem(routingEvent(id)).item
const whole = { segment: 0, segments: 1 }
type Page = EventSource["Service"]["page"]

/** What a file holds: items, or a text in their place; `cut`: how often it breaks off behind its lines, before it is read to its end. */
interface File {
  readonly items: ReadonlyArray<Item>
  readonly text?: string
  cut?: number
}

/** An export of these files in a bucket. `opened` and `closed` are the names of its files, as often as that was. */
const exported = (files: Readonly<Record<string, File>>) => {
  const [opened, closed, bodies]: [Array<string>, Array<string>, Array<object>] = [[], [], []]
  const manifest = Object.entries(files).map(([dataFileS3Key, { items }]) =>
    JSON.stringify({ dataFileS3Key, itemCount: items.length })
  )
  const { on } = answering((_, input) => {
    const { Bucket, Key = "" } = input as { readonly Bucket: string; readonly Key?: string }
    if (Bucket === "bodies") {
      bodies.push(input)
      return Key === "refused" ? "AccessDenied" : "NoSuchKey"
    }
    if (Key === "manifest") return { Body: bodyOf(manifest.join("\n")) }
    const file = files[Key]
    if (file === undefined) return "NoSuchKey"
    opened.push(Key)
    const bytes = gzipSync(file.text ?? file.items.map((one) => `${lineOf(one)}\n`).join(""))
    const isCut = (file.cut ?? 0) > 0
    file.cut = (file.cut ?? 0) - 1
    const Body = Readable.from(
      (async function* () {
        yield bytes.subarray(0, isCut ? -8 : bytes.length)
        if (isCut) throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })
      })()
    )
    Body.once("close", () => closed.push(Key))
    return { Body }
  })
  const read = <A, E>(work: (page: Page) => Effect.Effect<A, E>, name = "manifest") =>
    on(exportSource({ bucket: "exports", manifest: name, overflowBucket: "bodies" }))(
      EventSource.use(({ page }) => work(page))
    )
  return { read, opened, closed, bodies }
}

const ids = ({ events }: EventPage) => events.map(({ id }) => id).join("")

/** The ids and the cursor of each page. */
const pages = (page: Page, request: PageRequest = whole) =>
  Effect.gen(function* () {
    const found: Array<readonly [string, string | undefined]> = []
    for (let cursor: string | undefined; ; ) {
      const one: EventPage = yield* page({ ...request, ...(cursor === undefined ? {} : { cursor }) })
      found.push([ids(one), one.cursor])
      cursor = one.cursor
      if (cursor === undefined) return found
    }
  })

const named = (...names: ReadonlyArray<string>) => ({ items: names.map(item) })

describe("a table export in a bucket", () => {
  it.live("is read file by file and page by page, each file opened once", () =>
    Effect.gen(function* () {
      const { read, opened, closed } = exported({ x: named("a", "b", "c"), y: named("d") })
      assert.deepStrictEqual(yield* read((page) => pages(page, { ...whole, limit: 2 })), [
        ["ab", "0:2"],
        ["c", "1:0"],
        ["d", undefined]
      ])
      assert.deepStrictEqual(
        [opened, closed.toSorted()],
        [
          ["x", "y"],
          ["x", "y"]
        ]
      )
    })
  )

  it.live("is read by segments, of which each has files of its own", () =>
    Effect.gen(function* () {
      const files = Object.fromEntries([..."abcde"].map((id) => [id, named(id)]))
      const { read } = exported(files)
      const shares = yield* read((page) => Effect.forEach([0, 1], (segment) => pages(page, { segment, segments: 2 })))
      assert.deepStrictEqual(
        shares.map((share) => share.map(([id]) => id).join("")),
        ["ace", "bd"]
      )
      assert.deepStrictEqual(shares[1]?.at(-1), ["d", undefined])
      const behind = yield* read((page) => page({ ...whole, cursor: "9:0" }))
      assert.deepStrictEqual(behind, { events: [], unreadable: [], skipped: 0, readUnits: 0 })
    })
  )

  it.live("is read by two segments in turn, each from its own file", () =>
    Effect.gen(function* () {
      const { read } = exported({ x: named("a", "b"), y: named("c", "d") })
      const found = yield* read((page) =>
        Effect.forEach(["0:0", "0:1"], (cursor) =>
          Effect.forEach([0, 1], (segment) => Effect.map(page({ segment, segments: 2, limit: 1, cursor }), ids))
        )
      )
      assert.strictEqual(found.flat().join(""), "acbd")
    })
  )

  it.live("is opened anew for another place, and closed where it is left", () =>
    Effect.gen(function* () {
      const { read, opened, closed } = exported({ x: named("a", "b", "c", "d"), y: named("e") })
      const limit = 1
      const found = yield* read((page) =>
        Effect.gen(function* () {
          const all = [yield* page({ ...whole, limit })]
          all.push(yield* page({ ...whole, limit, cursor: "0:2" }))
          assert.deepStrictEqual(opened, ["x", "x"])
          all.push(yield* page({ ...whole, limit, cursor: "1:0" }))
          all.push(yield* page({ segment: 0, segments: 2, limit, cursor: "0:1" }))
          return all.map(ids).join("")
        })
      )
      assert.strictEqual(found, "aceb")
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      assert.deepStrictEqual([opened, closed.length], [["x", "x", "y", "x"], 4])
    })
  )

  it.live("ends a page at a thousand items, or at eight million characters", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 1_001 }, (_, n) => ({ id: { S: String(n) } }))
      const few = exported({ x: { items: many } })
      assert.strictEqual((yield* few.read((page) => page({ ...whole, limit: 5_000 }))).cursor, "0:1000")
      const line = (length: number) => ({ id: { S: "x".repeat(length - lineOf({ id: { S: "" } }).length) } })
      const long = exported({ x: { items: [line(4_000_000), line(4_000_000), line(100)] } })
      assert.strictEqual((yield* long.read((page) => page(whole))).cursor, "0:2")
    })
  )

  it.live("goes on where an object breaks off, three times", () =>
    Effect.gen(function* () {
      const { read, opened } = exported({ x: { ...named("a", "b"), cut: 3 } })
      assert.deepStrictEqual(yield* read((page) => pages(page)), [["ab", undefined]])
      assert.deepStrictEqual(opened, ["x", "x", "x", "x"])
      const broken = exported({ x: { ...named("a", "b"), cut: 9 } })
      const refused = yield* Effect.flip(broken.read((page) => pages(page, { ...whole, limit: 5 })))
      assert.deepInclude(refused, {
        store: "event source",
        operation: "page",
        reason: "x cannot be read on from line 1: ECONNRESET",
        retryable: true
      })
      assert.lengthOf(broken.opened, 4)
    })
  )

  it.live.each<[why: string, files: Readonly<Record<string, File>>, cursor: string | undefined, reason: string]>([
    [
      "a line that is no item",
      { x: { items: [item("a")], text: `${lineOf(item("a"))}\n{}\n` } },
      undefined,
      "line 2 of x is no item"
    ],
    [
      "a line behind others",
      { x: { items: [item("a")], text: `${lineOf(item("a"))}\n{}\n` } },
      "0:1",
      "line 2 of x is no item"
    ],
    [
      "a file that holds more",
      { x: { items: [item("a")], text: `${lineOf(item("a"))}\n`.repeat(2) } },
      undefined,
      "x holds 2 items, and should hold 1"
    ],
    ["another source's cursor", { x: named("a") }, "e-9", "the checkpoint is of another source; take another id"]
  ])("stops at %s", ([, files, cursor, reason]) =>
    Effect.gen(function* () {
      const { read } = exported(files)
      const refused = yield* Effect.flip(read((page) => page({ ...whole, ...(cursor && { cursor }) })))
      assert.deepInclude(refused, { store: "event source", operation: "page", reason, retryable: false })
    })
  )

  it.live("says that it has no manifest, and which file of it is not there", () =>
    Effect.gen(function* () {
      const { read } = exported({ x: named("a") })
      assert.deepInclude(yield* Effect.flip(read((page) => page(whole), "none")), {
        store: "event source",
        operation: "open",
        reason: "the manifest cannot be read: NoSuchKey"
      })
    })
  )

  it.live("counts events of other topics, leaves out what is erased, and names bodies that are gone", () =>
    Effect.gen(function* () {
      const [a, b] = [item("a"), { ...item("b"), topic: { S: "other" } }]
      const { body: _, ...bodyless } = item("c")
      const erased = { id: { S: "d" }, erased: { N: "5" } }
      const { read, bodies } = exported({ x: { items: [a, b, { ...bodyless, bodyKey: { S: "k" } }, erased] } })
      const page = yield* read((page) => page({ ...whole, topics: new Set([a.topic?.S ?? ""]) }))
      assert.deepStrictEqual([ids(page), page.skipped, page.readUnits], ["a", 1, 0])
      assert.deepStrictEqual(
        page.unreadable.map(({ id, reason }) => [id, reason]),
        [["c", "its body is not in the bucket"]]
      )
      assert.deepStrictEqual(bodies, [{ Bucket: "bodies", Key: "k" }])
      const refused = exported({ x: { items: [{ ...bodyless, bodyKey: { S: "refused" } }] } })
      const failure = yield* Effect.flip(refused.read((page) => page(whole)))
      assert.deepInclude(failure, { store: "event source", operation: "page", reason: "AccessDenied" })
    })
  )

  it("is named by its address", () => {
    assert.deepStrictEqual(objectOf("s3://bucket/a/b"), { bucket: "bucket", key: "a/b" })
    for (const other of ["s3://bucket", "s3://bucket/", "https://bucket/a", ""]) assert.isUndefined(objectOf(other))
  })
})
