import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { noAnswerReasons } from "../../src/genesys-api/error.ts"
import type { Client, Fixture } from "../../src/read/index.ts"
import { blocksOf, pageOf, root } from "./pages.ts"
import { treeOf } from "./tree.ts"

const page = pageOf("docs/critical.md")
const tree = treeOf(blocksOf(page).filter(({ language }) => language === "ts"))
afterAll(tree.remove)

const since = (ms: number) => new Date(Date.UTC(2026, 4, 6) + ms).toISOString()
const stated = (presence: string, routingStatus: string) => ({
  presence: { value: presence, since: since(9) },
  routingStatus: { value: routingStatus, since: since(9) }
})
const idle = { presence: "ON_QUEUE", presenceSince: since(1), routingStatus: "IDLE", routingStatusSince: since(1) }

describe("the page on decisions", () => {
  let reader: {
    readonly connectMemory: (fixture: Fixture) => Client
    readonly choose: (client: Client, queueId: string) => Promise<string | undefined>
  }
  beforeAll(async () => {
    const outfile = join(tree.path, "assign.mjs")
    await build({
      // One copy of the reader: the example tells errors by their class.
      stdin: {
        contents: `export { choose } from "./assign.ts"; export { connectMemory } from "genesys-cloud-projections/read"`,
        resolveDir: tree.path
      },
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      alias: { "genesys-cloud-projections/read": join(root, "src/read/index.ts") },
      external: ["@aws-sdk/*"],
      logLevel: "silent"
    })
    reader = await import(/* @vite-ignore */ pathToFileURL(outfile).href)
  })

  const chosen = async (genesys: Fixture["genesys"]) => {
    await using client = reader.connectMemory({
      agents: { a: idle, b: idle },
      queues: { q: { members: ["a", "b"] } },
      genesys: genesys ?? {}
    })
    return await reader.choose(client, "q")
  }

  it("has an example that gives work to nobody whom Genesys does not confirm", async () => {
    assert.strictEqual(await chosen({ a: stated("ON_QUEUE", "IDLE"), b: stated("ON_QUEUE", "IDLE") }), "a")
    assert.strictEqual(await chosen({ a: stated("ON_QUEUE", "INTERACTING"), b: stated("ON_QUEUE", "IDLE") }), "b")
    assert.strictEqual(await chosen({ b: stated("ON_QUEUE", "IDLE") }), "b")
    assert.isUndefined(await chosen({ a: stated("MEAL", "IDLE"), b: stated("ON_QUEUE", "NOT_RESPONDING") }))
    for (const reason of noAnswerReasons.filter((other) => other !== "unknownAgent"))
      assert.isUndefined(await chosen({ a: reason, b: stated("ON_QUEUE", "IDLE") }), reason)
  })

  it("says of every reason what it means", () => {
    const table = page.text.split("<!-- begin reasons -->")[1]?.split("<!-- end reasons -->")[0] ?? ""
    const named = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, reason]) => reason)
    assert.deepStrictEqual(named, [...noAnswerReasons, "unordered"])
  })
})
