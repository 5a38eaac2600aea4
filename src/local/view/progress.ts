import type { Terminal } from "./screen.ts"

const CLEAR_LINE = "\r\x1b[K"

/** What is being done before there is anything to show. On a terminal one line that changes; elsewhere a line each. */
export interface Progress {
  readonly say: (what: string) => void
  /** Takes the line away. On a pipe there is none to take. */
  readonly clear: () => void
}

export const makeProgress = (output: Pick<Terminal, "isTTY" | "write">): Progress =>
  output.isTTY === true
    ? {
        say: (what) => void output.write(`${CLEAR_LINE}${what} ...`),
        clear: () => void output.write(CLEAR_LINE)
      }
    : { say: (what) => void output.write(`${what} ...\n`), clear: () => {} }
