import type { EventId } from "./ids.ts"

/**
 * When an update happened, and which of two updates of one register wins.
 *
 * `clock` is the register's own event time and `published` is when Genesys sent the notification, both in epoch milliseconds;
 * `eventId` is the envelope id. Two different events never share an id, so the order is total on every machine.
 */
export interface Stamp {
  readonly clock: number
  readonly published: number
  readonly eventId: EventId
}

/** Negative when `a` is before `b`, positive when after, zero only for the same event at the same clock. */
export const compareStamps = (a: Stamp, b: Stamp): number =>
  a.clock - b.clock ||
  a.published - b.published ||
  // Code units, not locale: the same answer everywhere.
  (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0)

/**
 * The skew rule: a clock more than `skew` ms ahead of the event's first arrival is not believed and becomes that arrival.
 * The arrival is stored with the event, so a replay years later decides the same.
 */
export const clampFutureClock = (clock: number, received: number, skew: number): number =>
  clock > received + skew ? received : clock

/** Epoch ms as ISO-8601 UTC with milliseconds, the form in which every column shows a time. */
export const iso = (ms: number): string => new Date(ms).toISOString()
