import { SchemaAST as AST, Schema } from "effect"

// The words in which bodies are described. Genesys requires no field, so each is optional; a null is taken out as a wrong
// type is, which keeps null out of every type and of the check that each event passes.

/** Text; an empty one says as little as none. */
export const text = Schema.optionalKey(Schema.String)

export const flag = Schema.optionalKey(Schema.Boolean)

export const number = Schema.optionalKey(Schema.Finite)

/** A value that the topic reads by a rule of its own, such as a time (`parseTime`). */
export const raw = Schema.optionalKey(Schema.Unknown)

export const group = <const Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.optionalKey(Schema.Struct(fields))

export const list = <Item extends Schema.Constraint>(item: Item) => Schema.optionalKey(Schema.Array(item))

export const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

type Salvage = (value: unknown) => unknown

/** What is left of a value when each wrongly typed part is taken out: a field from its object, an element from its list. */
const salvager = (ast: AST.AST): Salvage => {
  if (AST.isObjects(ast)) {
    const fields = ast.propertySignatures.map(({ name, type }) => [name as string, salvager(type)] as const)
    return (value) => {
      if (!isObject(value)) return undefined
      const kept: { [name: string]: unknown } = {}
      for (const [name, salvage] of fields) {
        const field = Object.hasOwn(value, name) ? salvage(value[name]) : undefined
        if (field !== undefined) kept[name] = field
      }
      return kept
    }
  }
  if (AST.isArrays(ast)) {
    const item = salvager(ast.rest[0] as AST.AST)
    return (value) => (Array.isArray(value) ? value.map(item).filter((element) => element !== undefined) : undefined)
  }
  const is = Schema.is(Schema.make<Schema.Codec<unknown>>(ast))
  return (value) => (is(value) ? value : undefined)
}

/**
 * Reads a value by a schema of optional fields and never fails: a wrongly typed field is as good as absent, and costs its
 * neighbours nothing. `undefined` only for what is not an object.
 *
 * A sound value is checked and used as it is, which costs a hundredth of decoding it; only an unsound one is copied.
 */
export const tolerant = <S extends Schema.Constraint>(schema: S): ((value: unknown) => S["Type"] | undefined) => {
  const is = Schema.is(schema)
  const salvage = salvager(schema.ast)
  return (value) => (!isObject(value) ? undefined : is(value) ? value : (salvage(value) as S["Type"]))
}
