import { Data } from "effect"

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
