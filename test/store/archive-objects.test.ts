import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Archive, type ArchiveObject, archiveKey, placeOfKey } from "../../src/store/archive.ts"
import { describeObject, inOrder, parseArchive, parseList, parseWindow } from "../../src/store/archive-lines.ts"
import { archiveOn } from "../../src/store/archive-objects.ts"
import { archive, archiveFromConfig } from "../../src/store/aws/archive.ts"
import { noTally, tallyOf } from "../../src/store/tally.ts"
import { answering, asking, bodyOf } from "./answering.ts"
import { archived } from "./archive.contract.ts"
import { ARRIVAL } from "./events.ts"

const HOUR = Date.UTC(2026, 4, 6, 10)
const place = (part: string, window = 7) => ({ window, hour: HOUR, part })

/** An archive in memory, and what was put and dropped, and what was read, in order. `keys` are in the order in which they were put. A version is a key of its own. */
const site = () => {
  const kept = new Map<string, Uint8Array>()
  const log: Array<string> = []
  const read: Array<string> = []
  const held = (key: string) => {
    const bytes = kept.get(key)
    return bytes === undefined ? null : { bytes, tag: Buffer.from(bytes).toString("latin1") }
  }
  const of = archiveOn({
    put: (key, body, kind, over) =>
      Effect.sync(() => {
        if ((held(key)?.tag ?? null) !== over) return false
        kept.set(key, body)
        log.push(`${kind} ${key}`)
        return true
      }),
    get: (key, version = "") =>
      Effect.sync(() => {
        read.push(key)
        return held(key + version)
      }),
    former: (prefix) => Effect.sync(() => [{ key: prefix, version: "1" }]),
    drop: ({ key, version }) => Effect.sync(() => void log.push(`drop ${key} ${version}`)),
    keys: (prefix) => Effect.sync(() => [...kept.keys()].filter((key) => key.startsWith(prefix)))
  })
  return { of, kept, log, read }
}

const sealed = (window: number, lists: ReadonlyArray<string>) =>
  ({ window, state: "sealed", sealedAt: 1, items: 0, bytes: 0, lists }) as const

