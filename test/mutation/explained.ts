import { core } from "./explained/core.ts"
import { dictionary } from "./explained/dictionary.ts"
import { edges } from "./explained/edges.ts"
import type { Explanation } from "./explained/explanation.ts"
import { pipeline } from "./explained/pipeline.ts"
import { pipelineEdges } from "./explained/pipeline-edges.ts"
import { pipelineRows } from "./explained/pipeline-rows.ts"
import { stores } from "./explained/stores.ts"
import type { Mutant } from "./mutants.ts"
import { mutantsIn, type Room } from "./rooms.ts"

/** Survivors that stay. `test/mutation/mutants.test.ts` fails where one of them is no mutant any more. */
export const explained: ReadonlyArray<Explanation> = [
  ...core,
  ...edges,
  ...pipeline,
  ...pipelineEdges,
  ...pipelineRows,
  ...stores,
  ...dictionary
]

export const isSame = (
  a: Explanation,
  { file, original, replacement, text, rest }: Mutant & { readonly file: string }
): boolean =>
  a.file === file &&
  a.original === original &&
  a.replacement === replacement &&
  text.includes(a.within) &&
  rest.startsWith(a.before)

export const isExplained = (mutant: Mutant & { readonly file: string }): boolean =>
  explained.some((explanation) => isSame(explanation, mutant))

/** The ids of those mutants of a room that are explained. */
export const explainedIn = (room: Room): ReadonlyArray<number> =>
  mutantsIn(room)
    .filter(isExplained)
    .map(({ id }) => id)
