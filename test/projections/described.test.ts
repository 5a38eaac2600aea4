import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { rows as agentRows } from "../../projections/agents-rows.ts"
import { rows as conversationRows } from "../../projections/conversations-rows.ts"
import { rows as queueRows } from "../../projections/queues-rows.ts"

interface Field {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Field>>
  readonly additionalProperties?: Field | boolean
  readonly allOf?: ReadonlyArray<Field>
  readonly anyOf?: ReadonlyArray<Field>
}

/** Every field of a schema and of what is in it, by its path, with what is said of it. */
const fieldsOf = (schema: Field, path: string): ReadonlyArray<readonly [path: string, description: string]> => [
  ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    [`${path} ${name}`, field.description ?? field.allOf?.[0]?.description ?? ""] as const,
    ...fieldsOf(field, `${path} ${name}`)
  ]),
  ...[schema.additionalProperties, ...(schema.anyOf ?? [])].flatMap((inner) =>
    typeof inner === "object" ? fieldsOf(inner, path) : []
  )
]

describe("the description of a row", () => {
  it("says what every column means, and every field within one", () => {
    const all = [...agentRows, ...queueRows, ...conversationRows].flatMap(({ row, columns }) =>
      fieldsOf(Schema.toJsonSchemaDocument(columns).schema as Field, row)
    )
    const names = all.map(([path]) => path)
    assert.includeMembers(names, [
      "state conversations enterpriseAcw",
      "state station name",
      "session#<sessionId> wrapup code"
    ])
    assert.include(names, "observation#<media> metrics interval from")
    for (const [path, description] of all) assert.isAbove(description.length, 5, path)
  })
})
