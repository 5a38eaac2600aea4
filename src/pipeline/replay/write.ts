import { Clock, Effect, Result } from "effect"
import { type Delta, registerKey } from "../../domain/delta.ts"
import { isDerived } from "../../domain/derivation.ts"
import type { EntityId } from "../../domain/ids.ts"
import { generation, type Projection } from "../../domain/projection.ts"
import { dueAt } from "../../domain/settle.ts"
import { followersOf } from "../../domain/stages.ts"
import { compareStamps } from "../../domain/stamp.ts"
import { utf8Bytes } from "../../domain/writable.ts"
import type { Event } from "../../genesys/event.ts"
import { CapacityUsed, countCapacity } from "../../store/counters.ts"
import { Deadline } from "../../store/deadline.ts"
import type { Parked } from "../../store/parked.ts"
import { ProjectionStore, rowKey } from "../../store/projection-store.ts"
import type { StoreError } from "../../store/store-error.ts"
import { applyDeltas } from "../derive.ts"
import { SettleWindow } from "../folding.ts"
import type { Refused } from "../refused.ts"
import { type RefusedSummary, type Stale, summarise } from "../summarise.ts"
import { addCounts, limitRate, noCounts, ReplayBounds, type ReplayCounts } from "./budget.ts"
import type { ReplayRefused } from "./plan.ts"

/** Rows that are merged and written at a time, unless the rate is lower. */
const ROWS_AT_ONCE = 1_000

/** Entities whose summaries may be put off, and bytes of their ids: a checkpoint, which names them, is an item of at most 400 KB. */
const MAX_STALE = 1_000
const MAX_STALE_BYTES = 100_000

/** Ms for which the live path may not have come to an event yet; alarms ring long before. */
const LIVE_LAG_MS = 12 * 3_600_000

/** Ms for the calls after the last write. */
const RESERVE_MS = 10_000

/**
 * Gathers deltas, one per register, and writes them by row. What a run of a segment has gathered and not written is lost when it is
 * killed, and read again. Tombstones are kept until `keepUntil` (epoch seconds): segments that come later may hold the starts of what
 * has ended. What follows from rows that events of the last hours change here, in other generations that are `fed`, is written with them:
 * the live path, which may come to the same event later, finds nothing to change then. `stale`: entities that an earlier run left without
 * their summaries. `onRefused` gets what cannot be written while all else was, and returns how much of it was parked, or fails.
 */