describe("an archive on objects", () => {
  it.effect("tells events, lists and windows apart where it puts them", () =>
    Effect.gen(function* () {
      const { of, kept, log } = site()
      const object = yield* of.write(place("0-0"), [archived("a")])
      const list = yield* of.list(7, "0-0", [object])
      yield* of.seal(sealed(7, [list]))
      assert.deepStrictEqual(log, [`events ${object.key}`, "list lists/7/0-0.json", "list windows/7.json"])
      assert.strictEqual(gunzipSync(kept.get(object.key) ?? "").toString(), `${JSON.stringify(archived("a"))}\n`)
      assert.strictEqual(object.bytes, kept.get(object.key)?.length)
    })
  )

  it.effect("returns windows in order, whatever the order of their keys", () =>
    Effect.gen(function* () {
      const { of } = site()
      for (const window of [10, 9, 100]) yield* of.seal(sealed(window, []))
      assert.deepStrictEqual(
        (yield* of.windows).map(({ window }) => window),
        [9, 10, 100]
      )
    })
  )

  it.effect(
    "returns what no list of a sealed window names, as its own list says it, and nothing of what it holds where it has none",
    () =>
      Effect.gen(function* () {
        const { of, kept, read } = site()
        const listed = yield* of.write(place("0-0"), [archived("a")])
        const left = yield* of.write(place("1-0"), [archived("b")])
        const open = yield* of.write(place("2-0", 8), [archived("c")])
        kept.set("events/2026/05/06/other.txt", Buffer.from(""))
        yield* of.seal(sealed(7, [yield* of.list(7, "0-0", [listed])]))
        yield* of.list(8, "2-0", [open])
        const bare = { hour: HOUR, tally: noTally, published: [0, 0] as const, bytes: 0 }
        read.length = 0
        assert.deepStrictEqual(yield* of.unlisted, [{ ...bare, key: left.key, window: 7 }, open])
        assert.deepStrictEqual(read, ["windows/7.json", "lists/7/0-0.json", "lists/8/2-0.json"])
      })
  )

  it.effect("replaces an object, and mends its list alone, and then what is counted of its window", () =>
    Effect.gen(function* () {
      const { of, kept, log } = site()
      const [one, two] = [
        yield* of.write(place("0-0"), [archived("a"), archived("b")]),
        yield* of.write(place("1-0"), [archived("c"), archived("d"), archived("e")])
      ]
      const lists = [yield* of.list(7, "0-0", [one]), yield* of.list(7, "1-0", [two])]
      yield* of.list(70, "0-0", [one])
      yield* of.seal(sealed(7, lists))
      log.length = 0
      const now = yield* of.replace(one, () => Effect.succeed([archived("a")]))
      assert.deepStrictEqual(log, [`events ${one.key}`, "list lists/7/0-0.json"])
      yield* of.recount(7)
      assert.deepStrictEqual(log.slice(2), ["list windows/7.json"])
      assert.deepStrictEqual(now.tally, tallyOf(["a"]))
      assert.deepInclude((yield* of.windows)[0], { items: 4, bytes: now.bytes + two.bytes })
      assert.deepStrictEqual(parseList(String(kept.get("lists/70/0-0.json"))), [one])
    })
  )

  it.effect("seals no window that is not", () =>
    Effect.gen(function* () {
      const { of, log } = site()
      const one = yield* of.write(place("0-0"), [archived("a")])
      log.length = 0
      yield* of.replace(one, () => Effect.succeed([]))
      yield* of.recount(7)
      assert.deepStrictEqual(log, [`events ${one.key}`])
    })
  )

  it.effect("shows what objects of events were before, and drops that", () =>
    Effect.gen(function* () {
      const { of, kept, log } = site()
      const former = [{ key: "events/", version: "1" }]
      assert.deepStrictEqual(yield* of.former, former)
      const one = yield* of.write(place("0-0"), [archived("a")])
      kept.set("k1", kept.get(one.key) ?? assert.fail())
      kept.set("k2", Buffer.from("cut"))
      const held = (version: string) => of.readFormer({ key: "k", version })
      assert.deepStrictEqual(yield* held("1"), [archived("a")])
      assert.isUndefined(yield* held("2"))
      assert.deepStrictEqual(yield* held("3"), [])
      log.length = 0
      yield* of.drop({ key: "k", version: "1" })
      assert.deepStrictEqual(log, ["drop k 1"])
    })
  )

  it.effect("says of what operation it cannot read, and why", () =>
    Effect.gen(function* () {
      const { of, kept } = site()
      const object = yield* of.write(place("0-0"), [archived("a")])
      const cut = (reason: string) => ({ store: "archive", reason, retryable: false }) as const
      const version = "cannot be read: it is cut off, or of another version"

      assert.deepInclude(yield* Effect.flip(of.objects(sealed(7, ["lists/7/x.json"]))), {
        ...cut("lists/7/x.json is not in the archive"),
        operation: "objects"
      })
      kept.set("lists/7/0-0.json", Buffer.from("[{}]"))
      assert.deepInclude(yield* Effect.flip(of.objects(sealed(7, ["lists/7/0-0.json"]))), {
        ...cut(`lists/7/0-0.json ${version}`),
        operation: "objects"
      })
      assert.deepInclude(yield* Effect.flip(of.replace(object, () => Effect.succeed([]))), {
        ...cut(`lists/7/0-0.json ${version}`),
        operation: "replace"
      })
      assert.deepInclude(yield* Effect.flip(of.unlisted), {
        ...cut(`lists/7/0-0.json ${version}`),
        operation: "unlisted"
      })
      kept.delete("lists/7/0-0.json")
      kept.set("windows/7.json", Buffer.from("{}"))
      for (const [operation, work] of [
        ["windows", of.windows],
        ["recount", of.recount(7)],
        ["amend", of.amend(7, (window) => Effect.succeed(window))]
      ] as const)
        assert.deepInclude(yield* Effect.flip(work as Effect.Effect<unknown, object>), {
          ...cut(`windows/7.json ${version}`),
          operation
        })
    })
  )

  it.effect("says of an object that it is not there, cut off, or holds other events than its list says", () =>
    Effect.gen(function* () {
      const { of, kept } = site()
      const object = yield* of.write(place("0-0"), [archived("a")])
      const refused = (one: ArchiveObject) => Effect.map(Effect.flip(of.read(one)), ({ message }) => message)
      assert.strictEqual(yield* refused({ ...object, key: "k" }), "archive: read: k is not in the archive")
      assert.strictEqual(
        yield* refused({ ...object, tally: tallyOf(["a", "b"]) }),
        `archive: read: ${object.key} holds 1 events that are not the 2 of its list`
      )
      kept.set(object.key, Buffer.from("cut"))
      assert.strictEqual(
        yield* refused(object),
        `archive: read: ${object.key} cannot be read: it is cut off, or no object of the archive`
      )
    })
  )
})

