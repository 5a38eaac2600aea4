import type { Update } from "../domain/delta.ts"
import type { Event, Facet } from "./event.ts"

/** The name of a facet. */
type Kind = Facet["facet"]
/** The facet of that name. */
type Of<K extends Kind> = Extract<Facet, { readonly facet: K }>
/** The updates that one facet makes: one, several or none. */
type Folded = Update | ReadonlyArray<Update> | undefined

/**
 * What a projection makes of each kind of facet: one update, several, or none. A kind without an entry states nothing to it. `event` is
 * the one that states it, with its first arrival.
 *
 * An update has the clock of its facet unless it names its own. It may name `clock: undefined`: then the publication decides.
 */
export type FacetFolds = { readonly [K in Kind]?: (facet: Of<K>, event: Event) => Folded }

const isList = (folded: Update | ReadonlyArray<Update>): folded is ReadonlyArray<Update> => Array.isArray(folded)

const clocked = (update: Update, { clock }: Facet): Update => {
  if ("clock" in update) return update
  // Field by field: a spread would be the dearest part of a fold.
  const { entity, row, register, value, afterMs } = update
  return afterMs === undefined
    ? { entity, row, register, value, clock }
    : { entity, row, register, value, clock, afterMs }
}

/** The `deltas` of a projection that folds facet by facet. */
export const foldFacets =
  (folds: FacetFolds) =>
  (event: Event): ReadonlyArray<Update> => {
    const updates: Array<Update> = []
    for (const facet of event.facets) {
      const folded = (folds[facet.facet] as ((facet: Facet, event: Event) => Folded) | undefined)?.(facet, event)
      if (folded === undefined) continue
      if (isList(folded)) for (const update of folded) updates.push(clocked(update, facet))
      else updates.push(clocked(folded, facet))
    }
    return updates
  }
