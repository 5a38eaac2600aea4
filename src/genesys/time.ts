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

const digit = (text: string, at: number): number => {
  const value = text.charCodeAt(at) - 48
  return value >= 0 && value <= 9 ? value : Number.NaN
}

const two = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1)

/** Zone at `at` to the end of the text, in minutes east of UTC; NaN when it is none. An absent zone is UTC. */
const zone = (text: string, at: number): number => {
  const rest = text.length - at
  if (rest === 0) return 0
  const sign = text[at]
  if (sign === "Z") return rest === 1 ? 0 : Number.NaN
  if (sign !== "+" && sign !== "-") return Number.NaN
  if (rest === 3) return two(text, at + 1) <= 23 ? two(text, at + 1) * 60 * (sign === "-" ? -1 : 1) : Number.NaN
  const colon = text[at + 3] === ":" ? 1 : 0
  if (rest !== 5 + colon) return Number.NaN
  const [hours, minutes] = [two(text, at + 1), two(text, at + 3 + colon)]
  return hours <= 23 && minutes <= 59 ? (hours * 60 + minutes) * (sign === "-" ? -1 : 1) : Number.NaN
}

const MAX_LENGTH = "2026-05-06T10:00:00.123456789+01:00".length

const fromText = (text: string): number | undefined => {
  if (text.length > MAX_LENGTH) return undefined
  if (text[4] !== "-" || text[7] !== "-" || text[10] !== "T" || text[13] !== ":" || text[16] !== ":") return undefined
  const year = two(text, 0) * 100 + two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  const hour = two(text, 11)
  const minute = two(text, 14)
  const second = two(text, 17)
  // Every comparison with NaN is false, so what is not a digit fails here too. A 60th second is a leap second.
  const real =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 60 &&
    // Date.UTC takes the year 99 for 1999.
    year >= 1000
  if (!real) return undefined

  let at = 19
  let milliseconds = 0
  if (text[at] === ".") {
    let scale = 100
    const first = ++at
    for (let value = digit(text, at); value >= 0; value = digit(text, ++at)) {
      if (scale >= 1) milliseconds += value * scale
      scale /= 10
    }
    if (at === first || at - first > 9) return undefined
  }
  const ms = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds) - zone(text, at) * 60_000
  return inRange(ms)
}

/**
 * The one reading of a time in an event: epoch ms, or `undefined` for what is not a time between 1990 and 2199.
 *
 * Text: ISO-8601 date and time, `Z` or an offset (`+01:00`, `+0100`, `+01`), no zone meaning UTC, up to nine fraction digits cut to
 * ms, a leap second meaning the next one. Numbers: epoch milliseconds, or seconds when below 1e11. Linear in the text.
 */
export const parseTime = (value: unknown): number | undefined =>
  typeof value === "string" ? fromText(value) : typeof value === "number" ? fromNumber(value) : undefined
