import { refuseUnknown } from "../core/settings.ts"
import { ServiceError } from "../core/types.ts"
import type { Call, Input, Output } from "./items.ts"
import { checkParameters } from "./limits.ts"
import type { Failure, Outcome, Planned, StatementRequest, Statements } from "./statements.ts"

const MAX_STATEMENTS = 25

const ACTIONS = {
  insert: "dynamodb:PartiQLInsert",
  update: "dynamodb:PartiQLUpdate",
  select: "dynamodb:PartiQLSelect"
} as const

/** What a failure is called when it is the answer to the whole call. */
const EXCEPTIONS: Readonly<Record<Failure["code"], string>> = {
  ConditionalCheckFailed: "ConditionalCheckFailedException",
  DuplicateItem: "DuplicateItemException",
  ResourceNotFound: "ResourceNotFoundException",
  ValidationError: "ValidationException"
}

const OPTIONS = ["Statement", "Parameters", "ConsistentRead", "ReturnValuesOnConditionCheckFailure"]

const validation = (message: string) => new ServiceError("ValidationException", message)

type Plan = Planned | { readonly failure: Failure }

const absent: Plan = { failure: { code: "ResourceNotFound", message: "Requested resource not found" } }

const plan = (statements: Statements, call: Call, request: StatementRequest) => {
  refuseUnknown("statement option", request, OPTIONS)
  const statement = statements.parse(request.Statement)
  const table = call.tables.find(statement.table)
  // No definition, no ARN to ask a policy about.
  if (table === undefined) return { statement, plan: absent }
  call.allow(ACTIONS[statement.kind], statement.table)
  return { statement, plan: statements.plan(statement, table, request) }
}

const run = async (statements: Statements, call: Call, plan: Plan): Promise<Outcome> =>
  "failure" in plan ? plan : statements.run(plan, call.consumption)

/** A failure of the statement is the failure of the call. */
export const executeStatement =
  (statements: Statements) =>
  async (call: Call, input: Input): Promise<Output> => {
    checkParameters(input.Parameters as StatementRequest["Parameters"])
    const planned = plan(statements, call, input as unknown as StatementRequest)
    const outcome = await run(statements, call, planned.plan)
    if ("failure" in outcome) {
      const { code, message, item } = outcome.failure
      throw new ServiceError(EXCEPTIONS[code], message, 400, item === undefined ? {} : { Item: item })
    }
    return { Items: outcome.item === undefined ? [] : [outcome.item] }
  }

const answer = (table: string, outcome: Outcome): Output => {
  if ("failure" in outcome) {
    const { code, message, item, ofKey = false } = outcome.failure
    // AWS leaves the table out where a statement is at fault, unless by its key.
    const named = code === "ValidationError" && !ofKey ? {} : { TableName: table }
    return { ...named, Error: { Code: code, Message: message, ...(item === undefined ? {} : { Item: item }) } }
  }
  return { TableName: table, ...(outcome.item === undefined ? {} : { Item: outcome.item }) }
}

/** Up to 25 statements, all reads or all writes, each on another item; each succeeds or fails alone. */
export const batchExecuteStatement =
  (statements: Statements) =>
  async (call: Call, input: Input): Promise<Output> => {
    refuseUnknown("BatchExecuteStatement option", input, ["Statements"])
    const requests = input.Statements as ReadonlyArray<StatementRequest>
    for (const request of requests) checkParameters(request.Parameters)
    if (requests.length < 1 || requests.length > MAX_STATEMENTS)
      throw validation(`A batch must have between 1 and ${MAX_STATEMENTS} statements`)
    const plans = requests.map((request) => plan(statements, call, request))
    const reads = plans.filter(({ statement }) => statement.kind === "select").length
    if (reads > 0 && reads < plans.length) throw validation("A batch must not mix read and write statements")
    const items = plans.flatMap(({ statement, plan }) =>
      "failure" in plan ? [] : [JSON.stringify([statement.table, plan.keyText])]
    )
    if (new Set(items).size < items.length) throw validation("A batch must not have two statements on one item")
    const outcomes = await Promise.all(plans.map(({ plan }) => run(statements, call, plan)))
    return { Responses: outcomes.map((outcome, i) => answer(plans[i]!.statement.table, outcome)) }
  }
