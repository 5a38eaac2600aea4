import type { Stated } from "../../genesys/snapshot.ts"
import type { Compared } from "./answers.ts"
import { addFacets, type ByFacet, noCounts, type SweepCounts } from "./checkpoint.ts"

/** How many statements there are of each facet. */
export const facetsOf = (statements: Compared["statements"]): ByFacet => {
  const counts: { [facet in Stated["facet"]]?: number } = {}
  for (const { facet } of statements) counts[facet.facet] = (counts[facet.facet] ?? 0) + 1
  return counts
}

const kindsOf = (missing: Compared["missing"]): ByFacet =>
  missing.reduce((sum: ByFacet, { kind }) => addFacets(sum, { [kind]: 1 }), {})

/** What comparing came to. */
export const countsOf = ({ statements, corrected, early, missing, known }: Compared): SweepCounts => ({
  ...noCounts,
  stated: facetsOf(statements),
  corrected: corrected as ByFacet,
  early: early as ByFacet,
  missing: kindsOf(missing),
  known: known as ByFacet
})

/** Many comparisons as one. */
export const together = (all: ReadonlyArray<Compared>): Compared => ({
  statements: all.flatMap(({ statements }) => statements),
  corrected: all.reduce((sum: ByFacet, { corrected }) => addFacets(sum, corrected as ByFacet), {}),
  early: all.reduce((sum: ByFacet, { early }) => addFacets(sum, early as ByFacet), {}),
  missing: all.flatMap(({ missing }) => missing),
  known: all.reduce((sum: ByFacet, { known }) => addFacets(sum, known as ByFacet), {})
})
