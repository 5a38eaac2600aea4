import { Effect } from "effect"
import { type Delta, reduceDeltas } from "../domain/delta.ts"
import { type Histogram, histogram } from "../domain/histogram.ts"
import { generation, type Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { StoreError } from "../store/store-error.ts"
import { applyDeltas } from "./derive.ts"
import { Projections, SettleWindow } from "./folding.ts"
import { LiveProjections } from "./live-projections.ts"
import { park } from "./refused.ts"
import { type Of, summarise } from "./summarise.ts"

/**
 * What a batch of deltas changed. `rows`: rows written. `unchanged`: deltas that lost or were there already. `revisions`: late
 * deltas that changed what a register held. `conflicts`: writes that lost a race and were merged again. `retired`: deltas
 * of an older generation than this code folds. `parked`: updates, or what follows from them, that cannot be written and were put aside.
 * `inferredEnds`: rows that were closed though no event ended them. `settleLag`: from event time to visibility, of timely deltas.
 */
export interface ProjectReport {
  readonly deltas: number
  readonly rows: number
  readonly unchanged: number
  readonly revisions: number
  readonly conflicts: number
  readonly retired: number
  readonly summaries: number
  readonly parked: number
  readonly inferredEnds: number
  readonly settleLag: Histogram
}

/**
 * An older generation that is not listed is gone on purpose; a newer one, or a name never heard of, is a deployment under way: try
 * again later.
 */
const isRetired = (known: ReadonlyMap<string, Projection<Event>>, name: string): boolean => {
  if (known.has(name)) return false
  const [, base, version] = /^(.+)-v(\d+)$/.exec(name) ?? []
  return [...known.values()].some((p) => p.name === base && Number(version) < p.version)
}

/**
 * Merges deltas into their rows, whatever they are and however often they come. Then derives the summaries. What cannot be read or written
 * is parked, so that all else goes on. `mend` as in `applyDeltas`: false only for deltas that nobody has tried to merge before.
 */
export const projectDeltas = Effect.fnUntraced(function* (deltas: ReadonlyArray<Delta>, mend = true) {
  const known = new Map((yield* Projections).map((p) => [generation(p), p]))
  const of: Of = (name) => known.get(name)
  const current = deltas.filter(({ projection }) => !isRetired(known, projection))
  const unknown = current.find(({ projection }) => !known.has(projection))
  if (unknown !== undefined)
    return yield* new StoreError({
      store: "projection store",
      operation: "project",
      reason: `no such generation: ${unknown.projection}`,
      retryable: true
    })

  // Nothing derives into what is retired, but what was on its way there is merged.
  const named = new Set(current.map(({ projection }) => projection))
  const live = yield* yield* LiveProjections
  const merged = [...known].flatMap(([name, projection]) =>
    named.has(name) || live.includes(projection) ? [projection] : []
  )
  const applied = yield* applyDeltas(reduceDeltas(current), merged, { window: yield* SettleWindow, mend, live })
  const { rows, changed, revisions, conflicts, lags, inferred, stale } = applied
  const { summaries, refused } = yield* summarise(stale, of)
  const parked = yield* park([
    ...applied.refused,
    ...refused.map(({ stale: one, reason, detail }) => ({
      projection: one.projection,
      deltas: applied.causesOf([one]),
      reason,
      detail
    }))
  ])
  return {
    deltas: deltas.length,
    rows,
    unchanged: current.length - changed,
    revisions,
    conflicts,
    retired: deltas.length - current.length,
    summaries,
    parked,
    inferredEnds: inferred.length,
    settleLag: histogram(lags)
  } satisfies ProjectReport
})
