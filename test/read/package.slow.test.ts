import { execFile } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { projections } from "../../projections/index.ts"
import { blocksOf, pageOf, root } from "../docs/pages.ts"
import { AGENT, QUEUE } from "../projections/support.ts"
import { START } from "../support/history.ts"
import { makeTables, type Tables } from "./engine.ts"
import { event, member, onQueue } from "./events.ts"
import { serve } from "./served.ts"

const bin = (name: string) => join(root, "node_modules/.bin", name)

/** Runs a command and returns what it said; rejects with that where it failed. */
const run = (file: string, args: ReadonlyArray<string>, cwd: string, env: Record<string, string> = {}) =>
  new Promise<string>((resolve, reject) => {
    execFile(file, args, { cwd, env: { PATH: process.env.PATH, HOME: cwd, ...env } }, (error, out, err) =>
      error === null ? resolve(out) : reject(new Error(`${out}${err}`))
    )
  })

/** What a package that depends on this one has beside it, and nothing that only this repository has. */
const consumer = mkdtempSync(join(tmpdir(), "consumer-"))
const installed = join(consumer, "node_modules/genesys-cloud-projections")
const entry = join(installed, "dist/read/src/read/index.js")

beforeAll(async () => {
  mkdirSync(installed, { recursive: true })
  await run(bin("tsc"), ["-p", join(root, "src/read"), "--outDir", join(installed, "dist/read")], root)
  symlinkSync(join(root, "package.json"), join(installed, "package.json"))
  for (const name of ["effect", "@aws-sdk", "@types"])
    symlinkSync(join(root, "node_modules", name), join(consumer, "node_modules", name))
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ type: "module" }))
})
afterAll(() => rmSync(consumer, { recursive: true, force: true }))

interface Graph {
  readonly files: ReadonlySet<string>
  /** Packages that are loaded with the module, and those that are loaded only once something needs them. */
  readonly always: ReadonlySet<string>
  readonly lazily: ReadonlySet<string>
}

const graphOf = (start: string): Graph => {
  const graph = { files: new Set<string>(), always: new Set<string>(), lazily: new Set<string>() }
  const visit = (file: string) => {
    if (graph.files.has(file)) return
    graph.files.add(file)
    const code = readFileSync(file, "utf8")
    const found = [
      ...code.matchAll(/^(?:import|export)\s(?:[^"']*?\sfrom\s+)?["']([^"']+)["']/gm),
      ...code.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)
    ]
    for (const [text, from = ""] of found)
      if (from.startsWith(".")) visit(join(dirname(file), from))
      else (text.startsWith("import(") ? graph.lazily : graph.always).add(from)
  }
  visit(start)
  return graph
}

describe("the package's ./read", () => {
  it("is among what is published, with all that it imports, once it is built", async () => {
    const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { files: ReadonlyArray<string> }
    for (const file of graphOf(entry).files) {
      const path = relative(installed, file)
      assert.isTrue(
        files.some((one) => path.startsWith(`${one}/`)),
        path
      )
      assert.isTrue(existsSync(file.replace(/\.js$/, ".d.ts")), `${path} has no types`)
    }
  })

  it("pulls in effect and the DynamoDB client, and of the rest of this repository only what it uses", () => {
    const { files, always, lazily } = graphOf(entry)
    const packages = [...always].filter((name) => !name.startsWith("node:") && !builtinModules.includes(name))
    assert.sameMembers(packages, ["@aws-sdk/client-dynamodb", "@aws-sdk/lib-dynamodb", "effect"])
    assert.isEmpty([...lazily].filter((name) => !["@aws-sdk/client-secrets-manager"].includes(name)))
    const rooms = new Set(
      [...files].map((file) => relative(join(installed, "dist/read"), file).split("/").slice(0, 2).join("/"))
    )
    assert.sameMembers(
      [...rooms],
      [
        "src/read",
        "src/genesys-api",
        "src/store",
        "src/domain",
        "src/genesys",
        "projections/agent-figures.js",
        "projections/queue-figures.js"
      ]
    )
  })

  it("is compiled against what Node 20 has, the oldest that the package allows", async () => {
    const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { engines: { node: string } }
    const config = await run(bin("tsc"), ["-p", join(root, "src/read"), "--showConfig"], root)
    const { compilerOptions } = JSON.parse(config) as { compilerOptions: Record<string, unknown> }
    assert.deepStrictEqual(
      [engines.node, compilerOptions.target, compilerOptions.lib],
      [">=20", "es2022", ["es2023", "es2024.string"]]
    )
  })

  it("is small", async () => {
    const bundle = await build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "node",
      packages: "external"
    })
    // docs/reading.md says 57 KB.
    assert.isBelow(bundle.outputFiles[0]?.contents.length ?? Number.POSITIVE_INFINITY, 57_000)
  })

  it("has types that hold for whoever depends on it", async () => {
    writeFileSync(
      join(consumer, "typed.ts"),
      `import { type Agent, connect, connectMemory, type EntityRows, type Projection, Reader, StaleAnswer } from "genesys-cloud-projections/read"
const reader = connect({ prefix: "p", maxAge: "30 seconds" })
export const agent: Promise<Agent | undefined> = reader.agent("a")
export const state = (one: Agent): string => one.state
export const since = (one: Agent): string | undefined => one.since
export const idle = reader.queue("q", { join: true }).then((queue): number | undefined => queue?.joined.idle)
export const layer = Reader.layer({ prefix: "p" })
export const double = connectMemory({ queues: { q: { members: ["a"] } } })
interface Talk { readonly with: ReadonlyArray<string> }
const value = { name: "talks", key: "conversationId", version: 1 }
const talks: Projection = value
export const rows: Promise<EntityRows | undefined> = reader.rows(value, "c", { maxAge: 1 })
export const first = rows.then((found) => found?.rows[0]?.columns.anything)
export const talking = reader.row<Talk>(talks, "c").then((one): ReadonlyArray<string> | undefined => one?.columns.with)
export const other = reader.row(talks, "c", "agent#s1", { consistent: true })
export const mine = connectMemory({ projections: { talks: { c: { state: { columns: { with: ["a"] }, closed: true } } } } })
export const isStale = (error: unknown): number => (error instanceof StaleAnswer ? error.ageMs : 0)
// @ts-expect-error -- a state is a text
export const wrong: (one: Agent) => number = (one) => one.state
// @ts-expect-error -- without join nobody was asked
export const unjoined = reader.queue("q").then((queue) => queue?.joined)
// @ts-expect-error -- a column that a talk does not have
export const missing = reader.row<Talk>(talks, "c").then((one) => one?.columns.without)
// @ts-expect-error -- a table is not found without the column of its key
reader.rows({ name: "talks" }, "c")
// @ts-expect-error -- an option that there is not
connect({ prefix: "p", table: "t" })
`
    )
    const compilerOptions = {
      module: "nodenext",
      target: "es2022",
      lib: ["es2024", "esnext.disposable"],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ["node"]
    }
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["typed.ts"] }))
    await run(bin("tsc"), ["-p", "."], consumer)
    // The compiler of the year before as well: whoever depends on this need not have the newest.
    await run(process.execPath, [join(root, "node_modules/typescript/lib/tsc.js"), "-p", "."], consumer)
  })

  it("is what a script in this repository gets by the same name", async () => {
    const code = 'console.log(import.meta.resolve("genesys-cloud-projections/read"))'
    const found = await run(process.execPath, ["--input-type=module", "-e", code], root)
    assert.strictEqual(found.trim(), pathToFileURL(join(root, relative(installed, entry))).href)
  })

  it("refuses what cannot be, before anything is asked", async () => {
    const code = `import { connect } from "genesys-cloud-projections/read"
try { connect({ prefix: "" }) } catch (error) { console.log(error._tag, error.field) }`
    writeFileSync(join(consumer, "wrong.mjs"), code)
    assert.strictEqual((await run(process.execPath, ["wrong.mjs"], consumer)).trim(), "BadOption prefix")
  })
})

