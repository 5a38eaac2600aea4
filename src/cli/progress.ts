import { Clock, Effect } from "effect"
import { Screen } from "./screen.ts"

const WIDTH = 30

/** Where nobody looks on, a line so often. */
const LINE_EVERY_MS = 10_000

/** Seconds as `1:05` or `1:02:03`. */
export const clockText = (seconds: number): string => {
  const whole = Math.max(0, Math.ceil(seconds))
  const [h, m, s] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60), whole % 60]
  const two = (n: number) => String(n).padStart(2, "0")
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** Tells how far a work of `total` steps is, of which `from` were done before: a bar for a person, a line now and then elsewhere, always on standard error. */
export const makeProgress = Effect.fnUntraced(function* (total: number, from = 0) {
  const screen = yield* Screen
  const started = yield* Clock.currentTimeMillis
  let lastLine = started
  return Effect.fnUntraced(function* (done: number) {
    const now = yield* Clock.currentTimeMillis
    const seconds = (now - started) / 1_000
    const rate = seconds > 0 ? (done - from) / seconds : 0
    const left = rate > 0 ? clockText((total - done) / rate) : "?"
    if (screen.errorIsTerminal) {
      const filled = Math.round((done / total) * WIDTH)
      const bar = "█".repeat(filled).padEnd(WIDTH, "░")
      screen.redraw(done >= total ? "" : `${bar} ${done}/${total}  ${rate.toFixed(1)}/s  ${left} left`)
    } else if (now - lastLine >= LINE_EVERY_MS) {
      lastLine = now
      screen.note(`${done} of ${total}, ${rate.toFixed(1)} a second, ${left} left`)
    }
  })
})
