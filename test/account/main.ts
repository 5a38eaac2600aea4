import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline/promises"
import { setTimeout as pause } from "node:timers/promises"
import { parseArgs, promisify } from "node:util"
import { makeSimulator } from "../../src/simulator/simulator.ts"
import { accountOf, assume, findCredentials, putEvents } from "./aws.ts"
import { openDeployed } from "./deployed.ts"
import { type Cloud, check } from "./flow.ts"
import { foldLocally } from "./fold.ts"
import { announcement, EVENTS } from "./plan.ts"
import { makePulumi } from "./pulumi.ts"
import { masked, reportOf } from "./report.ts"

const USAGE = `Usage: npm run account-check -- [options]

Deploys a small stack to your AWS account, sends ${EVENTS} events, compares the rows with a fold on this machine, replays, tries
the rights of readers, takes everything down, and writes a report to send back: account-check.json and account-check.txt.
It says what it makes and what that costs, and asks, before it makes anything.

  --region REGION   where (default: AWS_REGION, else AWS_DEFAULT_REGION, else eu-central-1)
  --yes             do not ask
`

const root = join(import.meta.dirname, "../..")
const node = promisify(execFile)
const say = (line: string): void => void process.stdout.write(`${masked(line)}\n`)

/** A role is there for IAM some seconds before it is for everybody. */
const PATIENCE_MS = 90_000
const AGAIN_MS = 5_000

const insist = async <A>(work: () => Promise<A>): Promise<A> => {
  for (const until = Date.now() + PATIENCE_MS; ; )
    try {
      return await work()
    } catch (error) {
      if (Date.now() > until) throw error
      await pause(AGAIN_MS)
    }
}

/** An hour ago, so that everything is due. */
const simulated = (): ReadonlyArray<string> => {
  const start = Date.now() - 3_600_000
  const source = "genesys.simulator"
  const { next } = makeSimulator({ seed: 7, agents: 12, queues: 3, rate: 20, chaos: 0, start, source })
  return Array.from({ length: EVENTS }, () => next().line)
}

const replayOn = (outputs: string, region: string) => async (generation: string) => {
  const words = ["replay", generation, "--id", `account-check-${generation}`, "--state-machine", "--yes"]
  const why = ["--why", "account check", "--outputs", outputs]
  try {
    await node(process.execPath, ["src/bin/projections.ts", ...words, ...why], {
      cwd: root,
      env: { ...process.env, AWS_REGION: region }
    })
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string }
    throw new Error(
      `the replay of ${generation} failed: ${(stderr ?? message).trim().split("\n").slice(-3).join("; ")}`
    )
  }
}

const run = async (region: string): Promise<number> => {
  const stack = `chk${randomBytes(3).toString("hex")}`
  const pulumi = makePulumi(stack, region)
  const scratch = mkdtempSync(join(tmpdir(), "account-check-"))
  say(`The stack is called ${stack}. Its state is in ${pulumi.folder} while it stands.`)
  const where = async () => ({ region, credentials: await findCredentials(region) })
  const cloud: Cloud = {
    account: async () => accountOf(await where()),
    up: pulumi.up,
    changes: pulumi.changes,
    destroy: pulumi.destroy,
    left: pulumi.left,
    open: async (outputs) => {
      const file = join(scratch, "outputs.json")
      writeFileSync(file, JSON.stringify(outputs))
      return openDeployed({
        outputs,
        operator: { region },
        reader: () =>
          insist(async () => ({ region, credentials: await assume(await where(), String(outputs.checkReaderArn)) })),
        send: async (lines) => putEvents(await where(), lines, String(outputs.busName), "genesys.simulator"),
        replay: replayOn(file, region)
      })
    }
  }
  let stopped = false
  process.on("SIGINT", () => {
    // The CLI hears of it too, and ends what it has begun.
    say(stopped ? "Still taking the stack down." : "Stopping: the stack is taken down first.")
    stopped = true
  })
  const began = new Date().toISOString()
  const version = await pulumi.version().catch((error: Error) => `no Pulumi CLI: ${error.message}`)
  const checked = await check({
    cloud,
    lines: simulated(),
    fold: foldLocally,
    pause: (ms) => pause(ms),
    say,
    now: Date.now,
    isStopped: () => stopped
  })
  const { version: project } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const report = reportOf(
    { version: project, node: process.version, pulumi: `pulumi ${version}`, region, began },
    checked
  )
  writeFileSync("account-check.json", report.json)
  writeFileSync("account-check.txt", report.text)
  say(`\n${report.text}`)
  say("Send back account-check.json. It names no account.")
  rmSync(scratch, { recursive: true, force: true })
  if (checked.isLeft) say(`Resources may be left in your account. Take them down with:\n${pulumi.byHand()}`)
  else pulumi.remove()
  return checked.ok ? 0 : 1
}

const { values } = parseArgs({
  options: { region: { type: "string" }, yes: { type: "boolean" }, help: { type: "boolean", short: "h" } }
})
const region = values.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? "eu-central-1"

const agreed = async (): Promise<boolean> => {
  for (const line of announcement(region)) say(line)
  if (values.yes === true) return true
  if (!process.stdin.isTTY) {
    say("Nobody can be asked here: give --yes.")
    return false
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question("Go on? (yes/no) ")
  terminal.close()
  return answer.trim().toLowerCase() === "yes"
}

if (values.help === true) process.stdout.write(USAGE)
else if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region)) {
  say(`--region: ${JSON.stringify(region)} is no region: give one such as eu-central-1.`)
  process.exitCode = 1
} else
  try {
    // Whoever is not signed in hears so before being asked.
    await findCredentials(region)
    process.exitCode = (await agreed()) ? await run(region) : 1
  } catch (error) {
    say((error as Error).message)
    process.exitCode = 1
  }
