import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { blocksOf, pageOf, root } from "./pages.ts"

const page = pageOf("docs/own-program.md")
const example = (file: string) => readFileSync(join(root, "examples/contact-centre", file), "utf8")

describe("the page for Pulumi programs of one's own", () => {
  it.each(["index.ts", "projections.ts"])("shows %s as the example has it", (file) => {
    assert.deepStrictEqual(
      blocksOf(page).flatMap(({ info, code }) => (info === file ? [code] : [])),
      [example(file)]
    )
  })

  it("installs the versions of the example, and names the list of projections as it does", () => {
    const { dependencies, projections } = JSON.parse(example("package.json"))
    for (const name of ["@pulumi/pulumi", "@pulumi/aws", "esbuild"])
      assert.include(page.text, ` ${name}@${dependencies[name]}`)
    const [named] = blocksOf(page).filter(({ language }) => language === "json")
    assert.deepStrictEqual(JSON.parse(named?.code ?? ""), { projections })
  })
})
