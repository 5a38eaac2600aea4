import { Context } from "effect"

/** What the command says, and to whom. */
export class Screen extends Context.Service<
  Screen,
  {
    /** Standard output: results. `write` takes bytes as they are, `print` a text and ends its line. */
    readonly print: (text: string) => void
    readonly write: (bytes: Uint8Array) => void
    /** Standard error: a line about the work. */
    readonly note: (text: string) => void
    /** Standard error: replaces the line of progress; an empty text takes it away. Only where a person looks on. */
    readonly redraw: (text: string) => void
    /** Whether a person reads standard output, and standard error. */
    readonly outputIsTerminal: boolean
    readonly errorIsTerminal: boolean
  }
>()("projections/Screen") {}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not reach a terminal
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** A text from outside, for a terminal: what could move the cursor or hide something is written out. */
export const printable = (text: string): string =>
  text.replace(CONTROL, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Rows under their titles in aligned columns for a person; for a program, rows of tab-separated cells without titles. */
export const table = (
  titles: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  forPerson: boolean
): string => {
  const cells = rows.map((row) => row.map(printable))
  if (!forPerson) return cells.map((row) => row.join("\t")).join("\n")
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

/** A number of bytes for people. */
export const bytes = (size: number): string =>
  size < 1_024
    ? `${size} B`
    : size < 1_048_576
      ? `${(size / 1_024).toFixed(1)} KB`
      : `${(size / 1_048_576).toFixed(1)} MB`

/** `1 event`, `2 events`. */
export const events = (count: number): string => `${count.toLocaleString("en")} ${count === 1 ? "event" : "events"}`
