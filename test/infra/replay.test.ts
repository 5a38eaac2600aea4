import { assert, beforeAll, describe, it } from "vitest"
import { generation } from "../../src/domain/projection.ts"
import { capacityOf } from "../../src/infra/capacity.ts"
import { loadOf } from "../../src/infra/config.ts"
import { decodeConfig } from "../../src/infra/decode-config.ts"
import { replayDefinition } from "../../src/infra/replay-definition.ts"
import { replayPace } from "../../src/infra/replay-pace.ts"
import type { Captured, CapturedResource } from "../../src/local/capture.ts"
import { captureOnce } from "../support/capture-once.ts"
import { delivered as projections } from "../support/delivered.ts"
import { only, overridesOf, policyOf } from "./captured.ts"

const region = "eu-central-1"
const account = "000000000000"

describe.each(["dev", "prod"])("replay in the %s stack", (stack) => {
  const prefix = `genesys-cloud-projections-${stack}`
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`
  const machine = arn("states", `stateMachine:${prefix}-replay`)

  let captured: Captured
  const resource = (type: string, name: string): CapturedResource => only(captured, type, name)
  const inputs = (type: string, name: string) => resource(type, name).inputs
  beforeAll(async () => {
    captured = await captureOnce(stack, overridesOf(stack))
  })

  it("is a standard state machine of its function, that logs failures and nothing of what it works on", () => {
    const { definition, ...rest } = inputs("aws:sfn/stateMachine:StateMachine", "replay-machine")
    assert.deepStrictEqual(rest, {
      encryptionConfiguration: { type: "AWS_OWNED_KEY" },
      loggingConfiguration: {
        includeExecutionData: false,
        level: "ERROR",
        logDestination: `${arn("logs", `log-group:/aws/vendedlogs/states/${prefix}-replay`)}:*`
      },
      name: `${prefix}-replay`,
      roleArn: `arn:aws:iam::${account}:role/${prefix}-replay-machine-role`,
      tags: { Project: "genesys-cloud-projections", Stack: stack },
      type: "STANDARD"
    })
    assert.deepStrictEqual(
      JSON.parse(String(definition)),
      replayDefinition({ fn: arn("lambda", `function:${prefix}-replay`), timeoutSeconds: 900, concurrency: 4 })
    )
    assert.strictEqual(captured.outputs.replayStateMachineArn, machine)
  })

  it("is made after its rights, which AWS looks at when it is made", () => {
    const { options } = resource("aws:sfn/stateMachine:StateMachine", "replay-machine")
    assert.include(
      options.dependsOn.map((urn) => urn.split("::").at(-1)),
      "replay-machine-policy"
    )
  })

  it("[P10] may invoke its function, start itself, look at and stop what it started, and write its log", () => {
    const own = policyOf(inputs("aws:iam/rolePolicy:RolePolicy", "replay-machine-policy").policy)
    assert.deepStrictEqual(own.slice(0, 3), [
      {
        Effect: "Allow",
        Action: ["lambda:InvokeFunction"],
        Resource: [arn("lambda", `function:${prefix}-replay`)]
      },
      { Effect: "Allow", Action: ["states:StartExecution"], Resource: [machine] },
      {
        Effect: "Allow",
        Action: ["states:DescribeExecution", "states:StopExecution"],
        Resource: [arn("states", `execution:${prefix}-replay:*`)]
      }
    ])
    assert.deepStrictEqual(policyOf(inputs("aws:iam/role:Role", "replay-machine-role").assumeRolePolicy), [
      {
        Effect: "Allow",
        Action: ["sts:AssumeRole"],
        Principal: { Service: "states.amazonaws.com" },
        // A child of the distributed map has the label of the map in its name.
        Condition: {
          ArnLike: { "aws:SourceArn": [machine, `${machine}/*`] },
          StringEquals: { "aws:SourceAccount": account }
        }
      }
    ])
  })

  it("[P1] [P10] reads events and never writes one, and writes rows as project does", () => {
    const tables = projections.map((projection) => arn("dynamodb", `table/${prefix}-${generation(projection)}`))
    const own = policyOf(inputs("aws:iam/rolePolicy:RolePolicy", "replay-policy").policy)
    assert.deepStrictEqual(own.slice(0, 3), [
      { Effect: "Allow", Action: ["dynamodb:Scan"], Resource: [arn("dynamodb", `table/${prefix}-events`)] },
      {
        Effect: "Allow",
        Action: ["dynamodb:GetItem", "dynamodb:PutItem"],
        Resource: [arn("dynamodb", `table/${prefix}-control`)]
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:BatchGetItem", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"],
        Resource: tables
      }
    ])
  })

  it("takes no concurrency away from live functions, and knows its share", () => {
    const { environment, timeout, ...fn } = inputs("aws:lambda/function:Function", "replay")
    assert.notProperty(fn, "reservedConcurrentExecutions")
    assert.strictEqual(timeout, 900)
    const pace = { eventsPerSecond: 16_384, rowsPerSecond: stack === "prod" ? 691 : 320 }
    const { variables } = environment as { readonly variables: Readonly<Record<string, string>> }
    assert.strictEqual(variables.REPLAY_CONCURRENCY, "4")
    assert.strictEqual(variables.REPLAY_EVENTS_PER_SECOND, String(pace.eventsPerSecond))
    assert.strictEqual(variables.REPLAY_ROWS_PER_SECOND, String(pace.rowsPerSecond))
    assert.deepStrictEqual(captured.outputs.replayLimits, { segments: 64, concurrency: 4, ...pace })
  })
})

describe("the share of a replay", () => {
  const paceOf = (record: Readonly<Record<string, string>>) => {
    const config = decodeConfig(record, region)
    return replayPace(capacityOf(loadOf(config, 1)), config.averageEventBytes, config.replaySharePercent)
  }

  it("grows with itself and with what the tables have warm", () => {
    assert.deepStrictEqual(paceOf({}), { eventsPerSecond: 16_384, rowsPerSecond: 320 })
    assert.deepStrictEqual(paceOf({ replaySharePercent: "100" }), { eventsPerSecond: 81_920, rowsPerSecond: 1_600 })
    assert.isAbove(paceOf({ peakEventsPerSecond: "5000", accountConcurrency: "3000" }).rowsPerSecond, 320)
  })

  it.each([1, 100, 1_000, 20_000, 100_000])("replays a week of a peak of %d events/s in less than a week", (peak) => {
    const pace = paceOf({ peakEventsPerSecond: String(peak), accountConcurrency: "10000" })
    assert.isAbove(pace.eventsPerSecond, peak)
    // The bench counts a third of a write unit an event, and a row takes two and a half.
    assert.isAbove(pace.rowsPerSecond, (peak * 0.33) / 2.5)
  })

  it("is bound by reads where events are large, and never nothing", () => {
    assert.isBelow(paceOf({ averageEventBytes: "1000000" }).eventsPerSecond, 320)
    const none = { eventTable: { reads: 1, writes: 1 }, projectionTable: { reads: 1, writes: 1 } }
    assert.deepStrictEqual(replayPace(none, 1_000_000, 1), { eventsPerSecond: 1, rowsPerSecond: 1 })
  })
})
