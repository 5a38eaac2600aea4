import { Effect } from "effect"
import type { EntityId, Generation } from "../domain/ids.ts"
import { canonical } from "../domain/json.ts"
import type { Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { laterRevision, ProjectionStore, type Revision, type Summary } from "../store/projection-store.ts"
import { StoreError } from "../store/store-error.ts"

/** The projection of a generation. */
export type Of = (generation: Generation) => Projection<Event> | undefined

/**
 * An entity of which a row was touched that its summary reads. `latest`: the greatest `asOf` of such rows, epoch ms. `revised`: the last
 * revision of one of them. `changed`: whether one of them was written.
 */
export interface Stale {
  readonly projection: Generation
  readonly entity: EntityId
  readonly latest: number
  readonly revised?: Revision | undefined
  readonly changed: boolean
}

/** Both, entity by entity the later of what they say. */
export const laterStale = (
  a: ReadonlyMap<string, Stale>,
  b: ReadonlyMap<string, Stale>
): ReadonlyMap<string, Stale> => {
  const both = new Map(a)
  for (const [key, stale] of b) {
    const held = both.get(key)
    both.set(key, {
      ...stale,
      latest: Math.max(stale.latest, held?.latest ?? 0),
      revised: laterRevision(held?.revised, stale.revised),
      changed: stale.changed || held?.changed === true
    })
  }
  return both
}

/** Entities whose open rows are read and summarised at a time. */
const SUMMARIES_AT_ONCE = 16

/** Writers of one summary each read it anew, and each round one of them wins, so this many rounds mean that something else is wrong. */
const MAX_ROUNDS = 40

const sameSummary = (seen: Summary, next: Omit<Summary, "version">): boolean =>
  seen.version > 0 &&
  seen.asOf === next.asOf &&
  seen.revised?.at === next.revised?.at &&
  canonical(seen.columns) === canonical(next.columns)

/** Derives the summaries of entities. Returns how many. */
export const summarise = Effect.fnUntraced(function* (stale: ReadonlyMap<string, Stale>, of: Of) {
  const store = yield* ProjectionStore
  const derive = Effect.fnUntraced(function* ({ projection, entity, latest, revised, changed }: Stale) {
    const summary = of(projection)?.summary?.of
    if (summary === undefined) return
    let first: number | undefined
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const seen = yield* store.summary(projection, entity)
      first ??= seen.version
      const open = yield* store.open(projection, entity)
      const next = {
        columns: summary(open, seen.columns),
        asOf: Math.max(seen.asOf, latest),
        revised: laterRevision(seen.revised, revised)
      }
      // After a row was written a summary must be, or whoever read before it could still write; once anybody has, they cannot.
      // Who wrote no row mends at most what a crash has left.
      if ((!changed || seen.version > first) && sameSummary(seen, next)) return
      if ((yield* store.summarise(projection, entity, seen, next)) === "written") return
    }
    return yield* new StoreError({
      store: "projection store",
      operation: "summarise",
      reason: `still contended after ${MAX_ROUNDS} rounds`,
      retryable: true
    })
  })
  yield* Effect.forEach(stale.values(), derive, { concurrency: SUMMARIES_AT_ONCE, discard: true })
  return stale.size
})
