import { type Delta, reduceDeltas } from "./delta.ts"
import type { Generation } from "./ids.ts"
import { addDeltas, type FoldableEvent, generation, type Projection } from "./projection.ts"
import type { Window } from "./settle.ts"
import { threw, type Unwritable, updateProblem } from "./writable.ts"

/** An update of an event that no table can hold, or (without `delta`) all that a projection that threw would have made of it. */
export interface RefusedUpdate extends Unwritable {
  readonly projection: Generation
  readonly delta?: Delta
}

/** What an event says: the deltas that can be written, one per register, and what cannot be. */
export interface FoldedEvent {
  readonly deltas: ReadonlyArray<Delta>
  readonly refused: ReadonlyArray<RefusedUpdate>
}

const NONE: ReadonlyArray<RefusedUpdate> = []

/** As `deriveDeltas`, with what cannot be written put aside. Never throws: one projection that does leaves the others alone. */
export const foldEvent = <E extends FoldableEvent>(
  projections: ReadonlyArray<Projection<E>>,
  event: E,
  window: Window
): FoldedEvent => {
  const deltas: Array<Delta> = []
  let refused: Array<RefusedUpdate> | undefined
  for (const projection of projections) {
    if (!projection.topics.includes(event.topic)) continue
    const first = deltas.length
    try {
      addDeltas(projection, event, window, deltas)
    } catch (thrown) {
      deltas.length = first
      refused ??= []
      refused.push({ projection: generation(projection), ...threw("deltas", thrown) })
    }
    let kept = first
    for (let at = first; at < deltas.length; at++) {
      const delta = deltas[at] as Delta
      const problem = updateProblem(delta)
      if (problem === undefined) deltas[kept++] = delta
      else {
        refused ??= []
        refused.push({ projection: delta.projection, ...problem, delta })
      }
    }
    deltas.length = kept
  }
  return { deltas: deltas.length > 1 ? reduceDeltas(deltas) : deltas, refused: refused ?? NONE }
}

/** What cannot be written of an event, as one reason and one sentence. */
export const refusalOf = (refused: readonly [RefusedUpdate, ...ReadonlyArray<RefusedUpdate>]): Unwritable => ({
  reason: refused[0].reason,
  detail: [...new Set(refused.map(({ projection, detail }) => `an update of ${projection}: ${detail}`))].join("; ")
})
