import { createHash } from "node:crypto"
import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as pulumi from "@pulumi/pulumi"
import type { Plugin } from "esbuild"
import { isPublished, packageRoot } from "./package-root.ts"
import { foreignCredentials, smallerSdk } from "./smaller-sdk.ts"

/** The functions of the stack, by the name of their file in `src/lambda` and of the value that it exports. */
export const functionNames = ["append", "project", "redrive", "replay", "reconcile", "archive", "audit"] as const
/** The name of a function of the stack. */
export type FunctionName = (typeof functionNames)[number]

/**
 * A function without projections: a module that exports `make`, which takes them. The compiler switch comes first: schemas that were
 * built before it would be interpreted.
 */
const partSource = (name: FunctionName): string => `
import "effect/schema/SchemaJITCompiler/enable"
import { ${name} } from "./src/lambda/${name}.ts"
import { deployed } from "./src/lambda/deployed.ts"
export const make = (projections) => deployed(${name}, projections)
`

/** The module that Lambda loads. */
const entrySource = (projectionsFile: string, leftOut: ReadonlyArray<string>): string => `
import { make } from "${PART}"
import { projections } from ${JSON.stringify(projectionsFile)}
export const handler = make(projections${
  leftOut.length === 0 ? "" : `.filter(({ name }) => !${JSON.stringify(leftOut)}.includes(name))`
})
`

const PART = "function:part"

/** Where the parts are that are built when the package is published, by the name of the function. */
export const builtPart = (name: FunctionName): string => `${packageRoot}dist/functions/${name}.js`

/**
 * A module and all that it imports, the AWS SDK included, as one minified ES module. The same input gives the same bytes on every
 * machine: no paths, no dates, no map. `source` is resolved from `from`.
 */
export const bundle = async (
  source: string,
  from: string = packageRoot,
  plugins: ReadonlyArray<Plugin> = []
): Promise<string> => {
  // Here, not above: what runs the program without its code need not load a compiler.
  const [{ build }, { splitBarrelImports }] = await Promise.all([compiler(), import("./split-barrel-imports.ts")])
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: from, sourcefile: "entry.ts", loader: "ts" },
    absWorkingDir: from,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // The SDK has both builds; only the ES modules can be shaken.
    mainFields: ["module", "main"],
    external: [...foreignCredentials],
    minify: true,
    legalComments: "none",
    logLevel: "silent",
    write: false,
    plugins: [...plugins, ...smallerSdk, splitBarrelImports("effect")]
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error("esbuild wrote nothing")
  return output.text
}

const compiler = () =>
  import("esbuild").catch((cause: unknown) => {
    throw new pulumi.RunError(`esbuild, which bundles the functions, cannot be loaded: npm install esbuild (${cause})`)
  })

/** A function without projections, as one module that exports `make`. */
export const functionPart = (name: FunctionName): Promise<string> =>
  isPublished ? readFile(builtPart(name), "utf8") : bundle(partSource(name))

/** What your module imports of this package is the package that bundles it, wherever either is. */
const ownModules: Plugin = {
  name: "own modules",
  setup: (build) => {
    const path = `${packageRoot}${isPublished ? "dist/src/projection/index.js" : "src/projection/index.ts"}`
    build.onResolve({ filter: /^genesys-cloud-projections\/projection$/ }, () => ({ path }))
  }
}

/** Puts a text in the place of the function's own module. */
const partIs = (contents: string): Plugin => ({
  name: "function part",
  setup: (build) => {
    build.onResolve({ filter: new RegExp(`^${PART}$`) }, () => ({ path: PART, namespace: "part" }))
    build.onLoad({ filter: /./, namespace: "part" }, () => ({ contents, loader: "js" }))
  }
})

/** Below the folder of the program, where `npm ci` clears it. */
const CODE_FOLDER = "node_modules/.cache/genesys-cloud-projections"

/**
 * Puts the code of a function into a file whose path follows from what it holds, relative to the folder of the program. Pulumi keeps the
 * path and the hash of a file in its state, but a text as a whole: a megabyte for each function.
 */
const codeFile = async (text: string): Promise<string> => {
  const folder = join(CODE_FOLDER, createHash("sha256").update(text).digest("hex").slice(0, 16))
  await mkdir(folder, { recursive: true })
  const file = join(folder, "index.mjs")
  // Whole or not at all, for another preview may read it.
  const written = `${file}.${process.pid}`
  await writeFile(written, text)
  await rename(written, file)
  return file
}

/** The module that Lambda loads for `ReadApi`. It folds nothing, so it is whole. */
const readApiSource = `
import { serveApi } from "./src/http/lambda.ts"
export const handler = awslambda.streamifyResponse(
  serveApi((stream, head) => awslambda.HttpResponseStream.from(stream, head))
)
`

/** Where it is when the package is published. */
export const builtReadApi = `${packageRoot}dist/functions/read-api.js`

/** The function of `ReadApi`, as one module. */
export const readApiModule = (): Promise<string> =>
  isPublished ? readFile(builtReadApi, "utf8") : bundle(readApiSource)

/** The function of `ReadApi`: one file, `index.mjs`, which exports `handler`. */
export const readApiCode = async (): Promise<pulumi.asset.AssetArchive> => archiveOf(await readApiModule())

const archiveOf = async (text: string) =>
  new pulumi.asset.AssetArchive({ "index.mjs": new pulumi.asset.FileAsset(await codeFile(text)) })

/**
 * A function that folds what the module `projectionsFile` exports as `projections`, without those that are named in `leftOut`: one file, `index.mjs`, which exports `handler`. An
 * `AssetArchive`, because Pulumi hashes a ready-made zip with its dates. Rejects where the module cannot be bundled.
 */
export const functionCode = async (
  name: FunctionName,
  projectionsFile: string,
  leftOut: ReadonlyArray<string> = []
): Promise<pulumi.asset.AssetArchive> => {
  const text = await bundle(entrySource(projectionsFile, leftOut), packageRoot, [
    partIs(await functionPart(name)),
    ownModules
  ])
  return archiveOf(text)
}
