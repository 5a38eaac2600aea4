import type { Duration } from "effect"
import type { ConnectionSettings } from "../store/connection.ts"
import type { GenesysOptions } from "./genesys/options.ts"

/** How one call reads. What is absent is as the reader's options say. */
export interface ReadOptions {
  /**
   * Read what was written last, at twice the cost; otherwise an answer may miss the last second's writes.
   * Off unless set.
   */
  readonly consistent?: boolean
  /** How old an answer may be, by `settledThrough`: ms, or a duration such as `"30 seconds"`. Older ones fail with `StaleAnswer`. */
  readonly maxAge?: Duration.Input
}

/** Which stack is read, and how. Region, credentials and endpoint are those of the environment unless given, as for any client of AWS. */
export interface ReaderOptions extends ReadOptions, ConnectionSettings {
  /** The stack's output `prefix`, such as `genesys-cloud-projections-prod`. */
  readonly prefix: string
  /** For how long it is remembered which generation is read and what has settled: at most 5 s, which is what it is unless set. */
  readonly remember?: Duration.Input
  /** How long a call may go on, retries of throttled and broken ones included; 5 s unless set, and at most a minute. */
  readonly timeout?: Duration.Input
  /** How `critical` reaches the Genesys Cloud API. Without it that call fails, and nothing else does. */
  readonly genesys?: GenesysOptions
}
