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

/** MiB of the functions of a `ReadApi`: of that which answers, and of that which streams changes. */
export const READ_API_MB = { calls: 512, changes: 256 } as const

/** US dollars in the same place: a request to a REST API of API Gateway, a streamed reply of up to 10 MB included; and an invocation of a function. */
const requestPrices = { api: 3.5 / 1_000_000, invocation: 0.2 / 1_000_000 } as const

/** Read units that a reader spends on the control table each time that it looks, and seconds between two looks. */
const CONTROL = { units: 3, seconds: 5 } as const

/** US dollars of a request to a `ReadApi` that takes so many ms and reads so many units. */
export const readRequestDollars = ({ ms, readUnits }: { readonly ms: number; readonly readUnits: number }): number =>
  requestPrices.api +
  requestPrices.invocation +
  (ms / 1_000) * (READ_API_MB.calls / 1_024) * GB_SECOND +
  readUnits * unitPrices.readUnit

/** US dollars of an hour of one client of a stream of changes: it follows so many agents and queues, each half a unit whenever it reads. */
export const streamHourDollars = ({
  entities,
  pollSeconds,
  streamSeconds
}: {
  readonly entities: number
  readonly pollSeconds: number
  readonly streamSeconds: number
}): number =>
  3_600 * (READ_API_MB.changes / 1_024) * GB_SECOND +
  (3_600 / streamSeconds) * (requestPrices.api + requestPrices.invocation) +
  ((3_600 / pollSeconds) * (entities / 2) + (3_600 / CONTROL.seconds) * CONTROL.units) * unitPrices.readUnit
