import { type Captured, capture } from "./capture.ts"
import type { ConfigValue } from "./stack-config.ts"

/** The Pulumi stack whose resources run on this machine. */
export const STACK = "dev"

/**
 * Captures the stack that runs on this machine. Pulumi notes a stack trace for each promise that it makes, for a report of leaks that
 * nobody asks for here; short ones make a capture about twice as fast.
 */
export const captureDev = async (overrides: Readonly<Record<string, ConfigValue>>): Promise<Captured> => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 1
  try {
    return await capture(STACK, overrides)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
