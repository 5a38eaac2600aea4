import { assert, beforeAll, describe, it } from "vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { generation } from "../../src/domain/projection.ts"
import type { Captured } from "../../src/local/capture.ts"
import { captureOnce } from "../support/capture-once.ts"
import { only, policyOf, resourcesOf } from "./captured.ts"

const LISTED = [agents, { ...agents, version: 3 }, { ...queues, version: 4 }, queues, conversations]
const NAMES = LISTED.map(generation)
const SUMMARISED = ["queues-v4", "queues-v2"]
const INDEXED = ["agents-v2", "agents-v3", ...SUMMARISED]

const TABLE = "aws:dynamodb/table:Table"
const tableName = (name: string) => `genesys-cloud-projections-dev-${name}`

describe("a stack with several generations", () => {
  let captured: Captured
  beforeAll(async () => {
    captured = await captureOnce("dev", {}, LISTED)
  })

  it("[P8] has a table for each, with the index where rows are read together", () => {
    for (const name of NAMES) {
      const { inputs } = only(captured, TABLE, name)
      assert.strictEqual(inputs.name, tableName(name))
      const indexes = (inputs.localSecondaryIndexes ?? []) as ReadonlyArray<{ readonly name: string }>
      assert.deepStrictEqual(
        indexes.map((index) => index.name),
        INDEXED.includes(name) ? ["open"] : []
      )
    }
    assert.deepStrictEqual(Object.keys(captured.outputs.projectionTables as object), NAMES)
  })

  it("[P8] [P10] lets project write to each, and derive the summaries of those that have one", () => {
    const { inputs } = only(captured, "aws:lambda/function:Function", "project")
    const { variables } = inputs.environment as { readonly variables: Readonly<Record<string, string>> }
    assert.deepStrictEqual(
      JSON.parse(variables.PROJECTION_TABLES ?? ""),
      Object.fromEntries(NAMES.map((name) => [name, tableName(name)]))
    )
    const statements = policyOf(only(captured, "aws:iam/rolePolicy:RolePolicy", "project-policy").inputs.policy)
    const granted = (action: string) =>
      statements
        .filter(({ Action }) => Action.includes(action))
        .flatMap(({ Resource = [] }) => Resource)
        .sort()
    const arns = (names: ReadonlyArray<string>, rest = "") =>
      names.map((name) => `${only(captured, TABLE, name).outputs.arn}${rest}`).sort()
    assert.deepStrictEqual(granted("dynamodb:PartiQLUpdate"), arns(NAMES))
    const control = only(captured, TABLE, "control").outputs.arn as string
    assert.deepStrictEqual(granted("dynamodb:UpdateItem"), [...arns(SUMMARISED), control].sort())
    assert.deepStrictEqual(
      granted("dynamodb:Query"),
      [...arns(INDEXED, "/index/open"), ...arns(["conversations-v1"])].sort()
    )
  })

  it("[P8] lets readers begin with the lowest version that is listed", () => {
    const items = resourcesOf(captured, "aws:dynamodb/tableItem:TableItem").map(({ inputs }) =>
      JSON.parse(String(inputs.item))
    )
    assert.sameDeepMembers(
      items.map(({ key, value }) => [key.S, JSON.parse(value.S).generation]),
      [
        ["readers/agents", "agents-v2"],
        ["readers/queues", "queues-v2"],
        ["readers/conversations", "conversations-v1"]
      ]
    )
  })

  it("goes back to what is listed", async () => {
    const tables = resourcesOf(await captureOnce("dev"), TABLE).map(({ name }) => name)
    assert.notInclude(tables, "agents-v3")
    assert.include(tables, "agents-v2")
  })
})
