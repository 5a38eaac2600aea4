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

const DAY_MS = 86_400_000

const padded = (count: number, width: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, n) => String(n).padStart(width, "0"))
const [TWO, THREE] = [padded(60, 2), padded(1_000, 3)]

/** Days that were asked for, up to the hour, because a `Date` takes four times as long: eleven years of them, then anew. */
const days = new Map<number, string>()
const MOST_DAYS = 4_096

const dayOf = (day: number): string => {
  const known = days.get(day)
  if (known !== undefined) return known
  if (days.size === MOST_DAYS) days.clear()
  const text = new Date(day * DAY_MS).toISOString().slice(0, -"00:00:00.000Z".length)
  days.set(day, text)
  return text
}

/** Epoch ms as ISO-8601 UTC with milliseconds, the form in which every column shows a time. Throws for what is no time. */
export const iso = (ms: number): string => {
  const whole = Math.trunc(ms)
  const day = Math.floor(whole / DAY_MS)
  const rest = whole - day * DAY_MS
  const second = Math.floor(rest / 1_000)
  const minute = Math.floor(second / 60)
  return `${dayOf(day)}${TWO[Math.floor(minute / 60)]}:${TWO[minute % 60]}:${TWO[second % 60]}.${THREE[rest % 1_000]}Z`
}
