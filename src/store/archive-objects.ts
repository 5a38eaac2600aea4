import { gunzipSync, gzipSync } from "node:zlib"
import { Effect, Result } from "effect"
import {
  ARCHIVED,
  Archive,
  type ArchivedEvent,
  type ArchiveObject,
  type ArchivePlace,
  type ArchiveWindow,
  archiveListKey,
  archiveWindowKey,
  placeOfKey
} from "./archive.ts"
import {
  archiveText,
  countsOf,
  describeObject,
  inOrder,
  parseArchive,
  parseList,
  parseWindow
} from "./archive-lines.ts"
import { changeObject, type Held, type ObjectPlace, putOurs } from "./object-place.ts"
import { StoreError } from "./store-error.ts"
import { sameTally, tallyOf } from "./tally.ts"

const broken = (operation: string, reason: string) =>
  new StoreError({ store: "archive", operation, reason, retryable: false })

/** Objects that are got or put at a time. */
const IN_FLIGHT = 8

/** How often an object that is not what its list says is looked at again, with its list: for as long as an erasure takes from one to the other. */
const LOOKS = 5

/** Ms before the first of these looks. Each waits twice as long as the one before. */
const PAUSE_MS = 250

const CUT_OFF = "if an erasure was cut off, run it again"

const eventsOf = ({ bytes }: Held) => parseArchive(gunzipSync(bytes).toString())

/** The list of whatever was written with an object; undefined for a key that the archive does not make. */
const listOf = (key: string): string | undefined => {
  const place = placeOfKey(key)
  return place === undefined ? undefined : archiveListKey(place.window, place.part)
}

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value))

