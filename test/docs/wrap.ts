/** The most columns of a line of prose in a page. */
export const WIDTH = 120

/** A word: code spans and images stay in one piece, whatever spaces they hold. */
const WORDS = /(?:`[^`]*`|[^\s`]|`)+/g

/** At the start of a line, Markdown reads these as a list, a heading or a quotation. */
const MARK = /^(?:[-+*>]|#+|\d+[.)])$/

/** Fills lines of at most `WIDTH` columns. Every line but the first begins with `indent`. Words longer than a line stay whole. */
export const wrap = (text: string, indent = ""): string => {
  const lines: Array<string> = []
  let line: Array<string> = []
  const length = (words: ReadonlyArray<string>) => (lines.length === 0 ? 0 : indent.length) + words.join(" ").length
  for (const word of text.match(WORDS) ?? []) {
    const next: Array<string> = []
    if (line.length > 0 && length([...line, word]) > WIDTH) {
      if (MARK.test(word) && line.length > 1) next.push(line.pop() as string)
      lines.push((lines.length === 0 ? "" : indent) + line.join(" "))
      line = next
    }
    line.push(word)
  }
  return [...lines, (lines.length === 0 ? "" : indent) + line.join(" ")].join("\n")
}
