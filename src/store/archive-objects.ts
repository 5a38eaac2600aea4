import { gunzipSync, gzipSync } from "node:zlib"
import { Effect, Result } from "effect"
import {
  ARCHIVED,
  Archive,
  type ArchiveObject,
  type ArchiveVersion,
  type ArchiveWindow,
  archiveListKey,
  archiveWindowKey,
  placeOfKey
} from "./archive.ts"
import { archiveText, describeObject, inOrder, parseArchive, parseList, parseWindow } from "./archive-lines.ts"
import { StoreError } from "./store-error.ts"
import { sameTally, tallyOf } from "./tally.ts"

/**
 * Where the archive keeps its objects. `get` of a key or a version that is not there is null. `keys`: those below a prefix, in order. `former`:
 * what objects below a prefix were before, where the place keeps versions; `drop` deletes one.
 */
export interface ObjectPlace {
  readonly put: (key: string, body: Uint8Array, kind: "events" | "list") => Effect.Effect<void, StoreError>
  readonly get: (key: string, version?: string) => Effect.Effect<Uint8Array | null, StoreError>
  readonly former: (prefix: string) => Effect.Effect<ReadonlyArray<ArchiveVersion>, StoreError>
  readonly drop: (one: ArchiveVersion) => Effect.Effect<void, StoreError>
  readonly keys: (prefix: string) => Effect.Effect<ReadonlyArray<string>, StoreError>
}

const broken = (operation: string, reason: string) =>
  new StoreError({ store: "archive", operation, reason, retryable: false })

/** Objects that are got or put at a time. */
const IN_FLIGHT = 8

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value))

/** The archive on objects, wherever they are. */
export const archiveOn = ({ put, get, keys, former, drop }: ObjectPlace): Archive["Service"] => {
  /** What a text says. Its own exception may quote an event. */
  const parsed = Effect.fnUntraced(function* <A>(operation: string, key: string, parse: (text: string) => A) {
    const bytes = yield* get(key)
    if (bytes === null) return yield* broken(operation, `${key} is not in the archive`)
    return yield* Effect.try({
      try: () => parse(Buffer.from(bytes).toString()),
      catch: () => broken(operation, `${key} cannot be read: it is cut off, or of another version`)
    })
  })

  const pack = (events: Parameters<typeof archiveText>[0]) => Effect.sync(() => gzipSync(archiveText(events)))

  const write: Archive["Service"]["write"] = Effect.fn("Archive.write")(function* (place, events) {
    const packed = yield* pack(events)
    const object = describeObject(place, events, packed.length)
    yield* put(object.key, packed, "events")
    return object
  })

  const list: Archive["Service"]["list"] = Effect.fn("Archive.list")(function* (window, part, objects) {
    const key = archiveListKey(window, part)
    yield* put(key, bytesOf(objects), "list")
    return key
  })

  const seal = (window: ArchiveWindow) => put(archiveWindowKey(window.window), bytesOf(window), "list")

  const windows = Effect.gen(function* () {
    const found = yield* keys("windows/")
    const read = yield* Effect.forEach(found, (key) => parsed("windows", key, parseWindow), { concurrency: IN_FLIGHT })
    return read.toSorted((a, b) => a.window - b.window)
  })

  const objects: Archive["Service"]["objects"] = Effect.fn("Archive.objects")(function* ({ lists }) {
    const read = yield* Effect.forEach(lists, (key) => parsed("objects", key, parseList), { concurrency: IN_FLIGHT })
    return inOrder(read.flat())
  })

  const read: Archive["Service"]["read"] = Effect.fn("Archive.read")(function* ({ key, tally }, unchecked) {
    const bytes = yield* get(key)
    if (bytes === null) return yield* broken("read", `${key} is not in the archive`)
    const events = yield* Effect.try({
      try: () => parseArchive(gunzipSync(bytes).toString()),
      catch: () => broken("read", `${key} cannot be read: it is cut off, or no object of the archive`)
    })
    if (unchecked === undefined && !sameTally(tallyOf(events.map(({ id }) => id)), tally))
      return yield* broken("read", `${key} holds ${events.length} events that are not the ${tally.items} of its list`)
    return events
  })

  const unlisted = Effect.gen(function* () {
    const found = yield* keys(ARCHIVED)
    const sealed = yield* Effect.forEach(yield* windows, objects)
    const listed = new Set(sealed.flat().map(({ key }) => key))
    return found.flatMap((key): ReadonlyArray<ArchiveObject> => {
      const place = listed.has(key) ? undefined : placeOfKey(key)
      return place === undefined ? [] : [describeObject({ ...place, key }, [], 0)]
    })
  })

  const replace: Archive["Service"]["replace"] = Effect.fn("Archive.replace")(function* (object, events) {
    const packed = yield* pack(events)
    const described = describeObject(object, events, packed.length)
    yield* put(object.key, packed, "events")
    for (const key of yield* keys(archiveListKey(object.window, "").replace(".json", ""))) {
      const listed = yield* parsed("replace", key, parseList)
      if (!listed.some((one) => one.key === object.key)) continue
      yield* put(key, bytesOf(listed.map((one): ArchiveObject => (one.key === object.key ? described : one))), "list")
    }
    const key = archiveWindowKey(object.window)
    if ((yield* get(key)) === null) return described
    const window = yield* parsed("replace", key, parseWindow)
    const all = yield* objects(window)
    const items = all.reduce((sum, { tally }) => sum + tally.items, 0)
    yield* seal({ ...window, items, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) })
    return described
  })

  const readFormer: Archive["Service"]["readFormer"] = Effect.fn("Archive.readFormer")(function* ({ key, version }) {
    const bytes = yield* get(key, version)
    if (bytes === null) return []
    const events = Result.try(() => parseArchive(gunzipSync(bytes).toString()))
    return Result.isSuccess(events) ? events.success : undefined
  })

  return Archive.of({
    write,
    list,
    seal,
    windows,
    objects,
    read,
    unlisted,
    replace,
    former: former(ARCHIVED),
    readFormer,
    drop
  })
}
