import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import type { CliExit } from "../../../src/cli/screen.ts"
import { stackByFile, stackByName } from "../../../src/cli/stack/deployed.ts"
import type { StackTarget } from "../../../src/cli/stack/stack.ts"
import { someOutputs } from "../outputs.ts"

const outputs = { ...someOutputs, projectionTables: { "agents-v2": { name: "agents" } } }

const CREDENTIALS = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "x", AWS_ACCOUNT_ID: "444455556666" }
const NOBODY = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_ACCOUNT_ID: undefined,
  AWS_PROFILE: undefined,
  AWS_EC2_METADATA_DISABLED: "true"
}

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deployed-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** With a home of its own and no other `pulumi` than the one in `folder`. */
const inPlace = async <A>(env: Readonly<Record<string, string | undefined>>, work: () => Promise<A>): Promise<A> => {
  const before = { ...process.env }
  const set = (values: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries(values))
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  }
  const here = { PATH: [folder, "/usr/bin", "/bin"].join(delimiter), HOME: folder, ...env }
  set(here)
  try {
    return await work()
  } finally {
    set(Object.fromEntries(Object.keys(here).map((name) => [name, before[name]])))
  }
}

type Find = Effect.Effect<StackTarget, CliExit, ChildProcessSpawner.ChildProcessSpawner>

const found = (find: Find) => inPlace(CREDENTIALS, () => Effect.runPromise(Effect.provide(find, NodeServices.layer)))
const refused = (find: Find, env: Readonly<Record<string, string | undefined>> = CREDENTIALS) =>
  inPlace(env, () => Effect.runPromise(Effect.flip(find).pipe(Effect.provide(NodeServices.layer))))

const pulumi = (script: string) => {
  const file = join(folder, "pulumi")
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
}

const stack = stackByName(tmpdir())

describe("a deployed stack", () => {
  it("is found by its name, of pulumi, and by a file of its outputs", async () => {
    const file = join(folder, "outputs.json")
    writeFileSync(file, JSON.stringify({ ...outputs, more: 1 }))
    pulumi(`[ "$*" = "stack output --json --stack dev --non-interactive" ] && cat ${file}`)
    for (const [name, find] of [
      ["stack dev", stack("dev")],
      [`outputs ${file}`, stackByFile(file)]
    ] as const) {
      const site = await found(find)
      assert.deepStrictEqual(
        [site.name, site.outputs],
        [
          name,
          {
            entityIndexName: "",
            exportsBucketName: "",
            load: {},
            ...outputs,
            customerKeyArn: ""
          }
        ]
      )
      assert.deepStrictEqual(site.connection, { region: "eu-west-1" })
      assert.deepStrictEqual([site.who.accessKeyId, site.who.account], ["AKIDEXAMPLE", "444455556666"])
    }
    assert.match(
      (await refused(stack("dev"), NOBODY)).message,
      /^there are no AWS credentials .*: sign in, or set AWS_PROFILE$/
    )
  })

  it("says what could not be downloaded, from whom, and how to bring it", async () => {
    pulumi("printf 'Downloading pulumi v3.265.0...\\npulumi: fetch failed\\n' >&2; exit 1")
    assert.match(
      (await refused(stack("dev"))).message,
      /^the Pulumi CLI 3\.265\.0 is not on this machine, .* from Pulumi's site, get\.pulumi\.com, failed \(fetch failed\): see "Behind a proxy or without Internet access" in docs\/getting-started\.md, .*--outputs FILE$/
    )
    // A download that worked is no fault.
    pulumi("printf 'Downloading pulumi v3.265.0...\\nerror: no stack\\n' >&2; exit 255")
    assert.match((await refused(stack("dev"))).message, /^pulumi has no outputs of stack dev \(error: no stack\): see/)
  })

  it("that is not there is a sentence that says what to do", async () => {
    assert.match(
      (await refused(stackByFile(join(folder, "none.json")))).message,
      /no such file.*; write one with pulumi stack output --json > FILE$/
    )
    pulumi("echo \"error: no stack named 'nope' found\" >&2; exit 255")
    assert.match(
      (await refused(stack("nope"))).message,
      /^pulumi has no outputs of stack nope \(error: no stack named 'nope' found\): see pulumi stack ls, or give the outputs/
    )
    pulumi("printf 'warning: old\\nerror: no backend\\n  token expired\\n\\nlog in\\nmore\\n' >&2; exit 255")
    assert.match((await refused(stack("dev"))).message, /stack dev \(error: no backend; token expired; log in\): see/)
    pulumi("printf 'panic: \\033[31mbroken\\n' >&2; exit 2")
    assert.match((await refused(stack("dev"))).message, /stack dev \(panic: \\u001b\[31mbroken\): see/)
    pulumi("exit 3")
    assert.match((await refused(stack("dev"))).message, /stack dev \(it ended with 3 and said nothing\): see/)
    pulumi("echo '{}'")
    assert.match(
      (await refused(stack("dev"))).message,
      /^stack dev: there is no output quarantineBucketName; deploy this version of the stack first/
    )
    pulumi("echo nonsense")
    assert.match((await refused(stack("dev"))).message, /; it must be what pulumi stack output --json prints$/)
    rmSync(join(folder, "pulumi"))
    assert.match(
      (await refused(stack("dev"))).message,
      /^the command pulumi was not found: run this as npx projections in the project, install the Pulumi CLI/
    )
  })
})
