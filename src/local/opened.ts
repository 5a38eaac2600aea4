import type { EngineClock } from "aws-in-process"
import type { Captured } from "./capture.ts"
import { type CentreOptions, openCentre, SWEEP } from "./centre.ts"
import { type StackOptions, startStack } from "./stack.ts"

export interface OpenedOptions extends Pick<CentreOptions, "seed" | "agents" | "queues" | "rate" | "chaos" | "lose"> {
  readonly captured: Captured
  readonly clock: EngineClock
  /** Where tables and buckets are kept; in memory when absent. */
  readonly path?: string
  readonly onLog: StackOptions["onLog"]
}

/**
 * Starts the stack in the middle of a contact centre's day, with the first sweep under way. Nothing has happened in the centre for the
 * settle window before: what happens in it is seen when it ends, so agents who had just changed would be missing for as long.
 */
export const openLive = async ({ captured, clock, path, onLog, ...centre }: OpenedOptions) => {
  const start = clock.now()
  const rested = Number(captured.outputs.settleWindowSeconds) * 1_000
  const opened = openCentre({ ...centre, rested, start }, clock.now)
  const { genesys } = opened
  const { seed, chaos } = centre
  const place = path === undefined ? {} : { path }
  const stack = await startStack({ captured, clock, seed, chaos, genesys, prompt: true, onLog, ...place })
  // Before all else, so that the first picture is there soon after the first frame.
  stack.call("reconcile", SWEEP)
  return { ...opened, stack }
}
