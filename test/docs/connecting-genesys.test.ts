import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { projections } from "../../projections/index.ts"
import { aliases, defaultTopics } from "../../src/genesys/aliases.ts"
import { pageOf, root } from "./pages.ts"

const page = pageOf("docs/connecting-genesys.md")

const foldersOf = (topic: string): string =>
  projections
    .filter(({ topics }) => topics.includes(topic))
    .map(({ name }) => name)
    .join(", ")

describe("docs/connecting-genesys.md", () => {
  it("lists the default topics, and what folds them", async () => {
    const rows = defaultTopics.map((topic) => `| \`${topic}\` | ${foldersOf(topic) || "nothing yet"} |`)
    const table = ["| topic | folded by |", "| --- | --- |", ...rows].join("\n")
    const written = page.text.replace(
      /(<!-- begin topics -->\n).*?(<!-- end topics -->)/s,
      (_, begin: string, end: string) => `${begin}${table}\n${end}`
    )
    await expect(written).toMatchFileSnapshot(join(root, page.path))
  })

  it("names every alias, and as topics only those of the list", () => {
    const prose = page.text.replace(/<!-- begin topics -->.*?<!-- end topics -->/s, "")
    for (const alias of aliases.keys()) assert.include(prose, `\`${alias}\``)
    const named = [...prose.matchAll(/`(v2\.[^`]+)`/g)].map(([, topic = ""]) => topic)
    assert.deepStrictEqual(
      named.filter((topic) => !defaultTopics.includes(topic)),
      []
    )
  })
})
