import { Effect } from "effect"
import type { Delta } from "../domain/delta.ts"
import { derivedName, type SourceRows } from "../domain/derivation.ts"
import { generation, type Projection } from "../domain/projection.ts"
import type { Row } from "../domain/row.ts"
import type { Window } from "../domain/settle.ts"
import { stagesOf } from "../domain/stages.ts"
import type { Event } from "../genesys/event.ts"
import { ProjectionStore, type RowKey, rowKey } from "../store/projection-store.ts"
import { StoreError } from "../store/store-error.ts"
import { type DerivedUpdate, type HeldRow, type Merged, mergeDeltas, type Source } from "./merge.ts"
import { laterStale, type Of } from "./summarise.ts"

/** Each round somebody else has changed a source between two reads of it, so this many mean that something else is wrong. */
const MAX_ROUNDS = 20

/** Sources that are read at a time. */
const SOURCES_AT_ONCE = 16

type Projections = ReadonlyArray<Projection<Event>>

/** Rows of an entity that derivations read, those in `known` as they are there. */
const readRows = Effect.fnUntraced(function* (
  projection: string,
  entity: string,
  reads: SourceRows,
  known: ReadonlyMap<string, Row>
) {
  const store = yield* ProjectionStore
  if (reads === "all") {
    const rows = yield* store.rows(projection, entity)
    return new Map(rows.filter(({ registers }) => registers.size > 0).map(({ row, registers }) => [row, registers]))
  }
  const open = reads.open ? yield* store.open(projection, entity) : []
  const wanted = new Set([...reads.rows, ...open.map(({ row }) => row)])
  const missing = [...wanted].filter((row) => !known.has(row)).map((row) => ({ projection, entity, row }))
  const loaded = missing.length === 0 ? new Map<string, { registers: Row }>() : yield* store.load(missing, true)
  const rows = new Map<string, Row>()
  for (const row of wanted) {
    const registers = known.get(row) ?? loaded.get(rowKey({ projection, entity, row }))?.registers
    if (registers !== undefined && registers.size > 0) rows.set(row, registers)
  }
  return rows as ReadonlyMap<string, Row>
})

const NOTHING: ReadonlyMap<string, Row> = new Map()

/** What follows from sources for the rows of `targets`. Of each entity the rows are read once for all derivations that want the same. */
const derivedFrom = Effect.fnUntraced(function* (
  sources: ReadonlyArray<Source & { readonly known?: ReadonlyMap<string, Row> }>,
  targets: Projections
) {
  const grouped = Map.groupBy(sources, ({ projection, entity, reads }) =>
    JSON.stringify([projection, entity, reads === "all" ? reads : [reads.open, [...reads.rows].sort()]])
  )
  const found = yield* Effect.forEach(
    grouped.values(),
    Effect.fnUntraced(function* (group) {
      const [{ projection, entity, reads, known = NOTHING }] = group as [(typeof group)[number]]
      const rows = yield* readRows(projection, entity, reads, known)
      return group.flatMap((source) =>
        targets
          // A generation that derives from its own rows derives from no other's.
          .filter(
            (target) =>
              target.derived?.includes(source.derivation) === true &&
              (target.name !== source.derivation.from || generation(target) === projection)
          )
          .flatMap((target) =>
            source.derivation.rows(entity, rows).map(
              (row): DerivedUpdate => ({
                projection: generation(target),
                entity: row.entity,
                row: row.row,
                register: derivedName(source.derivation, source.entity),
                of: row.of,
                source
              })
            )
          )
      )
    }),
    { concurrency: SOURCES_AT_ONCE }
  )
  return found.flat()
})

/** The sources of which something that a derivation reads was updated. */
const updatedSources = (held: ReadonlyArray<HeldRow>, all: Projections) => {
  const sources: Array<Source & { readonly known: ReadonlyMap<string, Row> }> = []
  const entities = Map.groupBy(held, ({ projection, entity }) => rowKey({ projection, entity, row: "" }))
  for (const rows of entities.values()) {
    const { projection, entity } = rows[0] as HeldRow
    const name = all.find((one) => generation(one) === projection)?.name
    const updated = rows.flatMap(({ row, updated }) => updated.map((register) => [row, register] as const))
    const known = new Map(rows.map(({ row, registers }) => [row, registers]))
    for (const derivation of new Set(all.flatMap(({ derived = [] }) => derived))) {
      if (derivation.from !== name) continue
      const reads = derivation.reads(updated)
      if (reads !== undefined) sources.push({ derivation, projection, entity, reads, known })
    }
  }
  return sources
}

