import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { load } from "js-yaml"
import { root } from "./pages.ts"

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, { readonly steps: ReadonlyArray<Step>; readonly "timeout-minutes"?: number }>>
}

const workflow = load(readFileSync(join(root, ".github/workflows/ci.yml"), "utf8")) as Workflow
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>
}

describe("the workflow of a fork", () => {
  it("runs scripts and files that exist", () => {
    const commands = steps.flatMap(({ run }) => (run === undefined ? [] : [run]))
    assert.includeMembers(commands, ["npm run check", "npm test", ".ci/run"])
    for (const command of commands) {
      const [, script] = /^npm (?:run )?([\w:]+)$/.exec(command) ?? []
      if (script !== undefined) assert.isTrue(script === "ci" || script in scripts, command)
      else {
        assert.isTrue(existsSync(join(root, command)), command)
        assert.notStrictEqual(statSync(join(root, command)).mode & 0o100, 0, `${command} can be run`)
      }
    }
  })

  it("runs the check and both lanes of tests where everything has to pass", () => {
    const lines = readFileSync(join(root, ".ci/run"), "utf8").split("\n")
    assert.deepStrictEqual(
      lines.filter((line) => line.startsWith("npm ")),
      ["npm ci", "npm run check", "npm test", "npm run test:all"]
    )
    assert.deepStrictEqual([scripts.test, scripts["test:all"]], ["vitest run --mode fast", "vitest run"])
  })

  it("may read the repository and nothing else, and keeps no token in the checkout", () => {
    assert.deepStrictEqual(workflow.permissions, { contents: "read" })
    assert.isFalse(Object.values(workflow.jobs).some((job) => "permissions" in job))
    for (const { uses, with: options } of steps)
      if (uses?.startsWith("actions/checkout@")) assert.strictEqual(options?.["persist-credentials"], false)
  })

  it("names the major version of every action, and the oldest Node that the package takes", () => {
    const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
    for (const { uses, with: options } of steps) {
      if (uses === undefined) continue
      assert.match(uses, /^[\w-]+\/[\w-]+@v\d+$/)
      if (uses.startsWith("actions/setup-node@")) assert.strictEqual(`>=${options?.["node-version"]}`, engines.node)
    }
  })

  it("ends every job in time", () => {
    for (const [name, job] of Object.entries(workflow.jobs)) assert.isNumber(job["timeout-minutes"], name)
  })
})
