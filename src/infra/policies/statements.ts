import { parsed, type Resource, record, texts } from "./rule.ts"

/** A statement of a policy document, whatever form its parts were written in. */
export interface PolicyStatement {
  readonly effect: string
  readonly actions: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
  /** Services among the principals. */
  readonly services: ReadonlyArray<string>
  /** Accounts and roles among the principals; `*` is everybody. */
  readonly others: ReadonlyArray<string>
  /** Values by condition key in lower case, whatever the operator. */
  readonly conditions: Readonly<Record<string, ReadonlyArray<string>>>
}

const read = (statement: Readonly<Record<string, unknown>>): PolicyStatement => {
  const principal = statement.Principal
  const { Service, ...others } = typeof principal === "string" ? { AWS: principal } : record(principal)
  const conditions: Record<string, Array<string>> = {}
  for (const keys of Object.values(record(statement.Condition)))
    for (const [key, values] of Object.entries(record(keys)))
      conditions[key.toLowerCase()] = [...(conditions[key.toLowerCase()] ?? []), ...texts(values)]
  return {
    effect: String(statement.Effect),
    actions: texts(statement.Action),
    resources: texts(statement.Resource),
    services: texts(Service),
    others: Object.values(others).flatMap(texts),
    conditions
  }
}

const inDocument = (json: unknown): ReadonlyArray<PolicyStatement> =>
  [parsed(json).Statement ?? []].flat().map((statement) => read(record(statement)))

/** What the policy of a resource says: of a role, a queue, a bucket, a topic, a key, an endpoint. */
export const statementsOf = ({ props }: Resource): ReadonlyArray<PolicyStatement> => inDocument(props.policy)

/** Who may assume a role. */
export const trustOf = ({ props }: Resource): ReadonlyArray<PolicyStatement> => inDocument(props.assumeRolePolicy)
