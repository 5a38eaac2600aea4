import { type Captured, capture } from "./capture.ts"
import { type ConfigValue, STACK } from "./stack-config.ts"

/**
 * Captures the stack that runs on this machine. Every run, and every command on its folder, has the table of what agents did: an erasure
 * does not search a table that it does not know. Pulumi notes a stack trace for each promise that it makes, for a report of leaks that
 * nobody asks for here; short ones make a capture about twice as fast.
 */
export const captureDev = async (overrides: Readonly<Record<string, ConfigValue>>): Promise<Captured> => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 1
  try {
    return await capture(STACK, { agentIntervals: true, ...overrides })
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
