import { Clock, Context, Effect } from "effect"
import { clockText } from "./text.ts"

/** Standard output and standard error of the command. */
export class Screen extends Context.Service<
  Screen,
  {
    /** Standard output: results. `write` takes bytes unchanged, `print` a text, which it ends with a newline. */
    readonly print: (text: string) => void
    readonly write: (bytes: Uint8Array) => void
    /** Standard error: one line about the work. */
    readonly note: (text: string) => void
    /** Standard error, on a terminal only: replaces the progress line. An empty text removes it. */
    readonly redraw: (text: string) => void
    readonly outputIsTerminal: boolean
    readonly errorIsTerminal: boolean
  }
>()("projections/Screen") {}

const BAR_WIDTH = 30

/** How often progress is printed as a line where standard error is no terminal. */
const LINE_EVERY_MS = 10_000

/**
 * Shows on standard error how far a work of `total` steps is, of which `from` were done before: a bar on a terminal, a line every ten
 * seconds elsewhere.
 */
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
      const filled = Math.round((done / total) * BAR_WIDTH)
      const bar = "█".repeat(filled).padEnd(BAR_WIDTH, "░")
      screen.redraw(done >= total ? "" : `${bar} ${done}/${total}  ${rate.toFixed(1)}/s  ${left} left`)
    } else if (now - lastLine >= LINE_EVERY_MS) {
      lastLine = now
      screen.note(`${done} of ${total}, ${rate.toFixed(1)} a second, ${left} left`)
    }
  })
})