describe("an object that is replaced while it is read", () => {
  const [a, b] = [archived("a"), archived("b")]

  /** An object of two events and its list, and what puts another object, and its list. */
  const listed = Effect.gen(function* () {
    const { of, kept, log } = site()
    const object = yield* of.write(place("0-0"), [a, b])
    yield* of.list(7, "0-0", [object])
    return {
      of,
      object,
      kept,
      log,
      put: Effect.asVoid(Effect.orDie(of.write(place("0-0"), [b]))),
      list: Effect.suspend(() => {
        const { length } = kept.get(object.key) ?? assert.fail("no object")
        return Effect.orDie(of.list(7, "0-0", [describeObject(place("0-0"), [b], length)]))
      })
    }
  })

  it.effect("is read as it is now, by whoever has an old list", () =>
    Effect.gen(function* () {
      const { of, object } = yield* listed
      yield* of.replace(object, () => Effect.succeed([b]))
      assert.deepStrictEqual(yield* of.read(object), [b])
      yield* of.replace(object, () => Effect.succeed([]))
      assert.deepStrictEqual(yield* of.read(object), [])
    })
  )

  it.effect("is read once its list says so as well", () =>
    Effect.gen(function* () {
      const { of, object, put, list } = yield* listed
      yield* put
      const reading = yield* Effect.forkChild(of.read(object), { startImmediately: true })
      yield* TestClock.adjust(7_000)
      assert.isUndefined(reading.pollUnsafe())
      yield* list
      yield* TestClock.adjust(750)
      assert.deepStrictEqual(yield* Fiber.join(reading), [b])
    })
  )

  it.effect("is looked at again at once where its list has changed, and waited for where that has not", () =>
    Effect.gen(function* () {
      const { of, object, put, list } = yield* listed
      // Two erasures: of the second one the object alone is there.
      yield* of.list(7, "0-0", [describeObject(place("0-0"), [b, archived("c")], 1)])
      yield* put
      const reading = yield* Effect.forkChild(of.read(object), { startImmediately: true })
      yield* TestClock.adjust(499)
      assert.isUndefined(reading.pollUnsafe())
      yield* list
      yield* TestClock.adjust(1)
      assert.isDefined(reading.pollUnsafe())
      assert.deepStrictEqual(yield* Fiber.join(reading), [b])
    })
  )

  it.effect("is refused at once where its list names it no more, or cannot be read", () =>
    Effect.gen(function* () {
      const { of, object, put, kept, log } = yield* listed
      yield* put
      yield* of.list(7, "0-0", [{ ...object, key: "other" }])
      assert.deepInclude(yield* Effect.flip(of.read(object)), {
        operation: "read",
        reason: `${object.key} holds 1 events that are not the 2 of its list`
      })
      yield* of.replace(object, () => Effect.succeed([a]))
      assert.strictEqual(log.at(-1), `events ${object.key}`)
      assert.deepStrictEqual(parseList(String(kept.get("lists/7/0-0.json"))), [{ ...object, key: "other" }])
      kept.set("lists/7/0-0.json", Buffer.from("cut"))
      const reason = "lists/7/0-0.json cannot be read: it is cut off, or of another version"
      assert.deepInclude(yield* Effect.flip(of.read(object)), { operation: "read", reason })
    })
  )

  it.effect("leaves the others of its list as they are", () =>
    Effect.gen(function* () {
      const { of, object, kept } = yield* listed
      const other = yield* of.write({ ...place("0-0"), hour: HOUR + 3_600_000 }, [archived("c")])
      yield* of.list(7, "0-0", [object, other])
      const now = yield* of.replace(object, () => Effect.succeed([b]))
      assert.deepStrictEqual(parseList(String(kept.get("lists/7/0-0.json"))), [now, other])
    })
  )

  it.effect("is left alone where the archive makes no such key", () =>
    Effect.gen(function* () {
      const { object } = yield* listed
      const { kept, of: other } = site()
      yield* other.write(place("0-0"), [a])
      kept.set("k", kept.get(object.key) ?? assert.fail("no object"))
      kept.set("undefined", Buffer.from("cut"))
      const { reason } = yield* Effect.flip(other.read({ ...object, key: "k" }))
      assert.strictEqual(reason, "k holds 1 events that are not the 2 of its list")
      assert.deepStrictEqual((yield* other.replace({ ...object, key: "k" }, () => Effect.succeed([]))).tally.items, 0)
      assert.deepStrictEqual(yield* other.read({ ...object, key: "k", tally: noTally }), [])
    })
  )

  it.effect("is refused after some seconds where its list never says so, with what to do", () =>
    Effect.gen(function* () {
      const { of, object, put } = yield* listed
      yield* put
      assert.deepStrictEqual(yield* of.read(object, "unchecked"), [b])
      const reading = yield* Effect.forkChild(of.read(object), { startImmediately: true })
      yield* TestClock.adjust(7_749)
      assert.isUndefined(reading.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.isDefined(reading.pollUnsafe())
      const reason = `${object.key} holds 1 events that are not the 2 of its list; if an erasure was cut off, run it again`
      const refused = yield* Effect.flip(Fiber.join(reading))
      assert.deepInclude(refused, { store: "archive", operation: "read", reason, retryable: false })
    })
  )
})

describe("the archive on S3", () => {
  const Bucket = "bucket"
  const onS3 = asking(archive({ bucket: Bucket, storageClass: "GLACIER_IR" }))
  const object = describeObject(place("0-0"), [archived("a")], 1)

  it.effect("says what each object is", () =>
    Effect.gen(function* () {
      const { asked } = yield* onS3(
        [{}, {}],
        Archive.use((of) => Effect.andThen(of.write(place("0-0"), []), of.list(7, "0-0", [])))
      )
      const [events, list] = asked.map(([, input]) => input) as ReadonlyArray<Record<string, unknown>>
      const { Body: _, ...rest } = events ?? assert.fail()
      assert.deepStrictEqual(rest, {
        Bucket,
        IfNoneMatch: "*",
        Key: `events/2026/05/06/10/7-0-0.jsonl.gz`,
        ContentType: "application/x-ndjson",
        ContentEncoding: "gzip",
        StorageClass: "GLACIER_IR"
      })
      assert.deepStrictEqual(list, {
        Bucket,
        IfNoneMatch: "*",
        Key: "lists/7/0-0.json",
        Body: Buffer.from("[]"),
        ContentType: "application/json"
      })
    })
  )

  it.effect("lists the keys of all pages", () =>
    Effect.gen(function* () {
      const Contents = [{ Key: "windows/7.json" }, {}]
      const Body = bodyOf(JSON.stringify(sealed(7, [])))
      const { asked, value } = yield* onS3(
        [{ Contents, NextContinuationToken: "t" }, {}, { Body }],
        Archive.use((of) => of.windows)
      )
      assert.deepStrictEqual(value, [sealed(7, [])])
      assert.deepStrictEqual(asked.slice(0, 2), [
        ["ListObjectsV2", { Bucket, Prefix: "windows/" }],
        ["ListObjectsV2", { Bucket, Prefix: "windows/", ContinuationToken: "t" }]
      ])
    })
  )

  it.effect("takes an object without a body for one that is cut off, and a refusal for no answer", () =>
    Effect.gen(function* () {
      const read = Archive.use((of) => of.read(object))
      const reasonOf = (answer: object | string) =>
        Effect.map(Effect.flip(onS3([answer], read)), ({ message }) => message)
      assert.include(yield* reasonOf({}), "cannot be read: it is cut off")
      assert.include(yield* reasonOf("NoSuchKey"), "is not in the archive")
      assert.strictEqual(yield* reasonOf("AccessDenied"), "archive: get: AccessDenied")
    })
  )

  it.effect("lists what objects of events were before, of all pages, and neither markers nor what they are", () =>
    Effect.gen(function* () {
      const version = (Key: string, VersionId: string, IsLatest?: boolean) => ({ Key, VersionId, IsLatest })
      const { asked, value } = yield* onS3(
        [
          {
            Versions: [version("a", "3", true), version("a", "2", false)],
            DeleteMarkers: [version("b", "2", false)],
            IsTruncated: true,
            NextKeyMarker: "b",
            NextVersionIdMarker: "2"
          },
          { Versions: [version("b", "1")], IsTruncated: true, NextKeyMarker: "c" },
          { Versions: [{}], DeleteMarkers: [{}] }
        ],
        Archive.use((of) => of.former)
      )
      assert.deepStrictEqual(value, [
        { key: "a", version: "2" },
        { key: "b", version: "1" },
        { key: "", version: "" }
      ])
      const request = { Bucket, Prefix: "events/" }
      assert.deepStrictEqual(asked, [
        ["ListObjectVersions", request],
        ["ListObjectVersions", { ...request, KeyMarker: "b", VersionIdMarker: "2" }],
        ["ListObjectVersions", { ...request, KeyMarker: "c" }]
      ])
    })
  )

  it.effect("reads and drops one version, and fails where S3 refuses", () =>
    Effect.gen(function* () {
      const one = { key: "k", version: "2" }
      const read = yield* onS3(
        ["NoSuchVersion"],
        Archive.use((of) => of.readFormer(one))
      )
      assert.deepStrictEqual(read, { asked: [["GetObject", { Bucket, Key: "k", VersionId: "2" }]], value: [] })
      const { asked } = yield* onS3(
        [{}],
        Archive.use((of) => of.drop(one))
      )
      assert.deepStrictEqual(asked, [["DeleteObject", { Bucket, Key: "k", VersionId: "2" }]])
      for (const [operation, work] of [
        ["former", Archive.use((of) => of.former)],
        ["drop", Archive.use((of) => of.drop(one))]
      ] as const)
        assert.deepInclude(yield* Effect.flip(onS3([], work as Effect.Effect<unknown, never, Archive>)), {
          store: "archive",
          operation,
          reason: "AccessDenied"
        })
    })
  )

  it.effect.each(["ARCHIVE_BUCKET", "ARCHIVE_CLASS"])("is where its configuration says, and needs %s", (name) =>
    Effect.gen(function* () {
      const env: Record<string, string> = { ARCHIVE_BUCKET: Bucket, ARCHIVE_CLASS: "STANDARD_IA" }
      const configured = () => Layer.provide(archiveFromConfig, ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))
      const write = Archive.use((of) => of.write(place("0-0"), []))
      const { asked, on } = answering([{}])
      yield* on(configured())(write)
      assert.deepInclude(asked[0]?.[1], { Bucket, StorageClass: "STANDARD_IA" })
      delete env[name]
      assert.include(String(yield* Effect.flip(on(configured())(write))), name)
    })
  )
})

