import { Clock, Effect } from "effect"
import type { Delta } from "../domain/delta.ts"
import { canonical, type Json } from "../domain/json.ts"
import type { Projection } from "../domain/projection.ts"
import { asOf, emptyRow, merge, type Register, type Row } from "../domain/row.ts"
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

/** What a merge changed, and the entities whose summaries are to be derived for it. `lags`: from event time to visibility, in ms. */
export interface Merged {
  readonly rows: number
  readonly changed: number
  readonly revisions: number
  readonly conflicts: number
  readonly lags: ReadonlyArray<number>
  readonly stale: ReadonlyMap<string, Stale>
}

interface Touched extends RowKey {
  readonly of: Projection<Event>
  readonly deltas: Array<Delta>
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

const touch = (deltas: ReadonlyArray<Delta>, of: Of): ReadonlyMap<string, Touched> => {
  const rows = new Map<string, Touched>()
  for (const delta of deltas) {
    const { projection, entity, row } = delta
    const key = rowKey(delta)
    const held = rows.get(key)
    if (held) held.deltas.push(delta)
    else rows.set(key, { projection, entity, row, of: of(projection) as Projection<Event>, deltas: [delta] })
  }
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
    ...(revised === undefined ? {} : { revised }),
    ...(of.closed(row, registers)
      ? { expiresAt: Math.max(Math.ceil(now / 1_000) + of.tombstoneSeconds, keepUntil, from?.expiresAt ?? 0) }
      : {})
  }
}

interface Held {
  readonly registers: Row
  readonly revised: Revision | undefined
}

const staleOf = (held: ReadonlyMap<Touched, Held>): ReadonlyMap<string, Stale> => {
  const entities = new Map<string, Stale>()
  // Also for rows that did not change: a crash may have come between an earlier write and its summary.
  for (const [{ of, projection, entity, row }, { registers, revised }] of held) {
    if (!of.summary?.reads(row)) continue
    const key = `${projection}:${entity}`
    const before = entities.get(key)
    const latest = Math.max(asOf(registers)?.clock ?? 0, before?.latest ?? 0)
    entities.set(key, { projection, entity, latest, revised: laterRevision(before?.revised, revised) })
  }
  return entities
}

/**
 * Merges deltas, one per register, of generations that `of` knows into their rows: reads the touched rows, merges, writes what changed on
 * condition that nobody else did, and merges again where somebody had. Tombstones stay until `keepUntil`
 * (epoch seconds) at least, also those that are there already. With a `window`, as for live updates, a late one that changes what a
 * register held marks its row as revised; without, as in a replay, a row keeps the mark that it has.
 */
export const mergeDeltas = Effect.fnUntraced(function* (
  deltas: ReadonlyArray<Delta>,
  of: Of,
  keepUntil = 0,
  window?: Window
) {
  const store = yield* ProjectionStore
  const rows = touch(deltas, of)
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
      const after = merge(
        before,
        touched.deltas.map(({ register, value, stamp }) => [register, { value, stamp }])
      )
      const won = touched.deltas.filter(({ register, stamp }) => after.get(register)?.stamp === stamp)
      const revising = won.filter(({ late, register, value }) => late && differs(before.get(register), value))
      const revised = window === undefined ? from?.revised : revisedBy(revising, now, window, from?.revised)
      held.set(touched, { registers: after, revised })
      return after === before && !lapses(from, keepUntil)
        ? []
        : [{ touched, won, revising, write: toWrite(touched, after, from, now, keepUntil, revised) }]
    })
    const results = attempts.length === 0 ? [] : yield* store.save(attempts.map(({ write }) => write))
    const visible = yield* Clock.currentTimeMillis
    const lost: Array<Touched> = []
    attempts.forEach(({ touched, won, revising }, i) => {
      if (results[i] === "conflict") {
        lost.push(touched)
        return
      }
      written++
      changed += won.length
      revisions += revising.length
      for (const { stamp, late } of won) if (!late) lags.push(visible - stamp.clock)
    })
    conflicts += lost.length
    left = lost
  }
  return { rows: written, changed, revisions, conflicts, lags, stale: staleOf(held) } satisfies Merged
})
