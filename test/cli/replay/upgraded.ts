import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { raised } from "../../support/generations.ts"
import { historyOf, START } from "../../support/history.ts"
import { devStack } from "../../support/stack.ts"
import { operate } from "../harness.ts"

/** A folder that is gone after the test. */
export const folder = () => {
  const path = mkdtempSync(join(tmpdir(), "replay-"))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** A folder that one commit has filled with a history, opened by the next commit, which has raised a version. */
export const upgraded = async (path: string, count: number) => {
  const before = await operate({ path })
  before.feed(historyOf(count))
  await before.reach(START + 1_000)
  await before.settle()
  const start = before.clock.now()
  await before.stack.stop()
  return operate({ path, start, captured: raised(await devStack()) })
}
