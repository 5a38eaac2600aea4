import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { erasureJournal } from "../../src/store/aws/erasure-journal.ts"
import { keptObjects } from "../../src/store/aws/kept-objects.ts"
import { ErasureJournal } from "../../src/store/erasure-journal.ts"
import { KeptObjects } from "../../src/store/kept-objects.ts"
import { asking, bodyOf } from "./answering.ts"

describe("the journal of erasures on S3", () => {
  const journal = asking(erasureJournal("bucket"))
  const list = (...names: ReadonlyArray<string>) => ({
    Contents: names.map((name) => ({ Key: `erasures/r-1/${name}` }))
  })
  const more = { IsTruncated: true }
  const Bucket = "bucket"

  it.effect("writes an entry as an object", () =>
    Effect.gen(function* () {
      const { asked } = yield* journal(
        [{}],
        ErasureJournal.use((of) => of.write("r-1", "n", { a: 1 }))
      )
      const ContentType = "application/json"
      assert.deepStrictEqual(asked, [["PutObject", { Bucket, Key: "erasures/r-1/n", Body: '{"a":1}', ContentType }]])
    })
  )

  it.effect("reads the entries of a request by name, from as many pages as there are", () =>
    Effect.gen(function* () {
      const bodies = ["1", '"2"', "[3]"].map((text) => ({ Body: bodyOf(text) }))
      const { asked, value } = yield* journal(
        [{ ...list("a", "b"), ...more }, list("c"), ...bodies],
        ErasureJournal.use((of) => of.read("r-1"))
      )
      assert.deepStrictEqual(
        [...value],
        [
          ["a", 1],
          ["b", "2"],
          ["c", [3]]
        ]
      )
      const Prefix = "erasures/r-1/"
      assert.deepStrictEqual(asked, [
        ["ListObjectsV2", { Bucket, Prefix }],
        ["ListObjectsV2", { Bucket, Prefix, StartAfter: `${Prefix}b` }],
        ...["a", "b", "c"].map((name) => ["GetObject", { Bucket, Key: Prefix + name }] as const)
      ])
    })
  )

  it.effect("has no entries of a request that it does not know", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        (yield* journal(
          [{}],
          ErasureJournal.use((of) => of.read("r-1"))
        )).value.size,
        0
      )
      const { asked, value } = yield* journal(
        [more],
        ErasureJournal.use((of) => of.read("r-1"))
      )
      assert.deepStrictEqual([value.size, asked.length], [0, 1])
    })
  )

  it.effect("[P11] forgets a request, where it began last", () =>
    Effect.gen(function* () {
      const { asked } = yield* journal(
        [list("a", "begun", "c"), {}, {}, {}],
        ErasureJournal.use((of) => of.remove("r-1"))
      )
      assert.deepStrictEqual(
        asked.slice(1),
        ["a", "c", "begun"].map((name) => ["DeleteObject", { Bucket, Key: `erasures/r-1/${name}` }] as const)
      )
    })
  )

  it.effect.each([
    ["read", ErasureJournal.use((of) => of.read("r-1"))],
    ["write", ErasureJournal.use((of) => of.write("r-1", "n", 1))],
    ["remove", ErasureJournal.use((of) => of.remove("r-1"))]
  ] as const)("fails where S3 refuses: %s", ([operation, work]) =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(journal([], work as Effect.Effect<unknown, object, ErasureJournal>))
      assert.deepInclude(refused, { store: "erasure journal", operation, reason: "AccessDenied" })
    })
  )
})

