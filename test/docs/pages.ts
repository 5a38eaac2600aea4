import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

export const root = join(import.meta.dirname, "../..")

/** A page as people read it. `path` is from the root of the project. */
export interface Page {
  readonly path: string
  readonly text: string
}

/**
 * A fenced block. `info` is what follows the language: the file that a block of code is, from the root of the project. `exempt` is the reason
 * in a comment right above it, `<!-- not checked: ... -->`, for code that cannot be.
 */
export interface Block {
  readonly page: string
  readonly line: number
  readonly language: string
  readonly info: string
  readonly exempt: string | undefined
  readonly code: string
}

export const pageOf = (path: string): Page => ({ path, text: readFileSync(join(root, path), "utf8") })

/** The pages of the root and everything in docs/. */
export const pages = (): ReadonlyArray<Page> =>
  [
    ...readdirSync(root),
    ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((name) => `docs/${name}`)
  ]
    .filter((path) => path.endsWith(".md"))
    .map(pageOf)

const EXEMPT = /<!-- not checked: (.+?) -->\s*$/

export const blocksOf = ({ path, text }: Page): ReadonlyArray<Block> =>
  [...text.matchAll(/^```(\w*) ?([^\n]*)\n(.*?)^```$/gms)].map(
    ({ index, 1: language = "", 2: info = "", 3: code = "" }) => ({
      page: path,
      line: text.slice(0, index).split("\n").length + 1,
      language,
      info: info.trim(),
      exempt: EXEMPT.exec(text.slice(0, index))?.[1],
      code
    })
  )
