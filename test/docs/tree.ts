import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type Block, root } from "./pages.ts"

/** A copy of the project in which the files of a page are as the page says: what it does not name is linked. */
export interface Tree {
  readonly path: string
  /** The files that came from the page. */
  readonly written: ReadonlyArray<string>
  readonly remove: () => void
}

/** Folders that pages add files to, and in which therefore each file is linked on its own. */
const OPEN = ["projections", "test", "test/projections"]

const link = (from: string, folder: string, to: string, written: ReadonlySet<string>) => {
  mkdirSync(join(to, folder), { recursive: true })
  for (const name of readdirSync(join(from, folder))) {
    const path = join(folder, name)
    if (OPEN.includes(path)) link(from, path, to, written)
    else if (!written.has(path) && !name.startsWith(".")) symlinkSync(join(from, path), join(to, path))
  }
}

const fileOf = ({ info, line }: Block): string => info || `line-${line}.ts`

/** Writes the blocks of one page, each under its own name or that of its line. */
export const treeOf = (blocks: ReadonlyArray<Block>): Tree => {
  const path = mkdtempSync(join(tmpdir(), "page-"))
  const files = new Map(blocks.map((block) => [fileOf(block), block.code]))
  link(root, "", path, new Set(files.keys()))
  const written = [...files].map(([name, code]) => {
    const file = join(path, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, code)
    return file
  })
  return { path, written, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** What the compiler says of those files under the project's own settings; nothing where all is well. */
export const diagnose = ({ path, written }: Tree): Promise<string> => {
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      // Readers import the package, which for them is built; the source says the same.
      paths: {
        "genesys-cloud-projections": [join(root, "src/infra/index.ts")],
        "genesys-cloud-projections/projection": [join(root, "src/projection/index.ts")],
        "genesys-cloud-projections/read": [join(root, "src/read/index.ts")]
      },
      plugins: []
    },
    include: [],
    files: written
  }
  const file = join(path, "tsconfig.page.json")
  writeFileSync(file, JSON.stringify(config))
  return new Promise((resolve) => {
    execFile(join(root, "node_modules/.bin/tsc"), ["--noEmit", "--pretty", "false", "-p", file], (error, out, err) =>
      resolve(error === null ? "" : `${out}${err}`)
    )
  })
}
