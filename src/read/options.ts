import type { Duration } from "effect"
import type { GenesysOptions } from "../genesys-api/options.ts"
import type { ConnectionSettings } from "../store/connection.ts"

/** How one call reads. The reader's options are the default of each. */
export interface ReadOptions {
  /**
   * Reads the last write, at twice the cost. Without it, an answer may miss the writes of the last second.
   * Default: false.
   */
  readonly consistent?: boolean
  /** The greatest age of an answer, by `settledThrough`: ms, or a duration such as `"30 seconds"`. Older ones fail with `StaleAnswer`. Default: any age. */
  readonly maxAge?: Duration.Input
}

/** How `rows` reads. */
export interface RowsOptions extends ReadOptions {
  /** Returns also the rows that have closed and are not deleted yet, such as ended sessions. Default: false. */
  readonly closed?: boolean
}

/** Which stack to read, and how. Region, credentials and endpoint come from the environment by default, as for any AWS client. */
export interface ReaderOptions extends ReadOptions, ConnectionSettings {
  /** The stack's output `prefix`, such as `genesys-cloud-projections-prod`. */
  readonly prefix: string
  /** The cache TTL of the active generation and of the watermark. Default: 5 s, which is also the most. */
  readonly remember?: Duration.Input
  /** The longest time of a call, retries of throttled and failed requests included. Default: 5 s; at most a minute. */
  readonly timeout?: Duration.Input
  /** How `critical` reaches the Genesys Cloud API. Without it only that call fails. */
  readonly genesys?: GenesysOptions
}
