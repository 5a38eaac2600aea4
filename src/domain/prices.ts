/** US dollars of a unit of a table on demand in us-east-1 without a free tier, seen in November 2026. Other regions differ by some tenths. */
export const unitPrices = { writeUnit: 0.625 / 1_000_000, readUnit: 0.125 / 1_000_000 } as const

/** Bytes that a unit reads of a scan that is not consistent. */
export const SCANNED_BYTES_A_UNIT = 8_192
