import { fieldsOf } from "./route.ts"

/** A condition of a query: every one of `and`, or one of `or`. */
export interface Predicate {
  readonly dimension: string
  readonly value: string
}

/** Decides whether a thing meets one condition. */
export type Test<A> = (thing: A, predicate: Predicate) => boolean

export interface Filter<A> {
  readonly passes: (thing: A) => boolean
  readonly predicates: ReadonlyArray<Predicate>
}

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

const predicateOf = (value: unknown, dimensions: ReadonlyArray<string>): Predicate | string => {
  const { dimension, operator = "matches", value: wanted, type = "dimension" } = fieldsOf(value)
  if (typeof dimension !== "string" || !dimensions.includes(dimension))
    return `dimension must be one of ${dimensions.join(", ")}`
  if (type !== "dimension" || operator !== "matches") return "only the operator matches of a dimension is supported"
  return typeof wanted === "string" ? { dimension, value: wanted } : `the value of ${dimension} must be a string`
}

/** A filter of an analytics query with clauses of one level; a sentence where it is none. */
export const filterOf = <A>(value: unknown, dimensions: ReadonlyArray<string>, test: Test<A>): Filter<A> | string => {
  const { type, predicates, clauses } = fieldsOf(value)
  if (type !== "and" && type !== "or") return "type of the filter must be and, or or"
  const own = listOf(predicates).map((predicate) => predicateOf(predicate, dimensions))
  const below = listOf(clauses).map((clause) => filterOf(clause, dimensions, test))
  const wrong = [...own, ...below].find((part) => typeof part === "string")
  if (wrong !== undefined) return wrong
  const rights = own as ReadonlyArray<Predicate>
  const filters = below as ReadonlyArray<Filter<A>>
  if (rights.length + filters.length === 0) return "the filter needs predicates or clauses"
  const conditions = [
    ...rights.map((predicate) => (thing: A) => test(thing, predicate)),
    ...filters.map(({ passes }) => passes)
  ]
  return {
    passes: (thing) =>
      type === "and"
        ? conditions.every((condition) => condition(thing))
        : conditions.some((condition) => condition(thing)),
    predicates: [...rights, ...filters.flatMap((filter) => filter.predicates)]
  }
}
