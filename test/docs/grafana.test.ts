import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { root } from "./pages.ts"

interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly allOf?: ReadonlyArray<Schema>
  readonly type?: string
  readonly format?: string
  readonly maximum?: number
  readonly enum?: ReadonlyArray<unknown>
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly schema: Schema
}

interface Operation {
  readonly parameters: ReadonlyArray<Parameter>
  readonly responses: {
    readonly "200": { readonly content: { readonly "application/json"?: { readonly schema: Schema } } }
  }
}

interface Query {
  readonly type: string
  readonly source: string
  readonly url: string
  readonly root_selector: string
  readonly columns: ReadonlyArray<{ readonly selector: string; readonly text: string; readonly type: string }>
}

const read = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"))
const description = read("docs/openapi.json") as {
  readonly paths: Readonly<Record<string, { readonly get: Operation }>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}
const dashboard = read("examples/http/grafana.json") as {
  readonly templating: {
    readonly list: ReadonlyArray<{ readonly name: string; readonly query: { readonly infinityQuery?: Query } | string }>
  }
  readonly panels: ReadonlyArray<{ readonly title: string; readonly targets: ReadonlyArray<Query> }>
}

const named = ({ $ref, ...schema }: Schema): Schema =>
  $ref === undefined ? schema : (description.components.schemas[$ref.split("/").at(-1) ?? ""] ?? {})

/** The schema at a path of fields; undefined where there is none. */
const at = (schema: Schema, path: string): Schema | undefined =>
  path
    .split(".")
    .filter((part) => part !== "")
    .reduce<Schema | undefined>((found, part) => {
      const next = found && named(found).properties?.[part]
      return next && named(next)
    }, named(schema))

const variables = dashboard.templating.list.map(({ name }) => name)

/** The operation of a URL in which variables stand for a segment or a value. */
const operationOf = (path: string): Operation | undefined =>
  Object.entries(description.paths).find(([template]) => {
    const [wanted, given] = [template.split("/"), path.split("/")]
    return (
      wanted.length === given.length &&
      wanted.every((part, i) => (part.startsWith("{") ? given[i]?.startsWith("$") : part === given[i]))
    )
  })?.[1].get

const types: Readonly<Record<string, (schema: Schema) => boolean>> = {
  number: ({ type }) => type === "integer" || type === "number",
  string: ({ type }) => type === "string",
  timestamp: ({ type, format, allOf = [] }) =>
    type === "string" && [format, ...allOf.map((one) => one.format)].includes("date-time")
}

/** What a query asks for that the API does not have. */
const faultsOf = ({ type, source, url, root_selector, columns }: Query): ReadonlyArray<string> => {
  if (type !== "json" || source !== "url") return [`${url} is no request for JSON`]
  const [path = "", search = ""] = url.split("?")
  const operation = operationOf(path)
  if (operation === undefined) return [`there is no path ${path}`]
  const query = new URLSearchParams(search)
  const parameters = operation.parameters.filter((one) => one.in === "query")
  const unknown = [...query.keys()].filter((name) => !parameters.some((one) => one.name === name))
  const missing = parameters.filter(({ name, required }) => required && !query.has(name)).map(({ name }) => name)
  const beyond = parameters.filter(
    ({ name, schema: { maximum = Number.POSITIVE_INFINITY } }) => Number(query.get(name)) > maximum
  )
  const answer = operation.responses["200"].content["application/json"]?.schema ?? {}
  const list = at(answer, root_selector)
  const row = root_selector === "" ? list : list?.items
  const fields = columns.flatMap(({ selector, type }) => {
    const field = row && at(row, selector)
    if (field === undefined) return [`${path} has no ${root_selector} ${selector}`]
    return types[type]?.(field) ? [] : [`${path}: ${selector} is no ${type}`]
  })
  return [
    ...unknown.map((name) => `${path} has no parameter ${name}`),
    ...missing.map((name) => `${path} needs ${name}`),
    ...beyond.map(({ name }) => `${path}: ${name} is too large`),
    ...fields
  ]
}

const queries = [
  ...dashboard.panels.flatMap(({ targets }) => targets),
  ...dashboard.templating.list.flatMap(({ query }) => (typeof query === "string" ? [] : (query.infinityQuery ?? [])))
]

describe("examples/http/grafana.json", () => {
  it("asks for nothing that docs/openapi.json does not have", () => {
    assert.isAtLeast(queries.length, 7)
    assert.deepStrictEqual(queries.flatMap(faultsOf), [])
  })

  it("uses its own variables and no others", () => {
    const text = JSON.stringify([dashboard.panels, queries])
    const used = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name))
    assert.sameMembers([...used], variables)
  })

  it.each<[Partial<Query>, string]>([
    [{ url: `/queue/\${queue}` }, `there is no path /queue/\${queue}`],
    [{ url: `/queues/\${queue}?join=true` }, `/queues/\${queue} has no parameter join`],
    [{ url: `/queues/\${queue}/today` }, `/queues/\${queue}/today needs timeZone`],
    [{ url: "/queues?limit=501", root_selector: "entries", columns: [] }, "/queues: limit is too large"],
    [{ columns: [{ selector: "calls", text: "", type: "number" }] }, `/queues/\${queue} has no  calls`],
    [{ columns: [{ selector: "waiting", text: "", type: "string" }] }, `/queues/\${queue}: waiting is no string`],
    [{ columns: [{ selector: "queueId", text: "", type: "timestamp" }] }, `/queues/\${queue}: queueId is no timestamp`]
  ])("would be found out by %o", (change, fault) => {
    const good: Query = { type: "json", source: "url", url: `/queues/\${queue}`, root_selector: "", columns: [] }
    assert.deepStrictEqual(faultsOf(good), [])
    assert.deepStrictEqual(faultsOf({ ...good, ...change }), [fault])
  })
})
