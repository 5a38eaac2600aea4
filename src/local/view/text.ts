import { styleText } from "node:util"
import type { Tone } from "../../wallboard/view/tone.ts"

export { count, duration, lag, rate, shortId } from "../../wallboard/view/numbers.ts"
export type { Tone } from "../../wallboard/view/tone.ts"

const formats = {
  plain: [],
  strong: ["bold"],
  dim: ["dim"],
  good: ["green"],
  busy: ["blueBright"],
  other: ["cyan"],
  warn: ["yellow"],
  bad: ["bold", "redBright"],
  odd: ["magenta"]
} as const

/** A piece of text with its meaning. Every character is one column wide. */
export interface Span {
  readonly text: string
  readonly tone: Tone
}

export type Line = ReadonlyArray<Span>

export const span = (text: string, tone: Tone = "plain"): Span => ({ text, tone })

export const widthOf = (line: Line): number => line.reduce((sum, { text }) => sum + text.length, 0)

/** Cuts the text to the width, with an ellipsis where something is missing. */
export const clip = (text: string, width: number): string =>
  text.length <= width ? text : width < 1 ? "" : `${text.slice(0, width - 1)}…`

/** The line cut to the width, likewise. */
export const clipLine = (line: Line, width: number): Line => {
  if (widthOf(line) <= width) return line
  const clipped: Array<Span> = []
  let left = width
  for (const { text, tone } of line) {
    // What reaches the edge is cut even if it ends there, because more would follow.
    if (text.length >= left) return [...clipped, span(clip(`${text} `, left), tone)]
    clipped.push(span(text, tone))
    left -= text.length
  }
  return clipped
}

export const padLine = (line: Line, width: number): Line => {
  const missing = width - widthOf(line)
  return missing > 0 ? [...line, span(" ".repeat(missing))] : clipLine(line, width)
}

/** One line with text at both ends; where both do not fit with `least` spaces between, the left one gives way. */
export const ends = (left: Line, right: Line, width: number, least = 2): Line => {
  const room = width - widthOf(right) - least
  return room < 0 ? clipLine(right, width) : [...padLine(left, room), span(" ".repeat(least)), ...right]
}

/** Lines side by side between `gap` spaces. */
export const join = (parts: ReadonlyArray<Line>, gap: string): Line =>
  parts.flatMap((part, i) => (i === 0 ? part : [span(gap, "dim"), ...part]))

/** As many parts as fit, from the first on, and where that is not all of them, `rest` of how many are shown. */
export const joinFitting = (
  parts: ReadonlyArray<Line>,
  gap: string,
  width: number,
  rest: (shown: number) => Line
): Line => {
  for (let shown = parts.length; shown > 1; shown--) {
    const line = join([...parts.slice(0, shown), ...(shown < parts.length ? [rest(shown)] : [])], gap)
    if (widthOf(line) <= width) return line
  }
  return clipLine(parts[0] ?? [], width)
}

/** All parts, in as many lines as they take. */
export const wrap = (parts: ReadonlyArray<Line>, gap: string, width: number): ReadonlyArray<Line> => {
  const lines: Array<ReadonlyArray<Line>> = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(join([...last, part], gap)) <= width) lines[lines.length - 1] = [...last, part]
    else lines.push([part])
  }
  return lines.map((line) => join(line, gap))
}

export const paint = (line: Line, colour: boolean): string =>
  line
    .map(({ text, tone }) =>
      colour && tone !== "plain" && text.trim() !== ""
        ? styleText([...formats[tone]], text, { validateStream: false })
        : text
    )
    .join("")
