import { Clock, Effect } from "effect"
import type { Delta } from "../domain/delta.ts"
import { type Derivation, derive, type SourceRows } from "../domain/derivation.ts"
import { canonical, type Json } from "../domain/json.ts"
import { mergeRow, type Projection } from "../domain/projection.ts"
import { asOf, emptyRow, type Register, type Row, sameRegister } from "../domain/row.ts"
import { dueAt, type Window } from "../domain/settle.ts"
import type { Event } from "../genesys/event.ts"
import {
  laterRevision,
  ProjectionStore,
  type Revision,
  type RowKey,
  type RowWrite,
  rowKey,
  type StoredRow
} from "../store/projection-store.ts"
import { StoreError } from "../store/store-error.ts"
import type { Of, Stale } from "./summarise.ts"

/**
 * What a merge changed, and the entities whose summaries are to be derived for it. `lags`: from event time to visibility, in ms.
 * `inferred`: rows that were closed by an event or rule other than their own end, by its name. `held`: the touched rows as they are now.
 * `rederive`: derived registers that were written, which hold only if their source has not changed meanwhile.
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
  readonly rederive: ReadonlyArray<DerivedUpdate>
}

/** A touched row with its registers, and the names of those that were updated. */
export interface HeldRow extends RowKey {
  readonly registers: Row
  readonly updated: ReadonlyArray<string>
}

/** A derived register of a row, as `of` makes it from the row's own registers. `source` tells where it follows from. */
export interface DerivedUpdate extends RowKey {
  readonly register: string
  readonly of: (own: Row) => Register | undefined
  readonly source: Source
}

/** The rows of an entity that a derivation reads. */
export interface Source {
  readonly derivation: Derivation
  readonly projection: string
  readonly entity: string
  readonly reads: SourceRows
}

interface Touched extends RowKey {
  readonly of: Projection<Event>
  readonly deltas: Array<Delta>
  readonly derived: Array<DerivedUpdate>
}

/** Whether a stored tombstone would be gone too soon. */
const lapses = (from: StoredRow | undefined, keepUntil: number): boolean =>
  from?.expiresAt !== undefined && from.expiresAt < keepUntil

/** A late update that says what stood there already revises nothing. */
const differs = (held: Register | undefined, value: Json): boolean =>
  held !== undefined && canonical(held.value) !== canonical(value)

/** What late updates that take the place of others make of a row that becomes visible at `now`. Without any it stays as it was. */
const revisedBy = (
  revising: ReadonlyArray<Delta>,
  now: number,
  window: Window,
  before: Revision | undefined
): Revision | undefined =>
  revising.length === 0
    ? before
    : {
        at: Math.floor(now),
        lateMs: Math.max(...revising.map(({ stamp }) => Math.floor(now) - dueAt(stamp.clock, window)))
      }

/** Writers of one row meet seldom and each round one of them wins, so this many rounds mean that something else is wrong. */
const MAX_ROUNDS = 20

