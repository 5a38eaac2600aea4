import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"

const root = join(import.meta.dirname, "../..")
const clone = mkdtempSync(join(tmpdir(), "not-installed-"))
afterAll(() => rmSync(clone, { recursive: true, force: true }))

/** Runs a file of the clone to its end. */
const run = (file: string, ...args: ReadonlyArray<string>) =>
  new Promise<readonly [code: number, err: string]>((resolve) => {
    execFile(process.execPath, [join(clone, file), ...args], { cwd: clone }, (error, _, err) =>
      resolve([error === null ? 0 : Number(error.code), err])
    )
  })

describe("a clone whose packages are not installed", () => {
  for (const part of ["bin", "src", "projections", "package.json", "Pulumi.yaml"])
    cpSync(join(root, part), join(clone, part), { recursive: true })
  mkdirSync(join(clone, "node_modules"))

  it.each([
    ["npm start", "src/local/main.ts", "--help"],
    ["npx projections", "bin/projections.js", "--help"]
  ])("%s says in one sentence what is missing and what to run", async (_, file, ...args) => {
    const [code, err] = await run(file, ...args)
    assert.strictEqual(code, 1)
    assert.match(err, /^the package \S+ is not installed: run npm ci\n$/)
  })
})
