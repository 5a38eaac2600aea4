import type { Captured } from "../../src/local/capture.ts"
import { bigLine, historyOf } from "../support/history.ts"
import { unlistableLine } from "../support/hostile.ts"
import { runStack } from "../support/stack.ts"

/** The roles that an event meets on its way. Those that act when something was given up need that something. */
export const ROLES = ["feed", "append", "project"]

/** Lines that bring the stack to do everything that it can do: store, overflow, recognise, refuse, park, insert, update, summarise. */
const lines = historyOf(240).map(({ line }) => line)
const [early, late] = [
  [...lines.slice(0, 200), bigLine("big"), bigLine("big"), "{", unlistableLine("unlistable", "agent")],
  [...lines.slice(200), ...lines.slice(0, 20)]
]

/** Feeds everything. Returns what was refused on the way, what was never used, and what the stack threw. */
export const attempt = async (stack: Captured) => {
  let run: Awaited<ReturnType<typeof runStack>> | undefined
  try {
    run = await runStack({ captured: stack })
    for (const part of [early, late]) {
      for (const line of part) run.send(line)
      await run.reach(run.clock.now() + 15_000)
    }
    return { denied: run.stack.denied(), unused: run.stack.unused(), error: "" }
  } catch (error) {
    return { denied: run?.stack.denied() ?? [], unused: [], error: String(error) }
  } finally {
    await run?.stack.stop()
  }
}
