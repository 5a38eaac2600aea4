import { Effect, Option } from "effect"
import { foldEvent } from "../../domain/fold-event.ts"
import type { Json } from "../../domain/json.ts"
import type { Projection } from "../../domain/projection.ts"
import type { Window } from "../../domain/settle.ts"
import { type Erasure, erasureOf } from "../../genesys/erasure.ts"
import type { Event } from "../../genesys/event.ts"
import type { Names } from "../../genesys/person.ts"
import { EntityEraser } from "../../store/entity-eraser.ts"
import { type EntityEntry, EntityIndex } from "../../store/entity-index.ts"
import { ErasureJournal } from "../../store/erasure-journal.ts"
import { EventEraser } from "../../store/event-eraser.ts"
import { type EventPage, EventSource } from "../../store/event-source.ts"
import { entriesOf } from "../entity-entries.ts"
import { Projections, SettleWindow } from "../folding.ts"
import { indexedPage } from "../indexed-page.ts"
import { type FoundNote, foundName, type Request, type SegmentNote, segmentName } from "./request.ts"

/**
 * What a search of the events has read and found. `unreadable`: events that nobody can look into. Both counts of what was read hold what an
 * earlier run of the request had read; the others are of this run.
 */
export interface Searched {
  readonly searched: number
  readonly deleted: number
  readonly redacted: number
  readonly unreadable: number
  readonly readUnits: number
}

/** How to search. `request`: erase what is found, and note it there; without one it is only counted. `index`: by the index by entity alone. */
export interface Search {
  readonly names: Names
  readonly segments: number
  readonly request?: Request
  readonly index?: boolean
  readonly onPage?: (so: Searched) => Effect.Effect<void>
}

type Found = Erasure & { readonly id: string }

const totalsOf = ({ searched = 0, unreadable = 0 }: Partial<SegmentNote> = {}) => ({ searched, unreadable })

/** What the index by entity holds of an event. */
const indexed = (
  projections: ReadonlyArray<Projection<Event>>,
  window: Window,
  event: Event | undefined
): ReadonlyArray<EntityEntry> => {
  if (event === undefined) return []
  const { deltas, refused } = foldEvent(projections, event, window)
  const parts = refused.flatMap(({ delta }) => (delta === undefined ? [] : [delta]))
  return entriesOf(projections, [...deltas, ...parts], [{ event, received: event.received }])
}

/** Erases what a page has of the person, after a note of it. */
const eraseFound = Effect.fnUntraced(function* (found: ReadonlyArray<Found>, { number, at }: Request) {
  const [journal, eraser, entries] = [yield* ErasureJournal, yield* EventEraser, yield* EntityEraser]
  const [projections, window] = [yield* Projections, yield* SettleWindow]
  const ids = found.map(({ id }) => id)
  const note: FoundNote = {
    deleted: found.flatMap(({ id, left }) => (left === undefined ? [id] : [])),
    redacted: found.flatMap(({ id, left }) => (left === undefined ? [] : [id])),
    bodies: yield* eraser.bodies(ids)
  }
  yield* journal.write(number, foundName(ids), note as unknown as Json)
  yield* eraser.erase(found.map(({ id, left }) => ({ id, at, request: number, ...(left && { left }) })))
  const gone = found.flatMap(({ was, left }) => {
    const kept = new Set(indexed(projections, window, left).map((entry) => JSON.stringify(entry)))
    return indexed(projections, window, was).filter((entry) => !kept.has(JSON.stringify(entry)))
  })
  if (gone.length > 0) yield* entries.remove(gone)
})

/** Entities that the index may know the person as. */
export const indexedAs = Effect.fnUntraced(function* ({ person }: Names) {
  const known = new Set((yield* Projections).map(({ name }) => name))
  return [...known].map((projection) => ({ projection, entity: person.value }))
})

/**
 * Searches the events for a person, in `segments` side by side, and erases what is found, page by page. Where a request was cut off its
 * search goes on after the last page that was dealt with.
 */
export const searchEvents = Effect.fnUntraced(function* ({ names, segments, request, index, onPage }: Search) {
  const source = yield* EventSource
  const journal = yield* ErasureJournal
  const noted = Array.from({ length: index ? 0 : segments }, (_, segment) => {
    const note = request?.notes.get(segmentName(segment, segments)) as unknown as SegmentNote | undefined
    return { cursor: note?.cursor, isOver: note !== undefined && note.cursor === undefined, ...totalsOf(note) }
  })
  const before = noted.reduce(
    (sum, one) => ({ searched: sum.searched + one.searched, unreadable: sum.unreadable + one.unreadable }),
    totalsOf(undefined)
  )
  let [searched, deleted, redacted, unreadable, readUnits] = [before.searched, 0, 0, before.unreadable, 0]

  const take = Effect.fnUntraced(function* (page: EventPage) {
    const found = page.events.flatMap(({ id, envelope, received }): ReadonlyArray<Found> => {
      const erasure = erasureOf(names, envelope, received)
      return erasure === undefined ? [] : [{ id, ...erasure }]
    })
    if (found.length > 0 && request !== undefined) yield* eraseFound(found, request)
    searched += page.events.length
    redacted += found.filter(({ left }) => left !== undefined).length
    deleted += found.filter(({ left }) => left === undefined).length
    unreadable += page.unreadable.length
    readUnits += page.readUnits
    if (onPage !== undefined) yield* onPage({ searched, deleted, redacted, unreadable, readUnits })
  })

  const segmentOf = Effect.fnUntraced(function* (segment: number) {
    const name = segmentName(segment, segments)
    const { isOver, ...begin } = noted[segment]!
    if (isOver) return
    let { cursor, ...own } = begin
    do {
      const page: EventPage = yield* source.page({ segment, segments, ...(cursor !== undefined && { cursor }) })
      yield* take(page)
      cursor = page.cursor
      own = { searched: own.searched + page.events.length, unreadable: own.unreadable + page.unreadable.length }
      if (request !== undefined)
        yield* journal.write(request.number, name, { ...own, ...(cursor !== undefined && { cursor }) })
    } while (cursor !== undefined)
  })

  const byIndex = Effect.fnUntraced(function* () {
    const of = Option.getOrUndefined(yield* Effect.serviceOption(EntityIndex))
    if (of === undefined) return
    for (const entity of yield* indexedAs(names)) {
      let cursor: string | undefined
      do {
        const page: EventPage = yield* indexedPage(of, { ...entity, ...(cursor !== undefined && { cursor }) })
        // Of what the index lists and the store does not have nothing is left.
        yield* take({ ...page, unreadable: [] })
        cursor = page.cursor
      } while (cursor !== undefined)
    }
  })

  yield* index ? byIndex() : Effect.forEach(Array(segments).keys(), segmentOf, { concurrency: segments, discard: true })
  return { searched, deleted, redacted, unreadable, readUnits } satisfies Searched
})
