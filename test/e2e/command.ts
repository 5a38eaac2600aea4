import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync } from "node:fs"

const root = new URL("../../", import.meta.url)

/** What `npm start` runs, word for word. */
const [, ...words] = (
  JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { scripts: { start: string } }
).scripts.start.split(" ")

export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly ended: Promise<Run>
}

/** Two at a time: each takes a core. */
const slots = { free: 2, waiting: [] as Array<() => void> }

const slot = async () => {
  if (slots.free > 0) slots.free--
  else await new Promise<void>((resolve) => slots.waiting.push(resolve))
  return () => {
    const next = slots.waiting.shift()
    if (next === undefined) slots.free++
    else next()
  }
}

/** Starts the command as `npm start -- ...args` would. `temp` is where its temporary folders go. */
export const launch = async (args: ReadonlyArray<string>, temp?: string): Promise<Running> => {
  const leave = await slot()
  const env = { ...process.env, ...(temp === undefined ? {} : { TMPDIR: temp }) }
  const child = spawn(process.execPath, [...words, ...args], { cwd: root, env, stdio: "pipe" })
  let [stdout, stderr] = ["", ""]
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
  })
  const ended = new Promise<Run>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => {
      leave()
      resolve({ code, stdout, stderr })
    })
  })
  return { child, stdout: () => stdout, ended }
}

/** Runs it to its end, with `input` on standard input. */
export const npmStart = async (args: ReadonlyArray<string>, input = ""): Promise<Run> => {
  const { child, ended } = await launch(args)
  // Who complains of an option reads no input.
  child.stdin?.on("error", () => {}).end(input)
  return ended
}
