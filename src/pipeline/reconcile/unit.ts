import type { Stated } from "../../genesys/snapshot.ts"
import type { Compared } from "./answers.ts"
import { addFacets, type ByFacet, noCounts, type SweepCounts } from "./checkpoint.ts"
import type { Later } from "./look.ts"

/**
 * What stands between two checkpoints: what it did, what is left for later, and where the phase goes on. `next` and `pending` absent: the
 * phase is done.
 */
export interface Unit {
  readonly counts: SweepCounts
  readonly next?: string
  readonly pending?: ReadonlyArray<string>
  readonly total?: number
  readonly later?: Later
}

const facetsOf = (statements: Compared["statements"]): ByFacet => {
  const counts: { [facet in Stated["facet"]]?: number } = {}
  for (const { facet } of statements) counts[facet.facet] = (counts[facet.facet] ?? 0) + 1
  return counts
}

/** What comparing came to. */
export const countsOf = ({ statements, corrected, early }: Compared): SweepCounts => ({
  ...noCounts,
  stated: facetsOf(statements),
  corrected: corrected as ByFacet,
  early: early as ByFacet,
  closed: statements.filter(({ facet }) => facet.facet === "sessionSeen" && !facet.value).length
})

/** Many comparisons as one. */
export const together = (all: ReadonlyArray<Compared>): Compared => ({
  statements: all.flatMap(({ statements }) => statements),
  corrected: all.reduce((sum: ByFacet, { corrected }) => addFacets(sum, corrected as ByFacet), {}),
  early: all.reduce((sum: ByFacet, { early }) => addFacets(sum, early as ByFacet), {})
})
