import { configDefaults, defineConfig } from "vitest/config"

/**
 * Two lanes, told apart by the name of a file: `*.test.ts` is fast, `*.slow.test.ts` is slow. `npm test` is the mode `fast`: the fast
 * lane, with one seed of each simulation. Without a mode, everything runs: every file that is named, or all, with every seed.
 */
export default defineConfig(({ mode }) => ({
  // What examples import is the source, and not what was built last.
  resolve: {
    alias: [
      { find: /^genesys-cloud-projections$/, replacement: new URL("src/infra/index.ts", import.meta.url).pathname },
      ...["projection", "testing"].map((name) => ({
        find: `genesys-cloud-projections/${name}`,
        replacement: new URL(`src/${name}/index.ts`, import.meta.url).pathname
      }))
    ]
  },
  test: {
    include: ["test/**/*.test.ts", "packages/*/test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(mode === "fast" ? ["**/*.slow.test.ts"] : [])],
    env: { LANE: mode === "fast" ? "fast" : "all" },
    reporters: ["default", "./test/support/counts.ts"],
    environment: "node",
    // They end what hangs. A slow machine with other things to do takes ten times as long as an idle one.
    testTimeout: 120_000,
    // Hooks start whole stacks and capture several.
    hookTimeout: 240_000,
    // Pulumi and the AWS SDK take a second to load: once per worker, not once per file.
    isolate: false,
    maxWorkers: 3
  }
}))
