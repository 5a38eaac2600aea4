import type { Size } from "./render.ts"

/** What the screen needs of a terminal; `process.stdout` is one. */
export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  readonly hasColors?: () => boolean
  readonly write: (text: string) => unknown
  readonly on: (event: "resize", listener: () => void) => unknown
  readonly off: (event: "resize", listener: () => void) => unknown
}

const ESC = "\x1b["
const SYNC = { begin: `${ESC}?2026h`, end: `${ESC}?2026l` }

/** Switches to the alternate screen, hides the cursor and turns wrapping off; `leave` undoes it, and the shell is as it was. */
export const enter = `${ESC}?1049h${ESC}?25l${ESC}?7l${ESC}2J${ESC}H`
export const leave = `${ESC}?7h${ESC}?25h${ESC}?1049l`

/** Whether to write colours: a terminal that has them, and neither `NO_COLOR` nor `TERM=dumb` against it. */
export const wantsColour = (terminal: Terminal): boolean => terminal.isTTY === true && terminal.hasColors?.() === true

/** Paints a frame for a size, see `render`. */
export type Painter = (size: Size) => string

export interface Screen {
  readonly start: () => void
  /** Shows a frame, and shows it again for the new size when the terminal is resized. */
  readonly draw: (painter: Painter) => void
  /** Gives the terminal back. Does nothing the second time, so that every way out may call it. */
  readonly stop: () => void
}

/** Draws frames on the alternate screen, writing only the lines that have changed. */
export const makeScreen = (terminal: Terminal): Screen => {
  let running = false
  let shown: ReadonlyArray<string> = []
  let painter: Painter | undefined

  const paint = (): void => {
    if (!running || painter === undefined) return
    const lines = painter({ columns: terminal.columns ?? 80, rows: terminal.rows ?? 24 }).split("\n")
    const changes = lines.map((line, i) => (line === shown[i] ? "" : `${ESC}${i + 1};1H${line}${ESC}K`)).join("")
    shown = lines
    if (changes !== "") terminal.write(`${SYNC.begin}${changes}${SYNC.end}`)
  }

  const resized = (): void => {
    shown = []
    if (running) terminal.write(`${ESC}2J`)
    paint()
  }

  return {
    start: () => {
      if (running) return
      running = true
      shown = []
      terminal.write(enter)
      terminal.on("resize", resized)
    },
    draw: (next) => {
      painter = next
      paint()
    },
    stop: () => {
      if (!running) return
      running = false
      terminal.off("resize", resized)
      terminal.write(leave)
    }
  }
}
