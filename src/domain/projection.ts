import { type Delta, reduceDeltas, type Update } from "./delta.ts"
import type { Derivation } from "./derivation.ts"
import type { EventId, Generation, ProjectionName } from "./ids.ts"
import type { Json } from "./json.ts"
import { merge, type Register, type Row } from "./row.ts"
import { dueAt, type Window } from "./settle.ts"
import { clampFutureClock } from "./stamp.ts"

/** What every event must carry to be folded. Times are epoch milliseconds; `received` is the first arrival. */
export interface FoldableEvent {
  readonly id: EventId
  readonly topic: string
  readonly published: number
  readonly received: number
}

/** Plain columns of a row, as readers see them. An absent key is a facet never seen, which is not the same as `null`. */
export type Columns = { readonly [column: string]: Json }

/** A row of one entity with what it holds, as `summary` receives it. */
export interface EntityRow {
  readonly row: string
  readonly columns: Columns
}

/**
 * A projection is a plain value. Adding one is adding a file with such a value and a line in `projections/index.ts`; its
 * table, permissions and feed follow.
 *
 * `name` names the table, together with `version`: raising the version builds a new table beside the old one.
 * `key` is the table's partition key column (the sort key is `row`).
 * `topics` are the topic templates that `deltas` folds.
 * `deltas` turns one event into register updates; pure, total, and silent about what the event does not say.
 * `view` turns the registers of one row into its columns.
 * `closed` says that a row is a tombstone, which is deleted `tombstoneSeconds` after it was last written.
 * `merge` says how updates change a row, where the greater stamp alone would forget what later updates need; it must stay commutative,
 * associative and idempotent. `derived` are the registers that follow from rows of other entities.
 * `inferredEnd` names the event or rule by which a row was closed that no event closed.
 * `summary`, where present, marks the rows that are read together while they are open; with `of`, it derives the row `state` of an entity from those of its other rows that `reads` accepts and that are not
 * closed, so a closed row must not matter to it. A closed row that it `remembers` is read as well until it is deleted. `before` are the columns of
 * the summary that stands there. `join` makes of summaries of disjoint rows the summary of all: with it, a change of a row reads the rows whose keys begin
 * alike, and a large entity costs little more than a small one. It reads no other columns than `columns`: the table's index `open` holds no
 * more, and an index cannot be changed, so that another list takes another version.
 */
export interface Projection<E extends FoldableEvent> {
  readonly name: ProjectionName
  readonly version: number
  readonly key: string
  readonly topics: ReadonlyArray<string>
  readonly deltas: (event: E) => ReadonlyArray<Update>
  readonly view: (row: string, registers: Row) => Columns
  readonly closed: (row: string, registers: Row) => boolean
  readonly tombstoneSeconds: number
  readonly merge?: (row: string, held: Row, updates: Iterable<readonly [name: string, register: Register]>) => Row
  readonly derived?: ReadonlyArray<Derivation>
  readonly inferredEnd?: (row: string, registers: Row) => string | undefined
  readonly summary?: {
    readonly reads: (row: string) => boolean
    readonly columns: ReadonlyArray<string>
    readonly remembers?: (row: string, registers: Row) => boolean
    readonly of?: (rows: ReadonlyArray<EntityRow>, before: Columns) => Columns
    readonly join?: (summaries: ReadonlyArray<Columns>, before: Columns) => Columns
  }
}

/** How updates change a row of a projection. */
export const mergeRow = <E extends FoldableEvent>(
  { merge: own }: Pick<Projection<E>, "merge">,
  row: string,
  held: Row,
  updates: Iterable<readonly [name: string, register: Register]>
): Row => (own === undefined ? merge(held, updates) : own(row, held, updates))

/** Whether a summary reads the row: it is open, or remembered though it is closed. */
export const isSummarised = <E extends FoldableEvent>(
  { summary, closed }: Pick<Projection<E>, "summary" | "closed">,
  row: string,
  registers: Row
): boolean => summary?.reads(row) === true && (!closed(row, registers) || summary.remembers?.(row, registers) === true)

/** The row that describes the entity as a whole. */
export const STATE_ROW = "state"

/**
 * The index on a table whose rows are summarised, and its sort key, a copy of the row key. Rows that no summary needs lack that
 * attribute, and are not in the index.
 */
export const OPEN_INDEX = { name: "open", key: "openRow" } as const

/** The physical identity of a projection at its version, which names its table everywhere. */
export const generation = (projection: { readonly name: ProjectionName; readonly version: number }): Generation =>
  `${projection.name}-v${projection.version}`

/** The name of the projection that a generation is of: `agents` of `agents-v2`. */
export const projectionOf = (generation: string): ProjectionName => generation.replace(/-v\d+$/, "")

/** All deltas of one event for the given projections, one per register, with the skew rule applied. */
export const deriveDeltas = <E extends FoldableEvent>(
  projections: ReadonlyArray<Projection<E>>,
  event: E,
  window: Window
): ReadonlyArray<Delta> => {
  const deltas: Array<Delta> = []
  for (const projection of projections)
    if (projection.topics.includes(event.topic)) addDeltas(projection, event, window, deltas)
  return deltas.length > 1 ? reduceDeltas(deltas) : deltas
}

/** Adds what a projection makes of an event, whatever that is. Throws what the projection throws. */
export const addDeltas = <E extends FoldableEvent>(
  projection: Projection<E>,
  event: E,
  window: Window,
  deltas: Array<Delta>
): void => {
  const published = clampFutureClock(event.published, event.received, window.skew)
  const name = generation(projection)
  for (const { entity, row, register, value, clock, afterMs = 0 } of projection.deltas(event)) {
    const stamp = {
      clock: clampFutureClock(clock ?? published, event.received, window.skew) + afterMs,
      published,
      eventId: event.id
    }
    const late = event.received > dueAt(stamp.clock, window)
    deltas.push({ projection: name, entity, row, register, value, stamp, late })
  }
}

/** By generation, what the fold asks of a table besides reading and writing rows by key. */
export interface StorageNeeds {
  /** Generations whose row `state` is a summary. */
  readonly summarised: ReadonlyArray<string>
  /** Generations of which the open rows are read together, by the index `open`. */
  readonly indexed: ReadonlyArray<string>
  /** Generations of which whole entities are read, because rows of others derive from them. */
  readonly sources: ReadonlyArray<string>
}

export const storageNeeds = (
  projections: ReadonlyArray<
    Pick<Projection<FoldableEvent>, "name" | "version" | "derived"> & { readonly summary?: { readonly of?: unknown } }
  >
): StorageNeeds => {
  const whole = new Set(
    projections.flatMap(({ derived = [] }) => derived.flatMap(({ from, reads }) => (reads([]) === "all" ? [from] : [])))
  )
  return {
    summarised: projections.filter(({ summary }) => summary?.of !== undefined).map(generation),
    indexed: projections.filter(({ summary }) => summary !== undefined).map(generation),
    sources: projections.filter(({ name }) => whole.has(name)).map(generation)
  }
}
