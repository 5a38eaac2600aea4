import type { Duration } from "effect"
import type { GenesysOptions } from "../genesys-api/options.ts"
import type { ConnectionSettings } from "../store/connection.ts"
import type { ServiceLevelOptions } from "./service-level.ts"

/** How one call reads. The reader's options are the default of each. */
export interface ReadOptions {
  /**
   * Reads the last write, at twice the cost. Without it, an answer may miss the writes of the last second.
   * Default: false.
   */
  readonly consistent?: boolean
  /** The greatest age of an answer, by `settledThrough`: ms, or a duration such as `"30 seconds"`. Older ones fail with `StaleAnswer`. Default: any age. */
  readonly maxAge?: Duration.Input
  /**
   * Returns with the answer what the organisation calls the agents, queues, wrap-up codes and presences in it. A name is remembered for a
   * minute; others take half a unit each, in one `BatchGetItem` for each 100. Default: false.
   */
  readonly names?: boolean
}

/** How `rows` reads. */
export interface RowsOptions extends ReadOptions {
  /** Returns also the rows that have closed and are not deleted yet, such as ended sessions. Default: false. */
  readonly closed?: boolean
}

/** How `interval` and `today` sum. */
export interface IntervalOptions extends ReadOptions {
  /** The length of the intervals that are listed, in minutes, from the first on: 15, 30 or 60. Default: 15. */
  readonly minutes?: 15 | 30 | 60
  /** Only sessions of one medium, as Genesys spells it (`VOICE`). Default: all. */
  readonly mediaType?: string
}

/** How `agentInterval` and `agentToday` sum. */
export type AgentIntervalOptions = Omit<IntervalOptions, "mediaType">

/** Which entries of the directory `list` returns. */
export interface ListOptions {
  /** Only those of the division with this id. */
  readonly division?: string
  /** Only agents of the team with this id. */
  readonly team?: string
  /** Only those whose name begins with this text, whatever its case, its accents and its white space are. */
  readonly name?: string
  /** The most entries of a page: 1 to 500. Default: 100. */
  readonly limit?: number
  /** `next` of the page before. It holds a name: keep it out of logs. */
  readonly after?: string
}

/** Which stack to read, and how. Region, credentials and endpoint come from the environment by default, as for any AWS client. */
export interface ReaderOptions extends ReadOptions, ConnectionSettings {
  /** The stack's output `prefix`, such as `genesys-cloud-projections-prod`. */
  readonly prefix: string
  /** The cache TTL of the active generation and of the watermark. Default: 5 s, which is also the most. */
  readonly remember?: Duration.Input
  /** The longest time of a call, retries of throttled and failed requests included. Default: 5 s; at most a minute. */
  readonly timeout?: Duration.Input
  /**
   * How `interval` and `today` judge queues: the time to answer in, the target, and what counts as missed. Default: 80 % within 20 s, abandons
   * of 10 s and more missed.
   */
  readonly serviceLevel?: ServiceLevelOptions
  /** How `critical` reaches the Genesys Cloud API. Without it only that call fails. */
  readonly genesys?: GenesysOptions
}
