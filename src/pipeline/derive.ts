import { Effect } from "effect"
import { type Delta, registerKey } from "../domain/delta.ts"
import { generation, type Projection } from "../domain/projection.ts"
import type { Window } from "../domain/settle.ts"
import { linksOf, stagesOf } from "../domain/stages.ts"
import type { Unwritable } from "../domain/writable.ts"
import type { Event } from "../genesys/event.ts"
import { type RowKey, rowKey } from "../store/projection-store.ts"
import { StoreError } from "../store/store-error.ts"
import type { DerivedUpdate, Source } from "./change-row.ts"
import { type Derived, type Merged, mergeDeltas } from "./merge.ts"
import { type Refused, updatesOf, type Whose } from "./refused.ts"
import { derivedFrom, follows, type Links, neededSources, type OnRefused, updatedSources } from "./sources.ts"
import { laterStale, type Of } from "./summarise.ts"

/** Each round somebody else has changed a source between two reads of it, so this many mean that something else is wrong. */
const MAX_ROUNDS = 20

/** What a merge and what follows from it changed. */
export interface Applied extends Omit<Merged, "held" | "rederive" | "refused"> {
  readonly refused: ReadonlyArray<Refused>
  /** The deltas that bring about again what was written of entities. */
  readonly causesOf: (entities: ReadonlyArray<Whose>) => ReadonlyArray<Delta>
}

/**
 * How deltas are merged. `keepUntil`: tombstones stay at least so long, epoch seconds. `window`: by which timers are told that are late,
 * none where absent. `mend` (the default): what follows from the deltas is looked up even where they change nothing, because whoever changed it
 * may have crashed then; without, what changes nothing is at an end, which is only for deltas that nobody has tried to merge before. `live`:
 * the projections whose rows follow from each other, all where absent; the rest takes deltas that were on their way alone. `followers`: what
 * else follows from rows that the deltas change, and from those alone, also with `mend`; their targets are among the projections.
 */
export interface Applying {
  readonly keepUntil?: number
  readonly window?: Window
  readonly mend?: boolean
  readonly live?: ReadonlyArray<Projection<Event>>
  readonly followers?: Links
}

/**
 * Merges deltas, stage by stage: what others derive from first, so that a row takes its deltas and what follows for it in one write. After
 * derived registers were written, their sources are read again until both agree.
 *
 * What cannot be read or written is `refused`, with those of the deltas that bring it about again.
 */
export const applyDeltas = Effect.fnUntraced(function* (
  deltas: ReadonlyArray<Delta>,
  projections: ReadonlyArray<Projection<Event>>,
  { keepUntil = 0, window, mend = true, live = projections, followers = [] }: Applying = {}
) {
  const byGeneration = new Map(projections.map((projection) => [generation(projection), projection]))
  const of: Of = (name) => byGeneration.get(name)
  const [stages, direct] = [stagesOf(projections), linksOf(live)]
  const links = [...direct, ...followers]
  let applied: Omit<Applied, "refused" | "causesOf"> = {
    rows: 0,
    changed: 0,
    revisions: 0,
    conflicts: 0,
    lags: [],
    inferred: [],
    stale: new Map()
  }
  let pending: ReadonlyArray<DerivedUpdate> = []
  let unsure: ReadonlyArray<Derived> = []

  const followed: Array<DerivedUpdate> = []
  const causesOf = (entities: ReadonlyArray<Whose>) => updatesOf(deltas, entities, followed)
  const refused = new Map<string, Refused>()
  const refuse = (
    projection: string,
    entities: ReadonlyArray<Whose>,
    of: Unwritable,
    own: ReadonlyArray<Delta> = []
  ) => {
    const blamed = own.length > 0 ? own : causesOf(entities)
    const { reason, detail } = of
    const name = JSON.stringify([projection, reason, detail, blamed.map(registerKey)])
    refused.set(name, { projection, deltas: blamed, reason, detail })
  }
  const onRefused: OnRefused = (source, problem) => refuse(source.projection, causes(source), problem)

  const merge = Effect.fnUntraced(function* (own: ReadonlyArray<Delta>, derived: ReadonlyArray<DerivedUpdate>) {
    if (derived.length > 0) followed.push(...derived)
    const merged = yield* mergeDeltas(own, of, keepUntil, window, derived, mend)
    applied = {
      rows: applied.rows + merged.rows,
      changed: applied.changed + merged.changed,
      revisions: applied.revisions + merged.revisions,
      conflicts: applied.conflicts + merged.conflicts,
      lags: [...applied.lags, ...merged.lags],
      inferred: [...applied.inferred, ...merged.inferred],
      stale: laterStale(applied.stale, merged.stale)
    }
    for (const row of merged.refused) {
      if (row.deltas.length > 0) refuse(row.projection, [], row, row.deltas)
      for (const { source } of row.derived) refuse(row.projection, causes(source), row)
    }
    unsure = [...unsure, ...merged.rederive]
    return merged
  })

  for (const stage of stages) {
    const names = new Set(stage.map(generation))
    const isOfStage = ({ projection }: { readonly projection: string }) => names.has(projection)
    const own = deltas.filter(isOfStage)
    const into = links.filter(({ target }) => names.has(generation(target)))
    const sources = neededSources(own, into, onRefused)
    const needed = yield* derivedFrom(sources, into, onRefused)
    const wanted = new Set(own.map(rowKey))
    const derived = [...pending.filter(isOfStage), ...needed.filter((update) => wanted.has(rowKey(update)))]
    if (own.length === 0 && derived.length === 0) continue
    const { held, rows } = yield* merge(own, latest(derived))
    // A source that was written before these rows were, and read before that, has derived from the rows as they were: it is read again.
    if (sources.length > 0 && rows > 0) {
      const again = yield* derivedFrom(sources, into, onRefused)
      yield* merge([], latest(again.filter((update) => wanted.has(rowKey(update)))))
    }
    const changed = followers.length === 0 ? [] : held.filter((row) => row.changed)
    const found = [
      ...(yield* derivedFrom(updatedSources(held, direct, mend, onRefused), direct, onRefused)),
      ...(yield* derivedFrom(updatedSources(changed, followers, false, onRefused), followers, onRefused))
    ]
    const [self, later] = [found.filter(isOfStage), found.filter((update) => !isOfStage(update))]
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
    const written = new Map(unsure.map((update) => [updateKey(update), update.into]))
    const again = yield* derivedFrom([...new Set(unsure.map(({ source }) => source))], links, onRefused)
    unsure = []
    // What still follows stands there, or somebody has written over it since, who does the same.
    yield* merge(
      [],
      again.filter((update) => {
        const into = written.get(updateKey(update))
        return into !== undefined && !follows(update, into)
      })
    )
  }
  return { ...applied, refused: [...refused.values()], causesOf } satisfies Applied
})

/** Entities whose updates make a source be read. */
const causes = ({ projection, entity, wantedBy }: Pick<Source, "projection" | "entity" | "wantedBy">) => [
  { projection, entity },
  ...(wantedBy === undefined ? [] : [wantedBy])
]

const updateKey = (update: RowKey & { readonly register: string }): string => rowKey(update) + update.register

/** One update a register: the same source may have been read for two reasons. */
const latest = (updates: ReadonlyArray<DerivedUpdate>): ReadonlyArray<DerivedUpdate> => [
  ...new Map(updates.map((update) => [updateKey(update), update])).values()
]
