import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ChildProcessSpawner } from "effect/process"
import type { CliExit } from "../../../src/cli/screen.ts"
import { pulumiSettings, type StackSettings } from "../../../src/cli/stack/stack-settings.ts"

const folder = mkdtempSync(join(tmpdir(), "settings-"))
const log = join(folder, "log")
const path = process.env.PATH

afterAll(() => {
  process.env.PATH = path
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(() => {
  process.env.PATH = [folder, "/usr/bin", "/bin"].join(delimiter)
  writeFileSync(join(folder, "Pulumi.yaml"), "name: mine\nruntime: nodejs\n")
  writeFileSync(log, "")
})

/** A pulumi that writes down its arguments, and then does as the script says. */
const pulumi = (script: string) => {
  const file = join(folder, "pulumi")
  writeFileSync(file, `#!/bin/sh\necho "$*" >> ${log}\n${script}\n`)
  chmodSync(file, 0o755)
}

const use = <A, E>(work: (settings: StackSettings["Service"]) => Effect.Effect<A, E>) =>
  Effect.runPromise(
    Effect.flatMap(ChildProcessSpawner.ChildProcessSpawner, (spawner) => work(pulumiSettings(folder, spawner))).pipe(
      Effect.provide(NodeServices.layer)
    )
  )

const refused = (work: (settings: StackSettings["Service"]) => Effect.Effect<unknown, CliExit>) =>
  use((settings) =>
    Effect.match(work(settings), { onSuccess: () => "it succeeded", onFailure: ({ message }) => message })
  )

const calls = () => readFileSync(log, "utf8").trim().split("\n")

describe("the configuration of a stack", () => {
  it("is read with the defaults of the project, without secrets and keys of others", async () => {
    const values = {
      "mine:topics": { value: '["a"]', objectValue: ["a"], secret: false },
      "mine:list": { objectValue: ["b"], secret: false },
      "mine:genesysEventSource": { value: "", secret: false },
      "mine:password": { secret: true },
      "aws:region": { value: "eu-central-1", secret: false },
      "other:topics": { value: "no", secret: false }
    }
    pulumi(`cat <<'END'\n${JSON.stringify(values)}\nEND`)
    assert.deepStrictEqual(await use(({ read }) => read("prod")), {
      topics: '["a"]',
      list: '["b"]',
      genesysEventSource: "",
      "aws:region": "eu-central-1"
    })
    assert.deepStrictEqual(calls(), ["config --json --stack prod --non-interactive"])
  })

  it("is set and removed by one call each", async () => {
    pulumi("exit 0")
    await use(({ set }) => set("prod", { genesysEventSource: "aws.partner/x", genesysRegion: "eu-central-1" }))
    await use(({ remove }) => remove("prod", ["genesysEventSource", "genesysRegion"]))
    assert.deepStrictEqual(calls(), [
      "config set-all --plaintext genesysEventSource=aws.partner/x --plaintext genesysRegion=eu-central-1 --stack prod --non-interactive",
      "config rm-all genesysEventSource genesysRegion --stack prod --non-interactive"
    ])
  })

  it("is that of a deployed stack once there are outputs", async () => {
    pulumi("echo '{}'")
    assert.isFalse(await use(({ isDeployed }) => isDeployed("prod")))
    pulumi(`echo '{ "busName": "x" }'`)
    assert.isTrue(await use(({ isDeployed }) => isDeployed("prod")))
    assert.strictEqual(calls().at(-1), "stack output --json --stack prod --non-interactive")
  })

  it("that cannot be had is a sentence that says what to do", async () => {
    pulumi("echo \"error: no stack named 'prod' found\" >&2; exit 255")
    assert.match(
      await refused(({ read }) => read("prod")),
      /^pulumi has no configuration of stack prod \(error: no stack named 'prod' found\): see pulumi stack ls, and make the stack with npx pulumi stack init where there is none$/
    )
    assert.match(
      await refused(({ set }) => set("prod", { a: "b" })),
      /^pulumi could not set the configuration of stack prod \(error: no stack/
    )
    pulumi("echo nonsense")
    assert.match(await refused(({ read }) => read("prod")), /printed something else: update the Pulumi CLI$/)
    rmSync(join(folder, "Pulumi.yaml"))
    assert.match(await refused(({ read }) => read("prod")), /; run this in the folder of Pulumi\.yaml$/)
  })
})
