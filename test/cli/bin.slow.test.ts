import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { feed } from "../../src/local/feed.ts"
import { START, statusLine } from "../support/history.ts"

const bin = join(import.meta.dirname, "../../src/bin/projections.ts")

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "operator-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const projections = (...args: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
    execFile(process.execPath, [bin, ...args], (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    )
  })

// Each process takes seconds where others run beside it, so that there are few; what they say is proved without.
describe("the command as a process", () => {
  it("[P7] works on a folder that a run has left, and brings an event back in it", { timeout: 120_000 }, async () => {
    const [path, file] = [join(folder, "data"), join(folder, "events.ndjson")]
    const lines = [
      statusLine("e-1", "IDLE", START),
      statusLine("e-1", "INTERACTING", START),
      "not json jane@example.com"
    ]
    writeFileSync(file, lines.join("\n"))
    await feed({ file, now: START, seed: 1, chaos: 0, path })

    const { settled } = JSON.parse((await projections("status", "--json", "--local", path)).out)
    assert.isAbove(Date.parse(settled.through), START + 60_000, "the events are settled, and status says so")

    const why = ["--why", "ticket 7", "--local", path]
    const redriven = await projections("quarantine", "redrive", "--reason", "Conflict", "--force", "--yes", ...why)
    assert.deepStrictEqual([redriven.code, redriven.out], [0, "1 event redriven\n"])
    assert.match(redriven.err, /^recorded: \S+@\S+, quarantine redrive, redriven, because: ticket 7 \(audit\/\S+\)\n$/)

    const shown = await projections("quarantine", "show", "--json", ...why)
    const events = JSON.parse(shown.out).events as ReadonlyArray<{ reason: string; received: string; event: unknown }>
    // It was worked off before the folder was let go, and came back, as conflicts do: with another arrival.
    assert.deepStrictEqual(events.map(({ reason }) => reason).toSorted(), ["Conflict", "NotJson"])
    assert.isAbove(
      Date.parse(events.find(({ reason }) => reason === "Conflict")?.received ?? ""),
      Date.parse(events.find(({ reason }) => reason === "NotJson")?.received ?? "")
    )
    assert.notInclude(shown.out + shown.err, "jane")

    const search = ["--search", "--agent", "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"]
    const searched = await projections("erase", ...search, ...why)
    assert.strictEqual(searched.code, 0, searched.err)
    assert.notInclude(searched.err, "\u001b", "a progress line is for terminals")
  })

  it("says on standard error what is wrong, and ends with 1", async () => {
    const { code, out, err } = await projections("quarantine", "list", "--local", folder)
    assert.deepStrictEqual([code, out], [1, ""])
    assert.match(err, /holds no data of a run: give the folder that was given to npm start -- --data\n$/)
  })
})
