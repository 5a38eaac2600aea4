import { Clock, Effect } from "effect"
import type { Delta } from "../domain/delta.ts"
import type { Projection } from "../domain/projection.ts"
import { asOf, type Row } from "../domain/row.ts"
import type { Window } from "../domain/settle.ts"
import { keyProblem, type Unwritable } from "../domain/writable.ts"
import type { Event } from "../genesys/event.ts"
import {
  laterRevision,
  ProjectionStore,
  type RowKey,
  type RowWrite,
  rowKey,
  type StoredRow
} from "../store/projection-store.ts"
import { StoreError } from "../store/store-error.ts"
import { type Change, changeOf, type DerivedUpdate, isUnwritable, type Touched } from "./change-row.ts"
import type { Of, Stale } from "./summarise.ts"

/**
 * What a merge changed, and the entities whose summaries are to be derived for it. `lags`: from event time to visibility, in ms.
 * `inferred`: rows that were closed by an event or rule other than their own end, by its name. `held`: the touched rows as they are now.
 * `rederive`: derived registers that were written, which hold only if their source has not changed meanwhile. `refused`: what cannot be
 * written, while all else was.
 */
export interface Merged {
  readonly rows: number
  readonly changed: number
  readonly revisions: number
  readonly conflicts: number
  readonly lags: ReadonlyArray<number>
  readonly inferred: ReadonlyArray<string>
  readonly stale: ReadonlyMap<string, Stale>
  readonly held: ReadonlyArray<HeldRow>
  readonly rederive: ReadonlyArray<Derived>
  readonly refused: ReadonlyArray<RefusedRow>
}

/** Updates of a row that cannot be read or written: all of them where its key or what is stored of it is to blame, and otherwise each alone. */
export interface RefusedRow extends Unwritable, RowKey {
  readonly deltas: ReadonlyArray<Delta>
  readonly derived: ReadonlyArray<DerivedUpdate>
}

/** A touched row with its registers, and the names of those whose updates others must be told of. `changed`: this merge wrote it. */
export interface HeldRow extends RowKey {
  readonly registers: Row
  readonly changed: boolean
  readonly updated: ReadonlyArray<string>
}

/** A derived register that was written, and the row as it was written with it. */
export interface Derived extends DerivedUpdate {
  readonly into: Row
}

/** Writers of one row meet seldom and each round one of them wins, so this many rounds mean that something else is wrong. */
const MAX_ROUNDS = 20

const NO_ROWS: Effect.Effect<ReadonlyMap<string, StoredRow>> = Effect.succeed(new Map())

const touch = (deltas: ReadonlyArray<Delta>, derived: ReadonlyArray<DerivedUpdate>, of: Of): ReadonlyArray<Touched> => {
  const rows = new Map<string, Touched & { readonly deltas: Array<Delta>; readonly derived: Array<DerivedUpdate> }>()
  const touched = (key: RowKey) => {
    const { projection, entity, row } = key
    const name = rowKey(key)
    const held = rows.get(name) ?? {
      projection,
      entity,
      row,
      of: of(projection) as Projection<Event>,
      deltas: [],
      derived: []
    }
    rows.set(name, held)
    return held
  }
  for (const delta of deltas) touched(delta).deltas.push(delta)
  for (const update of derived) touched(update).derived.push(update)
  return [...rows.values()]
}

/** Whether what follows from a row is looked up though its updates seem to have changed nothing. */
type Mends = (touched: Touched) => boolean

const staleOf = (changes: ReadonlyMap<Touched, Change>, mends: Mends): ReadonlyMap<string, Stale> => {
  const entities = new Map<string, Stale>()
  for (const [touched, { before, after, revised, summarised }] of changes) {
    const { projection, entity, row } = touched
    if (!summarised || (after === before && !mends(touched))) continue
    const key = `${projection}:${entity}`
    const held = entities.get(key)
    const latest = Math.max(asOf(after)?.clock ?? 0, held?.latest ?? 0)
    entities.set(key, {
      projection,
      entity,
      latest,
      revised: laterRevision(held?.revised, revised),
      touched: new Set(held?.touched).add(row)
    })
  }
  return entities
}

/** The updates that changed a row, as far as one can tell: of a register that a merge puts away it cannot. Of a row that is mended, all. */
const toldOf = (touched: Touched, { before, after }: Change, mends: Mends): ReadonlyArray<string> => {
  const all = [...touched.deltas, ...touched.derived].map(({ register }) => register)
  if (mends(touched)) return all
  if (after === before) return []
  return all.filter((name) => !after.has(name) || after.get(name) !== before.get(name))
}

/** The updates of a row in two halves, whose order does not matter. */
const halves = ({ deltas, derived, ...row }: Touched): readonly [Touched, Touched] => {
  const half = Math.ceil((deltas.length + derived.length) / 2)
  const rest = Math.max(0, half - deltas.length)
  return [
    { ...row, deltas: deltas.slice(0, half), derived: derived.slice(0, rest) },
    { ...row, deltas: deltas.slice(half), derived: derived.slice(rest) }
  ]
}

type Refusals = ReadonlyArray<readonly [Touched, Unwritable]>

/**
 * Merges deltas, one per register, and derived registers of generations that `of` knows into their rows: reads the touched rows, merges, writes what changed on
 * condition that nobody else did, and merges again where somebody had. Tombstones stay until `keepUntil`
 * (epoch seconds) at least, also those that are there already. With a `window`, as for live updates, a late one that changes what a
 * register held marks its row as revised; without, as in a replay, a row keeps the mark that it has.
 *
 * With `mend`, rows that did not change are `stale` and `held` as if they had: a crash may have come between an earlier write and what
 * follows from it.
 *
 * A row that its updates make impossible to write is tried with half of them, until those to blame stand alone.
 */
