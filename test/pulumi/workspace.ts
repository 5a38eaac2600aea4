import { execFile } from "node:child_process"
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"
import { openAccount } from "./plugin/account.ts"

const root = join(import.meta.dirname, "../..")

/** Without what npm adds: its `pulumi` is a downloader of the CLI. */
const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"))

const onPath = (command: string): boolean =>
  folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/** What a run against the real engine needs, and is not here. */
export const missing = (): ReadonlyArray<string> =>
  ["pulumi", "pulumi-language-nodejs"].filter((command) => !onPath(command))

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number
  readonly text: string
  /** By what was done (`created`, `updated`, `unchanged`, ...) or would be (`create`, `update`, ...): how many resources. */
  readonly counts: Readonly<Record<string, number>>
}

/** Lines such as `+ 132 created`, `132 unchanged` and `~ 2 to update`. */
const countsOf = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...text.matchAll(/^ +[^\s\d]{0,3} *(\d+) (?:to )?([a-z]+)$/gm)].map(([, count, what = ""]) => [
      what,
      Number(count)
    ])
  )

/**
 * A copy of the project with a backend, a home and an account of its own, because the CLI rewrites the files of stacks. The plugin `aws` is
 * ours, and none is downloaded.
 */
export const makeWorkspace = () => {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-"))
  const project = join(folder, "project")
  const account = join(folder, "account.json")
  for (const name of ["bin", "home", "backend", "project"]) mkdirSync(join(folder, name))
  for (const name of readdirSync(root))
    if (/^(Pulumi.*\.yaml|index\.ts|package\.json|tsconfig.*\.json|src|projections|docs)$/.test(name))
      cpSync(join(root, name), join(project, name), { recursive: true })
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"))

  const plugin = join(folder, "bin", "pulumi-resource-aws")
  writeFileSync(plugin, `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, "plugin/main.ts")}" "$@"\n`)
  chmodSync(plugin, 0o755)
  // The Node that runs the tests strips types.
  symlinkSync(process.execPath, join(folder, "bin", "node"))

  const { version } = JSON.parse(readFileSync(join(root, "node_modules/@pulumi/aws/package.json"), "utf8"))
  const env = {
    ...process.env,
    PATH: [join(folder, "bin"), ...folders].join(delimiter),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of a test",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_IGNORE_AMBIENT_PLUGINS: "false",
    FAKE_AWS_ACCOUNT: account,
    FAKE_AWS_VERSION: version
  }

  const pulumi = (...args: ReadonlyArray<string>): Promise<Said> =>
    new Promise((resolve) => {
      execFile(
        "pulumi",
        [...args, "--non-interactive", "--color", "never"],
        { cwd: project, env, maxBuffer: 64 * 1024 * 1024 },
        (error, out, err) => {
          const text = `${out}${err}`
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), text, counts: countsOf(text) })
        }
      )
    })

  return {
    project,
    pulumi,
    account: () => openAccount(account),
    /** Builds the policy pack into the folder `policy-pack` of the project. */
    policyPack: () =>
      promisify(execFile)(process.execPath, [join(root, "src/infra/policies/build.ts"), join(project, "policy-pack")]),
    /** What the engine keeps of a stack. */
    state: async (stack: string): Promise<string> => (await pulumi("stack", "export", "--stack", stack)).text,
    file: (name: string) => readFileSync(join(project, name), "utf8"),
    edit: (name: string, change: (text: string) => string): void =>
      writeFileSync(join(project, name), change(readFileSync(join(project, name), "utf8"))),
    remove: (): void => rmSync(folder, { recursive: true, force: true })
  }
}
