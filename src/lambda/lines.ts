import { Logger } from "effect"

const oneLine = Logger.map(Logger.formatStructured, ({ annotations, spans: _, ...line }) =>
  JSON.stringify({ ...line, ...annotations })
)

/** One JSON object per line to somebody who reads them in this process. */
export const linesTo = (write: (line: string) => void) => Logger.layer([Logger.map(oneLine, write)])

/**
 * The same on standard output. Not by the console: where a function logs as JSON, Lambda replaces it and puts what is printed
 * into the field `message` of a line of its own, in which CloudWatch sees no metrics.
 */
export const stdoutLines = linesTo((line) => process.stdout.write(`${line}\n`))
