import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { projectFile } from "../../src/local/stack-config.ts"
import { apiPages, type Entry } from "./api.ts"
import { root } from "./pages.ts"

/** The settings that a program gives as arguments: the keys of `Pulumi.yaml` that are the project's own. */
const settings = [
  "## Settings and their defaults",
  "| argument | default | meaning |\n| --- | --- | --- |",
  ...Object.entries(projectFile().config ?? {})
    .filter(([, { description }]) => description !== undefined)
    .map(([name, { default: value, description = "" }]) => {
      const shown = name === "topics" ? "all that are decoded" : `\`${JSON.stringify(value)}\``
      return `| \`${name}\` | ${shown} | ${description.replaceAll("|", "\\|").trim()} |`
    })
]
  .join("\n")
  .replace("defaults\n", "defaults\n\n")

const entries: ReadonlyArray<Entry> = [
  {
    page: "docs/api/component.md",
    module: "genesys-cloud-projections",
    file: "src/infra/index.ts",
    intro:
      "The stack as a component for Pulumi programs. [In your own Pulumi program](../own-program.md) shows how to use it. Types of projections and events are in [`genesys-cloud-projections/projection`](projection.md).",
    appendix: settings
  },
  {
    page: "docs/api/testing.md",
    module: "genesys-cloud-projections/testing",
    file: "src/testing/index.ts",
    intro:
      "The test kit for your own projections. [Adding a projection](../adding-a-projection.md#3-test-it) shows how to use it. Types of projections and events are in [`genesys-cloud-projections/projection`](projection.md)."
  },
  {
    page: "docs/api/projection.md",
    module: "genesys-cloud-projections/projection",
    file: "src/projection/index.ts",
    intro: "What you write a projection with. [Adding a projection](../adding-a-projection.md) shows how."
  },
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
