import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fill, parseCorpus } from "./corpus.ts"

/** A body of each template that dictionary 1 was made of, with values that mean nothing. */
export const bodies = fill(
  parseCorpus(readFileSync(join(import.meta.dirname, "corpus-1.txt"), "utf8")).map((template) => ({
    ...template,
    weight: 1
  })),
  7
)
