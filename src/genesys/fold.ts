import type { Update } from "../domain/delta.ts"
import type { Event, Facet } from "./event.ts"

type Kind = Facet["facet"]
type Of<K extends Kind> = Extract<Facet, { readonly facet: K }>

/** What a projection makes of each kind of facet. A kind without an entry says nothing to it; so does `undefined`. */
export type FacetFolds = { readonly [K in Kind]?: (facet: Of<K>) => Update | undefined }

/** The `deltas` of a projection that folds facet by facet. */
export const foldFacets =
  (folds: FacetFolds) =>
  (event: Event): ReadonlyArray<Update> => {
    const updates: Array<Update> = []
    for (const facet of event.facets) {
      const fold = folds[facet.facet] as ((facet: Facet) => Update | undefined) | undefined
      const update = fold?.(facet)
      if (update !== undefined) updates.push(update)
    }
    return updates
  }
