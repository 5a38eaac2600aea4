import { ServiceError } from "../core/types.ts"
import type { Consumption } from "./consumption.ts"
import { type AttributeValue, db, type Item, validations } from "./dynalite.ts"
import { keyProblem, parameterProblem, writtenProblem } from "./limits.ts"
import { type Condition, type Operand, parseStatement, type Statement } from "./partiql.ts"
import type { Decision, Table, Tables } from "./tables.ts"
import { readUnits } from "./units.ts"

/** One statement of a call, as the SDK sends it. */
export interface StatementRequest {
  readonly Statement: string
  readonly Parameters?: ReadonlyArray<AttributeValue>
  readonly ConsistentRead?: boolean
  readonly ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE"
}

export interface Failure {
  readonly code: "ConditionalCheckFailed" | "DuplicateItem" | "ResourceNotFound" | "ValidationError"
  readonly message: string
  readonly item?: Item
  /** The statement was refused for its key, before anything was read. */
  readonly ofKey?: boolean
}

/** A statement with its values, and the key that it is about. */
export interface Planned {
  readonly statement: Statement
  readonly table: Table
  readonly values: ReadonlyArray<AttributeValue>
  readonly key: Item
  readonly keyText: string
  readonly request: StatementRequest
}

export type Outcome = { readonly item?: Item } | { readonly failure: Failure }

export interface Statements {
  readonly parse: (text: string) => Statement
  /** Checks the values and finds the key; a failure is of this statement alone. */
  readonly plan: (
    statement: Statement,
    table: Table,
    request: StatementRequest
  ) => Planned | { readonly failure: Failure }
  readonly run: (planned: Planned, consumption: Consumption) => Promise<Outcome>
}

const MAX_STATEMENT_CHARS = 8192
const MAX_REMEMBERED = 1000

const invalid = (message: string) => ({ failure: { code: "ValidationError", message } as const })

const ofKey = (message: string) => ({ failure: { code: "ValidationError", message, ofKey: true } as const })

const isReserved = (name: string) => validations.validateExpressions({ ProjectionExpression: name }) !== undefined

const valueOf = (operand: Operand, parameters: ReadonlyArray<AttributeValue>): AttributeValue =>
  "text" in operand ? { S: operand.text } : parameters[operand.parameter]!

const isDocument = (value: AttributeValue) => value.L !== undefined || value.M !== undefined

const holds = (condition: Condition, values: ReadonlyArray<AttributeValue>, item: Item): boolean => {
  const actual = item[condition.attribute]
  if ("missing" in condition) return (actual === undefined) === condition.missing
  const wanted = valueOf(condition.operand, values)
  if (isDocument(wanted))
    throw new Error("not implemented by aws-in-process: a condition on a list or a map in PartiQL")
  return actual !== undefined && db.compare(condition.comparator, actual, [wanted])
}

/** The item that a write leaves when it is allowed. By entries, not assignment: an attribute may be called `__proto__`. */
const resulting = (statement: Statement, values: ReadonlyArray<AttributeValue>, base: Item): Item => {
  if (statement.kind === "select") return base
  if (statement.kind === "insert")
    return Object.fromEntries(statement.item.map(([name, operand]) => [name, valueOf(operand, values)]))
  const attributes = new Map(Object.entries(base))
  for (const [name, operand] of statement.set) attributes.set(name, valueOf(operand, values))
  for (const name of statement.remove) attributes.delete(name)
  return Object.fromEntries(attributes)
}

const isKeyEquality = (condition: Condition, keys: ReadonlyArray<string>) =>
  "comparator" in condition && condition.comparator === "=" && keys.includes(condition.attribute)

const keyNames = (table: Table) => table.description.KeySchema.map((key) => key.AttributeName)

const keyOf = (statement: Statement, table: Table, values: ReadonlyArray<AttributeValue>): Item => {
  const keys = keyNames(table)
  const pairs =
    statement.kind === "insert"
      ? statement.item
      : statement.where.flatMap((condition) =>
          "operand" in condition && isKeyEquality(condition, keys)
            ? [[condition.attribute, condition.operand] as const]
            : []
        )
  return Object.fromEntries(
    pairs.flatMap(([name, operand]) => (keys.includes(name) ? [[name, valueOf(operand, values)]] : []))
  )
}

