import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { projections } from "../../projections/index.ts"
import { aliases, defaultTopics } from "../../src/genesys/aliases.ts"
import { makePlace } from "../cli/connect/place.ts"
import { blocksOf, pageOf, root } from "./pages.ts"
import { commandsOf } from "./shell.ts"

const page = pageOf("docs/connecting-genesys.md")

const foldersOf = (topic: string): string =>
  projections
    .filter(({ topics }) => topics.includes(topic))
    .map(({ name }) => name)
    .join(", ")

const CONNECT = /(<!-- begin connect -->\n)(.*?)(<!-- end connect -->)/s

/** The blocks between the marks, with what the commands print one after the other. `pulumi up` deploys. */
const recorded = async (text: string): Promise<string> => {
  const place = makePlace()
  let written = text
  for (const { language, code } of blocksOf({ ...page, text })) {
    const [words = []] = commandsOf(code, language === "console")
    if (words[1] === "pulumi") place.deploy()
    if (language !== "console") continue
    const [line = ""] = code.split("\n")
    // Which stack it is, is the place's to say.
    const args = words.slice(2).filter((word, i, all) => word !== "--stack" && all[i - 1] !== "--stack")
    written = written.replace(`\`\`\`console\n${code}`, `\`\`\`console\n${line}\n${await place.shown(...args)}`)
  }
  return written
}

describe("docs/connecting-genesys.md", () => {
  it("shows what connect prints against the simulated organisation", async () => {
    const [, begin = "", shown = "", end = ""] = CONNECT.exec(page.text) ?? []
    assert.lengthOf(shown.match(/^\$ npx projections connect/gm) ?? [], 3)
    const written = page.text.replace(`${begin}${shown}${end}`, `${begin}${await recorded(shown)}${end}`)
    await expect(written).toMatchFileSnapshot(join(root, page.path))
  })

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
