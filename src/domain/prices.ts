/** US dollars of a unit of a table on demand in us-east-1 without a free tier, seen in November 2026. Other regions differ by some tenths. */
export const unitPrices = { writeUnit: 0.625 / 1_000_000, readUnit: 0.125 / 1_000_000 } as const

/**
 * US dollars of one event on its way through a stack, at most, in the same place: bus, stream, functions, tables, queue and logs. Storage and
 * what a stack costs while it is idle are not in it. `docs/costs.md` counts it, and its test holds this number.
 */
export const EVENT_DOLLARS = 4 / 1_000_000

/** Bytes that a unit reads of a scan that is not consistent. */
export const SCANNED_BYTES_A_UNIT = 8_192
