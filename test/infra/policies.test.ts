import { assert, beforeAll, describe, it } from "vitest"
import { rules } from "../../src/infra/policies/index.ts"
import { asPolicies } from "../../src/infra/policies/pack.ts"
import { type Resource, type Stack, types } from "../../src/infra/policies/rule.ts"
import type { Captured } from "../../src/local/capture.ts"
import type { ConfigValue } from "../../src/local/stack-config.ts"
import { captureOnce } from "../support/capture-once.ts"
import { allOptions, overridesOf } from "./captured.ts"

const stackOf = ({ resources }: Captured, production: boolean): Stack => ({
  production,
  resources: resources
    .filter(({ custom }) => custom)
    .map(({ type, name, inputs, outputs, options }) => ({
      type,
      name,
      props: { ...outputs, ...inputs },
      protect: options.protect
    }))
})

const variants: ReadonlyArray<readonly [string, string, Readonly<Record<string, ConfigValue>>]> = [
  ["dev", "dev", {}],
  ["prod", "prod", overridesOf("prod")],
  ["prod with all options", "prod", allOptions]
]

const found = (stack: Stack) =>
  rules.flatMap(({ name, check }) =>
    check(stack).map(({ resource, problem }) => `${name}: ${resource.name} ${problem}`)
  )

describe.each(variants)("the rules, on %s", (_, stack, overrides) => {
  it("find nothing", async () => {
    assert.deepStrictEqual(found(stackOf(await captureOnce(stack, overrides), stack === "prod")), [])
  })
})

describe.each(variants)("the rules, on %s as the component genesys of another program", (_, stack, overrides) => {
  it("find nothing, and leave nothing out that only ends like a resource of a component", async () => {
    const own = stackOf(await captureOnce(stack, overrides), stack === "prod")
    const named = { ...own, resources: own.resources.map((one) => ({ ...one, name: `genesys-${one.name}` })) }
    assert.deepStrictEqual(found(named), [])
    const foreign = { type: types.topic, name: "orders-notices", props: {}, protect: true }
    const problems = found({ ...named, resources: [...named.resources, foreign] })
    assert.isAbove(problems.filter((problem) => problem.includes("orders-notices")).length, 0)
  })
})

/** A resource as it must not be. */
interface Seed {
  readonly type: string
  readonly name: string
  readonly props?: Readonly<Record<string, unknown>>
  readonly protect?: false
  /** Takes the resource out of the stack; `breaks` names the one that is the worse for it. */
  readonly gone?: true
  readonly breaks?: string
}

const policy = (...statements: ReadonlyArray<unknown>) => ({
  policy: JSON.stringify({ Version: "2012-10-17", Statement: statements })
})
const trust = (Principal: unknown) => ({
  assumeRolePolicy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal }]
  })
})
const rolePolicy = "aws:iam/rolePolicy:RolePolicy"