/** The sources that rows need which were updated themselves. */
const neededSources = (deltas: ReadonlyArray<Delta>, stage: Projections, all: Projections): ReadonlyArray<Source> =>
  stage.flatMap((target) =>
    (target.derived ?? []).flatMap((derivation) => {
      const { sourceOf, from } = derivation
      if (sourceOf === undefined) return []
      const name = generation(target)
      const entities = new Set(
        deltas.flatMap(({ projection, row }) => (projection === name ? (sourceOf(row) ?? []) : []))
      )
      return all
        .filter((source) => source.name === from && (from !== target.name || generation(source) === name))
        .flatMap((source) =>
          [...entities].flatMap((entity): ReadonlyArray<Source> => {
            const reads = derivation.reads([])
            return reads === undefined ? [] : [{ derivation, projection: generation(source), entity, reads }]
          })
        )
    })
  )

/** What a merge and what follows from it changed. */
export type Applied = Omit<Merged, "held" | "rederive">

/**
 * Merges deltas, stage by stage: what others derive from first, so that a row takes its deltas and what follows for it in one write. After
 * derived registers were written, their sources are read again until both agree.
 */
export const applyDeltas = Effect.fnUntraced(function* (
  deltas: ReadonlyArray<Delta>,
  projections: Projections,
  keepUntil = 0,
  window?: Window
) {
  const byGeneration = new Map(projections.map((projection) => [generation(projection), projection]))
  const of: Of = (name) => byGeneration.get(name)
  const stages = stagesOf(projections)
  let applied: Applied = {
    rows: 0,
    changed: 0,
    revisions: 0,
    conflicts: 0,
    lags: [],
    inferred: [],
    stale: new Map()
  }
  let pending: ReadonlyArray<DerivedUpdate> = []
  let unsure: ReadonlyArray<DerivedUpdate> = []

  const merge = Effect.fnUntraced(function* (own: ReadonlyArray<Delta>, derived: ReadonlyArray<DerivedUpdate>) {
    const merged = yield* mergeDeltas(own, of, keepUntil, window, derived)
    applied = {
      rows: applied.rows + merged.rows,
      changed: applied.changed + merged.changed,
      revisions: applied.revisions + merged.revisions,
      conflicts: applied.conflicts + merged.conflicts,
      lags: [...applied.lags, ...merged.lags],
      inferred: [...applied.inferred, ...merged.inferred],
      stale: laterStale(applied.stale, merged.stale)
    }
    unsure = [...unsure, ...merged.rederive]
    return merged
  })

  for (const stage of stages) {
    const names = new Set(stage.map(generation))
    const isOfStage = ({ projection }: { readonly projection: string }) => names.has(projection)
    const own = deltas.filter(isOfStage)
    const needed = yield* derivedFrom(neededSources(own, stage, projections), stage)
    const wanted = new Set(own.map(rowKey))
    const derived = [...pending.filter(isOfStage), ...needed.filter((update) => wanted.has(rowKey(update)))]
    if (own.length === 0 && derived.length === 0) continue
    const { held } = yield* merge(own, latest(derived))
    const follows = yield* derivedFrom(updatedSources(held, projections), projections)
    const [self, later] = [follows.filter(isOfStage), follows.filter((update) => !isOfStage(update))]
    if (self.length > 0) yield* merge([], self)
    pending = [...pending.filter((update) => !isOfStage(update)), ...later]
  }

  for (let round = 0; unsure.length > 0; round++) {
    if (round === MAX_ROUNDS)
      return yield* new StoreError({
        store: "projection store",
        operation: "project",
        reason: `sources still change after ${round} rounds`,
        retryable: true
      })
    const written = new Set(unsure.map(updateKey))
    const again = yield* derivedFrom([...new Set(unsure.map(({ source }) => source))], projections)
    unsure = []
    yield* merge(
      [],
      again.filter((update) => written.has(updateKey(update)))
    )
  }
  return applied
})

const updateKey = (update: RowKey & { readonly register: string }): string => rowKey(update) + update.register

/** One update a register: the same source may have been read for two reasons. */
const latest = (updates: ReadonlyArray<DerivedUpdate>): ReadonlyArray<DerivedUpdate> => [
  ...new Map(updates.map((update) => [updateKey(update), update])).values()
]
