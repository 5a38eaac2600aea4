import { type ChildProcess, spawn } from "node:child_process"
import { parseArgs } from "node:util"
import { journalOf } from "./journal.ts"
import { reportOf } from "./report.ts"
import { narrowed, ROOT, rooms } from "./rooms.ts"

const USAGE = `Usage: npm run test:mutation -- [options] [room ...]

Changes the code in one place at a time and runs the fast tests that reach it. A change that no test notices is a survivor.
Rooms: ${Object.keys(rooms).join(", ")}. Without one, all are run. A run that was stopped goes on where it was.

  --restart       forget what earlier runs have learned
  --report        run nothing, print what is known
  --quick         run the first pass alone: quick tests, which kill most
  --source PATH   change the code of this file or folder alone; may be repeated
  --only PATH     run the tests of this file or folder alone; may be repeated
`

/** Quick tests kill most mutants, and the slow ones need not try those any more. A mutant that survives many goes on in the last pass. */
const PASSES = [
  { MUTATION_QUICK_MS: "250", MUTATION_MOST_MS: "2000" },
  { MUTATION_LOADS: "1", MUTATION_MOST_MS: "5000" },
  { MUTATION_MOST_MS: "8000" }
] as const

const kill = ({ pid }: ChildProcess) => {
  // The whole group: the tests run in a process of vitest's own.
  if (pid !== undefined) process.kill(-pid, "SIGKILL")
}

let running: ChildProcess | undefined

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    if (running !== undefined) kill(running)
    process.exit(130)
  })

/** One pass over the tests of a room. False: it was cut short, and another pass goes on from there. */
const pass = async (room: string, env: Readonly<Record<string, string>>): Promise<boolean> => {
  const journal = journalOf(room)
  const cuts = () => journal.entries().filter(({ is }) => is === "again" || is === "hung").length
  const before = cuts()
  const args = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/mutation/vitest.config.ts"]
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    detached: true,
    stdio: "ignore",
    env: { ...process.env, CI: "1", MUTATION_ROOM: room, ...env }
  })
  running = child
  await new Promise<void>((resolve) => child.on("exit", () => resolve()))
  running = undefined
  return cuts() === before
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    restart: { type: "boolean" },
    report: { type: "boolean" },
    quick: { type: "boolean" },
    source: { type: "string", multiple: true, default: [] },
    only: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", short: "h" }
  }
})

if (values.help === true) process.stdout.write(USAGE)
else {
  const wanted = positionals.length > 0 ? positionals : Object.keys(rooms)
  const { source, only } = values
  for (const room of wanted) narrowed(room, { source, only })
  let enough = true
  for (const room of wanted) {
    if (values.restart === true) journalOf(room).clear()
    if (values.report !== true)
      for (const env of values.quick === true ? PASSES.slice(0, 1) : PASSES)
        while (!(await pass(room, { ...env, MUTATION_NARROWED: JSON.stringify({ source, only }) })));
    const { text, isEnough } = reportOf(room, source)
    process.stdout.write(text)
    enough &&= isEnough
  }
  process.exitCode = enough ? 0 : 1
}