describe("objects that are kept on S3", () => {
  const kept = asking(keptObjects({ quarantine: "q", failures: "", exports: "x" }))

  it.effect("are listed after a key, with their sizes, a page at a time", () =>
    Effect.gen(function* () {
      const page = { Contents: [{ Key: "p/a", Size: 3 }, {}], IsTruncated: true }
      const { asked, value } = yield* kept(
        [page],
        KeptObjects.use((of) => of.keys("quarantine", "p/", "p/0"))
      )
      assert.deepStrictEqual(asked, [["ListObjectsV2", { Bucket: "q", Prefix: "p/", StartAfter: "p/0" }]])
      assert.deepStrictEqual(value, {
        keys: [
          { key: "p/a", size: 3 },
          { key: "", size: 0 }
        ],
        more: true
      })
    })
  )

  it.effect("are listed from the first on, and are none where there is no bucket", () =>
    Effect.gen(function* () {
      const first = yield* kept(
        [{}],
        KeptObjects.use((of) => of.keys("exports", "p/"))
      )
      assert.deepStrictEqual(first.asked, [["ListObjectsV2", { Bucket: "x", Prefix: "p/" }]])
      assert.deepStrictEqual(first.value, { keys: [], more: false })
      const none = yield* kept(
        [],
        KeptObjects.use((of) => of.keys("failures", "p/"))
      )
      assert.deepStrictEqual(none, { asked: [], value: { keys: [], more: false } })
    })
  )

  it.effect("are read with what is noted beside them", () =>
    Effect.gen(function* () {
      const read = KeptObjects.use((of) => of.read("quarantine", "k"))
      const whole = { Body: bodyOf("b"), ContentType: "t", Metadata: { a: "1" } }
      const { asked, value } = yield* kept([whole], read)
      assert.deepStrictEqual(asked, [["GetObject", { Bucket: "q", Key: "k" }]])
      const body = new Uint8Array([98])
      assert.deepStrictEqual(value, { body, contentType: "t", metadata: { a: "1" } })
      assert.deepStrictEqual((yield* kept([{ Body: bodyOf("b") }], read)).value, { body, metadata: {} })
      assert.deepStrictEqual((yield* kept([{}], read)).value, { body: new Uint8Array(), metadata: {} })
      assert.isUndefined((yield* kept(["NoSuchKey"], read)).value)
    })
  )

  it.effect("keep what is noted beside them when they are written over", () =>
    Effect.gen(function* () {
      const body = new Uint8Array([1])
      const write = (more: object) =>
        kept(
          [{}],
          KeptObjects.use((of) => of.rewrite("exports", "k", { body, metadata: { a: "1" }, ...more }))
        )
      const put = { Bucket: "x", Key: "k", Body: body, Metadata: { a: "1" } }
      assert.deepStrictEqual((yield* write({})).asked, [["PutObject", put]])
      assert.deepStrictEqual((yield* write({ contentType: "t" })).asked, [["PutObject", { ...put, ContentType: "t" }]])
    })
  )

  it.effect("[P11] are removed with all their versions and markers, of all pages", () =>
    Effect.gen(function* () {
      const version = (Key: string, VersionId: string) => ({ Key, VersionId })
      const { asked } = yield* kept(
        [
          { Versions: [version("k", "2"), version("k-other", "1")], IsTruncated: true, NextKeyMarker: "k-other" },
          { DeleteMarkers: [version("k", "1")] },
          {},
          {}
        ],
        KeptObjects.use((of) => of.remove("quarantine", "k"))
      )
      assert.deepStrictEqual(asked, [
        ["ListObjectVersions", { Bucket: "q", Prefix: "k" }],
        ["ListObjectVersions", { Bucket: "q", Prefix: "k", KeyMarker: "k-other" }],
        ["DeleteObject", { Bucket: "q", Key: "k", VersionId: "2" }],
        ["DeleteObject", { Bucket: "q", Key: "k", VersionId: "1" }]
      ])
    })
  )

  it.effect.each([
    ["list", KeptObjects.use((of) => of.keys("quarantine", "p"))],
    ["read", KeptObjects.use((of) => of.read("quarantine", "k"))],
    ["rewrite", KeptObjects.use((of) => of.rewrite("quarantine", "k", { body: new Uint8Array(), metadata: {} }))],
    ["remove", KeptObjects.use((of) => of.remove("quarantine", "k"))]
  ] as const)("fail where S3 refuses: %s", ([operation, work]) =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(kept([], work as Effect.Effect<unknown, object, KeptObjects>))
      assert.deepInclude(refused, { store: "object storage", operation, reason: "AccessDenied" })
    })
  )
})
