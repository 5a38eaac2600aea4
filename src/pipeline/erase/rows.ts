import { Clock, Effect, Result } from "effect"
import type { Delta } from "../../domain/delta.ts"
import { foldEvent } from "../../domain/fold-event.ts"
import { generation, mergeRow, type Projection } from "../../domain/projection.ts"
import { DERIVED, type Register, type Row } from "../../domain/row.ts"
import { decodedOf, erasureOf } from "../../genesys/erasure.ts"
import type { Event } from "../../genesys/event.ts"
import type { Names } from "../../genesys/person.ts"
import { mentions } from "../../genesys/redact.ts"
import { EventStore } from "../../store/event-store.ts"
import { type PlacedRow, ProjectionStore, type RowKey, rowKey } from "../../store/projection-store.ts"
import { RowEraser } from "../../store/row-eraser.ts"
import { StoreError } from "../../store/store-error.ts"
import { isUnwritable, rewriteOf } from "../change-row.ts"
import { applyDeltas } from "../derive.ts"
import { Projections, SettleWindow } from "../folding.ts"
import { fedProjections } from "../generations.ts"
import { type Of, type Stale, summarise } from "../summarise.ts"

/** What became of the rows of a generation. */
export interface RowsErased {
  readonly generation: string
  readonly searched: number
  readonly deleted: number
  readonly redacted: number
  readonly readUnits: number
}

/** Writers of one row meet seldom, so this many rounds mean that something else is wrong. */
const MAX_ROUNDS = 20

/** Whether a register tells of the person, or of an event of which nothing is left. */
const isOf =
  (names: Names, deleted: ReadonlySet<string>) =>
  (name: string, { value, stamp }: Register): boolean =>
    names.in(name) || mentions(names, value) || deleted.has(stamp.eventId)

/** A row whose key names the person goes whole. */
const isOwn = (names: Names, { entity, row }: RowKey): boolean => names.in(entity) || names.in(row)

/** Nothing but what follows from rows of others. */
const isHollow = (registers: Row): boolean => [...registers.keys()].every((name) => name.startsWith(DERIVED))

/**
 * Takes a person out of the rows of every generation. Rows of the person go; of others the registers that name the person, or that come from
 * events of which nothing is left. What remains of those events is folded into the same rows, so that a row says what a replay would
 * say. Summaries are derived anew. With `apply` false it only counts.
 */
export const eraseRows = Effect.fnUntraced(function* (names: Names, deleted: ReadonlySet<string>, apply: boolean) {
  const [store, eraser, events] = [yield* ProjectionStore, yield* RowEraser, yield* EventStore]
  const [projections, window] = [yield* Projections, yield* SettleWindow]
  const isTouched = isOf(names, deleted)
  const again: Array<Delta> = []

  /** What the events behind these registers say of a row now. */
  const leftOf = Effect.fnUntraced(function* (of: Projection<Event>, key: RowKey, gone: ReadonlyArray<Register>) {
    const ids = [...new Set(gone.map(({ stamp }) => stamp.eventId))].filter((id) => !deleted.has(id))
    const stored = ids.length === 0 ? [] : [...(yield* events.read(ids)).values()]
    return stored.flatMap(({ envelope, received }) => {
      // One that no search has found yet is folded as it will be.
      const erasure = erasureOf(names, envelope, received)
      const event = erasure === undefined ? decodedOf(envelope, received) : erasure.left
      if (event === undefined) return []
      return foldEvent([of], event, window).deltas.filter(
        (delta) => rowKey(delta) === rowKey(key) && !isTouched(delta.register, delta)
      )
    })
  })

  const rewrite = Effect.fnUntraced(function* (of: Projection<Event>, key: RowKey) {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const from = (yield* store.load([key], true)).get(rowKey(key))
      if (from === undefined || from.unreadable !== undefined) return
      const gone = [...from.registers].filter(([name, register]) => isTouched(name, register))
      if (gone.length === 0) return
      const left = new Map([...from.registers].filter(([name, register]) => !isTouched(name, register)))
      const deltas = yield* leftOf(
        of,
        key,
        gone.map(([, register]) => register)
      )
      const now = yield* Clock.currentTimeMillis
      const updates = deltas.map(({ register, value, stamp }) => [register, { value, stamp }] as const)
      const merged = Result.getOrUndefined(Result.try(() => mergeRow(of, key.row, left, updates)))
      const isWhole =
        merged !== undefined && !isHollow(merged) && ![...merged].some(([name, register]) => isTouched(name, register))
      const write = isWhole ? rewriteOf(of, key, merged, from, now) : undefined
      const [saved] = write === undefined || isUnwritable(write) ? [] : yield* store.save([write])
      if (saved === "written") {
        again.push(...deltas)
        return
      }
      if (saved === "conflict") continue
      // What cannot be written without the person is not kept with it.
      const [removed] = yield* eraser.remove([{ ...key, version: from.version }])
      if (removed === "removed") return
    }
    return yield* new StoreError({
      store: "projection store",
      operation: "rewrite",
      reason: `still contended after ${MAX_ROUNDS} rounds`,
      retryable: true
    })
  })

  const eraseGeneration = Effect.fnUntraced(function* (of: Projection<Event>) {
    const projection = generation(of)
    let [searched, removed, redacted, readUnits] = [0, 0, 0, 0]
    const stale = new Map<string, Stale>()
    const recount = (entity: string) => {
      if (of.summary?.of === undefined || names.in(entity)) return
      stale.set(entity, { projection, entity, latest: 0 })
    }
    const take = Effect.fnUntraced(function* (placed: PlacedRow) {
      const { entity, row, registers, columns } = placed
      const key = { projection, entity, row }
      recount(entity)
      // A summary has no registers, and is derived from rows that have.
      const isBare = registers.size === 0 && mentions(names, columns)
      if (isOwn(names, key) || isBare) {
        removed++
        if (apply) yield* eraser.remove([key])
      } else if ([...registers].some(([name, register]) => isTouched(name, register))) {
        redacted++
        if (apply) yield* rewrite(of, key)
      }
    })
    let cursor: string | undefined
    do {
      const page: Effect.Success<ReturnType<typeof store.pages>> = yield* store.pages(projection, {
        segment: 0,
        segments: 1,
        ...(cursor !== undefined && { cursor })
      })
      yield* Effect.forEach(page.rows, take, { concurrency: 8, discard: true })
      searched += page.rows.length
      readUnits += page.readUnits
      cursor = page.cursor
    } while (cursor !== undefined)
    if (apply) yield* summarise(stale, ofGeneration)
    return { generation: projection, searched, deleted: removed, redacted, readUnits } satisfies RowsErased
  })

  const byGeneration = new Map(projections.map((one) => [generation(one), one]))
  const ofGeneration: Of = (name) => byGeneration.get(name)
  const erased = yield* Effect.forEach(projections, eraseGeneration)
  if (again.length > 0) {
    const { stale } = yield* applyDeltas(again, projections, { live: yield* fedProjections })
    yield* summarise(stale, ofGeneration)
  }
  return erased
})
