import { readFileSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type * as pulumi from "@pulumi/pulumi"
import { bundle, type FunctionName, functionCode } from "../../src/infra/bundle.ts"
import { ownProjections } from "../../src/infra/projections-module.ts"
import { capture } from "../../src/local/capture.ts"

/** A function as `pulumi up` would deploy it, and the same clients of AWS in a module of their own. Both are files that export `handler`. */
export interface Deployed {
  readonly name: FunctionName
  readonly file: string
  readonly bytes: number
  readonly environment: Readonly<Record<string, string>>
  /** Nothing but the clients and the commands that the function uses, bundled alike. */
  readonly bareFile: string
  readonly bareBytes: number
  /** The names of listed projections that it does not fold. */
  readonly leftOut: ReadonlyArray<string>
}

const root = join(import.meta.dirname, "../..")

/** What a module and all that it imports take from the clients of the AWS SDK, by package. */
const takenFromSdk = (entry: string): ReadonlyMap<string, ReadonlySet<string>> => {
  const taken = new Map<string, Set<string>>()
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const [, names = "", from = ""] of readFileSync(file, "utf8").matchAll(
      /^(?:import|export) (?!type)([^"]*?)\s*from "([^"]+)"/gm
    )) {
      if (from.startsWith(".")) visit(join(dirname(file), from))
      else if (from.startsWith("@aws-sdk/client-"))
        for (const [, name = ""] of names.matchAll(/(?<!type )\b([A-Z]\w*(?:Client|Command))\b/g))
          taken.set(from, (taken.get(from) ?? new Set()).add(name))
    }
  }
  visit(entry)
  return taken
}

const bareSource = (name: FunctionName): string => {
  const taken = [...takenFromSdk(join(root, `src/lambda/${name}.ts`))]
  const all = taken.flatMap(([, names]) => [...names])
  const clients = all.filter((one) => one.endsWith("Client"))
  return `
${taken.map(([from, names]) => `import { ${[...names].join(", ")} } from "${from}"`).join("\n")}
const clients = [${clients.map((client) => `new ${client}({})`).join(", ")}]
const commands = [${all.filter((one) => one.endsWith("Command")).join(", ")}]
export const handler = async (event) => clients[event.client].send(new commands[event.command](event.input))
`
}

/** Bundles functions into a folder, with the environment that the stack `dev` gives them. */
export const deploy = async (names: ReadonlyArray<FunctionName>, folder: string): Promise<ReadonlyArray<Deployed>> => {
  const { resources, outputs } = await capture("dev")
  const leftOut = outputs.projectionsLeftOut as ReadonlyArray<string>
  return Promise.all(
    names.map(async (name) => {
      const assets = await ((await functionCode(name, ownProjections.file, leftOut)) as pulumi.asset.AssetArchive)
        .assets
      const text = await readFile(await (assets["index.mjs"] as pulumi.asset.FileAsset).path, "utf8")
      const bare = await bundle(bareSource(name))
      const [file, bareFile] = [join(folder, `${name}.mjs`), join(folder, `${name}-bare.mjs`)]
      await Promise.all([writeFile(file, text), writeFile(bareFile, bare)])
      const fn = resources.find((one) => one.type === "aws:lambda/function:Function" && one.name === name)
      if (fn === undefined) throw new Error(`the stack has no function ${name}`)
      const { variables } = fn.inputs.environment as { readonly variables: Deployed["environment"] }
      const [bytes, bareBytes] = [Buffer.byteLength(text), Buffer.byteLength(bare)]
      return { name, file, bytes, environment: variables, bareFile, bareBytes, leftOut }
    })
  )
}

/** What the bench of append runs. `beforeFile` is another append, to compare with. */
export interface Functions {
  readonly append: Deployed
  readonly project: Deployed
  /** The other ways to store events, bundled alike. */
  readonly othersFile: string
  readonly beforeFile?: string
}

/** The function append with `module` (a path in this repository) replaced by another file, and bundled as the deployed one is. */
const appendWith = (module: string, replacement: string, leftOut: ReadonlyArray<string>): Promise<string> =>
  bundle(
    `
import "effect/schema/SchemaJITCompiler/enable"
import { append } from "./src/lambda/append.ts"
import { deployed } from "./src/lambda/deployed.ts"
import { projections } from ${JSON.stringify(ownProjections.file)}
export const handler = deployed(append, projections.filter(({ name }) => !${JSON.stringify(leftOut)}.includes(name)))
`,
    root,
    [
      {
        name: "replaced",
        setup: (build) => {
          const name = module.slice(module.lastIndexOf("/")).replaceAll(".", "\\.")
          build.onResolve({ filter: new RegExp(`${name}$`) }, ({ resolveDir, path }) =>
            join(resolveDir, path) === join(root, module) ? { path: replacement } : undefined
          )
        }
      }
    ]
  )

/** All that the bench of append runs, bundled alike. `replaced`: a module of append that was another one before, and that one. */
export const deployBench = async (
  folder: string,
  replaced?: { readonly module: string; readonly before: string }
): Promise<Functions> => {
  const [append, project] = await deploy(["append", "project"], folder)
  if (append === undefined || project === undefined) throw new Error("nothing was bundled")
  const othersFile = join(folder, "others.mjs")
  await writeFile(othersFile, await bundle('export { others } from "./bench/append/others.ts"', root))
  if (replaced === undefined) return { append, project, othersFile }
  const beforeFile = join(folder, "before.mjs")
  await writeFile(beforeFile, await appendWith(replaced.module, replaced.before, append.leftOut))
  return { append, project, othersFile, beforeFile }
}

/** What Lambda itself puts into the environment of a function, with canned answers for AWS at a port. */
export const environmentAt = (port: number, functions: ReadonlyArray<Deployed>): Readonly<Record<string, string>> => {
  const endpoint = `http://127.0.0.1:${port}`
  const variables = Object.entries(Object.assign({}, ...functions.map(({ environment }) => environment)) as object)
  return {
    ...Object.fromEntries(
      variables.map(([name, value]) => [name, String(value).replace(/^https:\/\/[^/]+amazonaws\.com/, endpoint)])
    ),
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    // As long as the tokens of a role are, because it is signed with every call.
    AWS_SESSION_TOKEN: "x".repeat(600),
    AWS_LAMBDA_FUNCTION_NAME: "append"
  }
}
