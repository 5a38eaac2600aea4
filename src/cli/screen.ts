import { Clock, Context, Data, Effect } from "effect"

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

/** Exit codes of the command, as `docs/operator.md` lists them. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** Wrong usage, or something could not be reached or read. */
  error: 1,
  /** Nothing matched. */
  nothing: 2,
  /** Partly done: some events stay where they are, or a replay stopped and can be resumed. */
  partly: 3,
  /** What was compared differs. */
  differs: 4
} as const

/** Ends the command. `message` is one sentence for standard error that says what to do next. */
export class CliExit extends Data.TaggedError("CliExit")<{ readonly code: number; readonly message: string }> {}

/** Ends it because the usage is wrong, or because something does not exist. */
export const usageError = (message: string) => new CliExit({ code: EXIT.error, message })

/** Ends it because nothing matched. */
export const nothing = (message: string) => new CliExit({ code: EXIT.nothing, message })

/** Ends it because only a part was done. */
export const partly = (message: string) => new CliExit({ code: EXIT.partly, message })

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/

/**
 * A time as an operator writes it, in epoch ms: ISO-8601 (a date alone is its midnight in UTC), or a duration before `now`, such as `90m`,
 * `2h`, `7d`. NaN for any other text.
 */
export const parseMoment = (text: string, now: number): number => {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (count !== undefined) return now - Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
  return ISO.test(text) ? Date.parse(text) : Number.NaN
}

/** Up to how many ms a unit is used, and how many ms it has. */
const SPANS = [
  [120_000, UNIT_MS.s, "s"],
  [7_200_000, UNIT_MS.m, "min"],
  [172_800_000, UNIT_MS.h, "h"],
  [Number.POSITIVE_INFINITY, UNIT_MS.d, "d"]
] as const

/** A duration in ms, in the unit that suits it: `812 ms`, `23.9 s`, `15.6 min`, `3.2 h`, `201.0 d`. */
export const spanText = (ms: number): string => {
  const [, unit, name] = SPANS.find(([most]) => ms < most) ?? SPANS[3]
  return ms < 1_000 ? `${ms} ms` : `${(ms / unit).toFixed(1)} ${name}`
}

/** Seconds as `1:05` or `1:02:03`. */
export const clockText = (seconds: number): string => {
  const whole = Math.max(0, Math.ceil(seconds))
  const [h, m, s] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60), whole % 60]
  const two = (n: number) => String(n).padStart(2, "0")
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** A whole number with separators: `12,345`. */
export const number = (value: number): string => Math.round(value).toLocaleString("en")

/** Dollars with two significant digits below a cent, and with cents from there on. */
export const dollars = (value: number): string =>
  value === 0 ? "$0" : value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`

/** A size in bytes: `677 B`, `1.5 KB`, `2.5 MB`. */
export const bytes = (size: number): string =>
  size < 1_024
    ? `${size} B`
    : size < 1_048_576
      ? `${(size / 1_024).toFixed(1)} KB`
      : `${(size / 1_048_576).toFixed(1)} MB`

/** `1 event`, `2 events`. */
export const events = (count: number): string => `${number(count)} ${count === 1 ? "event" : "events"}`

/** `1 batch`, `2 batches`. */
export const batches = (count: number): string => `${number(count)} ${count === 1 ? "batch" : "batches"}`

/** A text of at most `width` characters; a longer one ends with an ellipsis. */
export const shorten = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width)}…` : text

// The two that join letters, or keep them apart, are part of how some languages are written.
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu

/** A text from outside, safe for a terminal: characters that could move the cursor, turn the direction or hide text are escaped. */
export const printable = (text: string): string =>
  text.replace(UNSAFE, (c) => {
    const code = c.codePointAt(0) ?? 0
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`
  })

/** The same in quotation marks. */
export const quoted = (text: string): string => printable(JSON.stringify(text))

/** For a person (`aligned`), rows in aligned columns under their titles; for a program, tab-separated cells without titles. */
export const table = (
  titles: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  aligned: boolean
): string => {
  const cells = rows.map((row) => row.map(printable))
  if (!aligned) return cells.map((row) => row.join("\t")).join("\n")
  const all = [titles, ...cells]
  const widths = titles.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

/** A block of `name  value` lines. */
export const fields = (values: object): ReadonlyArray<string> =>
  Object.entries(values).map(([name, value]) => `${name.padEnd(9)} ${printable(String(value))}`)
