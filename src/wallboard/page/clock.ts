import { makeBell } from "./bell.ts"

/** The device's time, epoch ms. Everywhere else on the page time comes from here. */
export const deviceNow = (): number => Date.now()

/** What separates the device's clock from that of the run, ms. Where it wavers by less than this, it is left alone, so that no second is skipped. */
let offset: number | undefined
const WAVER_MS = 250

/** Takes the time of the run from a message that has just come. */
export const heard = (runNow: number): void => {
  const found = runNow - deviceNow()
  if (offset === undefined || Math.abs(found - offset) > WAVER_MS) offset = found
}

/** The time of the run, epoch ms. */
export const now = (): number => deviceNow() + (offset ?? 0)

const TICK_MS = 1_000
const { ring, useRing } = makeBell()
setInterval(ring, TICK_MS)

/** The time of the run, once a second. */
export const useNow = (): number => {
  useRing()
  return now()
}

const formats = (timeZone: string | undefined) => {
  const by = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", { hourCycle: "h23", ...(timeZone === undefined ? {} : { timeZone }), ...options })
  const time = { hour: "2-digit", minute: "2-digit" } as const
  return {
    timeZone,
    minute: by(time),
    milli: by({ ...time, second: "2-digit", fractionalSecondDigits: 3 }),
    // As ISO writes a day.
    day: new Intl.DateTimeFormat("sv-SE", timeZone === undefined ? {} : { timeZone })
  }
}

/** How times are written: as the clocks in the time zone of the wall show them, and until that is known those of the device. */
let shown = formats(undefined)

/** Takes the time zone whose day the wall shows. A browser that does not know it keeps its own. */
export const heardZone = (timeZone: string | undefined): void => {
  if (timeZone === shown.timeZone) return
  try {
    shown = formats(timeZone)
  } catch {
    shown = { ...shown, timeZone }
  }
}

/** `10:02` */
export const minuteOfDay = (at: number): string => shown.minute.format(at)

/** `10:02:33.045`, and the day before it where that is another. */
export const timeOfDay = (at: number): string => {
  const [time, day] = [shown.milli.format(at), shown.day.format(at)]
  return day === shown.day.format(now()) ? time : `${day} ${time}`
}
