import type { AttributeValue } from "./dynalite.ts"

type Operand = ReadonlyArray<string | number> | AttributeValue | Expression

interface Expression {
  readonly type: string
  readonly name?: string
  readonly args: ReadonlyArray<Operand>
}

/** A condition or filter as dynalite parses it. */
export interface Parsed {
  expression: Expression
}

const isDocument = (operand: Operand) => "L" in operand || "M" in operand

/** A condition as dynalite compares it rightly: of `IN` it takes no false, and documents it compares by identity. */
export const comparable = (expression: Expression): Expression => {
  const { type, args } = expression
  if (["and", "or", "not"].includes(type))
    return { ...expression, args: args.map((arg) => comparable(arg as Expression)) }
  const name = type === "function" ? String(expression.name) : type
  if (["=", "<>", "in", "contains"].includes(name) && (args as ReadonlyArray<Operand>).some(isDocument))
    throw new Error(`not implemented by aws-in-process: a list or a map compared by ${name}`)
  if (type !== "in") return expression
  const [operand, ...values] = args
  return values
    .map((value): Expression => ({ type: "=", args: [operand!, value] }))
    .reduce((left, right) => ({ type: "or", args: [left, right] }))
}
