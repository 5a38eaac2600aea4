import { createReadStream } from "node:fs"
import { Data, Result } from "effect"

/** A line of a file that is not blank, and its number, from 1. */
export interface Line {
  readonly number: number
  readonly text: string
}

/** The file is not of one envelope a line. The message says what it is and what to do. */
export class WrongForm extends Data.TaggedError("WrongForm")<{ readonly message: string }> {}

/** The texts between line feeds. */
async function* texts(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ""
  for await (const chunk of file === "-" ? process.stdin : createReadStream(file)) {
    // Nothing else ends a line: JSON may hold a U+2028 as it is.
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n")
    rest = lines.pop() ?? ""
    yield* lines
  }
  yield rest + decoder.decode()
}

/**
 * The lines of a text file (`-`: of standard input) without their ends, be those LF or CRLF. Blank lines are left out and have a number. A byte
 * order mark is none of the text.
 */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  let number = 0
  for await (const text of texts(file)) {
    number++
    if (text.trim() !== "") yield { number, text: text.endsWith("\r") ? text.slice(0, -1) : text }
  }
}

const parse = (text: string): unknown => Result.getOrUndefined(Result.try(() => JSON.parse(text) as unknown))

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * What is wrong with a file by its first line, where that shows JSON in another form than a value a line: an array of events, or one value over
 * many lines. A sentence with the way out, or nothing.
 */
export const wrongForm = ({ text }: Line): string | undefined => {
  const start = text.trim()
  const value = parse(start)
  if (start.startsWith("[") && (value === undefined || (Array.isArray(value) && value.some(isObject))))
    return "holds a JSON array, and --events takes one envelope per line: jq -c '.[]' makes lines of it"
  if (start === "{")
    return "holds JSON over several lines, and --events takes one envelope per line: jq -c . makes lines of it"
  return undefined
}
