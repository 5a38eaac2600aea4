import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "packages/*/test/**/*.test.ts"],
    reporters: ["default", "./test/support/counts.ts"],
    environment: "node",
    testTimeout: 20_000,
    // Pulumi and the AWS SDK take a second to load: once per worker, not once per file.
    isolate: false,
    maxWorkers: 3
  }
})
