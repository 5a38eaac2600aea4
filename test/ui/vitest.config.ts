import { defineConfig } from "vitest/config"

/** Needs Chromium: these tests open the page as people do. `npm test` asks for no browser. */
export default defineConfig({
  test: {
    include: ["test/ui/**/*.ui.ts"],
    reporters: ["default", "./test/support/counts.ts"],
    environment: "node",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false
  }
})
