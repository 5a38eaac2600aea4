import { execFileSync } from "node:child_process"
import { pathToFileURL } from "node:url"
import { type Deployed, environmentAt } from "./deployed.ts"

/** From the first line of a module until all that it began is done: what Lambda waits for before the first invocation. */
const PROGRAM = `
const began = performance.now()
process.on("beforeExit", () => { process.stdout.write(String(performance.now() - began)); process.exit() })
const { handler } = await import(process.argv[1])
if (typeof handler !== "function") throw new Error("there is no handler")
`

/** Milliseconds of a start in a fresh process. */
const start = (file: string, env: Readonly<Record<string, string>>): number =>
  Number(
    execFileSync(process.execPath, ["--input-type=module", "--eval", PROGRAM, pathToFileURL(file).href], {
      env,
      encoding: "utf8"
    })
  )

/** Milliseconds by round: of the function, and of its clients of AWS alone. Nothing is called, so nothing needs to answer. */
export const starts = (fn: Deployed, rounds: number) => {
  const env = environmentAt(9, [fn])
  const [whole, bare]: [Array<number>, Array<number>] = [[], []]
  for (let round = -1; round < rounds; round++) {
    const both = [
      [whole, fn.file],
      [bare, fn.bareFile]
    ] as const
    for (const [times, file] of round % 2 === 0 ? both : both.toReversed()) {
      const ms = start(file, env)
      // The first reads the file from the disk.
      if (round >= 0) times.push(ms)
    }
  }
  return { whole, bare }
}
