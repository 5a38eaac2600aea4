import { enableCompileCache, registerHooks } from "node:module"
import { fileURLToPath } from "node:url"
import { orInstall } from "./not-installed.ts"

/**
 * What Pulumi's SDK loads to turn closures into functions and to drive its CLI: TypeScript, npm's dependency solver and more. A capture
 * of the stack does neither, and loading them takes a third of the start.
 */
const UNUSED: ReadonlySet<string> = new Set(["./automation", "./closure/codePaths", "./closure/serializeClosure"])

registerHooks({
  resolve: (specifier, context, next) =>
    UNUSED.has(specifier) && context.parentURL?.includes("/@pulumi/pulumi/")
      ? { url: new URL("nothing.cjs", import.meta.url).href, format: "commonjs", shortCircuit: true }
      : next(specifier, context)
})

// A folder that cannot be written costs time and nothing else.
enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url)))

// Not above: what is imported there is loaded before anything here runs.
const { startFromShell } = await import("./start.ts").catch(orInstall)
await startFromShell()
