import { realClock, virtualClock } from "aws-in-process/clock"
import type { ConnectionSettings } from "../store/connection.ts"
import { captureDev } from "./capture-dev.ts"
import { heldText } from "./held-folder.ts"
import { reachRun } from "./operator-line.ts"
import { SIMULATED_SOURCE } from "./partner.ts"
import { startStack } from "./stack.ts"
import { runUntil } from "./until.ts"

/** A folder of tables and buckets, opened for whoever sits at the machine. */
export interface OpenFolder {
  /** The stack's outputs. */
  readonly outputs: Readonly<Record<string, unknown>>
  readonly connection: ConnectionSettings
  /** No run holds it: its functions work when it is closed. */
  readonly offline: boolean
  /** Lets the functions work off what was put on the stream or a queue, then lets go of the folder. */
  readonly close: () => Promise<void>
}

export { isDataFolder } from "./data-folder.ts"

/**
 * Opens what `npm start -- --data` has left. Engine time stands still until it is closed, and then runs as fast as the machine. Where a
 * run holds the folder, it is reached instead, and goes on in its own time.
 */
export const openFolder = async (path: string): Promise<OpenFolder> => {
  const run = await reachRun(path)
  if (run !== undefined) return { ...run, offline: false, close: async () => {} }
  const captured = await captureDev({ genesysEventSource: SIMULATED_SOURCE })
  const clock = virtualClock(realClock().now())
  const stack = await startStack({ captured, clock, seed: 1, chaos: 0, path, bulk: true, onLog: () => {} }).catch(
    (error: Error) => {
      throw new Error(heldText("--local", path, error) ?? error.message, { cause: error })
    }
  )
  return {
    outputs: captured.outputs,
    connection: stack.operator,
    offline: true,
    close: async () => {
      try {
        await runUntil(clock, stack)
      } finally {
        await stack.stop()
      }
    }
  }
}
