const EARLIEST = Date.UTC(1990, 0, 1)
const END = Date.UTC(2200, 0, 1)

/** Numbers below are seconds: as milliseconds they would lie before 1973. */
const SECONDS_BELOW = 1e11

const inRange = (ms: number): number | undefined => (ms >= EARLIEST && ms < END ? ms : undefined)

const fromNumber = (value: number): number | undefined =>
  // Seconds carry their fraction in binary: settle it at microseconds, or 5.09 s would truncate to 5089 ms.
  inRange(Math.trunc(Math.abs(value) < SECONDS_BELOW ? Math.round(value * 1e6) / 1e3 : value))

const daysIn = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : month === 4 || month === 6 || month === 9 || month === 11
      ? 30
      : 31

/** Days from 1970 to a date. `Date.UTC` gives the same and takes most of the time of a whole parse. */
const daysBefore = (year: number, month: number, day: number): number => {
  // Years that begin in March have their leap day at the end.
  const [y, m] = month > 2 ? [year, month - 3] : [year - 1, month + 9]
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400)
  return y * 365 + leapDays + Math.floor((m * 153 + 2) / 5) + day - 719_469
}

/** What is not a digit makes every number that it is part of negative, and stays so however the digits beside it add up. */
const NOT_DIGITS = -1_000_000

const digit = (text: string, at: number): number => {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57 ? code - 48 : NOT_DIGITS
}

const two = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1)

const [DOT, COLON, DASH, PLUS, T, Z] = [46, 58, 45, 43, 84, 90] as const

/** Minutes east of UTC that the text from `at` on states, NaN when it states no zone. None at all is UTC. */
const zone = (text: string, at: number): number => {
  const rest = text.length - at
  if (rest === 0) return 0
  const sign = text.charCodeAt(at)
  if (sign === Z) return rest === 1 ? 0 : Number.NaN
  if (sign !== PLUS && sign !== DASH) return Number.NaN
  const minutesAt = text.charCodeAt(at + 3) === COLON ? at + 4 : at + 3
  const hours = two(text, at + 1)
  const minutes = rest === 3 ? 0 : text.length === minutesAt + 2 ? two(text, minutesAt) : NOT_DIGITS
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN
  return (hours * 60 + minutes) * (sign === DASH ? -1 : 1)
}

const isShaped = (text: string): boolean =>
  text.charCodeAt(4) === DASH &&
  text.charCodeAt(7) === DASH &&
  text.charCodeAt(10) === T &&
  text.charCodeAt(13) === COLON &&
  text.charCodeAt(16) === COLON

const within = (value: number, least: number, greatest: number): boolean => value >= least && value <= greatest

const fromText = (text: string): number | undefined => {
  if (!isShaped(text)) return undefined
  const year = two(text, 0) * 100 + two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  const hour = two(text, 11)
  const minute = two(text, 14)
  const second = two(text, 17)
  // A 60th second is a leap second.
  const exists =
    within(month, 1, 12) &&
    within(day, 1, daysIn(year, month)) &&
    within(hour, 0, 23) &&
    within(minute, 0, 59) &&
    within(second, 0, 60)
  if (!exists) return undefined

  let at = 19
  let milliseconds = 0
  if (text.charCodeAt(at) === DOT) {
    const first = ++at
    for (let value = digit(text, at), unit = 100; value >= 0; value = digit(text, ++at)) {
      milliseconds += value * unit
      unit = unit === 100 ? 10 : unit === 10 ? 1 : 0
    }
    if (!within(at - first, 1, 9)) return undefined
  }
  const seconds = (hour * 60 + minute - zone(text, at)) * 60 + second
  return inRange(daysBefore(year, month, day) * 86_400_000 + seconds * 1_000 + milliseconds)
}

/**
 * The one reading of a time in an event: epoch ms, or `undefined` for what is not a time between 1990 and 2199.
 *
 * Text: ISO-8601 date and time, `Z` or an offset (`+01:00`, `+0100`, `+01`), no zone meaning UTC, up to nine fraction digits cut to
 * ms, a leap second meaning the next one. Numbers: epoch milliseconds, or seconds when below 1e11. Linear in the text.
 */
export const parseTime = (value: unknown): number | undefined =>
  typeof value === "string" ? fromText(value) : typeof value === "number" ? fromNumber(value) : undefined
