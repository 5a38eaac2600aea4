import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/judges/*.judge.ts"],
    globalSetup: ["test/judges/setup.ts"],
    environment: "node",
    testTimeout: 240_000,
    hookTimeout: 60_000,
    isolate: false,
    maxWorkers: 1,
    // The suites of an engine that is not installed are all skipped.
    passWithNoTests: true
  }
})
