import { projections } from "../../projections/index.ts"

/** What the stack needs to know of a generation that is folded live. */
export type Folded = (typeof projections)[number]

let folded: ReadonlyArray<Folded> = projections

/** Every generation that is folded live, for which the stack has a table: `projections/index.ts`. */
export const foldedProjections = (): ReadonlyArray<Folded> => folded

/**
 * Replaces what is folded until the answer is called, for programs that run the functions themselves. `pulumi` never calls it, and no
 * setting does: the functions that it deploys fold what `projections/index.ts` lists.
 */
export const foldWith = (others: ReadonlyArray<Folded>): (() => void) => {
  const before = folded
  folded = others
  return () => {
    folded = before
  }
}
