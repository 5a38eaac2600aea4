import type { VirtualClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import type { Stack } from "./stack.ts"

/** Engine time after which what has not happened never will: longer than any retry, delay or dead letter takes. */
const PATIENCE_MS = 7 * 24 * 3_600_000

/** Runs a stack as fast as the machine until `goal`, or until nothing is on its way any more. Rejects with what is still waiting. */
export const runUntil = (clock: VirtualClock, stack: Stack, goal: () => boolean = stack.quiet): Promise<void> =>
  runVirtual(clock, {
    pending: stack.pending,
    until: goal,
    limit: PATIENCE_MS,
    waiting: () => JSON.stringify(stack.backlog())
  })
