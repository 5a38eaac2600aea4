import { Context, type Effect } from "effect"
import type { StoreError } from "./store-error.ts"

/** One run of the state machine. `startedAt`: epoch ms. `error` and `cause`: what it ended with, other than well. */
export interface Execution {
  readonly status: "running" | "succeeded" | "failed" | "timedOut" | "aborted"
  readonly startedAt: number
  readonly error?: string
  readonly cause?: string
}

/**
 * Executions of the stack's state machine, by name. A name is used once: `start` begins an execution, or does nothing where one with the
 * same input runs under it (`started` both times), and returns `taken` where the name is used up. `status` is undefined for a
 * name that was never used, and for some seconds after `start` may be so still.
 */
export class Executions extends Context.Service<
  Executions,
  {
    readonly start: (name: string, input: string) => Effect.Effect<"started" | "taken", StoreError>
    readonly status: (name: string) => Effect.Effect<Execution | undefined, StoreError>
  }
>()("projections/Executions") {}
