import { mkdir, writeFile } from "node:fs/promises"
import { build } from "esbuild"
import { builtPart, builtReadApi, functionNames, functionPart, readApiModule } from "../infra/bundle.ts"
import { packageRoot } from "../infra/package-root.ts"
import { bundlePage } from "../wallboard/assets.ts"

// What is published beside the compiled modules: the functions and the command, each in one file with all that it needs, so that whoever
// installs the package installs neither the clients of AWS nor a command line library.

await mkdir(`${packageRoot}dist/functions`, { recursive: true })
await Promise.all(functionNames.map(async (name) => writeFile(builtPart(name), await functionPart(name))))
await writeFile(builtReadApi, await readApiModule())
await build({
  entryPoints: [`${packageRoot}src/bin/projections.ts`],
  outfile: `${packageRoot}dist/bin/projections.js`,
  bundle: true,
  minify: true,
  keepNames: true,
  format: "esm",
  platform: "node",
  target: "node22",
  mainFields: ["module", "main"],
  // Some of what it bundles is CommonJS, which asks for Node's own modules by require.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  // The stack on one machine is a part of the repository.
  external: ["*/local/folder.ts", "esbuild"],
  logLevel: "warning"
})
// The wallboard's page, where the command looks for it.
const { js, css } = await bundlePage()
await mkdir(`${packageRoot}dist/bin/page`, { recursive: true })
await writeFile(`${packageRoot}dist/bin/page/page.js`, js)
await writeFile(`${packageRoot}dist/bin/page/page.css`, css)
