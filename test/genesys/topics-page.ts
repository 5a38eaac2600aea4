import type { Field, Word } from "../../src/genesys/body.ts"
import type { Topic } from "../../src/genesys/topic.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"
import * as words from "../../src/genesys/words.ts"

const WIDTH = 120

/** Enumerations by the name that the page gives them. */
const named = Object.entries(words).filter((entry): entry is [string, Word] => entry[1].kind === "word")

const code = (text: string) => `\`${text}\``

/** Words one after another in lines that fit. */
const wrapped = (pieces: ReadonlyArray<string>): string => {
  const lines: Array<string> = []
  let line = ""
  for (const piece of pieces) {
    if (line !== "" && line.length + 1 + piece.length > WIDTH) {
      lines.push(line)
      line = ""
    }
    line = line === "" ? piece : `${line} ${piece}`
  }
  return [...lines, line].join("\n")
}

const prose = (text: string) => wrapped(text.split(" "))

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

const wordLink = (word: Word): string => {
  const [name] = named.find(([, candidate]) => candidate === word) ?? []
  if (name === undefined) throw new Error(`words.ts does not export the word of ${word.words.join(", ")}`)
  return `[${name}](#${name.toLowerCase()})`
}

const typeOf = (field: Field): string => {
  switch (field.kind) {
    case "leaf":
      return field.type
    case "word":
      return `word: ${wordLink(field)}`
    case "list":
      return `list of ${typeOf(field.items)}`
    case "object":
      return "object"
  }
}

interface Line {
  readonly path: string
  readonly field: Field
  /** Absent: it is known, and nothing reads it. */
  readonly read?: "yes" | "as it comes"
}

const partsOf = (field: Field, path: string, reading: Line["read"]): ReadonlyArray<Line> => {
  switch (field.kind) {
    case "leaf":
    case "word":
      return []
    case "list":
      return partsOf(field.items, `${path}[]`, reading)
    case "object":
      return [...field.fields].flatMap(([name, part]) => {
        const at = path === "" ? name : `${path}.${name}`
        const own = field.read === undefined ? "as it comes" : name in field.read ? "yes" : undefined
        const read = reading === "yes" ? own : reading
        return [{ path: at, field: part, ...(read === undefined ? {} : { read }) }, ...partsOf(part, at, read)]
      })
  }
}

/** The fields that something reads first, then those that are only known. */
export const fieldsOf = (topic: Topic): ReadonlyArray<Line> => {
  const lines = partsOf(topic.body, "", "yes")
  return [...lines.filter(({ read }) => read !== undefined), ...lines.filter(({ read }) => read === undefined)]
}

const facetRows = ({ clocks }: Topic) =>
  Object.entries(clocks).map(([facet, clock]) => [code(facet), clock === null ? "publication" : code(clock)])

const fieldRows = (topic: Topic) =>
  fieldsOf(topic).map(({ path, field, read }) => [code(path), typeOf(field), read ?? ""])

export const sectionOf = (topic: Topic): string =>
  [
    `## ${topic.template}`,
    prose(topic.meaning),
    table(["facet", "clock"], facetRows(topic)),
    table(["field of the body", "type", "read"], fieldRows(topic)),
    `\`\`\`json\n${JSON.stringify(topic.example, null, 2)}\n\`\`\``
  ].join("\n\n")

const anchor = (template: string) => template.toLowerCase().replace(/[^a-z0-9]/g, "")

const INTRODUCTION = [
  "# Topics",
  prose(
    "This page lists every topic that the contract understands: what its events state, by which clock, which fields a body has, and an example. It is generated from `src/genesys/topics`. [Connecting Genesys](connecting-genesys.md) says how to switch topics on, and which projections fold them."
  ),
  prose(
    "A **facet** is one statement about one thing, and projections fold facets ([adding a projection](adding-a-projection.md)). `src/genesys/event.ts` has the fields of each. The **clock** of a facet is the time in the body that decides which of two statements is later. Where the table says *publication*, the body has no such time, and `detail.timestamp` decides; so it does where the named field is absent or no time."
  ),
  prose(
    "Genesys requires no field, so each may be absent. A field of a wrong type counts as absent and costs its neighbours nothing. *Read* says whether something reads a field: *as it comes* means by a rule of the topic's own, and an empty cell that the field is known and never read. A field or a word that is not listed here is stored with the event, and counts toward the alarm [schema-drift](operations.md#schema-drift)."
  ),
  prose(
    "Times are ISO-8601 with or without an offset, or numbers: epoch milliseconds, or seconds when below 1e11. The topic's ids come from `detail.topicName`, in any case of letters."
  )
]

/** The whole page. */
export const topicsPage = (): string =>
  `${[
    ...INTRODUCTION,
    table(
      ["topic", "facets"],
      allTopics.map((topic) => [
        `[\`${topic.template}\`](#${anchor(topic.template)})`,
        Object.keys(topic.clocks).map(code).join(", ")
      ])
    ),
    ...allTopics.map(sectionOf),
    "## Words",
    prose(
      "Enumerations are open: Genesys adds words several times a year, and a new one is stored and folded as it came."
    ),
    ...named.flatMap(([name, { words: known }]) => [
      `### ${name}`,
      wrapped(known.map((word, i) => code(word) + (i < known.length - 1 ? "," : "")))
    ])
  ].join("\n\n")}\n`
