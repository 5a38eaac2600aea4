import { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import type { Plugin } from "esbuild"

/** Where a name of the barrel lives: a module, as a whole (`Effect`) or one export of it (`pipe`). */
interface Home {
  readonly module: string
  readonly whole: boolean
}

/** Reads a barrel's own export list, so that no second list of its names has to be kept. */
export const homesOf = (barrel: string): ReadonlyMap<string, Home> => {
  const code = barrel.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
  const homes = new Map<string, Home>()
  for (const [, name = "", file = ""] of code.matchAll(/export\s*\*\s*as\s+(\w+)\s+from\s*"\.\/(.+?)\.js"/g))
    homes.set(name, { module: file, whole: true })
  for (const [, names = "", file = ""] of code.matchAll(/export\s*\{([^}]*)\}\s*from\s*"\.\/(.+?)\.js"/g))
    for (const name of split(names)) homes.set(name, { module: file, whole: false })
  return homes
}

/**
 * `import { Effect, pipe } from "effect"` as imports of `effect/Effect` and `effect/Function`. esbuild cannot shake a barrel of
 * namespaces: one name of it drags in all. Names without a home keep their import from the barrel.
 */
export const rewrite = (source: string, barrel: string, homes: ReadonlyMap<string, Home>): string =>
  source.replace(
    /^import\s*\{([^}]*)\}\s*from\s*"([^"]+)";?/gm,
    (statement: string, names: string, from: string): string => {
      if (from !== barrel) return statement
      return split(names)
        .filter((name) => !name.startsWith("type "))
        .map((specifier) => {
          const [name = "", alias = name] = specifier.split(/\s+as\s+/)
          const home = homes.get(name)
          if (home === undefined) return `import { ${specifier} } from "${from}";`
          return home.whole
            ? `import * as ${alias} from "${from}/${home.module}";`
            : `import { ${specifier} } from "${from}/${home.module}";`
        })
        .join(" ")
    }
  )

const split = (names: string): ReadonlyArray<string> =>
  names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")

/** Rewrites our own sources only; packages know their own modules. */
export const splitBarrelImports = (barrel: string): Plugin => ({
  name: `debarrel ${barrel}`,
  setup: (build) => {
    const homes = homesOf(readFileSync(createRequire(import.meta.url).resolve(barrel), "utf8"))
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) =>
      path.includes("/node_modules/")
        ? undefined
        : { contents: rewrite(await readFile(path, "utf8"), barrel, homes), loader: "ts" }
    )
  }
})
