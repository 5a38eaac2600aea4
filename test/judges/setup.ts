import { type ChildProcess, spawn } from "node:child_process"
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { REGION } from "./endpoints.ts"

/** An engine that judges ours, and how a developer comes by it. Nothing is installed from here. */
interface Engine {
  readonly name: string
  /** The variable of its URL: set by you, it is used as it is; else the command is started. */
  readonly variable: "JUDGE_DYNOXIDE" | "JUDGE_MINISTACK"
  readonly command: string
  readonly args: (port: number) => ReadonlyArray<string>
  readonly env: (port: number, home: string) => NodeJS.ProcessEnv
  readonly install: string
}

const engines: ReadonlyArray<Engine> = [
  {
    name: "dynoxide 3.2.0",
    variable: "JUDGE_DYNOXIDE",
    command: "dynoxide",
    args: (port) => ["serve", "--host", "127.0.0.1", "--port", String(port)],
    env: () => ({}),
    install:
      "cargo install dynoxide-rs --version 3.2.0 --no-default-features --features native-sqlite,http-server,cli --locked"
  },
  {
    name: "MiniStack 1.5.33",
    variable: "JUDGE_MINISTACK",
    command: "ministack",
    args: () => [],
    env: (port, home) => ({
      HOME: home,
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: REGION,
      IOT_MTLS_ENABLED: "0",
      LOG_LEVEL: "WARNING",
      // It runs functions with the Node that it finds first.
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter)
    }),
    install: "python3 -m venv judges && judges/bin/pip install ministack==1.5.33, with judges/bin on the PATH"
  }
]

const onPath = (command: string): string | undefined =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

const START_MS = 60_000

const answers = async (url: string, child: ChildProcess, name: string): Promise<void> => {
  const until = Date.now() + START_MS
  for (;;) {
    const up = await fetch(url).then(
      () => true,
      () => false
    )
    if (up) return
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} before it listened`)
    if (Date.now() > until) throw new Error(`${name} does not listen at ${url} within ${START_MS / 1_000} s`)
    await pause(200)
  }
}

const say = (line: string) => process.stdout.write(`${line}\n`)

/** Starts the engines that are installed, says how to install the others, and ends what it has started. */
export default async (): Promise<() => void> => {
  const home = mkdtempSync(join(tmpdir(), "judges-"))
  const started: Array<ChildProcess> = []
  const stop = () => {
    for (const child of started) child.kill()
    rmSync(home, { recursive: true, force: true })
  }
  process.once("exit", stop)
  for (const { name, variable, command, args, env, install } of engines) {
    const given = process.env[variable]
    if (given !== undefined) {
      say(`${name}: at ${given}, as ${variable} says`)
      continue
    }
    const file = onPath(command)
    if (file === undefined) {
      say(`${name}: not installed, so its suites are skipped. Install it with: ${install}`)
      continue
    }
    const port = await freePort()
    const child = spawn(file, args(port), {
      env: { ...process.env, ...env(port, home) },
      stdio: "ignore",
      cwd: home
    })
    started.push(child)
    const url = `http://127.0.0.1:${port}`
    await answers(url, child, name)
    process.env[variable] = url
    say(`${name}: started at ${url}`)
  }
  return stop
}
