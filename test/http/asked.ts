import { Schema } from "effect"
import type { HttpRequest } from "../../src/http/reply.ts"

/** A request as a browser or a service sends it: `GET /agents/a?names=true`. */
export const asked = (target: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): HttpRequest => {
  const [path = "", query = ""] = target.split("?")
  return { method, path, query: new URLSearchParams(query), headers: new Headers(headers) }
}

export const SETTINGS = {
  origins: ["https://wall.example.com", "http://localhost:5173"],
  pollMs: 2_000,
  streamMs: 300_000
}

/** Throws where a value is not what a schema of the description says, or has a field more. */
export const assertDescribed = (schemas: Readonly<Record<string, Schema.Top>>, name: string, value: unknown): void => {
  const schema = schemas[name] as Schema.Codec<unknown, unknown> | undefined
  if (schema === undefined) throw new Error(`nothing describes ${name}`)
  Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })(value)
}
