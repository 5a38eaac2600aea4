import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import * as pulumi from "@pulumi/pulumi"
import { afterAll, assert, describe, it } from "vitest"
import { projections } from "../../projections/index.ts"
import { ownProjections, projectionFaults, projectionsFrom } from "../../src/infra/projections-module.ts"

const folder = mkdtempSync(join(tmpdir(), "projections-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
const write = (code: string): string => {
  const file = join(folder, `projections-${++files}.mjs`)
  writeFileSync(file, code)
  return file
}

const VALID = `{ name: "calls", version: 1, key: "callId", topics: ["t"], deltas: () => [], view: () => ({}), closed: () => false, tombstoneSeconds: 1 }`

const refused = async (code: string): Promise<string> => {
  const error: unknown = await projectionsFrom(write(code)).catch((thrown: unknown) => thrown)
  assert.isTrue(pulumi.RunError.isInstance(error), "Pulumi would print its stack trace")
  return (error as Error).message
}

describe("projectionsFrom", () => {
  it("reads a module by its path or URL", async () => {
    const file = write(`export const projections = [${VALID}]`)
    for (const module of [file, pathToFileURL(file), pathToFileURL(file).href]) {
      const found = await projectionsFrom(module)
      assert.strictEqual(found.file, file)
      assert.deepStrictEqual(
        found.projections.map(({ name }) => name),
        ["calls"]
      )
    }
  })

  it.each([
    ["no list", "export const projection = []", /projections is no list of projections; export const projections/],
    ["an empty one", "export const projections = []", /with at least one/],
    ["code that fails", "throw new Error('no such thing')", /cannot be loaded: no such thing/],
    [
      "a name that no table may have",
      `export const projections = [{ ...${VALID}, name: "My calls" }]`,
      /projections\[0\]\.name is "My calls"; set lower-case/
    ],
    [
      "the sort key as the key",
      `export const projections = [{ ...${VALID}, key: "row" }]`,
      /\.key is "row"; set a column name other than row/
    ],
    [
      "a version below 1",
      `export const projections = [{ ...${VALID}, version: 0 }]`,
      /\.version is 0; set a whole number from 1/
    ],
    [
      "no fold",
      `export const projections = [{ ...${VALID}, deltas: undefined }]`,
      /\.deltas is undefined; set a function/
    ],
    [
      "half a summary",
      `export const projections = [{ ...${VALID}, summary: {} }]`,
      /\.summary is {}; set { reads, columns, of }/
    ],
    ["nothing in the list", "export const projections = [null]", /projections\[0\]\.name is undefined/],
    [
      "one twice",
      `const one = ${VALID}; export const projections = [one, one]`,
      /calls-v1 is listed twice; raise the version/
    ]
  ])("refuses %s, and says what to do", async (_, code, sentence) => {
    assert.match(await refused(code), sentence)
  })

  it("says which file is not there", async () => {
    const error = await projectionsFrom(join(folder, "none.mjs")).catch((thrown: Error) => thrown)
    assert.match((error as Error).message, /none\.mjs cannot be loaded/)
  })

  it("finds no fault with the package's own", () => {
    assert.deepStrictEqual(projectionFaults(ownProjections.projections), [])
    assert.strictEqual(ownProjections.projections, projections)
  })
})
