import { execFile } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { bootProgram } from "./infra/fake-engine.ts"
import { codeOf } from "./support/function-code.ts"

const root = join(import.meta.dirname, "..")
const MINUTES = 60_000

/** Runs a command to its end; rejects with what it said where it failed. */
const run = (file: string, args: ReadonlyArray<string>, cwd: string) =>
  new Promise<string>((resolve, reject) => {
    execFile(file, args, { cwd, maxBuffer: 64 * 1_024 * 1_024 }, (error, out, err) =>
      error === null ? resolve(out) : reject(new Error(`${file} ${args.join(" ")}: ${out}${err}`))
    )
  })

const install = (folder: string, ...packages: ReadonlyArray<string>) =>
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...packages], folder)

const script = (folder: string, code: string) => run(process.execPath, ["--input-type=module", "--eval", code], folder)

/** Packages in `node_modules`, nested ones as well. */
const packagesIn = (folder: string): ReadonlyArray<string> => {
  const modules = join(folder, "node_modules")
  if (!existsSync(modules)) return []
  return readdirSync(modules)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(modules, name)).map((one) => `${name}/${one}`) : [name]
    )
    .flatMap((name) => [name, ...packagesIn(join(modules, name))])
}

describe("what npm pack makes, installed in an empty folder", { timeout: 5 * MINUTES }, () => {
  const home = mkdtempSync(join(tmpdir(), "installed-"))
  afterAll(() => rmSync(home, { recursive: true, force: true }), 5 * MINUTES)
  let tarball = ""
  beforeAll(async () => {
    await run("npm", ["pack", "--pack-destination", home], root)
    tarball = join(home, readdirSync(home).find((name) => name.endsWith(".tgz")) ?? "")
  }, 10 * MINUTES)

  describe("for the reader alone", () => {
    const folder = join(home, "reader")
    beforeAll(async () => {
      mkdirSync(folder)
      writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "reader", private: true, type: "module" }))
      await install(folder, tarball)
    }, 10 * MINUTES)

    it("brings what ./read needs and no more", () => {
      const packages = packagesIn(folder)
      assert.includeMembers([...packages], ["genesys-cloud-projections", "effect", "@aws-sdk/client-dynamodb"])
      assert.isEmpty(packages.filter((name) => /pulumi|esbuild|typescript|client-(?!dynamodb)/.test(name)))
      assert.isBelow(packages.length, 60)
    })

    it("reads", async () => {
      const code = `import { connectMemory } from "genesys-cloud-projections/read"
const reader = connectMemory({ agents: { a: { state: "IDLE" } } })
console.log((await reader.agent("a")).state)`
      assert.strictEqual((await script(folder, code)).trim(), "IDLE")
    })

    it("has the command, which needs nothing else", async () => {
      const page = join(folder, "node_modules/genesys-cloud-projections/dist/bin/page")
      for (const file of ["page.js", "page.css"]) assert.isAbove(readFileSync(join(page, file)).length, 1_000, file)
      const help = await run("npx", ["--no-install", "projections", "--help"], folder)
      for (const command of ["status", "replay", "explain", "quarantine"]) assert.include(help, command)
      const version = await run("npx", ["--no-install", "projections", "--version"], folder)
      assert.include(version, JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version)
      const local = await run("npx", ["--no-install", "projections", "status", "--local", "."], folder).catch(String)
      assert.include(local, "run this in a clone of the repository")
    })

    it("names the package that the component lacks", async () => {
      const missing = await script(folder, 'await import("genesys-cloud-projections")').catch(String)
      assert.match(missing, /Cannot find package '@pulumi\//)
    })
  })

  describe("for a program of somebody else", () => {
    const folder = join(home, "contact-centre")
    beforeAll(async () => {
      cpSync(join(root, "examples/contact-centre"), folder, { recursive: true })
      await install(folder, tarball)
    }, 10 * MINUTES)

    it("exports the component, and what projections and their tests are written with", async () => {
      const code = `const names = async (path) => Object.keys(await import("genesys-cloud-projections" + path))
console.log(JSON.stringify([await names(""), await names("/projection"), await names("/testing")]))`
      const [component, projection, testing] = JSON.parse(await script(folder, code))
      assert.includeMembers(component, ["GenesysProjections", "ReadApi", "projectionsFrom", "ownProjections"])
      assert.includeMembers(projection, ["agents", "queues", "foldFacets", "STATE_ROW", "iso"])
      assert.isNotEmpty(testing)
    })

    it("has a test kit that any runner can use", async () => {
      writeFileSync(
        join(folder, "laws.mjs"),
        `import { describe, it } from "node:test"
import { conversations } from "genesys-cloud-projections/projection"
import { projectionLaws } from "genesys-cloud-projections/testing"
import { projections } from "./projections.ts"
for (const projection of projections)
  projectionLaws(projection.name === "agents" ? [projection, conversations] : projection, { describe, it, runs: 2 })
`
      )
      const said = await run(process.execPath, ["--test", "--test-reporter=tap", "laws.mjs"], folder)
      assert.match(said, /the laws of breaks/)
      assert.match(said, /\n# fail 0\n/)
    })

    it("has types that hold", async () => {
      const compilerOptions = { module: "nodenext", target: "es2024", strict: true, noEmit: true, skipLibCheck: false }
      const more = { types: ["node"], typeRoots: [join(root, "node_modules/@types")], allowImportingTsExtensions: true }
      writeFileSync(
        join(folder, "tsconfig.json"),
        JSON.stringify({
          compilerOptions: { ...compilerOptions, ...more },
          files: ["index.ts", "projections.ts", "wrong.ts"]
        })
      )
      writeFileSync(
        join(folder, "wrong.ts"),
        `import { GenesysProjections } from "genesys-cloud-projections"
// @ts-expect-error -- a setting of another type
new GenesysProjections("a", { batchSize: "many" })
// @ts-expect-error -- a kind of resource that there is not
new GenesysProjections("b", { transform: { lambda: {} } })
new GenesysProjections("c", { transform: { queue: (args) => void (args.delaySeconds = 1) } })
export const table = new GenesysProjections("d").nodes.eventTable.arn
`
      )
      await run(join(root, "node_modules/.bin/tsc"), ["-p", "."], folder)
    })

    it("boots under Pulumi with the projections of the program in its functions", {
      timeout: 5 * MINUTES
    }, async () => {
      const { exitCode, messages, resources, outputs } = await bootProgram({
        folder,
        project: "contact-centre",
        main: "index.ts",
        options: { typescript: "false", nodeargs: "" },
        stack: "dev",
        config: { "aws:region": "eu-central-1" }
      })
      assert.deepStrictEqual(messages, [])
      assert.strictEqual(exitCode, 0)
      assert.strictEqual((outputs as { readonly prefix?: string }).prefix, "contact-centre-dev-genesys")
      const functions = resources.filter(({ type }) => type === "aws:lambda/function:Function")
      assert.sameMembers(
        functions.map(({ name }) => name),
        ["append", "project", "redrive", "replay"].map((name) => `genesys-${name}`)
      )
      for (const { name, inputs } of functions) {
        const text = codeOf((inputs.code as { readonly assets: Readonly<Record<string, unknown>> }).assets, folder)
        if (name !== "genesys-redrive") assert.include(text, '"breaks"', name)
        assert.isBelow(Buffer.byteLength(text), 660_000, name)
        const file = join(folder, `${name}.mjs`)
        writeFileSync(file, text)
        const code = `const { handler } = await import(${JSON.stringify(file)}); console.log(typeof handler); process.exit()`
        assert.strictEqual((await script(home, code)).trim(), "function", name)
      }
    })

    it("boots a program with an HTTP API, whose function is in the package as a whole", {
      timeout: 5 * MINUTES
    }, async () => {
      cpSync(join(root, "examples/http/index.ts"), join(folder, "http.ts"))
      const { exitCode, messages, resources, outputs } = await bootProgram({
        folder,
        project: "http",
        main: "http.ts",
        options: { typescript: "false", nodeargs: "" },
        stack: "dev",
        config: { "aws:region": "eu-central-1" }
      })
      assert.deepStrictEqual([exitCode, messages], [0, []])
      assert.property(outputs, "url")
      const functions = resources.filter(
        ({ type, name }) => type === "aws:lambda/function:Function" && name.startsWith("wall-")
      )
      assert.lengthOf(functions, 2)
      for (const { name, inputs } of functions) {
        const text = codeOf((inputs.code as { readonly assets: Readonly<Record<string, unknown>> }).assets, folder)
        assert.isBelow(Buffer.byteLength(text), 450_000, name)
        const file = join(folder, `${name}.mjs`)
        writeFileSync(file, text)
        const code = `globalThis.awslambda = { streamifyResponse: (run) => run }
const { handler } = await import(${JSON.stringify(file)}); console.log(typeof handler); process.exit()`
        assert.strictEqual((await script(home, code)).trim(), "function", name)
      }
    })

    it("lets the command know the projections that package.json names", async () => {
      writeFileSync(join(folder, "outputs.json"), "{}")
      const said = await run(
        "npx",
        ["--no-install", "projections", "status", "--outputs", "outputs.json"],
        folder
      ).catch(String)
      assert.include(said, "outputs.json")
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
      writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, projections: "./none.ts" }))
      const lost = await run("npx", ["--no-install", "projections", "status"], folder).catch(String)
      assert.match(lost, /none\.ts cannot be loaded/)
    })
  })
})
