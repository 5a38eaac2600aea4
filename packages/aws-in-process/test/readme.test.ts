import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"

const file = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8")

describe("the README", () => {
  it("shows examples/orders.ts, which is compiled with the package", () => {
    const [, code] = /^```ts\n(.*?)^```$/ms.exec(file("README.md")) ?? []
    assert.strictEqual(code, file("examples/orders.ts"))
  })

  it("shows an example that runs: two orders reach the table, in two seconds of virtual time at most", async () => {
    const { totals, elapsedMs } = await import("../examples/orders.ts")
    assert.deepStrictEqual(totals, [12, 30])
    assert.isAbove(elapsedMs, 0)
    assert.isAtMost(elapsedMs, 2_000)
  })

  it("names every entry point of the package, and no other", async () => {
    const { exports, name } = JSON.parse(file("package.json")) as { exports: Record<string, string>; name: string }
    const entries = Object.keys(exports)
      .filter((entry) => entry !== "./package.json")
      .map((entry) => name + entry.slice(1))
    const named = [...file("README.md").matchAll(/^\| `(aws-in-process[^`]*)` \|/gm)].map(([, entry]) => entry)
    assert.deepStrictEqual(named, entries)
  })

  it("names every value that the main entry exports", async () => {
    const missing = Object.keys(await import("aws-in-process")).filter(
      (name) => !file("README.md").includes(`\`${name}\``)
    )
    assert.deepStrictEqual(missing, [])
  })
})
