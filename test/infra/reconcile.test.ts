import { assert, beforeAll, describe, it } from "vitest"
import type { Captured, CapturedResource } from "../../src/local/capture.ts"
import type { ConfigValue } from "../../src/local/stack-config.ts"
import { captureOnce } from "../support/capture-once.ts"
import { only, policyOf, resourcesOf } from "./captured.ts"

const region = "eu-central-1"
const account = "000000000000"
const prefix = "genesys-cloud-projections-dev"
const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`

const sweeping: Readonly<Record<string, ConfigValue>> = {
  genesysCredentialsSecret: "genesys/projections",
  genesysDomain: "eu-west-1",
  reconcileSchedule: "rate(15 minutes)",
  reconcileShare: 20
}

describe("reconcile", () => {
  let captured: Captured
  const resource = (type: string, name: string): CapturedResource => only(captured, type, name)
  const inputs = (type: string, name: string) => resource(type, name).inputs
  beforeAll(async () => {
    captured = await captureOnce("dev", sweeping)
  })

  it("is not there without a secret, nor are its alarms and its schedule", async () => {
    const { resources, outputs } = await captureOnce("dev")
    assert.isEmpty(resources.filter(({ name }) => name.startsWith("reconcile") || name === "events-lost"))
    assert.deepStrictEqual([outputs.reconcileFunctionName, outputs.reconcileDlqUrl], ["", ""])
  })

  it("begins sweeps by the configured schedule, and goes on with them every minute", () => {
    const rules = ["reconcile-start", "reconcile-tick"].map((name) =>
      inputs("aws:cloudwatch/eventRule:EventRule", name)
    )
    assert.deepStrictEqual(
      rules.map(({ scheduleExpression }) => scheduleExpression),
      ["rate(15 minutes)", "rate(1 minute)"]
    )
    for (const name of ["start", "tick"]) {
      assert.deepStrictEqual(inputs("aws:cloudwatch/eventTarget:EventTarget", `reconcile-${name}-target`), {
        arn: arn("lambda", `function:${prefix}-reconcile`),
        deadLetterConfig: { arn: arn("sqs", `${prefix}-reconcile-dlq`) },
        retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 1 },
        rule: `${prefix}-reconcile-${name}`,
        targetId: "reconcile"
      })
    }
  })

  it("[P10] lets those two rules in, and nobody else, to function and dead letters", () => {
    for (const name of ["start", "tick"])
      assert.deepInclude(inputs("aws:lambda/permission:Permission", `reconcile-${name}-permission`), {
        principal: "events.amazonaws.com",
        sourceAccount: account,
        sourceArn: arn("events", `rule/${prefix}-reconcile-${name}`)
      })
    const [statement] = policyOf(inputs("aws:sqs/queuePolicy:QueuePolicy", "reconcile-dlq-policy").policy)
    assert.deepStrictEqual(statement?.Condition, {
      ArnEquals: {
        "aws:SourceArn": ["tick", "start"].map((name) => arn("events", `rule/${prefix}-reconcile-${name}`))
      },
      StringEquals: { "aws:SourceAccount": account }
    })
  })

  it("begins none by itself without a schedule, and has no alarm for late ones", async () => {
    const captured = await captureOnce("dev", { ...sweeping, reconcileSchedule: "" })
    const names = captured.resources.map(({ name }) => name)
    assert.include(names, "reconcile-tick")
    assert.notInclude(names, "reconcile-start")
    assert.notInclude(names, "reconcile-late")
    const { environment } = only(captured, "aws:lambda/function:Function", "reconcile").inputs
    assert.notProperty((environment as { variables: object }).variables, "START_RULE")
  })

  it("knows the organisation, the secret by its name alone, and its share of the rate limit", () => {
    const { environment, timeout, memorySize } = inputs("aws:lambda/function:Function", "reconcile")
    const { variables } = environment as { variables: Record<string, string> }
    const { PROJECTION_TABLES, ...others } = variables
    assert.include(PROJECTION_TABLES, `"${prefix}-agents-v`)
    assert.deepStrictEqual(others, {
      CONTROL_TABLE: `${prefix}-control`,
      DIRECTORY_HOLDS: "names",
      DIRECTORY_TABLE: `${prefix}-directory`,
      DIVISIONS: "",
      GENESYS_CLIENT: "genesys/projections",
      GENESYS_DOMAIN: "mypurecloud.ie",
      REQUESTS_PER_MINUTE: "60",
      STACK_NAME: prefix,
      START_RULE: `${prefix}-reconcile-start`,
      STREAM_NAME: `${prefix}-stream`
    })
    assert.deepStrictEqual([timeout, memorySize], [900, 512])
  })

  it("[P10] may read rows of agents and queues and the secret, write its checkpoint and names, put onto the stream, and nothing else", () => {
    const statements = policyOf(inputs("aws:iam/rolePolicy:RolePolicy", "reconcile-policy").policy)
    const table = (name: string) => arn("dynamodb", `table/${prefix}-${name}`)
    const versions = resourcesOf(captured, "aws:dynamodb/table:Table").flatMap(({ inputs }) => {
      const name = String(inputs.name).slice(prefix.length + 1)
      return /^(agents|queues)-v/.test(name) ? [name] : []
    })
    assert.deepStrictEqual(
      statements.map(({ Action, Resource }) => [Action, Resource]),
      [
        [["dynamodb:BatchGetItem"], versions.map(table)],
        [["dynamodb:Query"], versions.map((name) => `${table(name)}/index/open`)],
        [["dynamodb:GetItem"], [table("control")]],
        [["dynamodb:PutItem"], [table("control")]],
        [
          [
            "dynamodb:BatchGetItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem"
          ],
          [table("directory")]
        ],
        [["dynamodb:Query"], [`${table("directory")}/index/byName`]],
        [["kinesis:PutRecords"], [arn("kinesis", `stream/${prefix}-stream`)]],
        [["secretsmanager:GetSecretValue"], [arn("secretsmanager", "secret:genesys/projections-??????")]],
        [["logs:CreateLogStream", "logs:PutLogEvents"], [`${arn("logs", `log-group:${prefix}-reconcile-logs`)}:*`]]
      ]
    )
    assert.deepStrictEqual(statements[3]?.Condition, {
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["reconcile", "reconcile/*"] },
      Null: { "dynamodb:LeadingKeys": "false" }
    })
  })

  it("takes a secret by its ARN as it is, wherever that is", async () => {
    const secret = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:genesys-AbCdEf"
    const other = await captureOnce("dev", { ...sweeping, genesysCredentialsSecret: secret })
    const policy = policyOf(only(other, "aws:iam/rolePolicy:RolePolicy", "reconcile-policy").inputs.policy)
    const [read] = policy.filter(({ Action }) => Action.includes("secretsmanager:GetSecretValue"))
    assert.deepStrictEqual(read?.Resource, [secret])
  })

  it("stays outside of the VPC, where it reaches the API", async () => {
    const vpc = { vpcId: "vpc-0a1b2c3d4e5f67890", subnetIds: ["subnet-0a1b2c3d4e5f67890", "subnet-1a1b2c3d4e5f67890"] }
    const inside = await captureOnce("dev", { ...sweeping, ...vpc, vpcEndpoints: false })
    const placed = (name: string) => only(inside, "aws:lambda/function:Function", name).inputs.vpcConfig
    assert.isDefined(placed("append"))
    assert.isUndefined(placed("reconcile"))
  })
})
