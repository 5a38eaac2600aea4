import { spawn } from "node:child_process"
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { realClock } from "aws-in-process/clock"
import { serveGenesys } from "../../../src/local/genesys.ts"
import { SIMULATED_CLIENT } from "../../../src/simulator/api/organisation.ts"

const root = join(import.meta.dirname, "../../..")
const folder = mkdtempSync(join(tmpdir(), "connect-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A pulumi with one stack that is not deployed, whose configuration is a file. */
const PULUMI = `#!/bin/sh
case "$*" in
  "config --json --stack dev --non-interactive") cat ${folder}/config.json ;;
  "stack output --json --stack dev --non-interactive") echo "{}" ;;
  "config set-all "*) echo "$*" > ${folder}/set ;;
  *) echo "error: $*" >&2; exit 1 ;;
esac
`

/** The command as a process of its own, in a folder with a Pulumi program. */
const projections = (env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>((resolve) => {
    const child = spawn(process.execPath, [join(root, "src/bin/projections.ts"), ...args], {
      cwd: folder,
      env: { PATH: [folder, process.env.PATH].join(delimiter), HOME: folder, ...env }
    })
    let [out, err] = ["", ""]
    child.stdout.on("data", (chunk) => {
      out += chunk
    })
    child.stderr.on("data", (chunk) => {
      err += chunk
    })
    child.on("close", (code) => resolve({ code, out, err }))
  })

describe("connect over the network", () => {
  it("reaches Genesys and AWS at the addresses of the simulated ones", { timeout: 180_000 }, async () => {
    copyFileSync(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"))
    writeFileSync(join(folder, "config.json"), JSON.stringify({ "aws:region": { value: "eu-west-1" } }))
    writeFileSync(join(folder, "pulumi"), PULUMI)
    chmodSync(join(folder, "pulumi"), 0o755)
    const { url, aws, close } = await serveGenesys(realClock(), 0)
    const env = {
      GENESYSCLOUD_OAUTHCLIENT_ID: SIMULATED_CLIENT.clientId,
      GENESYSCLOUD_OAUTHCLIENT_SECRET: SIMULATED_CLIENT.clientSecret,
      GENESYSCLOUD_REGION: "eu-central-1",
      AWS_ENDPOINT_URL_EVENTBRIDGE: aws,
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local"
    }
    const flags = ["--stack", "dev", "--endpoint", url]
    const { code, err } = await projections(env, "connect", ...flags, "--yes", "--why", "a try")
    assert.strictEqual(code, 0, err)
    const source = "aws.partner/genesys.com/cloud/5ca1ab1e-0000-4000-8000-000000000001/projections-dev"
    assert.include(readFileSync(join(folder, "set"), "utf8"), `genesysEventSource=${source}`)
    const checked = await projections(env, "connect", ...flags, "--check", "--json")
    assert.strictEqual(checked.code, 4, checked.err)
    assert.deepStrictEqual(JSON.parse(checked.out).eventSource, { name: source, state: "PENDING" })
    await close()
  })
})
