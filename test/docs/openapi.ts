import { Schema } from "effect"
import manifest from "../../package.json" with { type: "json" }
import { answers, events, ProblemBody } from "../../src/http/answers.ts"
import type { Param } from "../../src/http/params.ts"
import { problemStatuses } from "../../src/http/problem.ts"
import { changes, type Route, routes } from "../../src/http/routes.ts"

type Json = Readonly<Record<string, unknown>>

/** The schemas by their identifiers. OpenAPI 3.1 has the dialect of JSON Schema that the library writes, and another place for names. */
const schemas = (): Json => {
  const all = [...Object.values(answers), ...Object.values(events), ProblemBody]
  const { definitions } = Schema.toJsonSchemaDocument(Schema.Union(all))
  return JSON.parse(JSON.stringify(definitions).replaceAll('"#/$defs/', '"#/components/schemas/'))
}

const schemaOf = (schema: Schema.Top): Json => {
  const name = Schema.resolveAnnotations(schema)?.identifier
  if (typeof name !== "string") throw new Error("a schema of the API has no identifier")
  return { $ref: `#/components/schemas/${name}` }
}

const isoText = { type: "string", format: "date-time" }

const parameterOf = ([name, { schema, about, required }]: readonly [string, Param]): Json => ({
  name,
  in: "query",
  required: required === true,
  description: about,
  // A list is one text with commas.
  ...(schema.type === "array" ? { style: "form", explode: false } : {}),
  schema
})

const headerParameter = (name: string, description: string): Json => ({
  name,
  in: "header",
  required: false,
  description,
  schema: { type: "string" }
})

const conditional = headerParameter("If-None-Match", "entity tags that you hold: 304 where one of them is the answer's")
const resumed = headerParameter(
  "Last-Event-ID",
  "the id of the last event that you got: with the same agents and queues, only what has changed since is sent"
)

const headers = {
  ETag: { description: "the version of the answer, without how fresh it is", schema: { type: "string" } },
  "Settled-Through": { description: "`settledThrough` of the answer", schema: isoText }
}

const meanings = {
  400: "A parameter cannot be used: `errors` names each, and says what it must be.",
  404: "No event has mentioned it, or this stack does not keep it.",
  500: "The stack cannot be read. The log of the function says why.",
  503: "The tables cannot be read now, and the reader has retried. Send the request again after `Retry-After` seconds."
} as const

const failures = Object.fromEntries(
  problemStatuses.map((status) => [
    status,
    {
      description: meanings[status],
      ...(status === 503
        ? { headers: { "Retry-After": { description: "seconds", schema: { type: "integer" } } } }
        : {}),
      content: { "application/problem+json": { schema: schemaOf(ProblemBody) } }
    }
  ])
)

const stream = {
  200: {
    description:
      "Events, whose data is JSON. `x-events` has the schema of each. Every batch ends with `freshness`, whose id is for `Last-Event-ID`; while nothing changes it comes every 15 seconds. `gone`: the row was deleted. `problem`: the tables cannot be read, and the stream ends.",
    content: { "text/event-stream": { schema: { type: "string" } } },
    "x-events": Object.fromEntries(Object.entries(events).map(([name, schema]) => [name, schemaOf(schema)]))
  }
}

const successOf = ({ name, about }: Route): Json => {
  const answer = Object.entries(answers).find(([route]) => route === name)?.[1]
  if (answer === undefined) throw new Error(`${name} answers nothing that is described`)
  return {
    200: { description: about, headers, content: { "application/json": { schema: schemaOf(answer) } } },
    304: { description: "You hold this version.", headers }
  }
}

const operationOf = (route: Route): Json => {
  const { name, id, about, query } = route
  const streams = name === changes.name
  return {
    operationId: name,
    summary: about.split(/[.:]/)[0],
    description: about,
    parameters: [
      ...(id === undefined
        ? []
        : [
            { name: id.name, in: "path", required: true, description: `the id of ${id.of}`, schema: { type: "string" } }
          ]),
      ...Object.entries(query).map(parameterOf),
      streams ? resumed : conditional
    ],
    responses: { ...(streams ? stream : successOf(route)), ...failures }
  }
}

/** The OpenAPI description of the HTTP API: its routes, and the schemas of rows that docs/tables.md lists. */
export const openApi = (): Json => ({
  openapi: "3.1.0",
  info: {
    title: "Genesys Cloud projections",
    version: manifest.version,
    description:
      "What agents and queues are doing. Without a valid token or signature API Gateway answers 401 or 403, and above the rate of the stage 429; these have its own form.",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" }
  },
  servers: [
    {
      url: "{url}",
      description: "the property `url` of the component `ReadApi`",
      variables: { url: { default: "https://api.example.com/v1" } }
    }
  ],
  // The component has one of them.
  security: [{ cognito: [] }, { iam: [] }],
  paths: Object.fromEntries(
    routes.map((route) => [route.path.replace(":id", `{${route.id?.name}}`), { get: operationOf(route) }])
  ),
  components: {
    schemas: schemas(),
    securitySchemes: {
      cognito: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "a token of a Cognito user pool" },
      iam: {
        type: "apiKey",
        in: "header",
        name: "Authorization",
        description: "a signature of AWS, version 4, for the service `execute-api`",
        "x-amazon-apigateway-authtype": "awsSigv4"
      }
    }
  }
})
