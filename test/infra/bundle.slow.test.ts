import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { isAbsolute, join } from "node:path"
import { promisify } from "node:util"
import type * as pulumi from "@pulumi/pulumi"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { bundle, type FunctionName, functionCode, readApiCode } from "../../src/infra/bundle.ts"
import { ownProjections } from "../../src/infra/projections-module.ts"
import { homesOf, rewrite } from "../../src/infra/split-barrel-imports.ts"
import { textOf } from "../support/function-code.ts"
import { cases } from "../support/seeds.ts"

const pathsOf = async (archive: pulumi.asset.AssetArchive) =>
  Promise.all(Object.values(await archive.assets).map((file) => (file as pulumi.asset.FileAsset).path))

describe("debarrel", () => {
  const homes = homesOf(`
    export {
      /** @since 2.0.0 */
      flow,
      pipe } from "./Function.js";
    // export * as Gone from "./Gone.js";
    /** @since 2.0.0 */
    export * as Effect from "./Effect.js";
    export * as Schema from "./Schema.js";
  `)
  const rewritten = (source: string) => rewrite(source, "effect", homes)

  it.each([
    ['import { Effect } from "effect"', 'import * as Effect from "effect/Effect";'],
    ['import { pipe } from "effect"', 'import { pipe } from "effect/Function";'],
    [
      'import { Effect as E, flow as f } from "effect"',
      'import * as E from "effect/Effect"; import { flow as f } from "effect/Function";'
    ],
    [
      'import {\n  Effect,\n  type Layer,\n  Schema\n} from "effect";',
      'import * as Effect from "effect/Effect"; import * as Schema from "effect/Schema";'
    ],
    ['import { Gone } from "effect"', 'import { Gone } from "effect";'],
    ['import { Effect } from "effect/Effect"', 'import { Effect } from "effect/Effect"'],
    ['import type { Effect } from "effect"', 'import type { Effect } from "effect"'],
    ['import { Effect } from "other"', 'import { Effect } from "other"']
  ])("%j", (source, expected) => {
    assert.strictEqual(rewritten(source), expected)
  })

  it("knows the homes of effect's own names", () => {
    const real = homesOf(readFileSync(createRequire(import.meta.url).resolve("effect"), "utf8"))
    assert.deepStrictEqual(real.get("Effect"), { module: "Effect", whole: true })
    assert.deepStrictEqual(real.get("pipe"), { module: "Function", whole: false })
    assert.isAbove(real.size, 100)
  })
})

describe("bundle", () => {
  const folders: Array<string> = []
  const folder = async (): Promise<string> => {
    const path = await mkdtemp(join(tmpdir(), "bundle-"))
    folders.push(path)
    return path
  }
  afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))))

  it("is the same bytes in another folder", async () => {
    const made = await Promise.all(
      [await folder(), await folder()].map(async (path) => {
        await writeFile(join(path, "part.ts"), "export const greet = (name: string): string => 'hello ' + name")
        return bundle('import { greet } from "./part.ts"; export const handler = () => greet("you")', path)
      })
    )
    assert.strictEqual(made[0], made[1])
    const { handler } = await import(`data:text/javascript,${encodeURIComponent(made[0] ?? "")}`)
    assert.strictEqual(handler(), "hello you")
  })

  it("fails with what is missing", async () => {
    const failure = await bundle('export * from "./absent.ts"', await folder()).catch((error: unknown) => error)
    assert.match(String(failure), /Could not resolve ".\/absent.ts"/)
  })

  describe.each<FunctionName>(cases(["append", "project", "redrive", "replay", "reconcile", "archive", "audit"]))(
    "of %s",
    (name) => {
      let text: string
      beforeAll(async () => {
        text = await textOf(await functionCode(name, ownProjections.file))
      })

      it("has at most 660 KB", () => {
        assert.isAtMost(Buffer.byteLength(text), 660_000)
      })

      it("asks for nothing by require, which an ES module does not have", () => {
        assert.notInclude(text, "Dynamic require of")
      })

      it("leaves out the projections that a setting leaves out", async () => {
        const left = await textOf(await functionCode(name, ownProjections.file, ["queue-intervals"]))
        assert.include(left, '!["queue-intervals"].includes(')
        assert.notInclude(text, '!["queue-intervals"]')
      })

      it("is the same bytes again, in the same file, which the state names in place of the bytes", async () => {
        const again = await functionCode(name, ownProjections.file)
        assert.strictEqual(await textOf(again), text)
        const [paths, before] = await Promise.all([again, await functionCode(name, ownProjections.file)].map(pathsOf))
        assert.deepStrictEqual(paths, before)
        for (const path of paths ?? []) assert.isFalse(isAbsolute(path), path)
      })

      it("loads where nothing else is installed, and exports a handler", async () => {
        const path = await folder()
        await writeFile(join(path, "index.mjs"), text)
        const program =
          'const { handler } = await import("./index.mjs"); process.stdout.write(typeof handler); process.exit()'
        const run = promisify(execFile)
        const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], {
          cwd: path,
          env: {}
        })
        assert.strictEqual(stdout, "function")
      })
    }
  )

  it("of ReadApi has at most 450 KB, and answers where nothing else is installed", async () => {
    const text = await textOf(await readApiCode())
    assert.isAtMost(Buffer.byteLength(text), 450_000)
    assert.notInclude(text, "Dynamic require of")
    const path = await folder()
    await writeFile(join(path, "index.mjs"), text)
    // What Lambda puts into the process, as far as the function uses it.
    const program = `
      globalThis.awslambda = {
        streamifyResponse: (run) => run,
        HttpResponseStream: { from: (stream, head) => (process.stdout.write(head.statusCode + " "), stream) }
      }
      const { handler } = await import("./index.mjs")
      const stream = { on: () => {}, write: (text, done) => (process.stdout.write(text), done()), end: (done) => done() }
      const event = { httpMethod: "GET", resource: "/{proxy+}", pathParameters: { proxy: "agents/a" }, multiValueQueryStringParameters: { names: ["yes"] } }
      await handler(event, stream, { getRemainingTimeInMillis: () => 15000, awsRequestId: "r" })
      process.exit()`
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: path,
      env: { PREFIX: "centre-dev-genesys", POLL_SECONDS: "2", STREAM_SECONDS: "300", AWS_REGION: "eu-central-1" }
    })
    assert.match(stdout, /^400 \{"type":"about:blank".*names is \\"yes\\"; it must be true or false/)
  })
})
