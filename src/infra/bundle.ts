import { fileURLToPath } from "node:url"
import * as pulumi from "@pulumi/pulumi"

/** The functions of the stack, by the name of their file in `src/lambda` and of the value that it exports. */
export type FunctionName = "append" | "project" | "redrive" | "replay"

/** Makes the archive of a function: one file, `index.mjs`, which exports `handler`. */
export type Packager = (name: FunctionName) => Promise<pulumi.asset.Archive>

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The module that Lambda loads. The compiler switch comes first: schemas that were built before it would be interpreted. */
const entry = (name: FunctionName): string => `
import "effect/schema/SchemaJITCompiler/enable"
import { ${name} } from "./src/lambda/${name}.ts"
import { serve } from "./src/lambda/runtime.ts"
export const handler = serve(${name})
`

/**
 * Ways to credentials that Lambda never takes, because it puts them into the environment. The SDK loads them on demand only; together
 * with the clients that they need they would be a seventh of the code.
 */
const foreignCredentials = ["ini", "login", "process", "sso", "web-identity"].map(
  (way) => `@aws-sdk/credential-provider-${way}`
)

/**
 * A module and all that it imports, the AWS SDK included, as one minified ES module. The same input gives the same bytes on every
 * machine: no paths, no dates, no map. `source` is resolved from `from`.
 */
export const bundle = async (source: string, from: string = root): Promise<string> => {
  // Here, not above: what runs the program without its code need not load a compiler.
  const [{ build }, { splitBarrelImports }] = await Promise.all([
    import("esbuild"),
    import("./split-barrel-imports.ts")
  ])
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: from, sourcefile: "entry.ts", loader: "ts" },
    absWorkingDir: from,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // The SDK has both builds; only the ES modules can be shaken.
    mainFields: ["module", "main"],
    external: foreignCredentials,
    minify: true,
    legalComments: "none",
    logLevel: "silent",
    write: false,
    plugins: [splitBarrelImports("effect")]
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error("esbuild wrote nothing")
  return output.text
}

const fromSource: Packager = async (name) =>
  new pulumi.asset.AssetArchive({ "index.mjs": new pulumi.asset.StringAsset(await bundle(entry(name))) })

let packager = fromSource

/** The code of a function, bundled from its source. An `AssetArchive`, because Pulumi hashes a ready-made zip with its dates. */
export const functionCode: Packager = (name) => packager(name)

/**
 * Replaces how code is packaged until the answer is called, for programs that run the functions themselves and only want the
 * resources. `pulumi` never calls it, and no setting does, so that a deployment cannot ship other code.
 */
export const packageWith = (other: Packager): (() => void) => {
  const before = packager
  packager = other
  return () => {
    packager = before
  }
}
