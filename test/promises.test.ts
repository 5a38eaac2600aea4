import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { wrap } from "./docs/wrap.ts"

const root = join(import.meta.dirname, "..")
const page = join(root, "docs/promises.md")

/** Every test title that names a promise, by promise id: `[P3] ...`, or `[P2][P7] ...` for several. */
const provedBy = (): ReadonlyMap<string, ReadonlyArray<string>> => {
  const proofs = new Map<string, Array<string>>()
  const packages = readdirSync(join(root, "packages")).map((name) => join("packages", name, "test"))
  const files = ["test", ...packages].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(root, folder, name))
  )
  for (const path of files.filter((name) => name.endsWith(".ts") && name !== import.meta.filename).sort()) {
    for (const [, ids = "", title = ""] of readFileSync(path, "utf8").matchAll(
      /["'`]((?:\[P\d+\] ?)+)([^"'`\n]+)["'`]/g
    ))
      for (const [id] of ids.matchAll(/P\d+/g)) {
        const list = proofs.get(id) ?? []
        proofs.set(id, list)
        list.push(wrap(`- ${title.trim()} (\`${relative(root, path)}\`)`, "  "))
      }
  }
  return proofs
}

describe("docs/promises.md", () => {
  it("lists every promise with the tests that prove it", async () => {
    const proofs = provedBy()
    const sections = readFileSync(page, "utf8").split(/^(?=## )/m)
    const written = sections.map((section) => {
      const id = /^## (P\d+) /.exec(section)?.[1]
      if (id === undefined) return section
      const prose = section.split(/^(?:Proved by:|Unverified)/m)[0]?.trimEnd()
      const list = proofs.get(id)
      return `${prose}\n\n${list ? `Proved by:\n\n${list.join("\n")}` : "Unverified: no test names it yet."}\n\n`
    })
    const ids = sections.flatMap((section) => /^## (P\d+) /.exec(section)?.[1] ?? [])
    assert.deepStrictEqual(
      [...proofs.keys()].filter((id) => !ids.includes(id)),
      [],
      "a test names a promise that the page does not know"
    )
    await expect(`${written.join("").trimEnd()}\n`).toMatchFileSnapshot(page)
  })
})
