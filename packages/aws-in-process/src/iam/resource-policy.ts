import { refuseUnknown } from "../core/settings.ts"

/** A call by an AWS service on behalf of `sourceArn`, such as a rule that sends to its dead-letter queue. */
export interface ServiceCall {
  readonly service: string
  readonly action: string
  readonly resource: string
  readonly sourceArn: string
}

export interface ResourcePolicy {
  /** True when a statement allows the call and none denies it. */
  readonly allowsService: (call: ServiceCall) => boolean
}

type Values = string | ReadonlyArray<string>

interface Statement {
  readonly Effect: "Allow" | "Deny"
  readonly Principal: "*" | Readonly<Record<string, Values>>
  readonly Action: Values
  readonly Resource: Values
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Values>>>>
}

const list = (value: Values): ReadonlyArray<string> => (typeof value === "string" ? [value] : value)

const like = (pattern: string, text: string): boolean => {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&")
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(text)
}

/** In IAM, `ArnEquals` takes wildcards as `ArnLike` does. */
const operators: Readonly<Record<string, (pattern: string, text: string) => boolean>> = {
  StringEquals: (pattern, text) => pattern === text,
  StringLike: like,
  ArnEquals: like,
  ArnLike: like,
  Bool: (pattern, text) => pattern === text
}

const contextOf = (call: ServiceCall): Readonly<Record<string, string>> => ({
  "aws:sourcearn": call.sourceArn,
  "aws:sourceaccount": call.sourceArn.split(":")[4] ?? "",
  "aws:securetransport": "true",
  "aws:principalisawsservice": "true"
})

const compile = (statement: Statement): ((call: ServiceCall) => boolean) => {
  refuseUnknown("policy statement", statement, ["Effect", "Principal", "Action", "Resource", "Condition"], ["Sid"])
  const { Principal, Action, Resource, Condition = {} } = statement
  const conditions = Object.entries(Condition).flatMap(([name, keys]) => {
    const operator = operators[name]
    if (operator === undefined) throw new Error(`not implemented by aws-in-process: policy condition ${name}`)
    return Object.entries(keys).map(([key, values]) => ({ operator, key: key.toLowerCase(), values: list(values) }))
  })
  const isPrincipal = ({ service }: ServiceCall) =>
    Principal === "*" ||
    list(Principal.AWS ?? []).includes("*") ||
    list(Principal.Service ?? []).some((name) => name === service || name === "*")
  return (call) => {
    const context = contextOf(call)
    return (
      isPrincipal(call) &&
      list(Action).some((pattern) => like(pattern.toLowerCase(), call.action.toLowerCase())) &&
      list(Resource).some((pattern) => like(pattern, call.resource)) &&
      conditions.every(({ operator, key, values }) => {
        const value = context[key]
        return value !== undefined && values.some((pattern) => operator(pattern, value))
      })
    )
  }
}

/** The policy of a resource from its JSON. Throws at once on what it cannot judge. */
export const makeResourcePolicy = (json: string): ResourcePolicy => {
  const document = JSON.parse(json) as { readonly Statement: Statement | ReadonlyArray<Statement> }
  refuseUnknown("policy", document, ["Statement"], ["Version", "Id"])
  const statements = [document.Statement].flat() as ReadonlyArray<Statement>
  const compiled = statements.map((statement) => ({ effect: statement.Effect, matches: compile(statement) }))
  return {
    allowsService: (call) => {
      const matching = compiled.filter(({ matches }) => matches(call))
      return matching.length > 0 && matching.every(({ effect }) => effect === "Allow")
    }
  }
}
