import { Effect, Result } from "effect"
import { foldEvent } from "../domain/fold-event.ts"
import type { EntityId, EventId } from "../domain/ids.ts"
import { generation, type Projection } from "../domain/projection.ts"
import type { Row } from "../domain/row.ts"
import { sourcesOf } from "../domain/stages.ts"
import { makeTables } from "../domain/tables.ts"
import { decodeStored } from "../genesys/decoder.ts"
import type { Event } from "../genesys/event.ts"
import type { EntityIndex } from "../store/entity-index.ts"
import { type EventPage, EventSource } from "../store/event-source.ts"
import { ProjectionStore } from "../store/projection-store.ts"
import { SettleWindow } from "./folding.ts"
import { fedProjections } from "./generations.ts"
import { indexedPage } from "./indexed-page.ts"

/** Up to when: by event time (`at`), by arrival (`arrived`), or both; epoch ms, inclusive. */
export interface FoldOptions {
  readonly at?: number
  readonly arrived?: number
  /** Tells which events to read; absent: the whole store is read. */
  readonly index?: EntityIndex["Service"]
  /** Shares of the whole store that are read side by side. */
  readonly segments?: number
  /** Whether rows that have closed are shown. */
  readonly tombstones?: boolean
  readonly onPage?: (account: FoldAccount) => Effect.Effect<void>
}

/** Events read, those that say something about the entity by then, those of which something cannot be folded, and what reading took. */
export interface FoldAccount {
  readonly scanned: number
  readonly folded: number
  readonly unreadable: number
  readonly readUnits: number
  /** Bytes of objects of the archive that were read by the index. */
  readonly archiveBytes: number
}

/** When an event first came in, and its topic. */
export interface Arrived {
  readonly received: number
  readonly topic: string
}

type Cursor = { readonly cursor?: string }

/** Entities by the name of their projection. */
type Entities = ReadonlyMap<string, ReadonlySet<EntityId>>

/** How often the whole store is read without the index. */
export const scansOf = (of: Projection<Event>, all: ReadonlyArray<Projection<Event>>): number =>
  sourcesOf(of, all).length === 0 ? 1 : 2

/**
 * Folds the events of one entity, by the index or out of the whole store, in any order. An update counts when its own event time is up
 * to `at`, whatever event brings it: a snapshot that is sent later tells what was true before, so that only `arrived` bounds what is read.
 *
 * Where the projection derives from others, a second reading folds the entities that those events are about too, and those that the rows
 * of today name (`Derivation.sourceOf`); what follows from no event and no row of the entity is not found. Holds their rows and nothing else of
 * the events than when they came.
 */
export const foldEntity = Effect.fnUntraced(function* (of: Projection<Event>, entity: EntityId, options: FoldOptions) {
  const { at = Number.POSITIVE_INFINITY, arrived = Number.POSITIVE_INFINITY, segments = 1, index } = options
  const [source, window, all] = [yield* EventSource, yield* SettleWindow, yield* fedProjections]
  const projections = [of, ...sourcesOf(of, all)]
  const nameOf = new Map(projections.map((projection) => [generation(projection), projection.name]))
  const tables = makeTables(projections)
  const arrivals = new Map<string, Arrived>()
  const unreadable = new Set<EventId>()
  const account = { scanned: 0, folded: 0, unreadable: 0, readUnits: 0, archiveBytes: 0 }

  const own: Entities = new Map([[of.name, new Set([entity])]])
  const related = new Map(projections.slice(1).map(({ name }) => [name, new Set<EntityId>()]))
  const relate = (name: string, id: EntityId) => related.get(name)?.add(id)

  const fold = (event: Event, wanted: Entities) => {
    const { deltas: all, refused } = foldEvent(projections, event, window)
    if (refused.length > 0) unreadable.add(event.id)
    const deltas = all.filter(({ stamp }) => stamp.clock <= at)
    const isOwn = deltas.some((delta) => delta.entity === entity && nameOf.get(delta.projection) === of.name)
    const about = deltas.filter((delta) => wanted.get(nameOf.get(delta.projection) ?? "")?.has(delta.entity) === true)
    if (about.length === 0) return
    if (isOwn && wanted === own) account.folded++
    if (isOwn) for (const delta of deltas) relate(nameOf.get(delta.projection) ?? "", delta.entity)
    arrivals.set(event.id, { received: event.received, topic: event.topic })
    tables.merge(about)
  }

  const pages = Effect.fnUntraced(function* <E, R>(
    pageAt: (cursor: Cursor) => Effect.Effect<EventPage, E, R>,
    wanted: Entities
  ) {
    let cursor: string | undefined
    do {
      const page = yield* pageAt(cursor === undefined ? {} : { cursor })
      account.scanned += page.events.length + page.unreadable.length
      for (const { id } of page.unreadable) unreadable.add(id)
      account.readUnits += page.readUnits
      account.archiveBytes += page.archiveBytes ?? 0
      for (const { id, envelope, received, topic } of page.events) {
        if (received > arrived || !projections.some(({ topics }) => topics.includes(topic))) continue
        const folded = Result.try(() => Result.map(decodeStored(envelope, received), (event) => fold(event, wanted)))
        if (Result.isFailure(folded) || Result.isFailure(folded.success)) unreadable.add(id)
      }
      account.unreadable = unreadable.size
      if (options.onPage !== undefined) yield* options.onPage({ ...account })
      cursor = page.cursor
    } while (cursor !== undefined)
  })

  const read = Effect.fnUntraced(function* (wanted: Entities) {
    if (index === undefined)
      return yield* Effect.forEach(
        Array(segments).keys(),
        (segment) => pages((cursor) => source.page({ segment, segments, ...cursor }), wanted),
        { concurrency: segments, discard: true }
      )
    const until = options.arrived === undefined ? {} : { until: options.arrived }
    for (const [projection, ids] of wanted)
      for (const id of ids)
        yield* pages((cursor) => indexedPage(index, { projection, entity: id, ...until, ...cursor }), wanted)
  })

  yield* read(own)
  if (projections.length > 1) {
    const today = (yield* (yield* ProjectionStore).rows(generation(of), entity)).map(({ row }) => row)
    for (const { from, sourceOf } of of.derived ?? [])
      for (const row of today) {
        const id = sourceOf?.(row)
        if (id !== undefined) relate(from, id)
      }
    if ([...related.values()].some(({ size }) => size > 0)) yield* read(related)
    tables.derive()
  }
  const rows = tables.rows(generation(of)).get(entity) ?? new Map<string, Row>()
  return { rows, arrivals: arrivals as ReadonlyMap<string, Arrived>, ...account }
})
