import { Effect, Layer, Option } from "effect"
import { Archive, type ArchivedEvent, type ArchiveObject, type ArchiveWindow } from "./archive.ts"
import { type EventPage, EventSource, type PageRequest, type SourcedEvent, type Unreadable } from "./event-source.ts"
import { StoreError } from "./store-error.ts"

/** Events a page. */
const PAGE = 1_000

/** The window from which on events are read from the table: that after the last sealed one. Undefined: all of them are. */
export const sealedBefore = (windows: ReadonlyArray<ArchiveWindow>): number | undefined => {
  const last = windows.at(-1)
  return last === undefined ? undefined : last.window + 1
}

/** Which segment reads a list of objects. FNV-1a. */
const segmentOf = (key: string, segments: number): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0
  return hash % segments
}

/** A place in the archive: a list, one of its objects, and how many of its events are behind. `events`: how many it had then. */
interface Place {
  readonly list: string
  readonly object: number
  readonly line: number
  readonly events: number | undefined
}

const broken = (reason: string) =>
  new StoreError({ store: "event source", operation: "page", reason, retryable: false })

/** Cursors of the table have another prefix than those of the archive. */
const TABLE = "table:"

const parsePlace = (cursor: string): Place | undefined => {
  const [, object, line, events, list] = /^archive:(\d+):(\d+)(?:\/(\d+))?:(.+)$/.exec(cursor) ?? []
  return list === undefined
    ? undefined
    : { list, object: Number(object), line: Number(line), events: events === undefined ? undefined : Number(events) }
}

/** Where to go on in an object. One from which events were erased meanwhile is read anew: what was behind is at other lines. */
const lineIn = ({ line, events }: Place, now: number): number => (events === undefined || events === now ? line : 0)

const sourced = (event: ArchivedEvent): SourcedEvent | Unreadable =>
  event.envelope === undefined
    ? { id: event.id, topic: event.topic, reason: "its body could not be restored when it was archived" }
    : { id: event.id, topic: event.topic, envelope: event.envelope, received: event.received }

const isOfTime = ({ published: [least, greatest] }: ArchiveObject, { since, until }: PageRequest): boolean =>
  greatest >= (since ?? 0) && least < (until ?? Number.POSITIVE_INFINITY)

/**
 * Archive and table as one source. What the archive has of windows before `sealed` comes from there, the rest from the table, so that an
 * event that is in both is read once, and one of a week before the archiver began is read too. A segment reads its share of the lists of the archive first, and then its segment of the table. Without `sealed` in the
 * request it is what is sealed when the first page is read.
 */
export const coldSource = <E, R>(table: Layer.Layer<EventSource, E, R>) =>
  Layer.effect(
    EventSource,
    Effect.gen(function* () {
      const hot = yield* EventSource
      const archive = yield* Effect.serviceOption(Archive)
      return Option.isNone(archive) ? hot : yield* make(archive.value, hot)
    })
  ).pipe(Layer.provide(table))

const make = Effect.fnUntraced(function* (archive: Archive["Service"], hot: EventSource["Service"]) {
  const found = yield* Effect.cached(archive.windows)
  /** The last object of each segment, kept between pages. */
  const kept = new Map<string, { readonly key: string; readonly events: ReadonlyArray<ArchivedEvent> }>()
  const listed = new Map<string, ReadonlyArray<ArchiveObject>>()

  const objectsOf = Effect.fnUntraced(function* (window: ArchiveWindow, key: string) {
    const held = listed.get(key)
    if (held !== undefined) return held
    const objects = yield* archive.objects({ ...window, lists: [key] })
    listed.clear()
    listed.set(key, objects)
    return objects
  })

  const eventsOf = Effect.fnUntraced(function* (owner: string, object: ArchiveObject) {
    const held = kept.get(owner)
    if (held?.key === object.key) return held.events
    const events = yield* archive.read(object)
    kept.set(owner, { key: object.key, events })
    return events
  })

  const page = Effect.fn("EventSource.page")(function* (request: PageRequest) {
    const { segment, segments, cursor, topics, limit = PAGE } = request
    const windows = yield* found
    const sealed = request.sealed ?? sealedBefore(windows)
    if (sealed === undefined) return yield* hot.page(request)

    const before = windows.filter(({ window }) => window < sealed)
    const archived = new Set(before.map(({ window }) => window))

    const fromTable = Effect.fnUntraced(function* (at?: string) {
      const { cursor: _, ...rest } = request
      const read = yield* hot.page({ ...rest, archived, ...(at === undefined ? {} : { cursor: at }) })
      return read.cursor === undefined ? read : { ...read, cursor: `${TABLE}${read.cursor}` }
    })
    if (cursor?.startsWith(TABLE)) return yield* fromTable(cursor.slice(TABLE.length) || undefined)

    const place = cursor === undefined ? undefined : parsePlace(cursor)
    if (cursor !== undefined && place === undefined)
      return yield* broken("the checkpoint is of another source; take another id")
    const own = before
      .flatMap((window) => window.lists.map((list) => ({ window, list })))
      .filter(({ list }) => segmentOf(list, segments) === segment && list >= (place?.list ?? ""))
      .toSorted((a, b) => (a.list < b.list ? -1 : 1))
    for (const { window, list } of own) {
      const objects = yield* objectsOf(window, list)
      const begin = list === place?.list ? place.object : 0
      for (const [i, object] of objects.entries()) {
        if (i < begin || !isOfTime(object, request)) continue
        const all = yield* eventsOf(`${segment}/${segments}`, object)
        const from = list === place?.list && i === place.object ? lineIn(place, all.length) : 0
        const to = from + Math.max(1, Math.min(limit, PAGE))
        const part = all.slice(from, to)
        const wanted = topics === undefined ? part : part.filter(({ topic }) => topics.has(topic))
        const read = wanted.map(sourced)
        const next = to < all.length ? `archive:${i}:${to}/${all.length}:${list}` : `archive:${i + 1}:0:${list}`
        return {
          events: read.filter((one) => "envelope" in one),
          unreadable: read.filter((one) => "reason" in one),
          skipped: part.length - wanted.length,
          readUnits: 0,
          cold: true,
          cursor: next
        } satisfies EventPage
      }
    }
    return yield* fromTable()
  })

  return EventSource.of({ page })
})
