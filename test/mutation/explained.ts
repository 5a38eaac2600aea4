import type { Mutant } from "./mutants.ts"

/** A mutant that no test can kill, or that none should, and why. `original` and `replacement` are as the report shows them. */
export interface Explanation {
  readonly file: string
  readonly original: string
  readonly replacement: string
  readonly because: string
}

/** Survivors that stay. `test/mutation/mutants.test.ts` fails where one of them is no mutant any more. */
export const explained: ReadonlyArray<Explanation> = []

const same = (a: Explanation, { file, original, replacement }: Mutant & { readonly file: string }): boolean =>
  a.file === file && a.original === original && a.replacement === replacement

export const isExplained = (mutant: Mutant & { readonly file: string }): boolean =>
  explained.some((explanation) => same(explanation, mutant))
