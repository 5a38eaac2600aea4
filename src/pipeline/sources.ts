import { Data, Effect, Result } from "effect"
import type { Delta } from "../domain/delta.ts"
import { type Derivation, derivedName, type SourceRows } from "../domain/derivation.ts"
import { generation, type Projection, STATE_ROW } from "../domain/projection.ts"
import { type Row, sameRegister } from "../domain/row.ts"
import type { Link } from "../domain/stages.ts"
import { keyProblem, type Unwritable, unwritable } from "../domain/writable.ts"
import type { Event } from "../genesys/event.ts"
import { ProjectionStore, type RowKey, rowKey, type StoredRow } from "../store/projection-store.ts"
import type { DerivedUpdate, Source } from "./change-row.ts"
import type { HeldRow } from "./merge.ts"
import { tried } from "./tried.ts"

/** Sources that are read at a time. */
const SOURCES_AT_ONCE = 16

/** What follows from what, for the generations that are fed. */
export type Links = ReadonlyArray<Link<Projection<Event>>>

/** A source whose rows cannot be read, or from which nothing can be derived. */
class SourceRefused extends Data.TaggedError("SourceRefused")<Unwritable> {}

/** Is told of an entity from which nothing can be derived. All else goes on. */
export type OnRefused = (source: Pick<Source, "projection" | "entity" | "wantedBy">, problem: Unwritable) => void

/** What was made, or nothing once somebody is told why. */
const orRefused = <A>(made: Result.Result<A, Unwritable>, refuse: (problem: Unwritable) => void): A | undefined => {
  if (Result.isSuccess(made)) return made.success
  refuse(made.failure)
  return undefined
}

const NOTHING: ReadonlyMap<string, Row> = new Map()

/** Rows of an entity that derivations read, those in `known` as they are there. A row that no table can hold is none. */
const readRows = Effect.fnUntraced(function* (
  projection: string,
  entity: string,
  reads: SourceRows,
  known: ReadonlyMap<string, Row>
) {
  const store = yield* ProjectionStore
  if (keyProblem({ entity, row: STATE_ROW }) !== undefined) return NOTHING
  if (reads === "all") {
    const rows = yield* store.rows(projection, entity)
    return new Map(rows.filter(({ registers }) => registers.size > 0).map(({ row, registers }) => [row, registers]))
  }
  const open = reads.open ? yield* store.open(projection, entity) : []
  const wanted = new Set([...reads.rows, ...open.map(({ row }) => row)])
  const missing = [...wanted]
    .filter((row) => !known.has(row) && keyProblem({ entity, row }) === undefined)
    .map((row) => ({ projection, entity, row }))
  const loaded = missing.length === 0 ? new Map<string, StoredRow>() : yield* store.load(missing, true)
  const rows = new Map<string, Row>()
  for (const row of wanted) {
    const stored = loaded.get(rowKey({ projection, entity, row }))
    if (stored?.unreadable !== undefined) return yield* new SourceRefused(stored.unreadable)
    const registers = known.get(row) ?? stored?.registers
    if (registers !== undefined && registers.size > 0) rows.set(row, registers)
  }
  return rows as ReadonlyMap<string, Row>
})

/** A source, and of its rows those that are known already. */
export type KnownSource = Source & { readonly known?: ReadonlyMap<string, Row> }

/** Whether the row holds what the update says, so that merging it would change nothing. */
export const follows = ({ register, of }: DerivedUpdate, row: Row): boolean => {
  const [held, next] = [row.get(register), of(row)]
  return held === undefined || next === undefined ? held === next : sameRegister(held, next)
}

/** The same source with all rows that were read of it: one that was open then may have closed when it is read again. */
const withRead = ({ reads, ...source }: Source, rows: ReadonlyMap<string, Row>): Source => ({
  ...source,
  reads: reads === "all" ? reads : { ...reads, rows: [...new Set([...reads.rows, ...rows.keys()])] }
})

/** What follows from the rows of one source. Of its own rows, which were just read, only those that do not hold it yet. */
const followUps = ({ known: _, ...from }: KnownSource, rows: ReadonlyMap<string, Row>, links: Links) => {
  // Without what was known: whoever reads the source again must see what others have written since.
  const source = withRead(from, rows)
  return links
    .filter((link) => link.derivation === source.derivation && generation(link.source) === source.projection)
    .flatMap(({ target }) =>
      source.derivation.rows(source.entity, rows).map(
        ({ entity, row, of }): DerivedUpdate => ({
          projection: generation(target),
          entity,
          row,
          register: derivedName(source.derivation, source.entity),
          of,
          source
        })
      )
    )
    .filter((update) => {
      const own = update.projection === source.projection && update.entity === source.entity && rows.get(update.row)
      return !own || !follows(update, own)
    })
}

