import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { apiPages, type Entry } from "./api.ts"
import { root } from "./pages.ts"

const entries: ReadonlyArray<Entry> = [
  {
    page: "docs/api/read.md",
    module: "genesys-cloud-projections/read",
    file: "src/read/index.ts",
    intro:
      "The reader for your services. [Reading](../reading.md) shows how to use it, [changes](../changes.md) how to be notified, and [critical decisions](../critical.md) how to ask Genesys as well."
  }
]

describe("the API pages", () => {
  const pages = apiPages(entries)

  it.each(entries)("$page lists what $module exports", async ({ page }) => {
    await expect(pages.get(page)).toMatchFileSnapshot(join(root, page))
  })

  it.each(entries)("$page says of everything what it is", ({ page }) => {
    const undocumented = (pages.get(page) ?? "").match(/^### .+\n\n```/gm) ?? []
    assert.deepStrictEqual(undocumented, [])
  })
})
