import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const root = join(import.meta.dirname, "..")

/** A list entry of the page: the title of a test, and its file. */
const ENTRY = /^- (.+?)\s+\(`([^`]+)`\)$/s

/** Titles as the page has them: without the ids of promises. */
const titlesIn = (file: string): ReadonlySet<string> =>
  new Set(
    [...readFileSync(join(root, file), "utf8").matchAll(/(["'`])((?:\\.|(?!\1)[^\n\\])*)\1/g)].map(([, , text = ""]) =>
      text.replace(/^(?:\[P\d+\] ?)+/, "")
    )
  )

const faults = readFileSync(join(root, "docs/faults.md"), "utf8")
  .split(/^(?=\*\*)/m)
  .slice(1)
  .map((text) => {
    const [what = "", ...rest] = text.split(/^(?=- )/m)
    return {
      what: /^\*\*(.+?)\*\*/s.exec(what)?.[1] ?? "",
      entries: rest.map((entry) => entry.split(/\n(?:\n|#)/)[0] ?? "")
    }
  })

describe("docs/faults.md", () => {
  it("has each fault once", () => {
    assert.isAbove(faults.length, 60)
    assert.strictEqual(new Set(faults.map(({ what }) => what)).size, faults.length)
  })

  it.each(faults)("$what", ({ entries }) => {
    assert.isAbove(entries.length, 0, "no test reaches it")
    for (const entry of entries) {
      const [, title = "", file = ""] = ENTRY.exec(entry.trim()) ?? assert.fail(`no title and file: ${entry}`)
      assert.isTrue(titlesIn(file).has(title.replaceAll(/\s+/g, " ")), `${file} has no test "${title}"`)
    }
  })
})
