import { assert, beforeAll, describe, it } from "vitest"
import type { Captured, CapturedResource } from "../../src/local/capture.ts"
import { captureOnce } from "../support/capture-once.ts"
import { only, overridesOf, policyOf } from "./captured.ts"

const region = "eu-central-1"
const account = "000000000000"

describe.each(["dev", "prod"])("redrive in the %s stack", (stack) => {
  const prefix = `genesys-cloud-projections-${stack}`
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`
  const queueUrl = (name: string) => `https://sqs.${region}.amazonaws.com/${account}/${prefix}-${name}`
  const ruleArn = arn("events", `rule/${prefix}-redrive-tick`)

  let captured: Captured
  const resource = (type: string, name: string): CapturedResource => only(captured, type, name)
  const inputs = (type: string, name: string) => resource(type, name).inputs
  beforeAll(async () => {
    captured = await captureOnce(stack, overridesOf(stack))
  })

  it("ticks each minute on the default bus, with one retry, then dead letters of its own", () => {
    const rule = inputs("aws:cloudwatch/eventRule:EventRule", "redrive-tick")
    assert.strictEqual(rule.scheduleExpression, "rate(1 minute)")
    assert.notProperty(rule, "eventBusName")
    assert.notProperty(rule, "eventPattern")
    const target = resource("aws:cloudwatch/eventTarget:EventTarget", "redrive-target")
    assert.deepStrictEqual(target.inputs, {
      arn: arn("lambda", `function:${prefix}-redrive`),
      deadLetterConfig: { arn: arn("sqs", `${prefix}-redrive-dlq`) },
      retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 1 },
      rule: `${prefix}-redrive-tick`,
      targetId: "redrive"
    })
    assert.includeMembers(
      target.options.dependsOn.map((urn) => urn.split("::").at(-1)),
      ["redrive-permission", "redrive-dlq-policy"]
    )
  })

  it("[P10] lets that rule in, and nobody else, to function and dead letters", () => {
    assert.deepStrictEqual(inputs("aws:lambda/permission:Permission", "redrive-permission"), {
      action: "lambda:InvokeFunction",
      function: `${prefix}-redrive`,
      principal: "events.amazonaws.com",
      sourceAccount: account,
      sourceArn: ruleArn
    })
    const [statement] = policyOf(inputs("aws:sqs/queuePolicy:QueuePolicy", "redrive-dlq-policy").policy)
    assert.deepStrictEqual(statement?.Condition, {
      ArnEquals: { "aws:SourceArn": ruleArn },
      StringEquals: { "aws:SourceAccount": account }
    })
  })

  it("is never tried again by Lambda, nor kept waiting: the next tick is soon enough", () => {
    const type = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
    assert.deepStrictEqual(inputs(type, "redrive-invoke"), {
      functionName: `${prefix}-redrive`,
      maximumEventAgeInSeconds: 60,
      maximumRetryAttempts: 0
    })
  })

  it("knows its queues, its pace and its breakers", () => {
    const { environment, timeout } = inputs("aws:lambda/function:Function", "redrive")
    assert.deepStrictEqual(environment, {
      variables: {
        CONTROL_TABLE: `${prefix}-control`,
        NOTICES_TOPIC_ARN: arn("sns", `${prefix}-notices`),
        QUARANTINE_BUCKET: `${prefix}-quarantine`,
        STREAM_NAME: `${prefix}-stream`,
        STACK_NAME: prefix,
        RULE_DLQ_URL: queueUrl("feed-dlq"),
        SETTLE_DLQ_URL: queueUrl("settle-dlq"),
        SETTLE_QUEUE_URL: queueUrl("settle"),
        REDRIVE_PER_SECOND: "50",
        REDRIVE_PER_RUN: "2000",
        REDRIVE_MAX_ATTEMPTS: "10",
        BREAKER_FAILURES: "5",
        BREAKER_FAILURE_PERCENT: "50",
        BREAKER_CALLS: "10",
        BREAKER_WINDOW_SECONDS: "300",
        BREAKER_COOL_DOWN_SECONDS: "60",
        BREAKER_LONGEST_COOL_DOWN_SECONDS: "600",
        BREAKER_LEASE_SECONDS: "90",
        BREAKER_PROBES: "3"
      }
    })
    assert.strictEqual(timeout, 60)
  })

  it("[P10] has these rights on these resources", () => {
    const own = policyOf(inputs("aws:iam/rolePolicy:RolePolicy", "redrive-policy").policy)
    assert.deepStrictEqual(own.slice(0, 6), [
      {
        Effect: "Allow",
        Action: ["dynamodb:GetItem", "dynamodb:PutItem"],
        Resource: [arn("dynamodb", `table/${prefix}-control`)]
      },
      { Effect: "Allow", Action: ["kinesis:PutRecords"], Resource: [arn("kinesis", `stream/${prefix}-stream`)] },
      { Effect: "Allow", Action: ["s3:PutObject"], Resource: [`arn:aws:s3:::${prefix}-quarantine/*`] },
      { Effect: "Allow", Action: ["sns:Publish"], Resource: [arn("sns", `${prefix}-notices`)] },
      {
        Effect: "Allow",
        Action: ["sqs:DeleteMessage", "sqs:ReceiveMessage"],
        Resource: [arn("sqs", `${prefix}-feed-dlq`), arn("sqs", `${prefix}-settle-dlq`)]
      },
      { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: [arn("sqs", `${prefix}-settle`)] }
    ])
  })
})

describe("redrive in an account with room for reservations", () => {
  it("runs once at a time", async () => {
    const large = await captureOnce("prod", {
      ...overridesOf("prod"),
      peakEventsPerSecond: 1_000,
      accountConcurrency: 3_000
    })
    assert.strictEqual(only(large, "aws:lambda/function:Function", "redrive").inputs.reservedConcurrentExecutions, 1)
  })

  it("reserves nothing in a small one, which AWS would refuse", async () => {
    const small = await captureOnce("dev", { accountConcurrency: 10 })
    assert.notProperty(only(small, "aws:lambda/function:Function", "redrive").inputs, "reservedConcurrentExecutions")
  })
})