export const mergeDeltas = Effect.fnUntraced(function* (
  deltas: ReadonlyArray<Delta>,
  of: Of,
  keepUntil = 0,
  window?: Window,
  derived: ReadonlyArray<DerivedUpdate> = [],
  mend = true
) {
  const store = yield* ProjectionStore
  const inferred: Array<string> = []
  const rederive: Array<Derived> = []
  const changes = new Map<Touched, Change>()
  /** Rows whose write was refused: it may be ours that another has written over since, and then nobody has followed it. */
  const doubtful = new Set<Touched>()
  const mends: Mends = (touched) => mend || doubtful.has(touched)
  const refused: Array<RefusedRow> = []
  const lags: Array<number> = []
  let [written, revisions, conflicts, changed] = [0, 0, 0, 0]

  /** Merges rows, each of which may be among them once. Returns those that cannot be. */
  const merge = Effect.fnUntraced(function* (rows: ReadonlyArray<Touched>) {
    const refusals: Array<readonly [Touched, Unwritable]> = []
    let left = rows
    for (let round = 0; left.length > 0; round++) {
      if (round === MAX_ROUNDS)
        return yield* new StoreError({
          store: "projection store",
          operation: "project",
          reason: `still contended after ${round} rounds`,
          retryable: true
        })
      // Registers only ever grow, so a row that is a moment old decides right or is refused. Then it must not be old again. What is derived
      // may shrink: against an old row it may seem to be there already, and would be left out.
      const isSure = ({ deltas }: Touched) => round > 0 || deltas.length === 0
      const [sure, rest] = [left.filter(isSure), left.filter((row) => !isSure(row))]
      const loaded = yield* Effect.forEach(
        [sure, rest],
        (rows) => (rows.length === 0 ? NO_ROWS : store.load(rows, rows === sure)),
        { concurrency: 2 }
      )
      const stored = new Map(loaded.flatMap((rows) => [...rows]))
      const now = yield* Clock.currentTimeMillis
      const attempts: Array<{ touched: Touched; made: Change; write: RowWrite }> = []
      for (const touched of left) {
        const made = changeOf(touched, stored.get(rowKey(touched)), now, keepUntil, window)
        if (isUnwritable(made)) refusals.push([touched, made])
        else if (made.write === undefined) {
          changes.set(touched, made)
          if (doubtful.has(touched))
            rederive.push(...touched.derived.map((update) => ({ ...update, into: made.after })))
        } else attempts.push({ touched, made, write: made.write })
      }
      const results = attempts.length === 0 ? [] : yield* store.save(attempts.map(({ write }) => write))
      const visible = yield* Clock.currentTimeMillis
      const lost: Array<Touched> = []
      attempts.forEach(({ touched, made, write }, i) => {
        const result = results[i] ?? "conflict"
        if (result === "conflict") {
          lost.push(touched)
          doubtful.add(touched)
          return
        }
        if (result !== "written") {
          refusals.push([touched, result])
          return
        }
        const { before, won, revising } = made
        changes.set(touched, made)
        written++
        changed += won.length
        revisions += revising.length
        if (made.inferred !== undefined) inferred.push(made.inferred)
        rederive.push(
          ...touched.derived
            .filter(({ register }) => before.get(register) !== write.registers.get(register) || doubtful.has(touched))
            .map((update) => ({ ...update, into: write.registers }))
        )
        for (const { stamp, late } of won) if (!late) lags.push(visible - stamp.clock)
      })
      conflicts += lost.length
      left = lost
    }
    return refusals as Refusals
  })

  /** Merges by halves what cannot be merged as a whole. */
  const isolate: (refusals: Refusals) => Effect.Effect<void, StoreError, never> = Effect.fnUntraced(
    function* (refusals) {
      const split: Array<readonly [Touched, Touched]> = []
      for (const [touched, { reason, detail }] of refusals) {
        const { projection, entity, row } = touched
        if (reason !== "RowUnreadable" && touched.deltas.length + touched.derived.length > 1) {
          const both = halves(touched)
          if (doubtful.has(touched)) for (const half of both) doubtful.add(half)
          split.push(both)
        } else
          refused.push({ projection, entity, row, deltas: touched.deltas, derived: touched.derived, reason, detail })
      }
      if (split.length === 0) return
      yield* isolate(yield* merge(split.map(([first]) => first)))
      yield* isolate(yield* merge(split.map(([, second]) => second)))
    }
  )

  const mergeable = touch(deltas, derived, of).filter((touched) => {
    const problem = keyProblem(touched)
    const { projection, entity, row } = touched
    if (problem !== undefined)
      refused.push({ projection, entity, row, deltas: touched.deltas, derived: touched.derived, ...problem })
    return problem === undefined
  })
  yield* isolate(yield* merge(mergeable))
  return {
    rows: written,
    changed,
    revisions,
    conflicts,
    lags,
    inferred,
    stale: staleOf(changes, mends),
    held: [...changes].map(([touched, change]) => {
      const { projection, entity, row } = touched
      return {
        projection,
        entity,
        row,
        registers: change.after,
        changed: change.after !== change.before,
        updated: toldOf(touched, change, mends)
      }
    }),
    rederive,
    refused
  } satisfies Merged
})
