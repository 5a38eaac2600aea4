import { assert, beforeAll, describe, it } from "vitest"
import { generation } from "../../src/domain/projection.ts"
import { defaultTopics } from "../../src/genesys/aliases.ts"
import { capacityOf, type Load } from "../../src/infra/capacity.ts"
import type { Captured, CapturedResource } from "../../src/local/capture.ts"
import { captureOnce } from "../support/capture-once.ts"
import { delivered as projections } from "../support/delivered.ts"
import { only, overridesOf, partnerSource, policyOf, resourcesOf, type Statement } from "./captured.ts"

const region = "eu-central-1"
const account = "000000000000"

const taggable = new Set([
  "aws:cloudwatch/eventBus:EventBus",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:dynamodb/table:Table",
  "aws:iam/policy:Policy",
  "aws:iam/role:Role",
  "aws:kms/key:Key",
  "aws:kinesis/stream:Stream",
  "aws:lambda/eventSourceMapping:EventSourceMapping",
  "aws:lambda/function:Function",
  "aws:s3/bucket:Bucket",
  "aws:sfn/stateMachine:StateMachine",
  "aws:sns/topic:Topic",
  "aws:sqs/queue:Queue"
])

const overTlsOnly = (action: string, ...resources: ReadonlyArray<string>) => ({
  Effect: "Deny",
  Action: [action],
  Principal: "*",
  Resource: resources,
  Condition: { Bool: { "aws:SecureTransport": "false" } }
})