/** What follows from sources by links. Of each entity the rows are read once for all derivations that want the same. */
export const derivedFrom = Effect.fnUntraced(function* (
  sources: ReadonlyArray<KnownSource>,
  links: Links,
  onRefused: OnRefused
) {
  const grouped = Map.groupBy(sources, ({ projection, entity, reads }) =>
    JSON.stringify([projection, entity, reads === "all" ? reads : [reads.open, [...reads.rows].sort()]])
  )
  const read = Effect.fnUntraced(function* (group: ReadonlyArray<KnownSource>) {
    const [{ projection, entity, reads, known = NOTHING }] = group as [KnownSource]
    const rows = yield* readRows(projection, entity, reads, known)
    return group.flatMap(
      (source) =>
        orRefused(
          tried("derived.rows", () => followUps(source, rows, links)),
          (problem) => onRefused(source, problem)
        ) ?? []
    )
  })
  const found = yield* Effect.forEach(
    grouped.values(),
    (group) => {
      const [source] = group as [KnownSource]
      const refuse = (problem: Unwritable) =>
        Effect.sync((): ReadonlyArray<DerivedUpdate> => {
          onRefused(source, problem)
          return []
        })
      return read(group).pipe(
        Effect.catchTag("SourceRefused", refuse),
        // A stored row that nothing can be made of, by a call that returns rows or fails.
        Effect.catchDefect(() => refuse(unwritable("RowUnreadable", "the rows that it follows from cannot be read")))
      )
    },
    { concurrency: SOURCES_AT_ONCE }
  )
  return found.flat()
})

/** The sources of which something that a derivation reads was updated. With `mend` also those of which nothing was. */
export const updatedSources = (
  held: ReadonlyArray<HeldRow>,
  links: Links,
  mend: boolean,
  onRefused: OnRefused
): ReadonlyArray<KnownSource> => {
  const sources: Array<KnownSource> = []
  const entities = Map.groupBy(held, ({ projection, entity }) => rowKey({ projection, entity, row: "" }))
  for (const rows of entities.values()) {
    const { projection, entity } = rows[0] as HeldRow
    const updated = rows.flatMap(({ row, updated }) => updated.map((register) => [row, register] as const))
    // Asked for nothing, a derivation would read all that it ever reads.
    if (updated.length === 0 && !mend) continue
    const known = new Map(rows.map(({ row, registers }) => [row, registers]))
    const own = links.filter(({ source }) => generation(source) === projection)
    for (const derivation of new Set(own.map((link) => link.derivation))) {
      const reads = orRefused(
        tried("derived.reads", () => derivation.reads(updated)),
        (problem) => onRefused({ projection, entity }, problem)
      )
      if (reads !== undefined) sources.push({ derivation, projection, entity, reads, known })
    }
  }
  return sources
}

/** The entities that a derivation names for rows of a target, each with one that it names it for. */
const namedFor = ({ sourceOf }: Derivation, updated: ReadonlyArray<RowKey>, onRefused: OnRefused) => {
  const named = new Map<string, RowKey>()
  for (const key of updated) {
    const entity = orRefused(
      tried("derived.sourceOf", () => sourceOf?.(key.row)),
      (problem) => onRefused(key, problem)
    )
    if (entity !== undefined) named.set(entity, key)
  }
  return named
}

/** The sources that rows need which were updated themselves. */
export const neededSources = (
  deltas: ReadonlyArray<Delta>,
  links: Links,
  onRefused: OnRefused
): ReadonlyArray<Source> =>
  links.flatMap(({ target, derivation, source }): ReadonlyArray<Source> => {
    if (derivation.sourceOf === undefined) return []
    const name = generation(target)
    const updated = deltas.filter(({ projection }) => projection === name)
    const named = updated.length === 0 ? [] : [...namedFor(derivation, updated, onRefused)]
    if (named.length === 0) return []
    const reads = orRefused(
      tried("derived.reads", () => derivation.reads([])),
      (problem) => {
        for (const [, wantedBy] of named) onRefused(wantedBy, problem)
      }
    )
    if (reads === undefined) return []
    const projection = generation(source)
    return named.map(([entity, wantedBy]) => ({ derivation, projection, entity, reads, wantedBy }))
  })