const touch = (
  deltas: ReadonlyArray<Delta>,
  derived: ReadonlyArray<DerivedUpdate>,
  of: Of
): ReadonlyMap<string, Touched> => {
  const rows = new Map<string, Touched>()
  const touched = (key: RowKey): Touched => {
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
  return rows
}

const toWrite = (
  touched: Touched,
  registers: Row,
  from: StoredRow | undefined,
  now: number,
  keepUntil: number,
  revised: Revision | undefined
): RowWrite => {
  const { of, projection, entity, row } = touched
  return {
    projection,
    entity,
    row,
    registers,
    columns: of.view(row, registers),
    asOf: asOf(registers)?.clock ?? 0,
    from,
    counted: of.summary?.reads(row) ?? false,
    ...(of.summary?.remembers?.(row, registers) ? { remembered: true } : {}),
    ...(revised === undefined ? {} : { revised }),
    ...(of.closed(row, registers)
      ? { expiresAt: Math.max(Math.ceil(now / 1_000) + of.tombstoneSeconds, keepUntil, from?.expiresAt ?? 0) }
      : {})
  }
}

interface Held {
  readonly registers: Row
  readonly changed: boolean
  readonly revised: Revision | undefined
}

const staleOf = (held: ReadonlyMap<Touched, Held>): ReadonlyMap<string, Stale> => {
  const entities = new Map<string, Stale>()
  // Also for rows that did not change: a crash may have come between an earlier write and its summary.
  for (const [{ of, projection, entity, row }, { registers, revised, changed }] of held) {
    if (of.summary?.of === undefined || !of.summary.reads(row) || registers.size === 0) continue
    const key = `${projection}:${entity}`
    const before = entities.get(key)
    const latest = Math.max(asOf(registers)?.clock ?? 0, before?.latest ?? 0)
    entities.set(key, {
      projection,
      entity,
      latest,
      revised: laterRevision(before?.revised, revised),
      changed: changed || before?.changed === true
    })
  }
  return entities
}

/** The row after its deltas and derived registers. */
const apply = ({ of, row, deltas, derived }: Touched, before: Row): Row => {
  const merged = mergeRow(
    of,
    row,
    before,
    deltas.map(({ register, value, stamp }) => [register, { value, stamp }] as const)
  )
  return derive(merged, new Map(derived.map((update) => [update.register, update.of(merged)])), sameRegister)
}

/**
 * Merges deltas, one per register, and derived registers of generations that `of` knows into their rows: reads the touched rows, merges, writes what changed on
 * condition that nobody else did, and merges again where somebody had. Tombstones stay until `keepUntil`
 * (epoch seconds) at least, also those that are there already. With a `window`, as for live updates, a late one that changes what a
 * register held marks its row as revised; without, as in a replay, a row keeps the mark that it has.
 */
export const mergeDeltas = Effect.fnUntraced(function* (
  deltas: ReadonlyArray<Delta>,
  of: Of,
  keepUntil = 0,
  window?: Window,
  derived: ReadonlyArray<DerivedUpdate> = []
) {
  const store = yield* ProjectionStore
  const rows = touch(deltas, derived, of)
  const inferred: Array<string> = []
  const rederive: Array<DerivedUpdate> = []
  const held = new Map<Touched, Held>()
  const lags: Array<number> = []
  let [written, revisions, conflicts, changed] = [0, 0, 0, 0]
  let left: ReadonlyArray<Touched> = [...rows.values()]
  for (let round = 0; left.length > 0; round++) {
    if (round === MAX_ROUNDS)
      return yield* new StoreError({
        store: "projection store",
        operation: "project",
        reason: `still contended after ${round} rounds`,
        retryable: true
      })
    // Registers only ever grow, so a row that is a moment old decides right or is refused. Then it must not be old again.
    const stored = yield* store.load(left, round > 0)
    const now = yield* Clock.currentTimeMillis
    const attempts = left.flatMap((touched) => {
      const from = stored.get(rowKey(touched))
      const before = from?.registers ?? emptyRow
      const after = apply(touched, before)
      const won = touched.deltas.filter(({ register, stamp }) => after.get(register)?.stamp === stamp)
      // What has ended was shown as open.
      const turned = before.size > 0 && touched.of.closed(touched.row, before) !== touched.of.closed(touched.row, after)
      const revising = won.filter(
        ({ late, register, value }) => late && (turned || differs(before.get(register), value))
      )
      const revised = window === undefined ? from?.revised : revisedBy(revising, now, window, from?.revised)
      held.set(touched, { registers: after, revised, changed: after !== before })
      return after === before && !lapses(from, keepUntil)
        ? []
        : [{ touched, won, revising, before, write: toWrite(touched, after, from, now, keepUntil, revised) }]
    })
    const results = attempts.length === 0 ? [] : yield* store.save(attempts.map(({ write }) => write))
    const visible = yield* Clock.currentTimeMillis
    const lost: Array<Touched> = []
    attempts.forEach(({ touched, won, revising, before, write }, i) => {
      if (results[i] === "conflict") {
        lost.push(touched)
        return
      }
      written++
      changed += won.length
      revisions += revising.length
      const { of: projection, row, derived: updates } = touched
      const rule = projection.inferredEnd?.(row, write.registers)
      if (rule !== undefined && rule !== projection.inferredEnd?.(row, before)) inferred.push(rule)
      rederive.push(...updates.filter(({ register }) => before.get(register) !== write.registers.get(register)))
      for (const { stamp, late } of won) if (!late) lags.push(visible - stamp.clock)
    })
    conflicts += lost.length
    left = lost
  }
  return {
    rows: written,
    changed,
    revisions,
    conflicts,
    lags,
    inferred,
    stale: staleOf(held),
    held: [...held].map(([{ projection, entity, row, deltas: updates, derived: follows }, { registers }]) => ({
      projection,
      entity,
      row,
      registers,
      updated: [...updates, ...follows].map(({ register }) => register)
    })),
    rederive
  } satisfies Merged
})
