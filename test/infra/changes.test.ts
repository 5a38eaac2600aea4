import { assert, describe, it } from "vitest"
import { generation } from "../../src/domain/projection.ts"
import { readWiring } from "../../src/local/wiring.ts"
import { captureOnce } from "../support/capture-once.ts"
import { delivered as projections } from "../support/delivered.ts"
import { only, policyOf, resourcesOf } from "./captured.ts"

const prefix = "genesys-cloud-projections-dev"
const arn = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:000000000000:${rest}`
const table = (name: string) => arn("dynamodb", `table/${prefix}-${name}`)
const stream = (name: string) => `${table(name)}/stream/1970-01-01T00:00:00.000`
const names = projections.map(generation)

describe("the streams of projection tables", () => {
  it("are not there by default, nor is the right to read them", async () => {
    const captured = await captureOnce("dev")
    for (const { inputs, name } of resourcesOf(captured, "aws:dynamodb/table:Table"))
      assert.notProperty(inputs, "streamEnabled", name)
    assert.deepStrictEqual(
      resourcesOf(captured, "aws:iam/policy:Policy").map(({ name }) => name),
      ["readers"]
    )
    assert.isTrue(readWiring(captured).tables.every(({ streamArn }) => streamArn === undefined))
  })

  it("are on every projection table with projectionStreams, and on no other", async () => {
    const captured = await captureOnce("dev", { projectionStreams: true })
    for (const { inputs, name } of resourcesOf(captured, "aws:dynamodb/table:Table"))
      assert.deepStrictEqual(
        [inputs.streamEnabled, inputs.streamViewType],
        names.includes(name) ? [true, "NEW_AND_OLD_IMAGES"] : [undefined, undefined],
        name
      )
    assert.deepStrictEqual(
      captured.outputs.projectionTables,
      Object.fromEntries(
        names.map((name) => [name, { name: `${prefix}-${name}`, arn: table(name), streamArn: stream(name) }])
      )
    )
    assert.strictEqual(captured.outputs.changesPolicyArn, `arn:aws:iam::000000000000:policy/${prefix}-changes`)
    assert.sameMembers(
      readWiring(captured).tables.flatMap(({ streamArn }) => streamArn ?? []),
      names.map(stream)
    )
  })

  it("[P10] are read by a role with exactly what Lambda asks for, on exactly these streams, and the pointers of readers", async () => {
    const captured = await captureOnce("dev", { projectionStreams: true, customerKey: true })
    const { policy } = only(captured, "aws:iam/policy:Policy", "changes").inputs
    assert.deepStrictEqual(policyOf(policy), [
      {
        Effect: "Allow",
        Action: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
        Resource: names.map(stream)
      },
      { Effect: "Allow", Action: ["dynamodb:ListStreams"], Resource: ["*"] },
      {
        Effect: "Allow",
        Action: ["dynamodb:GetItem"],
        Resource: [table("control")],
        Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["readers/*"] } }
      },
      {
        Effect: "Allow",
        Action: ["kms:Decrypt"],
        Resource: [arn("kms", `key/${prefix}-key`)],
        Condition: { StringEquals: { "kms:ViaService": ["dynamodb.eu-central-1.amazonaws.com"] } }
      }
    ])
  })

  it("are refused by the local engine with any other view", async () => {
    const captured = await captureOnce("dev", { projectionStreams: true })
    const resources = captured.resources.map((resource) =>
      resource.inputs.streamEnabled === true
        ? { ...resource, inputs: { ...resource.inputs, streamViewType: "KEYS_ONLY" } }
        : resource
    )
    assert.throws(
      () => readWiring({ ...captured, resources }),
      "not implemented by the local engine: table with a stream of KEYS_ONLY"
    )
  })
})
