import type { BadParameter } from "./problem.ts"

/** The value of a parameter, as JSON Schema has it. A list is written with commas between its items. */
export type ParamSchema =
  | { readonly type: "string"; readonly minLength: 1 }
  | { readonly type: "string"; readonly enum: ReadonlyArray<string> }
  | {
      readonly type: "integer"
      readonly minimum: number
      readonly maximum: number
      readonly enum?: ReadonlyArray<number>
    }
  | {
      readonly type: "array"
      readonly items: { readonly type: "string"; readonly minLength: 1 }
      readonly minItems: 1
      readonly maxItems: number
      readonly uniqueItems: true
    }

/** A parameter of the query: its value, what it must be (completes "it must be"), and what it is for. */
export interface Param {
  readonly schema: ParamSchema
  readonly must: string
  readonly about: string
  readonly required?: true
}

/** Parameters by name. */
export type Params = Readonly<Record<string, Param>>

type ValueOf<S extends ParamSchema> = S extends { readonly enum: ReadonlyArray<infer A> }
  ? A
  : S extends { readonly type: "integer" }
    ? number
    : S extends { readonly type: "array" }
      ? ReadonlyArray<string>
      : string

/** The values of parameters. One that is not required may be absent. */
export type ValuesOf<P extends Params> = {
  readonly [K in keyof P as P[K] extends { readonly required: true } ? K : never]: ValueOf<P[K]["schema"]>
} & {
  readonly [K in keyof P as P[K] extends { readonly required: true } ? never : K]?: ValueOf<P[K]["schema"]>
}

/** What a text says under a schema; undefined where it says nothing of the kind. */
const valueOf = (schema: ParamSchema, text: string): unknown => {
  if (schema.type === "array") {
    const items = text.split(",")
    const fits = items.length <= schema.maxItems && new Set(items).size === items.length && !items.includes("")
    return fits ? items : undefined
  }
  if (schema.type === "integer") {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    const fits = number >= schema.minimum && number <= schema.maximum && (schema.enum?.includes(number) ?? true)
    return fits ? number : undefined
  }
  return ("enum" in schema ? schema.enum.includes(text) : text !== "") ? text : undefined
}

/** The most unknown parameters that an answer names, so that a short request has no long answer. */
const MOST_NAMED = 10

/** The values of a query, or what is wrong with it: a parameter that there is not, one that is given twice, one that cannot be read. */
export const readParams = <P extends Params>(
  params: P,
  query: URLSearchParams
): { readonly values: ValuesOf<P> } | { readonly bad: ReadonlyArray<BadParameter> } => {
  const names = Object.keys(params)
  const unknown = [...new Set(query.keys())].filter((field) => !names.includes(field))
  const bad: Array<BadParameter> = unknown.slice(0, MOST_NAMED).map((field) => ({
    field,
    problem: `is unknown; there are ${names.join(", ")}`
  }))
  const values: Record<string, unknown> = {}
  for (const [field, { schema, must, required }] of Object.entries(params)) {
    const [given, ...more] = query.getAll(field)
    if (given === undefined) {
      if (required) bad.push({ field, problem: `is missing; it must be ${must}` })
      continue
    }
    const value = more.length === 0 ? valueOf(schema, given) : undefined
    const said = more.length === 0 ? JSON.stringify(given) : "given twice"
    if (value === undefined) bad.push({ field, problem: `is ${said}; it must be ${must}` })
    else values[field] = value
  }
  return bad.length > 0 ? { bad } : { values: values as ValuesOf<P> }
}
