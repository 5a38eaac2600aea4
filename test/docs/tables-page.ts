import { existsSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { projections } from "../../projections/index.ts"
import type { RowKind } from "../../projections/row-kind.ts"
import { generation, OPEN_INDEX } from "../../src/domain/projection.ts"
import { wrap } from "./wrap.ts"

const root = join(import.meta.dirname, "../..")

interface JsonSchema {
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly allOf?: ReadonlyArray<JsonSchema>
}

const LETTERS: Readonly<Record<string, string>> = {
  string: "S",
  boolean: "BOOL",
  integer: "N",
  number: "N",
  array: "L",
  object: "M",
  null: "NULL"
}

/** A check carries what is said of a column that has one. */
const flat = (schema: JsonSchema): JsonSchema => ({ ...schema, ...schema.allOf?.[0] })

const typeOf = (schema: JsonSchema): string =>
  schema.anyOf === undefined ? (LETTERS[schema.type ?? ""] ?? "?") : schema.anyOf.map(typeOf).join(" or ")

const unitOf = (name: string, { type, format, additionalProperties }: JsonSchema): string => {
  if (format === "date-time") return "ISO-8601, UTC, ms"
  if (type === "object" && typeof additionalProperties === "object") return unitOf(name, flat(additionalProperties))
  return name.endsWith("Ms") ? "ms" : type === "integer" ? "count" : ""
}

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

const HEAD = ["column", "type", "unit", "always", "meaning"]

const columnsOf = (kind: RowKind): string => {
  const { properties = {}, required = [] } = Schema.toJsonSchemaDocument(kind.columns).schema as JsonSchema
  return table(
    HEAD,
    Object.entries(properties).map(([name, schema]) => {
      const column = flat(schema)
      const always = required.includes(name) ? "yes" : ""
      return [`\`${name}\``, typeOf(column), unitOf(name, column), always, column.description ?? ""]
    })
  )
}

/** The descriptions beside a projection, where it has them. */
const rowsOf = async (name: string): Promise<ReadonlyArray<RowKind>> => {
  const path = join(root, "projections", `${name}-rows.ts`)
  return existsSync(path) ? ((await import(path)) as { readonly rows: ReadonlyArray<RowKind> }).rows : []
}

type Described = Pick<(typeof projections)[number], "name" | "version" | "key" | "topics" | "summary">

/** The section of one projection; of one without a description its table, its key and its topics. */
export const sectionOf = (projection: Described, rows: ReadonlyArray<RowKind>): string => {
  const { name, key, topics, summary } = projection
  const index =
    summary === undefined
      ? "It has no index."
      : `Index \`${OPEN_INDEX.name}\` (local, so it can be read consistently): partition \`${key}\`, sort \`${OPEN_INDEX.key}\`, a copy of \`row\`. It holds the rows that are open now, with the keys${summary.columns.map((column) => `, \`${column}\``).join("")} and nothing else.`
  const kinds = rows.map(
    (kind) => `### \`${name}\`: row \`${kind.row}\`\n\n${wrap(kind.meaning)}\n\n${columnsOf(kind)}`
  )
  return [
    `## \`${name}\``,
    wrap(
      `Table \`<prefix>-${generation(projection)}\` unless another generation was promoted. Partition key \`${key}\` (S), sort key \`row\` (S). ${index}`
    ),
    ...(kinds.length === 0 ? ["Its columns are not described."] : kinds),
    wrap(`Folded from ${topics.map((topic) => `\`${topic}\``).join(", ")}.`)
  ].join("\n\n")
}

/** What an attribute that every table may have is for; the keys of this are `RESERVED_COLUMNS`. */
export const reserved: Readonly<Record<string, readonly [type: string, unit: string, meaning: string]>> = {
  row: ["S", "", "the sort key: which row of the entity"],
  asOf: [
    "S",
    "ISO-8601, UTC, ms",
    "when the latest event happened that the row holds; absent while there is nothing to show: treat such a row as absent"
  ],
  revisedAt: [
    "S",
    "ISO-8601, UTC, ms",
    "when an update that came too late for its window last changed the row; absent: never"
  ],
  revisedLateMs: ["N", "ms", "how long after its due time that update became visible"],
  expiresAt: [
    "N",
    "epoch s",
    "the row is closed, and DynamoDB deletes it some time after this; absent while the row is open"
  ],
  [OPEN_INDEX.key]: [
    "S",
    "",
    `the sort key of the index \`${OPEN_INDEX.name}\`; absent from rows that are closed or that no summary reads`
  ],
  version: ["N", "count", "how often the row was written; not part of its content"],
  registers: [
    "S or B",
    "",
    "the source of the columns, for the stack itself and for `npx projections explain`; bytes where those save a write unit"
  ],
  ticket: ["N", "count", "of a derived row: the same as `summarised`, for the functions of 0.1.0"],
  summarised: ["N", "count", "of a derived row: which summary it shows"],
  summaryParts: [
    "S or B",
    "",
    "of a derived row: what the stack keeps to derive the next one, no part of its content; absent where it is derived anew each time"
  ]
}

/** All that is generated of docs/tables.md. */
export const generated = async (): Promise<string> => {
  const sections: Array<string> = []
  for (const projection of projections) sections.push(sectionOf(projection, await rowsOf(projection.name)))
  const attributes = table(
    ["attribute", "type", "unit", "meaning"],
    Object.entries(reserved).map(([name, [type, unit, meaning]]) => [`\`${name}\``, type, unit, meaning])
  )
  return [...sections, "## Attributes of every table", attributes].join("\n\n")
}