export const makeWriter = Effect.fnUntraced(function* (
  projection: Projection<Event>,
  sources: ReadonlyArray<Projection<Event>>,
  fed: ReadonlyArray<Projection<Event>>,
  rowsPerSecond: number,
  keepUntil: number,
  stale: ReadonlyArray<readonly [entity: EntityId, latest: number]>,
  onRefused: (refused: ReadonlyArray<Refused>) => Effect.Effect<number, ReplayRefused | StoreError, Parked>
) {
  const [window, ends, bounds] = [yield* SettleWindow, yield* Deadline, yield* ReplayBounds]
  const pace = yield* limitRate(rowsPerSecond, 0)
  const name = generation(projection)
  // What it derives from is folded with it, and into nothing else than its own rows.
  const folded = [...sources, projection]
  const followers = followersOf(folded, fed)
  const reached = [...new Set([...folded, ...followers.map(({ target }) => target)])]
  const of = (wanted: string) => reached.find((one) => generation(one) === wanted)
  const gathered = new Map<string, Delta>()
  const unsummarised = new Map<string, Stale>()
  const atOnce = Math.max(1, Math.min(ROWS_AT_ONCE, Math.ceil(rowsPerSecond)))

  const postpone = ({ entity, latest }: Pick<Stale, "entity" | "latest">) => {
    const before = unsummarised.get(entity)?.latest ?? 0
    unsummarised.set(entity, { projection: name, entity, latest: Math.max(latest, before) })
  }
  for (const [entity, latest] of stale) postpone({ entity, latest })

  const staleBytes = () => [...unsummarised.keys()].reduce((sum, entity) => sum + utf8Bytes(entity), 0)

  const metered = Effect.fnUntraced(function* <E, R>(work: Effect.Effect<Partial<ReplayCounts>, E, R>) {
    const consumed = countCapacity()
    const counts = yield* Effect.provideService(work, CapacityUsed, consumed)
    return addCounts(addCounts(noCounts, counts), consumed.counts())
  })

  const write = Effect.fnUntraced(function* (deltas: ReadonlyArray<Delta>) {
    let counts = noCounts
    // Own rows first: what has ended then takes nothing from its sources.
    const ordered = [...deltas].sort((a, b) => Number(b.projection === name) - Number(a.projection === name))
    const rows = [...Map.groupBy(ordered, rowKey).values()]
    for (let at = 0; at < rows.length; at += atOnce) {
      const some = rows.slice(at, at + atOnce)
      yield* pace(some.length)
      const work = Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const isAhead = some.some((own) => own.some(({ stamp }) => stamp.published >= now - LIVE_LAG_MS))
        const how = { keepUntil, live: folded, followers: isAhead ? followers : [] }
        const done = yield* applyDeltas(some.flat(), isAhead ? reached : folded, how)
        for (const one of done.stale.values()) if (one.projection === name) postpone(one)
        const others = new Map([...done.stale].filter(([, { projection: whose }]) => whose !== name))
        const { summaries, refused } = yield* summarise(others, of)
        const all = [...done.refused, ...(yield* Effect.forEach(refused, causeOf))]
        return { rows: done.rows, summaries, parked: yield* onRefused(all) }
      })
      const written = yield* metered(work)
      counts = addCounts(counts, written)
      // What follows from these rows for others was written too.
      yield* pace(Math.max(0, written.rows - some.length))
    }
    return counts
  })

  const derive = Effect.fnUntraced(function* () {
    const work = Effect.gen(function* () {
      const { summaries, refused } = yield* summarise(unsummarised, of)
      return { summaries, parked: yield* onRefused(yield* Effect.forEach(refused, causeOf)) }
    })
    const counts = yield* metered(work)
    unsummarised.clear()
    return counts
  })

  /** A refused summary with an update of the entity that makes it be derived again. */
  const causeOf = Effect.fnUntraced(function* ({ stale: { projection: of, entity }, reason, detail }: RefusedSummary) {
    const rows = yield* (yield* ProjectionStore).rows(of, entity)
    const [delta] = rows.flatMap(({ row, registers }) => {
      const [own] = [...registers].filter(([register]) => !isDerived(register))
      if (own === undefined || projection.summary?.reads(row) !== true) return []
      const [register, { value, stamp }] = own
      return [{ projection: of, entity, row, register, value, stamp, late: false } satisfies Delta]
    })
    return { projection: of, deltas: delta === undefined ? [] : [delta], reason, detail } satisfies Refused
  })

  return {
    gather: (deltas: ReadonlyArray<Delta>) => {
      for (const delta of deltas) {
        const key = registerKey(delta)
        const held = gathered.get(key)
        if (held === undefined || compareStamps(delta.stamp, held.stamp) >= 0) gathered.set(key, delta)
      }
    },
    isFull: () => gathered.size >= bounds.registers,
    /** Ms that it takes to write what is gathered. */
    needs: () => RESERVE_MS + (gathered.size * 1_000) / rowsPerSecond,
    /**
     * Writes what is gathered, what is not yet due when it is. Fails with the store and with `onRefused`; returns a failure as well when there
     * is no time to wait: what is gathered then must be read again. `last`: derives the summaries that were put off.
     */
    flush: Effect.fnUntraced(function* (last: boolean) {
      const now = yield* Clock.currentTimeMillis
      const early = [...gathered.values()].filter(({ stamp }) => dueAt(stamp.clock, window) > now)
      const waiting = new Set(early)
      let counts = yield* write([...gathered.values()].filter((delta) => !waiting.has(delta)))
      gathered.clear()
      let complete = true
      if (early.length > 0) {
        const due = early.reduce((latest, { stamp }) => Math.max(latest, dueAt(stamp.clock, window)), now)
        complete = due + RESERVE_MS <= ends
        if (complete) {
          yield* Effect.sleep(Math.max(0, due - (yield* Clock.currentTimeMillis)))
          counts = addCounts(counts, yield* write(early))
        }
      }
      if (last || !complete || unsummarised.size > MAX_STALE || staleBytes() > MAX_STALE_BYTES)
        counts = addCounts(counts, yield* derive())
      return complete ? Result.succeed(counts) : Result.fail(counts)
    }),
    stale: (): ReadonlyArray<readonly [entity: EntityId, latest: number]> =>
      [...unsummarised.values()].map(({ entity, latest }) => [entity, latest])
  }
})