describe.each(["dev", "prod"])("the %s stack", (stack) => {
  const guarded = stack === "prod"
  const prefix = `genesys-cloud-projections-${stack}`
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`
  const streamArn = arn("kinesis", `stream/${prefix}-stream`)
  const busName = guarded ? partnerSource : `${prefix}-bus`
  const source = guarded ? partnerSource : "genesys.simulator"
  const ruleArn = arn("events", `rule/${busName}/${prefix}-feed-rule`)
  const keyArn = arn("kms", `key/${prefix}-key`)
  /** The statement that lets a role use the key of the stack; none in a stack without. */
  const keyUse = (actions: ReadonlyArray<string>, ...services: ReadonlyArray<string>): ReadonlyArray<Statement> =>
    guarded
      ? [
          {
            Effect: "Allow",
            Action: actions,
            Resource: [keyArn],
            Condition: {
              StringEquals: { "kms:ViaService": services.map((service) => `${service}.${region}.amazonaws.com`) }
            }
          }
        ]
      : []
  const tableKey = guarded ? { serverSideEncryption: { enabled: true, kmsKeyArn: keyArn } } : {}
  const queueKey = guarded ? { kmsMasterKeyId: keyArn } : { sqsManagedSseEnabled: true }
  const queueUrl = (name: string) => `https://sqs.${region}.amazonaws.com/${account}/${prefix}-${name}`
  const tags = { Project: "genesys-cloud-projections", Stack: stack }

  let captured: Captured
  const resource = (type: string, name: string): CapturedResource => only(captured, type, name)
  const inputs = (type: string, name: string) => resource(type, name).inputs
  beforeAll(async () => {
    captured = await captureOnce(stack, overridesOf(stack))
  })

  it("has these resources and no others", () => {
    const counts: Record<string, number> = {}
    // How many alarms there are is the affair of their own test.
    const counted = captured.resources.filter(({ type }) => !/cloudwatch\/(metric|composite)Alarm/.test(type))
    for (const { type, custom } of counted) if (custom) counts[type] = (counts[type] ?? 0) + 1
    assert.deepStrictEqual(counts, {
      "aws:cloudwatch/dashboard:Dashboard": 1,
      "aws:cloudwatch/eventBus:EventBus": 1,
      "aws:cloudwatch/eventRule:EventRule": 2,
      "aws:cloudwatch/eventTarget:EventTarget": 2,
      "aws:cloudwatch/logGroup:LogGroup": 5,
      "aws:dynamodb/table:Table": 3 + projections.length,
      "aws:dynamodb/tableItem:TableItem": projections.length,
      "aws:iam/policy:Policy": 1,
      "aws:iam/role:Role": 6,
      "aws:iam/rolePolicy:RolePolicy": 6,
      "aws:kinesis/stream:Stream": 1,
      ...(guarded ? { "aws:kms/alias:Alias": 1, "aws:kms/key:Key": 1 } : {}),
      "aws:lambda/eventSourceMapping:EventSourceMapping": 2,
      "aws:lambda/function:Function": 4,
      "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": 1,
      "aws:lambda/permission:Permission": 1,
      "aws:s3/bucket:Bucket": 4,
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 3,
      "aws:s3/bucketPolicy:BucketPolicy": 4,
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 4,
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 4,
      "aws:s3/bucketVersioning:BucketVersioning": 1,
      "aws:sfn/stateMachine:StateMachine": 1,
      "aws:sns/topic:Topic": 1,
      "aws:sns/topicPolicy:TopicPolicy": 1,
      "aws:sqs/queue:Queue": 4,
      "aws:sqs/queuePolicy:QueuePolicy": 4
    })
  })

  it("parents every resource to a component", () => {
    const components = new Set(captured.resources.filter(({ custom }) => !custom).map(({ urn }) => urn))
    for (const { name, custom, options } of captured.resources)
      if (custom) assert.include(components, options.parent, name)
    for (const { type, custom } of captured.resources)
      if (!custom) assert.match(type, /^genesys-cloud-projections:(stack|ingest|store|function|watch):[A-Z]\w+$/)
  })

  it("tags all that can be tagged", () => {
    for (const { type, name, inputs } of captured.resources)
      if (taggable.has(type)) assert.deepStrictEqual(inputs.tags, tags, name)
      else assert.notProperty(inputs, "tags", name)
  })

  it("has a bus of its own in dev, and the partner's in prod", () => {
    const partner = guarded ? { name: partnerSource, eventSourceName: partnerSource } : {}
    assert.deepStrictEqual(inputs("aws:cloudwatch/eventBus:EventBus", "bus"), { ...partner, tags })
  })

  it("lets through one source and the wanted topics, by exact value", () => {
    const rule = inputs("aws:cloudwatch/eventRule:EventRule", "feed-rule")
    assert.strictEqual(rule.eventBusName, busName)
    assert.deepStrictEqual(JSON.parse(rule.eventPattern as string), {
      source: [source],
      "detail-type": defaultTopics
    })
  })

  it("[P2] delivers by topic name, five retries, ten minutes, then dead letters", () => {
    const target = resource("aws:cloudwatch/eventTarget:EventTarget", "feed-target")
    assert.deepStrictEqual(target.inputs, {
      arn: streamArn,
      deadLetterConfig: { arn: arn("sqs", `${prefix}-feed-dlq`) },
      eventBusName: busName,
      kinesisTarget: { partitionKeyPath: "$.detail.topicName" },
      retryPolicy: { maximumEventAgeInSeconds: 600, maximumRetryAttempts: 5 },
      roleArn: `arn:aws:iam::${account}:role/${prefix}-feed-role`,
      rule: `${prefix}-feed-rule`,
      targetId: "stream"
    })
    const waitsFor = target.options.dependsOn.map((urn) => urn.split("::").at(-1))
    assert.includeMembers(waitsFor, ["feed-policy", "feed-dlq-policy"])
  })

  it("[P2] keeps dead letters for two weeks, from that rule alone", () => {
    assert.strictEqual(inputs("aws:sqs/queue:Queue", "feed-dlq").messageRetentionSeconds, 14 * 86_400)
    const policy = inputs("aws:sqs/queuePolicy:QueuePolicy", "feed-dlq-policy")
    assert.strictEqual(policy.queueUrl, queueUrl("feed-dlq"))
    assert.deepStrictEqual(policyOf(policy.policy), [
      {
        Effect: "Allow",
        Action: ["sqs:SendMessage"],
        Resource: [arn("sqs", `${prefix}-feed-dlq`)],
        Principal: { Service: "events.amazonaws.com" },
        Condition: { ArnEquals: { "aws:SourceArn": ruleArn }, StringEquals: { "aws:SourceAccount": account } }
      },
      overTlsOnly("sqs:*", arn("sqs", `${prefix}-feed-dlq`))
    ])
  })

  it.each(["settle", "settle-dlq"])("refuses plain HTTP on the queue %s", (name) => {
    const policy = inputs("aws:sqs/queuePolicy:QueuePolicy", `${name}-policy`)
    assert.strictEqual(policy.queueUrl, queueUrl(name))
    assert.deepStrictEqual(policyOf(policy.policy), [overTlsOnly("sqs:*", arn("sqs", `${prefix}-${name}`))])
  })

  it("buffers in an encrypted stream that outlasts the oldest record that is retried", () => {
    const stream = inputs("aws:kinesis/stream:Stream", "stream")
    assert.deepStrictEqual(stream, {
      encryptionType: "KMS",
      kmsKeyId: guarded ? keyArn : "alias/aws/kinesis",
      maxRecordSizeInKib: 2_048,
      retentionPeriod: guarded ? 168 : 24,
      shardCount: guarded ? 2 : 1,
      streamModeDetails: { streamMode: "PROVISIONED" },
      tags
    })
  })

  it("stores events by id, on demand, with recovery in prod", () => {
    assert.deepStrictEqual(inputs("aws:dynamodb/table:Table", "events"), {
      attributes: [{ name: "id", type: "S" }],
      billingMode: "PAY_PER_REQUEST",
      deletionProtectionEnabled: guarded,
      hashKey: "id",
      name: `${prefix}-events`,
      pointInTimeRecovery: { enabled: guarded },
      ...tableKey,
      tags
    })
  })

  it("remembers its own running in a table that is kept like the events", () => {
    assert.deepStrictEqual(inputs("aws:dynamodb/table:Table", "control"), {
      attributes: [{ name: "key", type: "S" }],
      billingMode: "PAY_PER_REQUEST",
      deletionProtectionEnabled: guarded,
      hashKey: "key",
      name: `${prefix}-control`,
      pointInTimeRecovery: { enabled: guarded },
      tags
    })
  })

  it("has a table of names that is neither backed up nor kept, with an index by name, division and team", () => {
    const index = (name: string, hashKey: string, nonKeyAttributes: ReadonlyArray<string>) => ({
      ...{ name, hashKey, rangeKey: "listed", projectionType: "INCLUDE", nonKeyAttributes }
    })
    assert.deepStrictEqual(inputs("aws:dynamodb/table:Table", "directory"), {
      attributes: ["kind", "id", "division", "team", "listed"].map((name) => ({ name, type: "S" })),
      billingMode: "PAY_PER_REQUEST",
      globalSecondaryIndexes: [
        index("byName", "kind", ["name", "email", "division", "team", "seen"]),
        index("byDivision", "division", ["name", "email", "team"]),
        index("byTeam", "team", ["name", "email", "division"])
      ],
      hashKey: "kind",
      name: `${prefix}-directory`,
      rangeKey: "id",
      ...tableKey,
      tags,
      ttl: { attributeName: "expiresAt", enabled: true }
    })
    const { protect, retainOnDelete } = only(captured, "aws:dynamodb/table:Table", "directory").options
    assert.deepStrictEqual([protect, retainOnDelete], [false, false])
  })

  it("has one table for each projection, named by generation, with an index where it has a summary", () => {
    const index = (nonKeyAttributes: ReadonlyArray<string>) => ({
      localSecondaryIndexes: [
        {
          ...{ name: "open", rangeKey: "openRow" },
          ...(nonKeyAttributes.length === 0
            ? { projectionType: "KEYS_ONLY" }
            : { projectionType: "INCLUDE", nonKeyAttributes })
        }
      ]
    })
    for (const projection of projections)
      assert.deepStrictEqual(inputs("aws:dynamodb/table:Table", generation(projection)), {
        attributes: [
          { name: projection.key, type: "S" },
          { name: "row", type: "S" },
          ...(projection.summary === undefined ? [] : [{ name: "openRow", type: "S" }])
        ],
        ...(projection.summary === undefined ? {} : index(projection.summary.columns)),
        billingMode: "PAY_PER_REQUEST",
        hashKey: projection.key,
        name: `${prefix}-${generation(projection)}`,
        rangeKey: "row",
        ...tableKey,
        tags,
        ttl: { attributeName: "expiresAt", enabled: true },
        // Warm for the invocations of project that catch up after an outage.
        ...(guarded ? { warmThroughput: { writeUnitsPerSecond: 8_647, readUnitsPerSecond: 17_294 } } : {})
      })
  })

  it("hides settle messages for six timeouts, and gives them up after five receives", () => {
    const { redrivePolicy, ...queue } = inputs("aws:sqs/queue:Queue", "settle")
    assert.deepStrictEqual(queue, {
      messageRetentionSeconds: 4 * 86_400,
      ...queueKey,
      tags,
      visibilityTimeoutSeconds: 360
    })
    assert.deepStrictEqual(JSON.parse(redrivePolicy as string), {
      deadLetterTargetArn: arn("sqs", `${prefix}-settle-dlq`),
      maxReceiveCount: 5
    })
    assert.isAbove(
      inputs("aws:sqs/queue:Queue", "settle-dlq").messageRetentionSeconds as number,
      queue.messageRetentionSeconds as number
    )
  })

  it.each(["overflow", "quarantine", "failures"])("keeps the %s bucket private, encrypted and TLS only", (name) => {
    const bucket = `${prefix}-${name}`
    assert.deepStrictEqual(inputs("aws:s3/bucket:Bucket", name), { forceDestroy: !guarded, tags })
    assert.deepStrictEqual(inputs("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", `${name}-access`), {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      bucket,
      ignorePublicAcls: true,
      restrictPublicBuckets: true
    })
    const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    assert.deepStrictEqual(inputs(encryption, `${name}-encryption`), {
      bucket,
      rules: [
        guarded
          ? {
              applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
              bucketKeyEnabled: true
            }
          : { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
      ]
    })
    const policy = inputs("aws:s3/bucketPolicy:BucketPolicy", `${name}-policy`)
    assert.strictEqual(policy.bucket, bucket)
    assert.deepStrictEqual(policyOf(policy.policy), [
      {
        Effect: "Deny",
        Action: ["s3:*"],
        Principal: "*",
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } }
      }
    ])
  })

  it("[P1] never expires an event body, and keeps its first bytes", () => {
    const type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    const expiring = resourcesOf(captured, type).map(({ inputs }) => [inputs.bucket, inputs.rules])
    const rules = [
      { id: "expire", status: "Enabled", filter: { prefix: "" }, expiration: { days: guarded ? 365 : 30 } }
    ]
    assert.sameDeepMembers(expiring, [
      [`${prefix}-quarantine`, rules],
      [`${prefix}-failures`, rules],
      // A copy, of which a replay has long been made.
      [`${prefix}-exports`, [{ ...rules[0], expiration: { days: 90 } }]]
    ])
    assert.deepStrictEqual(inputs("aws:s3/bucketVersioning:BucketVersioning", "overflow-versioning"), {
      bucket: `${prefix}-overflow`,
      versioningConfiguration: { status: "Enabled" }
    })
  })

  it.each([
    [
      "append",
      {
        CONTROL_TABLE: `${prefix}-control`,
        EVENT_TABLE: `${prefix}-events`,
        OVERFLOW_BUCKET: `${prefix}-overflow`,
        QUARANTINE_BUCKET: `${prefix}-quarantine`,
        SETTLE_QUEUE_URL: queueUrl("settle"),
        SETTLE_WINDOW_SECONDS: "5",
        SKEW_BOUND_SECONDS: "300"
      }
    ],
    [
      "project",
      {
        CONTROL_TABLE: `${prefix}-control`,
        PROJECTION_TABLES: JSON.stringify(
          Object.fromEntries(
            projections.map((projection) => [generation(projection), `${prefix}-${generation(projection)}`])
          )
        ),
        QUARANTINE_BUCKET: `${prefix}-quarantine`,
        SETTLE_WINDOW_SECONDS: "5"
      }
    ]
  ])("runs %s on arm64 with its own environment, role and log", (name, variables) => {
    const { code: _, description: __, ...fn } = inputs("aws:lambda/function:Function", name)
    assert.deepStrictEqual(fn, {
      architectures: ["arm64"],
      environment: { variables: { ...variables, STACK_NAME: prefix } },
      handler: "index.handler",
      loggingConfig: {
        applicationLogLevel: "INFO",
        logFormat: "JSON",
        logGroup: `${prefix}-${name}-logs`,
        systemLogLevel: "WARN"
      },
      memorySize: 1_024,
      ...(guarded ? { reservedConcurrentExecutions: name === "append" ? 2 : 5 } : {}),
      role: `arn:aws:iam::${account}:role/${prefix}-${name}-role`,
      runtime: "nodejs24.x",
      tags,
      timeout: 60
    })
    assert.strictEqual(
      inputs("aws:cloudwatch/logGroup:LogGroup", `${name}-logs`).retentionInDays,
      stack === "dev" ? 7 : 30
    )
  })

  it("[P7] gives append batches with partial failures, bisection and an end to retries", () => {
    const mapping = resource("aws:lambda/eventSourceMapping:EventSourceMapping", "append-mapping")
    assert.deepStrictEqual(mapping.inputs, {
      batchSize: 500,
      bisectBatchOnFunctionError: true,
      destinationConfig: { onFailure: { destinationArn: `arn:aws:s3:::${prefix}-failures` } },
      eventSourceArn: streamArn,
      functionName: arn("lambda", `function:${prefix}-append`),
      functionResponseTypes: ["ReportBatchItemFailures"],
      metricsConfig: { metrics: ["EventCount"] },
      maximumBatchingWindowInSeconds: guarded ? 1 : 5,
      maximumRecordAgeInSeconds: 21_600,
      maximumRetryAttempts: 10,
      parallelizationFactor: 1,
      startingPosition: "TRIM_HORIZON",
      tags
    })
    assert.isTrue(mapping.options.deleteBeforeReplace)
    assert.include(
      mapping.options.dependsOn.map((urn) => urn.split("::").at(-1)),
      "append-policy"
    )
  })

  it("gives project batches with partial failures and bounded concurrency", () => {
    const mapping = resource("aws:lambda/eventSourceMapping:EventSourceMapping", "project-mapping")
    assert.deepStrictEqual(mapping.inputs, {
      batchSize: 10,
      eventSourceArn: arn("sqs", `${prefix}-settle`),
      functionName: arn("lambda", `function:${prefix}-project`),
      functionResponseTypes: ["ReportBatchItemFailures"],
      maximumBatchingWindowInSeconds: 0,
      scalingConfig: { maximumConcurrency: guarded ? 5 : 2 },
      tags
    })
    assert.include(
      mapping.options.dependsOn.map((urn) => urn.split("::").at(-1)),
      "project-policy"
    )
  })

  it("[P1] [P10] grants append these actions on these resources", () => {
    assert.deepStrictEqual(policyOf(inputs("aws:iam/rolePolicy:RolePolicy", "append-policy").policy), [
      {
        Effect: "Allow",
        Action: ["dynamodb:PartiQLInsert", "dynamodb:BatchGetItem"],
        Resource: [arn("dynamodb", `table/${prefix}-events`)]
      },
      { Effect: "Allow", Action: ["dynamodb:GetItem"], Resource: [arn("dynamodb", `table/${prefix}-control`)] },
      {
        Effect: "Allow",
        Action: ["s3:PutObject"],
        Resource: ["overflow", "quarantine", "failures"].map((name) => `arn:aws:s3:::${prefix}-${name}/*`)
      },
      { Effect: "Allow", Action: ["s3:ListBucket"], Resource: [`arn:aws:s3:::${prefix}-failures`] },
      { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: [arn("sqs", `${prefix}-settle`)] },
      {
        Effect: "Allow",
        Action: [
          "kinesis:DescribeStream",
          "kinesis:DescribeStreamSummary",
          "kinesis:GetRecords",
          "kinesis:GetShardIterator",
          "kinesis:ListShards"
        ],
        Resource: [streamArn]
      },
      ...keyUse(["kms:Decrypt", "kms:GenerateDataKey"], "dynamodb", "kinesis", "s3", "sqs"),
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: [`${arn("logs", `log-group:${prefix}-append-logs`)}:*`]
      }
    ])
  })

  it("[P10] grants project these actions on these resources", () => {
    assert.deepStrictEqual(policyOf(inputs("aws:iam/rolePolicy:RolePolicy", "project-policy").policy), [
      {
        Effect: "Allow",
        Action: ["dynamodb:BatchGetItem", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"],
        Resource: projections.map((projection) => arn("dynamodb", `table/${prefix}-${generation(projection)}`))
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:UpdateItem"],
        Resource: [arn("dynamodb", `table/${prefix}-queues-v2`)]
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:Query"],
        Resource: [
          arn("dynamodb", `table/${prefix}-agents-v2/index/open`),
          arn("dynamodb", `table/${prefix}-queues-v2/index/open`),
          arn("dynamodb", `table/${prefix}-conversations-v1`)
        ]
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:GetItem"],
        Resource: [arn("dynamodb", `table/${prefix}-control`)]
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:UpdateItem"],
        Resource: [arn("dynamodb", `table/${prefix}-control`)],
        Condition: {
          "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["watermark"] },
          Null: { "dynamodb:LeadingKeys": "false" }
        }
      },
      { Effect: "Allow", Action: ["s3:PutObject"], Resource: [`arn:aws:s3:::${prefix}-quarantine/*`] },
      {
        Effect: "Allow",
        Action: ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        Resource: [arn("sqs", `${prefix}-settle`)]
      },
      ...keyUse(["kms:Decrypt", "kms:GenerateDataKey"], "dynamodb", "s3", "sqs"),
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: [`${arn("logs", `log-group:${prefix}-project-logs`)}:*`]
      }
    ])
  })

  it("[P10] lets the rule put records into the stream, and nobody else act for it", () => {
    assert.deepStrictEqual(policyOf(inputs("aws:iam/rolePolicy:RolePolicy", "feed-policy").policy), [
      { Effect: "Allow", Action: ["kinesis:PutRecord"], Resource: [streamArn] },
      ...keyUse(["kms:GenerateDataKey"], "kinesis")
    ])
    assert.deepStrictEqual(policyOf(inputs("aws:iam/role:Role", "feed-role").assumeRolePolicy), [
      {
        Effect: "Allow",
        Action: ["sts:AssumeRole"],
        Principal: { Service: "events.amazonaws.com" },
        Condition: { ArnEquals: { "aws:SourceArn": ruleArn }, StringEquals: { "aws:SourceAccount": account } }
      }
    ])
    for (const name of ["append-role", "project-role"])
      assert.deepStrictEqual(policyOf(inputs("aws:iam/role:Role", name).assumeRolePolicy), [
        { Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { Service: "lambda.amazonaws.com" } }
      ])
  })

  it("[P10] allows nothing by wildcard, and only on resources of this stack", () => {
    const own = captured.resources.flatMap(({ outputs }) => (typeof outputs.arn === "string" ? [outputs.arn] : []))
    const statements = captured.resources
      // In the policy of a key `*` is the key.
      .filter(({ type }) => type !== "aws:kms/key:Key")
      .flatMap(({ inputs }): ReadonlyArray<Statement> => policyOf(inputs.policy))
    const allowed = statements.filter(({ Effect }) => Effect === "Allow")
    assert.isAbove(allowed.length, 10)
    for (const { Action, Resource = [] } of allowed) {
      for (const action of Action) assert.notInclude(action, "*")
      // AWS lets nobody name the deliveries of a log.
      if (
        Action.every((action) =>
          /^logs:(\w+LogDelivery|ListLogDeliveries|\w+ResourcePolic\w+|DescribeLogGroups)$/.test(action)
        )
      )
        continue
      // What is inside a bucket or a log group is part of it, and so is the index of a table, and an execution of its machine.
      const whole = (resource: string) =>
        resource.replace(/(\/|:)\*$|\/index\/[\w-]+$/, "").replace(":execution:", ":stateMachine:")
      for (const resource of Resource) assert.include(own, whole(resource))
    }
  })

  it("[P10] gives one role to each function, one to the rule that writes, and one to the state machine", () => {
    const users = [
      ...resourcesOf(captured, "aws:lambda/function:Function"),
      ...resourcesOf(captured, "aws:cloudwatch/eventTarget:EventTarget"),
      ...resourcesOf(captured, "aws:sfn/stateMachine:StateMachine")
    ]
    // A function that is a target needs no role of the rule: it lets the rule in itself.
    const roles = users.flatMap(({ inputs }) => inputs.role ?? inputs.roleArn ?? [])
    assert.sameMembers(
      roles,
      resourcesOf(captured, "aws:iam/role:Role").map(({ outputs }) => outputs.arn)
    )
  })

  it("protects what cannot be made again, in prod", () => {
    const kept = captured.resources.filter(({ options }) => options.protect).map(({ name }) => name)
    const retained = captured.resources.filter(({ options }) => options.retainOnDelete).map(({ name }) => name)
    const irreplaceable = [
      "bus",
      "stream",
      "feed-dlq",
      "events",
      "control",
      "overflow",
      "quarantine",
      "failures",
      "exports",
      "notices",
      "key"
    ]
    assert.sameMembers(kept, guarded ? irreplaceable : [])
    assert.sameMembers(retained, guarded ? [...irreplaceable, ...projections.map(generation)] : [])
  })

  it("tells the load that sizes follow from, and no other setting", () => {
    const load = captured.outputs.load as Load
    assert.strictEqual(load.peakEventsPerSecond, guarded ? 1_000 : 100)
    assert.strictEqual(capacityOf(load).shards, inputs("aws:kinesis/stream:Stream", "stream").shardCount)
    assert.notProperty(load, "noticeEmail")
  })

  it("never changes the warm throughput of a table that exists, for AWS raises it and refuses to lower it", () => {
    const tables = resourcesOf(captured, "aws:dynamodb/table:Table").filter(
      ({ name }) => name !== "control" && name !== "directory"
    )
    assert.lengthOf(tables, 1 + projections.length)
    for (const { name, options } of tables) assert.deepStrictEqual(options.ignoreChanges, ["warmThroughput"], name)
  })

  it("[P8] says once which generation readers use, and leaves it to whoever promotes another", () => {
    const items = resourcesOf(captured, "aws:dynamodb/tableItem:TableItem")
    assert.deepStrictEqual(
      items.map(({ inputs: { item, ...where }, options }) => ({ ...where, item: JSON.parse(String(item)), options })),
      projections.map((projection) => ({
        tableName: `${prefix}-control`,
        hashKey: "key",
        item: {
          key: { S: `readers/${projection.name}` },
          value: { S: JSON.stringify({ generation: generation(projection) }) },
          version: { N: "1" }
        },
        options: { ...items[0]!.options, ignoreChanges: ["item"], protect: false, retainOnDelete: false }
      }))
    )
  })

  it("tells where everything is", () => {
    assert.deepStrictEqual(captured.outputs, {
      appendFunctionName: `${prefix}-append`,
      busArn: arn("events", `event-bus/${busName}`),
      busName,
      capacity: captured.outputs.capacity,
      load: captured.outputs.load,
      changesPolicyArn: "",
      copyBusArn: "",
      copyDlqUrl: "",
      controlTableName: `${prefix}-control`,
      customerKeyArn: guarded ? arn("kms", `key/${prefix}-key`) : "",
      dashboardUrl: `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${prefix}`,
      directoryTableName: `${prefix}-directory`,
      entityIndexName: "",
      eraserRoleArn: "",
      projectionsLeftOut: ["agent-intervals"],
      eventSource: source,
      eventTableArn: arn("dynamodb", `table/${prefix}-events`),
      exportsBucketName: `${prefix}-exports`,
      eventTableName: `${prefix}-events`,
      failuresBucketName: `${prefix}-failures`,
      noticesTopicArn: arn("sns", `${prefix}-notices`),
      overflowBucketName: `${prefix}-overflow`,
      prefix,
      projectFunctionName: `${prefix}-project`,
      projectionTables: Object.fromEntries(
        projections.map((projection) => {
          const name = `${prefix}-${generation(projection)}`
          return [generation(projection), { name, arn: arn("dynamodb", `table/${name}`) }]
        })
      ),
      quarantineBucketName: `${prefix}-quarantine`,
      quotas: [],
      readPolicyArn: `arn:aws:iam::${account}:policy/${prefix}-readers`,
      redriveDlqUrl: queueUrl("redrive-dlq"),
      redriveFunctionName: `${prefix}-redrive`,
      archiveBucketName: "",
      archiveCopyBucketArn: "",
      archiveCopyBucketPolicy: "",
      archiveCopyKeyPolicy: "",
      archiveDlqUrl: "",
      archiveFunctionName: "",
      eventRetentionDays: 0,
      auditDlqUrl: "",
      auditFunctionName: "",
      reconcileDlqUrl: "",
      reconcileFunctionName: "",
      replayFunctionName: `${prefix}-replay`,
      replayLimits: {
        segments: 64,
        concurrency: 4,
        eventsPerSecond: 16_384,
        rowsPerSecond: guarded ? 691 : 320
      },
      replayStateMachineArn: arn("states", `stateMachine:${prefix}-replay`),
      ruleArn,
      ruleDlqUrl: queueUrl("feed-dlq"),
      ruleName: `${prefix}-feed-rule`,
      settleDlqUrl: queueUrl("settle-dlq"),
      settleQueueUrl: queueUrl("settle"),
      settleWindowSeconds: 5,
      skewBoundSeconds: 300,
      streamArn,
      streamName: `${prefix}-stream`
    })
  })
})

