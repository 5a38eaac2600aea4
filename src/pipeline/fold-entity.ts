import { Effect, Result } from "effect"
import type { EntityId } from "../domain/ids.ts"
import { deriveDeltas, mergeRow, type Projection } from "../domain/projection.ts"
import { emptyRow, type Row } from "../domain/row.ts"
import { decodeParsed } from "../genesys/decoder.ts"
import type { Event } from "../genesys/event.ts"
import type { EntityIndex } from "../store/entity-index.ts"
import { type EventPage, EventSource } from "../store/event-source.ts"
import { SettleWindow } from "./folding.ts"
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

/** Events read, those that say something about the entity by then, those that cannot be folded, and what reading took. */
export interface FoldAccount {
  readonly scanned: number
  readonly folded: number
  readonly unreadable: number
  readonly readUnits: number
}

/** When an event first came in, and its topic. */
export interface Arrived {
  readonly received: number
  readonly topic: string
}

type Cursor = { readonly cursor?: string }

/**
 * Folds the events of one entity, by the index or out of the whole store, in any order. An update counts when its own event time is up
 * to `at`, whatever event brings it: a snapshot that is sent later tells what was true before, so that only `arrived` bounds what is read.
 * Holds the rows of the entity and nothing else of the events than when they came.
 */
export const foldEntity = Effect.fnUntraced(function* (of: Projection<Event>, entity: EntityId, options: FoldOptions) {
  const { at = Number.POSITIVE_INFINITY, arrived = Number.POSITIVE_INFINITY, segments = 1, index } = options
  const [source, window] = [yield* EventSource, yield* SettleWindow]
  const rows = new Map<string, Row>()
  const arrivals = new Map<string, Arrived>()
  const account = { scanned: 0, folded: 0, unreadable: 0, readUnits: 0 }

  const fold = (event: Event) => {
    const deltas = deriveDeltas([of], event, window).filter((d) => d.entity === entity && d.stamp.clock <= at)
    if (deltas.length === 0) return
    account.folded++
    arrivals.set(event.id, { received: event.received, topic: event.topic })
    for (const { row, register, value, stamp } of deltas)
      rows.set(row, mergeRow(of, row, rows.get(row) ?? emptyRow, [[register, { value, stamp }]]))
  }

  const all = Effect.fnUntraced(function* <E, R>(pageAt: (cursor: Cursor) => Effect.Effect<EventPage, E, R>) {
    let cursor: string | undefined
    do {
      const page = yield* pageAt(cursor === undefined ? {} : { cursor })
      account.scanned += page.events.length + page.unreadable.length
      account.unreadable += page.unreadable.length
      account.readUnits += page.readUnits
      for (const { envelope, received, topic } of page.events) {
        if (received > arrived || !of.topics.includes(topic)) continue
        const folded = Result.try(() => Result.map(decodeParsed(envelope, received), fold))
        if (Result.isFailure(folded) || Result.isFailure(folded.success)) account.unreadable++
      }
      if (options.onPage !== undefined) yield* options.onPage({ ...account })
      cursor = page.cursor
    } while (cursor !== undefined)
  })
  if (index !== undefined) {
    const until = options.arrived === undefined ? {} : { until: options.arrived }
    yield* all((cursor) => indexedPage(index, { projection: of.name, entity, ...until, ...cursor }))
  } else
    yield* Effect.forEach(
      Array(segments).keys(),
      (segment) => all((cursor) => source.page({ segment, segments, ...cursor })),
      { concurrency: segments, discard: true }
    )
  return { rows: rows as ReadonlyMap<string, Row>, arrivals: arrivals as ReadonlyMap<string, Arrived>, ...account }
})
