import { spawnSync } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { journalOf } from "./journal.ts"
import { ROOT } from "./rooms.ts"

const room = `watched-${process.pid}`

afterAll(() => rmSync(join(ROOT, "node_modules/.cache/mutation", room), { recursive: true }))

/** Runs a process that is watched, and looked at every 20 ms. `busy` works for so many CPU ms. */
const run = (body: string) => {
  const script = `
    import { cpuNow } from "./test/mutation/failure.ts"
    import { watched } from "./test/mutation/watch.ts"
    const watch = watched(${JSON.stringify(room)}, 20)
    const busy = (ms) => { for (const until = cpuNow() + ms; cpuNow() < until; ); }
    // The thread has started once it lets this one go on.
    await new Promise((resolve) => setTimeout(resolve, 300))
    ${body}`
  journalOf(room).clear()
  const { status, signal, stderr } = spawnSync(process.execPath, ["-e", script], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 60_000
  })
  return { status, signal, stderr, learned: journalOf(room).entries() }
}

describe("a process that tries mutants", () => {
  it("is ended by one that lets nothing else of it run, which counts as killed by the time", () => {
    const { signal, learned } = run("watch.begin(7, 100)\nfor (;;);")
    assert.strictEqual(signal, "SIGKILL")
    assert.deepStrictEqual(learned, [{ is: "hung", id: 7 }])
  })

  it("goes on where a mutant works less than it may, waits, or has ended", () => {
    const { status, stderr, learned } = run(`
      watch.begin(7, 2_000)
      busy(100)
      watch.begin(8, 150)
      await new Promise((resolve) => setTimeout(resolve, 250))
      watch.end()
      busy(250)`)
    assert.deepStrictEqual([status, stderr, learned], [0, "", []])
  })
})