describe("notices", () => {
  const name = "genesys-cloud-projections-dev-notices"
  const topic = `arn:aws:sns:${region}:${account}:${name}`

  it("take what alarms of this stack publish, over TLS, and nothing else from outside the account's own roles", async () => {
    const captured = await captureOnce("dev")
    const policy = only(captured, "aws:sns/topicPolicy:TopicPolicy", "notices-policy").inputs
    assert.strictEqual(policy.arn, topic)
    assert.deepStrictEqual(policyOf(policy.policy), [
      {
        Effect: "Allow",
        Action: ["sns:Publish"],
        Resource: [topic],
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Condition: {
          ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:${region}:${account}:alarm:genesys-cloud-projections-dev-*` },
          StringEquals: { "aws:SourceAccount": account }
        }
      },
      {
        Effect: "Deny",
        Action: ["sns:Publish"],
        Principal: "*",
        Resource: [topic],
        Condition: { Bool: { "aws:SecureTransport": "false" } }
      }
    ])
    assert.lengthOf(resourcesOf(captured, "aws:sns/topicSubscription:TopicSubscription"), 0)
  })

  it("go to the address that is configured", async () => {
    const captured = await captureOnce("dev", { noticeEmail: "on.duty@example.org" })
    assert.deepStrictEqual(only(captured, "aws:sns/topicSubscription:TopicSubscription", "notices-email").inputs, {
      endpoint: "on.duty@example.org",
      protocol: "email",
      topic
    })
  })
})

describe("with a partner source", () => {
  let captured: Captured
  beforeAll(async () => {
    captured = await captureOnce("prod", { ...overridesOf("prod"), topics: ["routing:queue.member"] })
  })

  it("names the bus as its source, and looks for rule and target there", () => {
    const bus = only(captured, "aws:cloudwatch/eventBus:EventBus", "bus").inputs
    assert.strictEqual(bus.name, partnerSource)
    assert.strictEqual(bus.eventSourceName, partnerSource)
    assert.strictEqual(
      only(captured, "aws:cloudwatch/eventRule:EventRule", "feed-rule").inputs.eventBusName,
      partnerSource
    )
    assert.strictEqual(
      only(captured, "aws:cloudwatch/eventTarget:EventTarget", "feed-target").inputs.eventBusName,
      partnerSource
    )
  })

  it("matches that source and the topics behind an alias", () => {
    const { eventPattern } = only(captured, "aws:cloudwatch/eventRule:EventRule", "feed-rule").inputs
    assert.deepStrictEqual(JSON.parse(eventPattern as string), {
      source: [partnerSource],
      "detail-type": ["v2.routing.queues.{id}.users", "v2.audits.entitytype.{id}.entityid.{id}"]
    })
  })

  it("binds the dead letters to the rule on that bus", () => {
    const [statement] = policyOf(only(captured, "aws:sqs/queuePolicy:QueuePolicy", "feed-dlq-policy").inputs.policy)
    assert.deepStrictEqual(statement?.Condition, {
      ArnEquals: {
        "aws:SourceArn": `arn:aws:events:${region}:${account}:rule/${partnerSource}/genesys-cloud-projections-prod-feed-rule`
      },
      StringEquals: { "aws:SourceAccount": account }
    })
  })
})
