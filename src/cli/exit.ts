import { Data } from "effect"

/** Exit codes of the command, as `docs/operator.md` lists them. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** Wrong usage, or something that could not be reached or read. */
  error: 1,
  /** Nothing matched. */
  nothing: 2,
  /** Done in part: some events were left where they are, or a replay stopped and can be resumed. */
  partly: 3,
  /** What was compared is not the same. */
  differs: 4
} as const

/** Ends the command. `message` is one sentence for standard error that says what to do next. */
export class CliExit extends Data.TaggedError("CliExit")<{ readonly code: number; readonly message: string }> {}

/** Ends it for a mistake, or because something is not there. */
export const usageError = (message: string) => new CliExit({ code: EXIT.error, message })
