import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { inspect } from "node:util"
import { build } from "esbuild"
import { assert, describe, it } from "vitest"
import { plainNames, smallerSdk } from "../../src/infra/smaller-sdk.ts"
import { cases } from "../support/seeds.ts"

const shapesOf = (client: string): string => {
  const { resolve } = createRequire(import.meta.url)
  return join(dirname(resolve(`@aws-sdk/client-${client}/package.json`)), "dist-es/schemas/schemas_0.js")
}

const bundled = async (path: string, plugins = smallerSdk): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    write: false,
    plugins: [...plugins]
  })
  return outputFiles[0]?.text ?? ""
}

const loaded = (text: string) => import(`data:text/javascript,${encodeURIComponent(text)}`)

describe("plainNames", () => {
  it.each([
    ['const _e = "error";\nexport const a = { [_e]: 1 }', 'const _e = "error";\nexport const a = { "error": 1 }'],
    ['const _e = "a-b";\nf({ [_e]: _e, [_x]: 2 })', 'const _e = "a-b";\nf({ "a-b": _e, [_x]: 2 })'],
    ["let _e = name();\nf({ [_e]: 1 })", "let _e = name();\nf({ [_e]: 1 })"]
  ])("%j", (module, plain) => {
    assert.strictEqual(plainNames(module), plain)
  })

  it.each(cases(["s3", "dynamodb", "kinesis", "sqs"]))("leaves the shapes of %s as they were", async (client) => {
    const path = shapesOf(client)
    const [before, after] = await Promise.all([bundled(path, []), bundled(path)])
    const shapes = await Promise.all([before, after].map(loaded))
    const [first = "", second] = shapes.map((module) => inspect(module, { depth: 6, maxArrayLength: null }))
    assert.isAbove(first.length, 1_000)
    assert.strictEqual(second, first)
  })

  it("leaves no computed name in the shapes of S3, so that what no function uses is left out", async () => {
    assert.notMatch(plainNames(await readFile(shapesOf("s3"), "utf8")), /\[\w+\]:/)
  })
})
