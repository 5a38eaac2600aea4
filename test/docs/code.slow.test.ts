import { afterAll, assert, describe, it } from "@effect/vitest"
import { blocksOf, type Page, pages } from "./pages.ts"
import { diagnose, treeOf } from "./tree.ts"

const isCode = ({ language }: { readonly language: string }) => language === "ts" || language === "typescript"

/** What the API pages show is taken from the source, which is compiled. */
const isTaken = ({ path }: Page) => path.startsWith("docs/api/")

const coded = pages()
  .filter((page) => !isTaken(page))
  .map((page) => ({ path: page.path, blocks: blocksOf(page).filter(isCode) }))
  .filter(({ blocks }) => blocks.length > 0)

describe("code in the pages", () => {
  it("is there", () => {
    assert.isNotEmpty(coded)
  })

  for (const { path, blocks } of coded) {
    const checked = blocks.filter(({ exempt }) => exempt === undefined)
    if (checked.length > 0)
      it(`${path} compiles under the project's own settings`, async () => {
        const tree = treeOf(checked)
        afterAll(tree.remove)
        assert.strictEqual(await diagnose(tree), "")
      })
  }
})
