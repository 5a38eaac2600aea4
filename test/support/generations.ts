import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import type { Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import type { Captured } from "../../src/local/capture.ts"

/** The agents of a later commit: each row says as well by how many registers it is known. */
export const agentsAgain: Projection<Event> = {
  ...agents,
  version: 3,
  view: (row, registers) => ({ ...agents.view(row, registers), knownBy: registers.size })
}

/** What that commit lists: the new version beside the old one. */
export const bothVersions: ReadonlyArray<Projection<Event>> = [agents, agentsAgain, queues, conversations]

const OLD = /agents-v2/g

/** Each statement about a table of the old version is about the new one's as well. */
const widened = (policy: string): string => {
  const { Statement, ...rest } = JSON.parse(policy) as {
    readonly Statement: ReadonlyArray<{ readonly Resource: ReadonlyArray<string> }>
  }
  const both = (arn: string) => (arn.match(OLD) ? [arn, arn.replaceAll(OLD, "agents-v3")] : [arn])
  return JSON.stringify({
    ...rest,
    Statement: Statement.map((one) => ({ ...one, Resource: one.Resource.flatMap(both) }))
  })
}

/** The stack as that commit's `pulumi up` leaves it: with a table of the new version, which the functions know and may use. */
export const raised = (captured: Captured): Captured => {
  const again = <A>(value: A): A => JSON.parse(JSON.stringify(value).replaceAll(OLD, "agents-v3")) as A
  const tables = captured.outputs.projectionTables as Readonly<Record<string, unknown>>
  return {
    projections: bothVersions,
    outputs: { ...captured.outputs, projectionTables: { ...tables, "agents-v3": again(tables["agents-v2"]) } },
    resources: captured.resources.flatMap((resource) => {
      const { type, name, inputs } = resource
      if (type === "aws:dynamodb/table:Table" && name === "agents-v2") return [resource, again(resource)]
      if (type === "aws:iam/rolePolicy:RolePolicy")
        return [{ ...resource, inputs: { ...inputs, policy: widened(String(inputs.policy)) } }]
      const environment = inputs.environment as { variables?: Readonly<Record<string, string>> } | undefined
      const named = environment?.variables?.PROJECTION_TABLES
      if (named === undefined) return [resource]
      const byName = JSON.parse(named) as Readonly<Record<string, string>>
      const PROJECTION_TABLES = JSON.stringify({ ...byName, "agents-v3": again(byName["agents-v2"]) })
      const variables = { ...environment?.variables, PROJECTION_TABLES }
      return [{ ...resource, inputs: { ...inputs, environment: { ...environment, variables } } }]
    })
  }
}
