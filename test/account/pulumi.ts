import { spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"

const root = join(import.meta.dirname, "../..")

/** What of the project the program needs. */
const COPIED = /^(Pulumi.*\.yaml|package\.json|tsconfig.*\.json|src|projections|docs)$/
const PROGRAM = "test/account/program.ts"

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the CLI in a folder. */
export type Run = (args: ReadonlyArray<string>, cwd: string, env: Readonly<Record<string, string>>) => Promise<Said>

/** The `pulumi` of this project, which is first on the PATH of its scripts. */
export const runCli: Run = (args, cwd, env) =>
  new Promise((resolve, reject) => {
    const PATH = [join(root, "node_modules/.bin"), dirname(process.execPath), process.env.PATH ?? ""].join(delimiter)
    const child = spawn("pulumi", args, {
      cwd,
      env: { ...process.env, PATH, ...env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let [out, err] = ["", ""]
    child.stdout.on("data", (chunk) => {
      out += chunk
    })
    child.stderr.on("data", (chunk) => {
      err += chunk
    })
    child.on("error", reject)
    child.on("close", (code) => resolve({ code: code ?? 1, out, err }))
  })

/** The last lines of what the CLI said that tell why it failed. */
const why = ({ out, err }: Said): string => {
  const lines = `${out}\n${err}`.split("\n").map((line) => line.trim())
  const errors = lines.filter((line) => /\berror\b|failed/i.test(line))
  return (errors.length > 0 ? errors : lines.filter((line) => line !== "")).slice(-5).join("; ")
}

/** The stack's file: the settings of `dev`, in the region. */
export const stackFile = (dev: string, region: string): string => `${dev.trimEnd()}\n  aws:region: ${region}\n`

/**
 * A copy of the project in a folder of its own, with the state beside it: nothing of the checkout or of another stack is touched. The
 * folder stays until `remove`.
 */
export const makePulumi = (stack: string, region: string, run: Run = runCli) => {
  const folder = mkdtempSync(join(tmpdir(), "account-check-"))
  const project = join(folder, "project")
  mkdirSync(join(folder, "state"))
  mkdirSync(project)
  for (const name of readdirSync(root))
    if (COPIED.test(name)) cpSync(join(root, name), join(project, name), { recursive: true })
  cpSync(join(root, PROGRAM), join(project, PROGRAM))
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"))
  const edit = (name: string, to: string, change: (text: string) => string) =>
    writeFileSync(join(project, to), change(readFileSync(join(project, name), "utf8")))
  edit("Pulumi.yaml", "Pulumi.yaml", (text) => text.replace(/^main: .*$/m, `main: ${PROGRAM}`))
  edit("Pulumi.dev.yaml", `Pulumi.${stack}.yaml`, (text) => stackFile(text, region))

  const env = {
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    // The state holds no secret, and the CLI wants a passphrase all the same.
    PULUMI_CONFIG_PASSPHRASE: "account-check",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    AWS_REGION: region
  }
  const pulumi = async (...args: ReadonlyArray<string>): Promise<string> => {
    const said = await run([...args, "--non-interactive", "--color", "never"], project, env)
    if (said.code !== 0) throw new Error(`pulumi ${args[0]} ended with ${said.code}: ${why(said)}`)
    return said.out
  }
  const on = ["--stack", stack]

  return {
    folder,
    version: async () => (await pulumi("version")).trim(),
    up: async () => {
      await pulumi("stack", "init", stack)
      await pulumi("up", "--yes", "--skip-preview", ...on)
      return JSON.parse(await pulumi("stack", "output", "--json", ...on)) as Readonly<Record<string, unknown>>
    },
    changes: async () => {
      const { changeSummary } = JSON.parse(await pulumi("preview", "--json", ...on))
      const { same: _, ...changed } = changeSummary as Readonly<Record<string, number>>
      return Object.values(changed).reduce((sum, count) => sum + count, 0)
    },
    destroy: async () => {
      await pulumi("destroy", "--yes", "--skip-preview", ...on)
    },
    /** Resources in the state, without the stack and the providers, which are none of AWS's. */
    left: async () => {
      const { deployment } = JSON.parse(await pulumi("stack", "export", ...on))
      const resources: ReadonlyArray<{ readonly type: string }> = deployment.resources ?? []
      return resources.filter(({ type }) => !type.startsWith("pulumi:")).length
    },
    /** How to take down by hand what is left. */
    byHand: () =>
      [
        `cd ${project}`,
        ...Object.entries(env).map(([name, value]) => `export ${name}=${value}`),
        `npx pulumi destroy --yes --stack ${stack}`
      ].join("\n"),
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}
