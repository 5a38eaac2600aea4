import { type Columns, deriveDeltas, mergeRow, type Projection, STATE_ROW } from "../domain/projection.ts"
import { emptyRow, type Row } from "../domain/row.ts"
import type { Window } from "../domain/settle.ts"
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

/**
 * The rows that events lead to, by `keyOf`, in the order in which they are given. Each arrives a second after the one before, and none
 * before all of it has happened, so that no clock runs ahead of its arrival.
 */
export const foldInOrder = (
  projection: Projection<Event>,
  events: ReadonlyArray<Event>,
  start = beginningOf(events)
): ReadonlyMap<string, FoldedRow> => {
  const held = new Map<string, { readonly entity: string; readonly row: string; readonly registers: Row }>()
  for (const [i, event] of events.entries())
    for (const { entity, row, register, value, stamp } of deriveDeltas(
      [projection],
      receivedAt(event, start + i * 1_000),
      WINDOW
    )) {
      const key = keyOf(entity, row)
      const registers = mergeRow(projection, row, held.get(key)?.registers ?? emptyRow, [[register, { value, stamp }]])
      held.set(key, { entity, row, registers })
    }
  const rows = new Map<string, FoldedRow>()
  for (const [key, { entity, row, registers }] of held)
    rows.set(key, {
      entity,
      row,
      registers,
      columns: projection.view(row, registers),
      closed: projection.closed(row, registers)
    })
  return withSummaries(projection, rows)
}

/** Whether a summary reads the row: it is open, or remembered though it is closed. */
export const isCounted = (
  { summary }: Projection<Event>,
  { row, registers, closed }: Pick<FoldedRow, "row" | "registers" | "closed">
): boolean => !closed || summary?.remembers?.(row, registers) === true

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
        of.filter((one) => isCounted(projection, one)),
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
