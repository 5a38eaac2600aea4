/** The commands of a shell block, as their words: comments, prompts, outputs and line breaks gone, one list for each command. */
export const commandsOf = (code: string, isConsole: boolean): ReadonlyArray<ReadonlyArray<string>> =>
  code
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => !isConsole || line.startsWith("$ "))
    .map((line) => (isConsole ? line.slice(2) : line))
    .flatMap(split)
    .filter((words) => words.length > 0)

const WORD = /\s*(?:(#.*)|(&&|\|\||[;|])|((?:"[^"]*"|'[^']*'|[^\s"';|&]|&(?!&))+))/gy

const split = (line: string): ReadonlyArray<ReadonlyArray<string>> => {
  const commands: Array<Array<string>> = [[]]
  for (const [, comment, end, word] of line.matchAll(WORD)) {
    if (comment !== undefined) break
    if (end !== undefined) commands.push([])
    else if (word !== undefined) commands.at(-1)?.push(word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"))
  }
  return commands
}
