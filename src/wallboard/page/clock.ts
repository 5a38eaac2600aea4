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

const two = (value: number, width = 2) => String(value).padStart(width, "0")

/** `10:02` where the device is. */
export const minuteOfDay = (at: number): string => {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}`
}

/** `10:02:33.045` where the device is, and the day before it where that is another. */
export const timeOfDay = (at: number): string => {
  const date = new Date(at)
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`
  return date.toDateString() === new Date(now()).toDateString() ? time : `${date.toISOString().slice(0, 10)} ${time}`
}
