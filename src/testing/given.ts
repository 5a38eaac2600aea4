import { canonical } from "../domain/json.ts"
import { type Columns, type Projection, STATE_ROW } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { columnsText, historyText, ProjectionAssertionError } from "./broken.ts"
import { beginningOf, type FoldedRow, foldInOrder, keyOf, type WithSources, withSources } from "./fold.ts"
import { randomOf } from "./random.ts"

/** All orders of up to this many events are tried; of more, as many orders as these have. */
const ALL_ORDERS_OF = 5
const ORDERS = 120

/** What is expected of one row, whatever the order in which the events arrive. Each throws with the order that disagrees. */
export interface RowExpectation {
  /** The row has exactly these columns. */
  readonly is: (columns: Columns) => void
  /** The row has these columns, and may have others. */
  readonly has: (columns: Columns) => void
  /** No event has written the row. */
  readonly isAbsent: () => void
  /** The row is a tombstone: it is deleted `tombstoneSeconds` after its last write. */
  readonly isClosed: () => void
  /** The row is there, and no tombstone. */
  readonly isOpen: () => void
  /** The columns, for an assertion of your own; undefined where there is no row. Throws where two orders disagree. */
  readonly columns: () => Columns | undefined
}

/** What the events lead to, in every order that was tried. */
export interface Given {
  /** A row of an entity (its partition key). `row` is the sort key, `state` by default. */
  readonly row: (entity: string, row?: string) => RowExpectation
  /** All rows that the events have written: `[entity, row]`, sorted. */
  readonly rows: () => ReadonlyArray<readonly [entity: string, row: string]>
}

const permutations = <A>(values: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  values.length < 2
    ? [values]
    : values.flatMap((value, i) => permutations(values.toSpliced(i, 1)).map((rest) => [value, ...rest]))

const ordersOf = (events: ReadonlyArray<Event>): ReadonlyArray<ReadonlyArray<Event>> => {
  if (events.length <= ALL_ORDERS_OF) return permutations(events)
  const { shuffle } = randomOf(events.length)
  return [events, events.toReversed(), ...Array.from({ length: ORDERS - 2 }, () => shuffle(events))]
}

const subset = (columns: Columns | undefined, names: ReadonlyArray<string>): Columns | undefined =>
  columns && Object.fromEntries(names.flatMap((name) => (name in columns ? [[name, columns[name] ?? null]] : [])))

/**
 * Returns what a projection makes of events, in every order in which they can arrive: all orders of up to five events, and 120 of more.
 * A projection that derives from others is given with them: `given([agents, conversations], ...)`. The rows are those of the first.
 *
 * ```ts
 * given(conversations, started, ended).row("c1").is({ over: true })
 * ```
 */
export const given = (of: Projection<Event> | WithSources, ...events: ReadonlyArray<Event>): Given => {
  const projections = withSources(of)
  const [projection] = projections
  const start = beginningOf(events)
  const tried = ordersOf(events).map((order) => ({ order, rows: foldInOrder(projections, order, start) }))

  const expectation = (entity: string, row: string): RowExpectation => {
    const key = keyOf(entity, row)
    const each = (what: string, expected: string, actual: (folded: FoldedRow | undefined) => string) => {
      for (const { order, rows } of tried) {
        const found = actual(rows.get(key))
        if (found !== expected)
          throw new ProjectionAssertionError(
            `${projection.name}: ${what} in row ${row} of ${entity}, after these events in this order:\n${historyText(order)}`,
            { expected, actual: found }
          )
      }
    }
    const columns = () => {
      const first = tried[0]?.rows.get(key)?.columns
      each("the order of arrival matters", columnsText(first), (folded) => columnsText(folded?.columns))
      return first
    }
    const state = (expected: string) =>
      each("not as expected", expected, (folded) =>
        folded === undefined ? "(no row)" : folded.closed ? "closed" : "open"
      )
    return {
      is: (wanted) => each("not as expected", columnsText(wanted), (folded) => columnsText(folded?.columns)),
      has: (wanted) =>
        each("not as expected", columnsText(wanted), (folded) =>
          columnsText(subset(folded?.columns, Object.keys(wanted)))
        ),
      isAbsent: () => state("(no row)"),
      isClosed: () => state("closed"),
      isOpen: () => state("open"),
      columns
    }
  }

  return {
    row: (entity, row = STATE_ROW) => expectation(entity, row),
    rows: () =>
      [...(tried[0]?.rows.values() ?? [])]
        .map(({ entity, row }) => [entity, row] as const)
        .sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1))
  }
}