/** The archive on objects, wherever they are. */
export const archiveOn = (where: ObjectPlace): Archive["Service"] => {
  const { put, get, keys, former, drop } = where
  /** What a text says. Its own exception may quote an event. */
  const parsed = Effect.fnUntraced(function* <A>(operation: string, key: string, parse: (text: string) => A) {
    const held = yield* get(key)
    if (held === null) return yield* broken(operation, `${key} is not in the archive`)
    return yield* parsedAs(operation, key, held, parse)
  })

  const parsedAs = <A>(operation: string, key: string, { bytes }: Held, parse: (text: string) => A) =>
    Effect.try({
      try: () => parse(Buffer.from(bytes).toString()),
      catch: () => broken(operation, `${key} cannot be read: it is cut off, or of another version`)
    })

  const pack = (events: Parameters<typeof archiveText>[0]) => Effect.sync(() => gzipSync(archiveText(events)))

  const write = Effect.fn("Archive.write")(function* <E = never>(
    place: ArchivePlace,
    events: ReadonlyArray<ArchivedEvent>,
    stillOurs: Effect.Effect<void, E> = Effect.void
  ) {
    const packed = yield* pack(events)
    const object = describeObject(place, events, packed.length)
    yield* putOurs(where, object.key, packed, "events", stillOurs)
    return object
  })

  const list = Effect.fn("Archive.list")(function* <E = never>(
    window: number,
    part: string,
    objects: ReadonlyArray<ArchiveObject>,
    stillOurs: Effect.Effect<void, E> = Effect.void
  ) {
    const key = archiveListKey(window, part)
    yield* putOurs(where, key, bytesOf(objects), "list", stillOurs)
    return key
  })

  const seal = (window: ArchiveWindow) =>
    Effect.asVoid(put(archiveWindowKey(window.window), bytesOf(window), "list", null))

  const amending = (operation: string): Archive["Service"]["amend"] =>
    Effect.fn(`Archive.${operation}`)(function* (number, to) {
      const key = archiveWindowKey(number)
      yield* changeObject(where, key, "list", (held) =>
        Effect.map(Effect.flatMap(parsedAs(operation, key, held, parseWindow), to), bytesOf)
      )
    })

  const windows = Effect.gen(function* () {
    const found = yield* keys("windows/")
    const read = yield* Effect.forEach(found, (key) => parsed("windows", key, parseWindow), { concurrency: IN_FLIGHT })
    return read.toSorted((a, b) => a.window - b.window)
  })

  const objects: Archive["Service"]["objects"] = Effect.fn("Archive.objects")(function* ({ lists }) {
    const read = yield* Effect.forEach(lists, (key) => parsed("objects", key, parseList), { concurrency: IN_FLIGHT })
    return inOrder(read.flat())
  })

  /** What its list says of an object now; undefined where none names it. */
  const listedNow = Effect.fnUntraced(function* (key: string) {
    const list = listOf(key)
    if (list === undefined) return undefined
    const held = yield* get(list)
    if (held === null) return undefined
    const said = yield* parsedAs("read", list, held, parseList)
    return said.find((one) => one.key === key)?.tally
  })

  const read: Archive["Service"]["read"] = Effect.fn("Archive.read")(function* ({ key, tally }, unchecked) {
    let said = tally
    for (let look = 0; ; look++) {
      const held = yield* get(key)
      if (held === null) return yield* broken("read", `${key} is not in the archive`)
      const events = yield* Effect.try({
        try: () => eventsOf(held),
        catch: () => broken("read", `${key} cannot be read: it is cut off, or no object of the archive`)
      })
      const holds = tallyOf(events.map(({ id }) => id))
      if (unchecked !== undefined || sameTally(holds, said)) return events
      const now = yield* listedNow(key)
      if (now !== undefined && sameTally(holds, now)) return events
      const differs = `${key} holds ${events.length} events that are not the ${said.items} of its list`
      if (now === undefined) return yield* broken("read", differs)
      if (look === LOOKS) return yield* broken("read", `${differs}; ${CUT_OFF}`)
      // An erasure puts the object first, and its list at once after that.
      if (sameTally(now, said)) yield* Effect.sleep(PAUSE_MS * 2 ** look)
      said = now
    }
  })

  const unlisted = Effect.gen(function* () {
    const [found, lists] = [yield* keys(ARCHIVED), yield* keys("lists/")]
    const known = yield* windows
    const ofWindows = new Set(known.flatMap((window) => window.lists))
    const sealed = yield* Effect.forEach(known, objects)
    const listed = new Set(sealed.flat().map(({ key }) => key))
    const others = lists.filter((key) => !ofWindows.has(key))
    const said = yield* Effect.forEach(others, (key) => parsed("unlisted", key, parseList), { concurrency: IN_FLIGHT })
    const saidOf = new Map(said.flat().map((object) => [object.key, object]))
    return found.flatMap((key): ReadonlyArray<ArchiveObject> => {
      const place = listed.has(key) ? undefined : placeOfKey(key)
      return place === undefined ? [] : [saidOf.get(key) ?? describeObject({ ...place, key }, [], 0)]
    })
  })

  const replace: Archive["Service"]["replace"] = Effect.fn("Archive.replace")(function* (object, to) {
    let described = object
    yield* changeObject(
      where,
      object.key,
      "events",
      Effect.fnUntraced(function* (held) {
        const events = yield* to(
          Result.getOrElse(
            Result.try(() => eventsOf(held)),
            () => []
          )
        )
        const packed = yield* pack(events)
        described = describeObject(object, events, packed.length)
        return packed
      })
    )
    const list = listOf(object.key)
    if (list !== undefined)
      yield* changeObject(where, list, "list", (held) =>
        Effect.map(parsedAs("replace", list, held, parseList), (listed) =>
          listed.some((one) => one.key === object.key)
            ? bytesOf(listed.map((one): ArchiveObject => (one.key === object.key ? described : one)))
            : undefined
        )
      )
    return described
  })

  const recount: Archive["Service"]["recount"] = (window) =>
    amending("recount")(window, (known) => Effect.map(objects(known), (all) => ({ ...known, ...countsOf(all) })))

  const readFormer: Archive["Service"]["readFormer"] = Effect.fn("Archive.readFormer")(function* ({ key, version }) {
    const held = yield* get(key, version)
    if (held === null) return []
    const events = Result.try(() => eventsOf(held))
    return Result.isSuccess(events) ? events.success : undefined
  })

  return Archive.of({
    write,
    list,
    seal,
    amend: amending("amend"),
    windows,
    objects,
    read,
    unlisted,
    replace,
    recount,
    former: former(ARCHIVED),
    readFormer,
    drop
  })
}
