import { assert, describe, it } from "@effect/vitest"
import { pages } from "./pages.ts"
import { WIDTH, wrap } from "./wrap.ts"

/** Lines of a page that are prose: code, tables, headings, comments and pictures keep their own width. */
const proseOf = (text: string): ReadonlyArray<string> =>
  text
    .replace(/^( *)```.*?^\1```$/gms, "")
    .split("\n")
    .filter((line) => !/^\s*(?:\||#|<!--|!\[)/.test(line))

describe.each(pages())("$path", ({ text }) => {
  it(`has no line of prose over ${WIDTH} columns`, () => {
    assert.deepStrictEqual(
      // A word that is longer than a line cannot be wrapped.
      proseOf(text).filter((line) => line.length > WIDTH && wrap(line.trim()).includes("\n")),
      []
    )
  })
})

describe("the wrapping of generated pages", () => {
  it("keeps a code span in one piece", () => {
    const code = `\`${"npx projections ".repeat(7).trim()}\``
    assert.strictEqual(wrap(`- run it: ${code}`, "  "), `- run it:\n  ${code}`)
  })

  it("begins no line with what Markdown reads as a mark", () => {
    const text = `${"word ".repeat(23)}abcd - end`
    assert.deepStrictEqual(wrap(text, "  ").split("\n"), ["word ".repeat(23).trim(), "  abcd - end"])
  })
})