describe("the texts of the archive", () => {
  it("name the place of an object, and nothing else", () => {
    const key = archiveKey(place("1-0-0"))
    assert.strictEqual(key, "events/2026/05/06/10/7-1-0-0.jsonl.gz")
    assert.deepStrictEqual(placeOfKey(key), place("1-0-0"))
    for (const other of ["", "lists/7/0-0.json", `x${key}`, `${key}x`, key.replace("/10/", "/25/")])
      assert.isUndefined(placeOfKey(other), other)
  })

  it("hold an event a line, and say which line is none", () => {
    assert.deepStrictEqual(parseArchive(""), [])
    assert.lengthOf(parseArchive(`\n${JSON.stringify(archived("a"))}\n\n`), 1)
    for (const line of ["{}", '{"id":"a"}', '{"received":1}', '{"id":1,"received":1}'])
      assert.throws(() => parseArchive(line), "not an event")
  })

  it("say the span of what an object holds", () => {
    const spanOf = (...published: ReadonlyArray<number>) =>
      describeObject(
        place("0-0"),
        published.map((at, n) => archived(`e-${n}`, at)),
        1
      ).published
    assert.deepStrictEqual(spanOf(), [0, 0])
    assert.deepStrictEqual(spanOf(5), [5, 5])
    assert.deepStrictEqual(spanOf(0), [0, 0])
    assert.deepStrictEqual(spanOf(5, 3, 9, 4), [3, 9])
  })

  it("are in the order of hours, and within one in that of keys", () => {
    const at = (hour: number, key: string) => ({ ...describeObject(place("0-0"), [], 0), hour, key })
    assert.deepStrictEqual(
      inOrder([at(2, "a"), at(1, "c"), at(1, "b"), at(1, "d")]).map(({ key }) => key),
      ["b", "c", "d", "a"]
    )
  })

  it("say what is known of a window, and refuse what is none", () => {
    const window = { ...sealed(7, ["l"]), state: "confirmed", confirmedAt: ARRIVAL } as const
    assert.deepStrictEqual(parseWindow(JSON.stringify(window)), window)
    for (const broken of [{ ...window, state: "open" }, { ...window, lists: [1] }, {}])
      assert.throws(() => parseWindow(JSON.stringify(broken)))
    const object = describeObject(place("0-0"), [archived("a")], 1)
    assert.deepStrictEqual(parseList(JSON.stringify([object])), [object])
    assert.throws(() => parseList(JSON.stringify([{ ...object, published: [1] }])))
  })
})
