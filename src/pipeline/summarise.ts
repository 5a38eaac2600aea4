import { Effect } from "effect"
import type { EntityId, Generation } from "../domain/ids.ts"
import type { Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { ProjectionStore, type Revision } from "../store/projection-store.ts"

/** The projection of a generation. */
export type Of = (generation: Generation) => Projection<Event> | undefined

/**
 * An entity of which a row was touched that its summary reads. `latest`: the greatest `asOf` of such rows, epoch ms. `revised`: the last
 * revision of one of them.
 */
export interface Stale {
  readonly projection: Generation
  readonly entity: EntityId
  readonly latest: number
  readonly revised?: Revision | undefined
}

/** Entities whose open rows are read and summarised at a time. */
const SUMMARIES_AT_ONCE = 16

/** Derives the summaries of entities. Returns how many. */
export const summarise = Effect.fnUntraced(function* (stale: ReadonlyMap<string, Stale>, of: Of) {
  const store = yield* ProjectionStore
  yield* Effect.forEach(
    stale.values(),
    Effect.fnUntraced(function* ({ projection, entity, latest, revised }) {
      const ticket = yield* store.ticket(projection, entity)
      const open = yield* store.open(projection, entity)
      yield* store.summarise(projection, entity, ticket, of(projection)?.summary?.of(open) ?? {}, latest, revised)
    }),
    { concurrency: SUMMARIES_AT_ONCE, discard: true }
  )
  return stale.size
})
