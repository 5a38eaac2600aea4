import { Schema } from "effect"
import type { Field, ReadOf } from "./body.ts"

export const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A null is out of every type, as a wrong type is. */
const schemaOf = (field: Field): Schema.Codec<unknown> => {
  switch (field.kind) {
    case "leaf":
      return field.schema
    case "word":
      return Schema.String
    case "list":
      return Schema.Array(schemaOf(field.items))
    case "object":
      return field.read === undefined
        ? Schema.Unknown
        : Schema.Struct(
            Object.fromEntries(
              Object.entries(field.read).map(([name, part]) => [name, Schema.optionalKey(schemaOf(part))])
            )
          )
  }
}

type Salvage = (value: unknown) => unknown

/** What is left of a value when each wrongly typed part is taken out: a field from its object, an element from its list. */
const salvager = (field: Field): Salvage => {
  if (field.kind === "object" && field.read !== undefined) {
    const fields = Object.entries(field.read).map(([name, part]) => [name, salvager(part)] as const)
    return (value) => {
      if (!isObject(value)) return undefined
      return Object.fromEntries(fields.map(([name, salvage]) => [name, salvage(value[name])]))
    }
  }
  if (field.kind === "list") {
    const item = salvager(field.items)
    return (value) => (Array.isArray(value) ? value.map(item).filter((element) => element !== undefined) : undefined)
  }
  const is = Schema.is(schemaOf(field))
  return (value) => (is(value) ? value : undefined)
}

/**
 * Reads a value by its description and never fails: a wrongly typed field is as good as absent, and costs its neighbours nothing.
 * `undefined` only where an object is described and something else is there.
 *
 * A sound value is checked and used as it is, which costs a hundredth of decoding it; only an unsound one is copied.
 */
export const tolerant = <const F extends Field>(field: F): ((value: unknown) => ReadOf<F> | undefined) => {
  const is = Schema.is(schemaOf(field)) as (value: unknown) => value is ReadOf<F>
  const salvage = salvager(field)
  return (value) => (is(value) ? value : (salvage(value) as ReadOf<F> | undefined))
}
