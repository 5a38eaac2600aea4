import { Effect } from "effect"
import { generation, type Projection } from "../../domain/projection.ts"
import type { Event } from "../../genesys/event.ts"
import type { EntityIndex } from "../../store/entity-index.ts"
import { EventSource } from "../../store/event-source.ts"
import { ProjectionStore } from "../../store/projection-store.ts"
import type { Links } from "../sources.ts"
import type { AuditedRow } from "./check-row.ts"
import type { AuditCounts } from "./checkpoint.ts"
import type { Discrepancy } from "./discrepancy.ts"
import { type DerivedFrom, derivedWrong, sourcesNamed } from "./look-at-derived.ts"
import { lookAtEntries, lookAtEvents } from "./look-at-events.ts"
import { rowsWrong, summarisedEntities, summaryWrong } from "./look-at-rows.ts"

/** Items of a table that are looked at between two questions for time and budget. */
const ITEMS_AT_ONCE = 50

/** What one look at a part of a table found, and where the next begins. */
export interface Looked {
  readonly found: ReadonlyArray<Discrepancy>
  readonly counts: Partial<AuditCounts>
  readonly cursor?: string
}

const at = (cursor: string | undefined) => ({
  segment: 0,
  segments: 1,
  limit: ITEMS_AT_ONCE,
  ...(cursor === undefined ? {} : { cursor })
})

/** Where the next look begins; nowhere after the last. */
export const next = ({ cursor }: { readonly cursor?: string }) => (cursor === undefined ? {} : { cursor })

/** A page of the event store, and what of its events is not as it should be. */
export const someEvents = Effect.fnUntraced(function* (
  inUse: ReadonlyArray<Projection<Event>>,
  cursor: string | undefined,
  indexedSince: number
) {
  const page = yield* (yield* EventSource).page(at(cursor))
  const stored = new Map(page.events.map(({ id, envelope, received }) => [id, { envelope, received }]))
  const found = yield* lookAtEvents(inUse, stored, indexedSince)
  return { found, counts: { events: stored.size }, ...next(page) } satisfies Looked as Looked
})

/** A page of the index by entity, likewise. */
export const someEntries = Effect.fnUntraced(function* (
  inUse: ReadonlyArray<Projection<Event>>,
  index: EntityIndex["Service"],
  cursor: string | undefined,
  indexedSince: number
) {
  const page = yield* index.pages(at(cursor))
  const found = yield* lookAtEntries(inUse, page.entries, indexedSince)
  return { found, counts: { entries: page.entries.length }, ...next(page) } satisfies Looked as Looked
})

/** A page of rows of a generation, likewise, with what follows from them. */
export const someRows = Effect.fnUntraced(function* (links: Links, of: Projection<Event>, cursor: string | undefined) {
  const page = yield* (yield* ProjectionStore).pages(generation(of), at(cursor))
  const rows: ReadonlyArray<AuditedRow> = page.rows
  const name = generation(of)
  const sources = new Map<string, DerivedFrom>()
  const add = (from: DerivedFrom) => sources.set(JSON.stringify([from.generation, from.entity]), from)
  if (links.some(({ source }) => source === of)) for (const { entity } of rows) add({ generation: name, entity })
  const found = [
    ...(yield* rowsWrong(of, rows)),
    ...(yield* Effect.forEach(summarisedEntities(of, rows), (entity) => summaryWrong(of, entity))).flat(),
    ...(yield* Effect.forEach(sources.values(), (from) => derivedWrong(links, from))).flatMap((one) => one.found),
    ...(yield* targetsWrong(links, of, rows, sources))
  ]
  return { found, counts: { rows: rows.length }, ...next(page) } satisfies Looked as Looked
})

/** Registers that say they follow from entities which were not looked at for it. */
const targetsWrong = Effect.fnUntraced(function* (
  links: Links,
  of: Projection<Event>,
  rows: ReadonlyArray<AuditedRow>,
  looked: ReadonlyMap<string, DerivedFrom>
) {
  const wanted = rows.flatMap((held) =>
    sourcesNamed(links, of, held)
      .filter((from) => !looked.has(JSON.stringify([from.generation, from.entity])))
      .map((from) => ({ from, entity: held.entity, row: held.row }))
  )
  const found = yield* Effect.forEach(wanted, ({ from, entity, row }) =>
    derivedWrong(links, from, { generation: generation(of), entity, row })
  )
  return found.flatMap((one) => one.found)
})
