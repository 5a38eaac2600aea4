import {
  type Columns,
  deriveDeltas,
  generation,
  isSummarised,
  type Projection,
  STATE_ROW
} from "../domain/projection.ts"
import { emptyRow, type Row } from "../domain/row.ts"
import type { Window } from "../domain/settle.ts"
import { missingSources } from "../domain/stages.ts"
import { makeTables } from "../domain/tables.ts"
import type { Event } from "../genesys/event.ts"

/** The settle window and the skew bound of the kit, which are those of a stack by default. */
export const WINDOW: Window = { settle: 5_000, skew: 300_000 }

/** A row as it ends. A derived row (`state` of a projection with a summary) has no registers. */
export interface FoldedRow {
  readonly entity: string
  readonly row: string
  readonly columns: Columns
  readonly registers: Row
  /** Whether the row is a tombstone. */
  readonly closed: boolean
}

export const keyOf = (entity: string, row: string): string => JSON.stringify([entity, row])

/** The event as if it had arrived then. */
export const receivedAt = (event: Event, received: number): Event => ({ ...event, received })

/** A projection, first, with those that it derives from. */
export type WithSources = readonly [Projection<Event>, ...ReadonlyArray<Projection<Event>>]

export const listOf = (of: Projection<Event> | WithSources): WithSources => ("name" in of ? [of] : of)

/** Throws where a source is missing: what follows from it would be missing too, and nothing would say so. */
export const withSources = (of: Projection<Event> | WithSources): WithSources => {
  const projections = listOf(of)
  const names = projections.map(({ name }) => name).join(", ")
  for (const [{ name }, from] of missingSources(projections))
    throw new Error(`${name} derives from ${from}: give it too, as in [${names}, ${from}]`)
  return projections
}

/**
 * The rows of the first projection that events lead to, by `keyOf`, in the order in which they are given. Each arrives a second after the
 * one before, and none before all of it has happened, so that no clock runs ahead of its arrival.
 */
export const foldInOrder = (
  projections: WithSources,
  events: ReadonlyArray<Event>,
  start = beginningOf(events)
): ReadonlyMap<string, FoldedRow> => {
  const [projection] = projections
  const tables = makeTables(projections)
  for (const [i, event] of events.entries())
    tables.merge(deriveDeltas(projections, receivedAt(event, start + i * 1_000), WINDOW))
  tables.derive()
  const rows = new Map<string, FoldedRow>()
  for (const [entity, held] of tables.rows(generation(projection)))
    for (const [row, registers] of held)
      rows.set(keyOf(entity, row), {
        entity,
        row,
        registers,
        columns: projection.view(row, registers),
        closed: projection.closed(row, registers)
      })
  return withSummaries(projection, rows)
}

const withSummaries = (projection: Projection<Event>, rows: Map<string, FoldedRow>) => {
  const { summary } = projection
  const summarise = summary?.of
  if (summary === undefined || summarise === undefined) return rows
  const read = Map.groupBy(
    [...rows.values()].filter(({ row }) => summary.reads(row)),
    ({ entity }) => entity
  )
  for (const [entity, of] of read)
    rows.set(keyOf(entity, STATE_ROW), {
      entity,
      row: STATE_ROW,
      columns: summarise(
        of.filter(({ row, registers }) => isSummarised(projection, row, registers)),
        {}
      ),
      registers: emptyRow,
      closed: false
    })
  return rows
}

/** When the first of some events arrives: after all of them have been published, and after all that they tell has happened. */
export const beginningOf = (events: ReadonlyArray<Event>): number =>
  events.reduce(
    (latest, { published, facets }) =>
      facets.reduce((max, { clock = 0 }) => Math.max(max, clock), Math.max(latest, published)),
    0
  ) + 1_000
