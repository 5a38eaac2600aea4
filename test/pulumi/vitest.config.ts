import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/pulumi/*.pulumi.ts"],
    globalSetup: ["test/pulumi/setup.ts"],
    environment: "node",
    // An update of the whole stack: the engine, the program and the bundles of four functions.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 1,
    // Without a Pulumi CLI everything is skipped.
    passWithNoTests: true
  }
})