const seeds: Readonly<Record<string, ReadonlyArray<Seed>>> = {
  "target-bounded": [
    { type: types.target, name: "feed-target", props: { retryPolicy: { maximumRetryAttempts: 5 } } },
    { type: types.target, name: "feed-target", props: { retryPolicy: undefined } }
  ],
  "target-dead-letters": [
    { type: types.target, name: "feed-target", props: { deadLetterConfig: undefined } },
    { type: types.queue, name: "feed-dlq", gone: true, breaks: "feed-target" },
    {
      type: types.queuePolicy,
      name: "feed-dlq-policy",
      breaks: "feed-target",
      props: policy({
        Effect: "Allow",
        Action: "sqs:SendMessage",
        Resource: "*",
        Principal: { Service: "events.amazonaws.com" },
        Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:events:eu-central-1:000000000000:rule/other" } }
      })
    }
  ],
  "machine-log": [
    { type: types.machine, name: "replay-machine", props: { loggingConfiguration: undefined } },
    {
      type: types.machine,
      name: "replay-machine",
      props: { loggingConfiguration: { level: "ERROR", includeExecutionData: false, logDestination: "arn:other:*" } }
    },
    { type: types.logGroup, name: "replay-machine-logs", gone: true, breaks: "replay-machine" }
  ],
  "machines-watched": [
    { type: types.alarm, name: "replay-failed", gone: true, breaks: "replay-machine" },
    { type: types.alarm, name: "replay-failed", props: { metricQueries: [] }, breaks: "replay-machine" }
  ],
  "stream-mapping-ends": [
    { type: types.mapping, name: "append-mapping", props: { functionResponseTypes: [] } },
    { type: types.mapping, name: "append-mapping", props: { bisectBatchOnFunctionError: false } },
    { type: types.mapping, name: "append-mapping", props: { maximumRetryAttempts: -1 } },
    { type: types.mapping, name: "append-mapping", props: { maximumRecordAgeInSeconds: undefined } },
    { type: types.mapping, name: "append-mapping", props: { destinationConfig: undefined } }
  ],
  "queue-mapping-bounded": [
    { type: types.mapping, name: "project-mapping", props: { functionResponseTypes: undefined } },
    { type: types.mapping, name: "project-mapping", props: { scalingConfig: undefined } }
  ],
  "queue-redrive": [
    { type: types.queue, name: "settle", props: { redrivePolicy: undefined } },
    { type: types.queue, name: "settle-dlq", gone: true, breaks: "settle" }
  ],
  "queue-visibility": [{ type: types.queue, name: "settle", props: { visibilityTimeoutSeconds: 359 } }],
  "dead-letters-watched": [
    { type: types.alarm, name: "rule-dlq-depth", gone: true, breaks: "feed-dlq" },
    { type: types.alarm, name: "settle-dlq-depth", gone: true, breaks: "settle-dlq" }
  ],
  "actions-named": [
    {
      type: rolePolicy,
      name: "append-policy",
      props: policy({ Effect: "Allow", Action: ["dynamodb:*"], Resource: "arn:aws:s3:::x" })
    }
  ],
  "resources-named": [
    {
      type: rolePolicy,
      name: "append-policy",
      props: policy({ Effect: "Allow", Action: "dynamodb:PartiQLInsert", Resource: "*" })
    }
  ],
  "own-resources": [
    {
      type: rolePolicy,
      name: "project-policy",
      props: policy({ Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::somebody-else/*" })
    }
  ],
  "one-service-trusted": [
    {
      type: types.role,
      name: "append-role",
      props: trust({ Service: ["lambda.amazonaws.com", "events.amazonaws.com"] })
    },
    { type: types.role, name: "append-role", props: trust({ AWS: "arn:aws:iam::000000000000:root" }) },
    { type: types.role, name: "append-role", props: trust("*") }
  ],
  "people-named": [
    { type: types.role, name: "eraser-role", props: trust({ Service: "lambda.amazonaws.com" }) },
    { type: types.role, name: "eraser-role", props: trust({ AWS: "arn:aws:iam::444455556666:root" }) },
    { type: types.role, name: "eraser-role", props: trust("*") }
  ],
  "events-immutable": [
    {
      type: rolePolicy,
      name: "append-policy",
      props: policy({ Effect: "Allow", Action: "dynamodb:PutItem", Resource: "*" })
    },
    {
      type: rolePolicy,
      name: "replay-policy",
      props: policy({
        Effect: "Allow",
        Action: ["dynamodb:Scan", "dynamodb:PartiQLDelete"],
        Resource: "arn:aws:dynamodb:eu-central-1:000000000000:table/genesys-cloud-projections-prod-events"
      })
    }
  ],
  "own-role": [
    {
      type: types.function,
      name: "append",
      props: { role: "arn:aws:iam::000000000000:role/genesys-cloud-projections-prod-project-role" }
    }
  ],
  "sources-named": [
    { type: types.role, name: "feed-role", props: trust({ Service: "events.amazonaws.com" }) },
    {
      type: types.topicPolicy,
      name: "notices-policy",
      props: policy({
        Effect: "Allow",
        Action: "sns:Publish",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } }
      })
    }
  ],
  "bus-may-use-key": [
    { "aws:SourceArn": "arn:aws:events:eu-central-1:000000000000:rule/x/y" },
    { "aws:SourceAccount": "1" }
  ].map((condition) => ({
    type: types.key,
    name: "key",
    props: policy({
      Effect: "Allow",
      Action: "kms:GenerateDataKey",
      Principal: { Service: "events.amazonaws.com" },
      Resource: "*",
      Condition: { StringEquals: condition }
    })
  })),
  "nobody-anonymous": [
    {
      type: types.bucketPolicy,
      name: "quarantine-policy",
      props: policy({ Effect: "Allow", Action: "s3:GetObject", Principal: { AWS: "*" }, Resource: "x" })
    }
  ],
  "tls-only": [
    { type: types.bucketPolicy, name: "overflow-policy", gone: true, breaks: "overflow" },
    { type: types.topicPolicy, name: "notices-policy", gone: true, breaks: "notices" },
    { type: types.queuePolicy, name: "feed-dlq-policy", gone: true, breaks: "feed-dlq" },
    { type: types.queuePolicy, name: "settle-policy", gone: true, breaks: "settle" }
  ],
  encrypted: [
    { type: types.queue, name: "settle", props: { sqsManagedSseEnabled: false, kmsMasterKeyId: undefined } },
    { type: types.stream, name: "stream", props: { encryptionType: "NONE" } },
    { type: types.bucketEncryption, name: "failures-encryption", gone: true, breaks: "failures" },
    { type: types.topic, name: "another", props: {} }
  ],
  "customer-key-everywhere": [
    { type: types.table, name: "events", props: { serverSideEncryption: undefined } },
    { type: types.stream, name: "stream", props: { kmsKeyId: "alias/aws/kinesis" } }
  ],
  "keys-rotate": [{ type: types.key, name: "another", props: { enableKeyRotation: false, deletionWindowInDays: 30 } }],
  "buckets-private": [
    { type: types.bucketAccess, name: "failures-access", props: { blockPublicPolicy: false }, breaks: "failures" },
    { type: types.bucketAccess, name: "failures-access", gone: true, breaks: "failures" }
  ],
  "buckets-expire": [
    { type: types.bucketLifecycle, name: "quarantine-lifecycle", gone: true, breaks: "quarantine" },
    { type: types.bucketLifecycle, name: "failures-lifecycle", props: { rules: [] }, breaks: "failures" }
  ],
  "logs-expire": [{ type: types.logGroup, name: "append-logs", props: { retentionInDays: 0 } }],
  "dead-letters-last": [
    { type: types.queue, name: "settle-dlq", props: { messageRetentionSeconds: 345_600 }, breaks: "settle" }
  ],
  "tables-on-demand": [{ type: types.table, name: "events", props: { billingMode: "PROVISIONED" } }],
  "tables-guarded": [
    { type: types.table, name: "events", props: { pointInTimeRecovery: { enabled: false } } },
    { type: types.table, name: "control", props: { deletionProtectionEnabled: false } }
  ],
  "state-protected": ["bus", "stream", "events", "overflow", "notices"].map((name) => ({
    type: { bus: types.bus, stream: types.stream, events: types.table, overflow: types.bucket }[name] ?? types.topic,
    name,
    protect: false
  })),
  "function-runtime": [
    { type: types.function, name: "append", props: { runtime: "nodejs20.x" } },
    { type: types.function, name: "append", props: { architectures: undefined } }
  ],
  "function-own-log": [
    { type: types.function, name: "append", props: { loggingConfig: undefined } },
    {
      type: types.function,
      name: "append",
      props: { loggingConfig: { logGroup: "genesys-cloud-projections-prod-project-logs" } }
    }
  ],
  "no-secrets": [
    { type: types.function, name: "append", props: { environment: { variables: { GENESYS_CLIENT_SECRET: "x" } } } },
    { type: types.function, name: "append", props: { environment: { variables: { URL: "https://me:pw@host/" } } } },
    { type: types.function, name: "append", props: { environment: { variables: { ID: `AKIA${"A".repeat(16)}` } } } }
  ],
  "functions-watched": [{ type: types.alarm, name: "append-errors", gone: true, breaks: "append" }],
  "alarms-act": [
    ...[
      { alarmActions: [] },
      { okActions: undefined },
      { actionsEnabled: false },
      { alarmActions: ["arn:aws:sns:eu-central-1:1:gone"] }
    ].flatMap((props) => [
      { type: types.incident, name: "incident-parked", props },
      { type: types.incident, name: "incident-parked", props, breaks: "conflicts" }
    ]),
    { type: types.incident, name: "incident-parked", gone: true, breaks: "conflicts" },
    { type: types.incident, name: "incident-parked", props: { alarmRule: "TRUE" }, breaks: "conflicts" }
  ],
  tagged: [
    { type: types.alarm, name: "conflicts", props: { tags: undefined } },
    { type: types.table, name: "agents-v2", props: { tags: { Project: "x" } } }
  ]
}

describe("every rule", () => {
  let prod: Stack
  beforeAll(async () => {
    prod = stackOf(
      await captureOnce("prod", { ...overridesOf("prod"), erasers: ["arn:aws:iam::444455556666:role/privacy"] }),
      true
    )
  })

  const sown = ({ type, name, props, protect, gone }: Seed): Stack => {
    const there = prod.resources.find((one) => one.type === type && one.name === name)
    assert.strictEqual(there === undefined, name === "another", `${type} ${name}`)
    const others = prod.resources.filter((one) => one !== there)
    const changed: Resource = {
      type,
      name,
      props: { ...there?.props, ...props },
      protect: protect ?? there?.protect ?? true
    }
    return { ...prod, resources: gone ? others : [...others, changed] }
  }

  it("has a name of its own and a seed", () => {
    assert.sameMembers(
      Object.keys(seeds),
      rules.map(({ name }) => name)
    )
    assert.strictEqual(new Set(rules.map(({ name }) => name)).size, rules.length)
  })

  const cases = Object.entries(seeds).flatMap(([rule, all]) => all.map((seed, i) => [rule, i, seed] as const))

  it.each(cases)("%s catches seed %i", (rule, _, seed) => {
    const violations = rules.find(({ name }) => name === rule)?.check(sown(seed)) ?? []
    assert.include(
      violations.map(({ resource }) => resource.name),
      seed.breaks ?? seed.name
    )
  })

  it("lets a stack that holds nothing dear be taken down", () => {
    const unguarded = prod.resources.map((one) => ({ ...one, protect: false }))
    assert.deepStrictEqual(found({ resources: unguarded, production: false }), [])
  })

  it("reports as a policy of Pulumi", () => {
    const reports: Array<readonly [string, string | undefined]> = []
    const { resources } = sown({ type: types.queue, name: "settle", props: { visibilityTimeoutSeconds: 30 } })
    const args = {
      resources: resources.map((one) => ({ ...one, urn: `urn:${one.name}`, opts: { protect: one.protect } }))
    }
    for (const policy of asPolicies(rules)) {
      assert.isNotEmpty(policy.description)
      policy.validateStack(args, (message, urn) => reports.push([message, urn]))
    }
    assert.deepStrictEqual(reports, [
      ["settle: a message comes back after 30 s, while its function may take 60 s", "urn:settle"]
    ])
  })
})