const CALL = "4e7a19c3-2d85-4b60-9f1c-8a3b5d7e0f26"

/** The beginning or the end of a wait in the queue, ms after the start. */
const wait = (phase: "start" | "end", ms: number, more: object = {}) =>
  event(
    `v2.detail.events.conversation.{id}.acd.${phase}`,
    CALL,
    { eventTime: START + ms, sessionId: "s1", conversationId: CALL, queueId: QUEUE, mediaType: "VOICE", ...more },
    ms
  )

describe("the examples of docs/reading.md", () => {
  let tables: Tables
  let served: Awaited<ReturnType<typeof serve>>
  beforeAll(async () => {
    tables = await makeTables({ projections: [...projections] })
    await tables.fold([
      ...onQueue(AGENT, "IDLE", 0),
      member(QUEUE, AGENT, true, 0),
      wait("start", 0),
      wait("end", 9_551, { acdOutcome: "ANSWERED", connectedDurationMs: 9_551 })
    ])
    await tables.sweep([{ kind: "agents", id: AGENT, name: "Anna Berg" }])
    served = await serve(tables.options)
  })
  afterAll(async () => {
    await served?.close()
    await tables?.close()
  })

  const examples = blocksOf(pageOf("docs/reading.md")).filter(({ language }) => language === "js")

  it("are there", () => {
    assert.isNotEmpty(examples)
  })

  it.each(examples.map(({ line, code }) => [line, code] as const))("run as they are: line %i", async (line, code) => {
    const file = `line-${line}.mjs`
    writeFileSync(join(consumer, file), code)
    const out = await run(process.execPath, [file], consumer, {
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_REGION: "eu-central-1",
      AWS_ENDPOINT_URL_DYNAMODB: served.endpoint
    })
    const said = /\/\/ prints: (.+)/.exec(code)?.[1] ?? ""
    assert.isNotEmpty(said)
    assert.strictEqual(out.trim(), said)
  })

  it("the first has five lines", () => {
    const lines = examples[0]?.code.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("//")) ?? []
    assert.isAtMost(lines.length, 5)
  })

  it("of README reads the stack of this machine, in five lines", async () => {
    const [example] = blocksOf(pageOf("README.md")).filter(({ language }) => language === "js")
    const code = (example?.code ?? "")
      .replace("connectLocal()", `connectLocal(${new URL(served.endpoint).port})`)
      .replace("950c9334-ca9e-44e8-b055-613fe3bad733", AGENT)
    assert.include(code, AGENT)
    assert.lengthOf(code.trim().split("\n"), 5)
    writeFileSync(join(consumer, "readme.mjs"), code)
    const out = await run(process.execPath, ["readme.mjs"], consumer)
    assert.match(out, /^On Queue \d{4}-\d\d-\d\dT[\d:.]+Z \[\]\n$/)
  })
})
