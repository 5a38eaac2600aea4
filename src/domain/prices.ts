/** US dollars of a unit of a table on demand in us-east-1 without a free tier, seen in November 2026. Other regions differ by some tenths. */
export const unitPrices = { writeUnit: 0.625 / 1_000_000, readUnit: 0.125 / 1_000_000 } as const

/** US dollars of a request for the records of a stream, in the same place. Lambda's own are free, and so are the first 2.5 million a month. */
export const STREAM_REQUEST = 0.02 / 100_000

/**
 * US dollars of one event on its way through a stack, at most, in the same place: bus, stream, functions, tables, queue and logs. Storage and
 * what a stack costs while it is idle are not in it. `docs/costs.md` counts it, and its test holds this number.
 */
export const EVENT_DOLLARS = 4 / 1_000_000

/** Bytes that a unit reads of a scan that is not consistent. */
export const SCANNED_BYTES_A_UNIT = 8_192

/**
 * US dollars of a byte that is read from the archive, in the same place: the retrieval of `STANDARD_IA`, and a request for each object of about
 * 100 KB. `GLACIER_IR` costs three times as much, `STANDARD` the request alone.
 */
export const ARCHIVE_BYTE_READ = 0.01 / 1e9 + 0.001 / 1_000 / 100_000

/** US dollars of a GB-second of a function on Graviton, in the same place. */
const GB_SECOND = 0.0000133334

/** GB of the function that sweeps the Genesys Cloud API. */
const RECONCILE_GB = 0.5

/** Read units of a sweep for each agent, queue and member of a queue, counted by the test of `docs/costs.md`. */
export const sweepReads = { agent: 3, queue: 2, member: 2 } as const

/** US dollars of a sweep that sends nothing: what it reads of the tables, and the function, which waits for its turns for `ms`. */
export const sweepDollars = (
  counts: { readonly agents: number; readonly queues: number; readonly members: number },
  ms: number
): number =>
  unitPrices.readUnit *
    (counts.agents * sweepReads.agent + counts.queues * sweepReads.queue + counts.members * sweepReads.member) +
  (ms / 1_000) * RECONCILE_GB * GB_SECOND