const problemWithItem = (item: Item, { description }: Table): string | undefined =>
  db.validateItem(item, description)?.message ?? writtenProblem(item, description)

const refusal = ({ statement, table, values, request }: Planned, before: Item | undefined): Failure | undefined => {
  if (statement.kind === "insert")
    return before === undefined
      ? undefined
      : { code: "DuplicateItem", message: "Duplicate primary key exists in table" }
  const keys = keyNames(table)
  const conditions = statement.where.filter((condition) => !isKeyEquality(condition, keys))
  if (before !== undefined && conditions.every((condition) => holds(condition, values, before))) return undefined
  return {
    code: "ConditionalCheckFailed",
    message: "The conditional request failed",
    ...(before !== undefined && request.ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? { item: before } : {})
  }
}

export const makeStatements = (tables: Tables): Statements => {
  const remembered = new Map<string, Statement>()

  const parse = (text: string): Statement => {
    const known = remembered.get(text)
    if (known !== undefined) return known
    if (text.length > MAX_STATEMENT_CHARS)
      throw new ServiceError("ValidationException", `A statement must have at most ${MAX_STATEMENT_CHARS} characters`)
    const statement = parseStatement(text, isReserved)
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(text, statement)
    return statement
  }

  const plan: Statements["plan"] = (statement, table, request) => {
    const values = request.Parameters ?? []
    if (values.length !== statement.parameters)
      return invalid("Number of parameters in request and statement don't match.")
    for (const value of values) {
      const problem = parameterProblem(value) ?? validations.validateAttributeValue(value)
      if (problem !== undefined) return invalid(problem)
    }
    const keys = keyNames(table)
    const key = keyOf(statement, table, values)
    if (keys.some((name) => key[name] === undefined))
      return invalid(
        statement.kind === "insert"
          ? `Missing the key in the item: ${keys.join(", ")}`
          : "Where clause does not contain a mandatory equality on all key attributes"
      )
    const mismatch = db.validateKey(key, table.description)?.message
    const tooLong = keyProblem(key, table.description)
    if (tooLong !== undefined) return ofKey(tooLong)
    if (mismatch !== undefined) return invalid(mismatch)
    if (statement.kind === "update") {
      const touched = [...statement.set.map(([name]) => name), ...statement.remove].find((name) => keys.includes(name))
      if (touched !== undefined)
        return ofKey(
          `One or more parameter values were invalid: Cannot update attribute ${touched}. This attribute is part of the key`
        )
    }
    return { statement, table, values, key, keyText: tables.keyText(table, key), request }
  }

  const select = async (
    { statement, table, values, key, request }: Planned,
    consumption: Consumption
  ): Promise<Outcome> => {
    const found = await tables.read(table, key)
    consumption.read(table.description, readUnits(found, request.ConsistentRead === true), undefined, found ?? {})
    const { where } = statement as Statement & { kind: "select" }
    const wanted = found !== undefined && where.every((condition) => holds(condition, values, found))
    return wanted ? { item: found } : {}
  }

  const write = async (planned: Planned, consumption: Consumption): Promise<Outcome> => {
    const { statement, table, values, key } = planned
    const decide = (before: Item | undefined): Decision<Failure> => {
      const after = resulting(statement, values, before ?? key)
      const problem = problemWithItem(after, table)
      const failure = refusal(planned, before)
      // What is inserted is looked at before what is there; what an update leaves is not, where its condition does not hold.
      const first = statement.kind === "insert" || failure === undefined
      if (problem !== undefined && first) return { refuse: invalid(problem).failure }
      consumption[failure === undefined ? "wrote" : "refused"](table.description, before, after)
      return failure === undefined ? { put: after } : { refuse: failure }
    }
    const decision = await tables.change(table, key, decide)
    return "refuse" in decision ? { failure: decision.refuse } : {}
  }

  return {
    parse,
    plan,
    run: (planned, consumption) =>
      planned.statement.kind === "select" ? select(planned, consumption) : write(planned, consumption)
  }
}
