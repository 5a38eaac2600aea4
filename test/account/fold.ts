import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import type { StateDocument } from "../../src/wallboard/document.ts"

const root = join(import.meta.dirname, "../..")
const node = promisify(execFile)

/** What `npm start -- --events` makes of events, whatever bus they came through. */
export const foldLocally = async (lines: ReadonlyArray<string>): Promise<StateDocument> => {
  const folder = mkdtempSync(join(tmpdir(), "fold-"))
  try {
    const file = join(folder, "events.jsonl")
    const ours = lines.map((line) => JSON.stringify({ ...JSON.parse(line), source: SIMULATED_SOURCE }))
    writeFileSync(file, ours.map((line) => `${line}\n`).join(""))
    const words = ["src/local/main.ts", "--events", file, "--json"]
    const { stdout } = await node(process.execPath, words, { cwd: root, maxBuffer: 1e9 })
    const { agents, queues } = JSON.parse(stdout)
    return { agents, queues }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
