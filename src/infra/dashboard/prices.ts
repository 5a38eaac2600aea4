import { unitPrices } from "../../domain/prices.ts"

/** US dollars in us-east-1 without a free tier, seen in November 2026. Other regions differ by some tenths: this shows what grows. */
export const prices = {
  /** Each event that a custom or partner bus takes, by 64 KB. */
  event: 1 / 1_000_000,
  /** Each record that is put, by 25 KB. */
  streamPut: 0.014 / 1_000_000,
  shardHour: 0.015,
  /** arm64. */
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1_000_000,
  /** Each call on a standard queue, by 64 KB. */
  queueRequest: 0.4 / 1_000_000,
  ...unitPrices,
  logGb: 0.5
} as const
