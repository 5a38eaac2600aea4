import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

// Writes the policy pack into a folder: the first argument, or dist/policy-pack. It finds @pulumi/* by being below the project.
const root = fileURLToPath(new URL("../../..", import.meta.url))
const { name, version, license } = JSON.parse(await readFile(join(root, "package.json"), "utf8"))
const folder = resolve(root, process.argv[2] ?? "dist/policy-pack")

await mkdir(folder, { recursive: true })
await build({
  entryPoints: [join(import.meta.dirname, "main.ts")],
  absWorkingDir: root,
  outfile: join(folder, "index.js"),
  bundle: true,
  // Pulumi loads a pack with `require`.
  format: "cjs",
  platform: "node",
  target: "node20",
  // Pulumi finds its own library beside the pack, and the two must be one.
  external: ["@pulumi/*"],
  logLevel: "warning"
})
const pack = { name: `${name}-policies`, version, license, private: true, type: "commonjs", main: "index.js" }
await writeFile(join(folder, "package.json"), `${JSON.stringify(pack, null, 2)}\n`)
await writeFile(
  join(folder, "PulumiPolicy.yaml"),
  `runtime: nodejs\nversion: ${version}\ndescription: What every stack of ${name} is held to\n`
)
