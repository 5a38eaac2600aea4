import { assert, beforeAll, describe, it } from "vitest"
import { generation } from "../../src/domain/projection.ts"
import type { Captured, CapturedResource } from "../../src/local/capture.ts"
import { readWiring } from "../../src/local/wiring.ts"
import { captureOnce } from "../support/capture-once.ts"
import { delivered as projections } from "../support/delivered.ts"
import { only, partnerSource, policyOf, resourcesOf } from "./captured.ts"

const region = "eu-central-1"
const account = "000000000000"
const prefix = "genesys-cloud-projections-dev"
const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`
const tags = { Project: "genesys-cloud-projections", Stack: "dev" }

type Overrides = Parameters<typeof captureOnce>[1]

/** The dev stack with some options, taken once for all tests of a block. */
const stackWith = (overrides: Overrides) => {
  let captured: Captured
  beforeAll(async () => {
    captured = await captureOnce("dev", overrides)
  })
  return {
    captured: () => captured,
    resource: (type: string, name: string): CapturedResource => only(captured, type, name),
    inputs: (type: string, name: string) => only(captured, type, name).inputs,
    policy: (name: string) => policyOf(only(captured, "aws:iam/rolePolicy:RolePolicy", name).inputs.policy),
    /** Names of the resources of a service's types, such as `aws:ec2/`. */
    names: (...types: ReadonlyArray<string>) =>
      captured.resources.filter(({ type }) => types.some((of) => type.startsWith(of))).map(({ name }) => name),
    waitsFor: (type: string, name: string) =>
      only(captured, type, name).options.dependsOn.map((urn) => urn.split("::").at(-1))
  }
}

const optional = ["aws:kms/", "aws:ec2/", "aws:vpc/", "aws:appautoscaling/", "aws:lambda/alias:"]

describe("with no option", () => {
  const stack = stackWith({})

  it("has nothing that an option adds", () => {
    assert.deepStrictEqual(stack.names(...optional), [])
    assert.notInclude(stack.names("aws:cloudwatch/eventBus:"), "copy-bus")
    assert.notInclude(stack.names("aws:dynamodb/table:"), "entities")
    assert.notInclude(JSON.stringify(stack.inputs("aws:lambda/function:Function", "append").environment), "ENTITY")
    for (const { inputs, name } of resourcesOf(stack.captured(), "aws:lambda/function:Function"))
      for (const option of ["vpcConfig", "reservedConcurrentExecutions", "publish"])
        assert.notProperty(inputs, option, name)
    for (const { inputs, name } of resourcesOf(stack.captured(), "aws:dynamodb/table:Table"))
      for (const option of ["warmThroughput", "serverSideEncryption"]) assert.notProperty(inputs, option, name)
  })

  it("[P10] lets readers read projections by key, of the control table what leads them there, and names by id and in lists", () => {
    const { policy } = stack.inputs("aws:iam/policy:Policy", "readers")
    assert.deepStrictEqual(policyOf(policy), [
      {
        Effect: "Allow",
        Action: ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"],
        Resource: projections.map((projection) => arn("dynamodb", `table/${prefix}-${generation(projection)}`))
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:Query"],
        Resource: projections
          .filter(({ summary }) => summary?.of !== undefined)
          .map((projection) => arn("dynamodb", `table/${prefix}-${generation(projection)}/index/open`))
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:BatchGetItem", "dynamodb:GetItem"],
        Resource: [arn("dynamodb", `table/${prefix}-control`)],
        Condition: {
          "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["readers/*", "watermark"] },
          Null: { "dynamodb:LeadingKeys": "false" }
        }
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:BatchGetItem", "dynamodb:GetItem"],
        Resource: [arn("dynamodb", `table/${prefix}-directory`)]
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:Query"],
        Resource: ["byName", "byDivision", "byTeam"].map((index) =>
          arn("dynamodb", `table/${prefix}-directory/index/${index}`)
        )
      }
    ])
  })
})

describe("with a peak of 50,000 events/s", () => {
  const stack = stackWith({ peakEventsPerSecond: 50_000, accountConcurrency: 1_000 })

  it("has the shards, the concurrency and the throughput that follow", () => {
    assert.strictEqual(stack.inputs("aws:kinesis/stream:Stream", "stream").shardCount, 75)
    assert.strictEqual(stack.inputs("aws:lambda/function:Function", "append").reservedConcurrentExecutions, 75)
    assert.strictEqual(stack.inputs("aws:lambda/function:Function", "project").reservedConcurrentExecutions, 232)
    assert.deepStrictEqual(
      stack.inputs("aws:lambda/eventSourceMapping:EventSourceMapping", "project-mapping").scalingConfig,
      { maximumConcurrency: 232 }
    )
    const warm = (name: string) => stack.inputs("aws:dynamodb/table:Table", name).warmThroughput
    assert.deepStrictEqual(warm("events"), { writeUnitsPerSecond: 62_500, readUnitsPerSecond: 62_500 })
    for (const projection of projections)
      assert.deepStrictEqual(warm(generation(projection)), {
        writeUnitsPerSecond: 401_203,
        readUnitsPerSecond: 802_406
      })
  })

  it("prints the derivation, and the quotas that are too low", () => {
    const { capacity, quotas } = stack.captured().outputs as Record<string, ReadonlyArray<string>>
    assert.include(capacity?.join("\n"), "shards: 75;")
    assert.include(quotas?.join("\n"), "EventBridge: raise")
    assert.include(quotas?.join("\n"), "DynamoDB: raise")
  })
})

describe("without the intervals of queues", () => {
  const stack = stackWith({ queueIntervals: false })

  it("has no table for them, says so, and folds the others", () => {
    const { projections, outputs } = stack.captured()
    const names = projections.map(({ name }) => name)
    assert.deepStrictEqual(names, ["agents", "queues", "conversations"])
    assert.deepStrictEqual(outputs.projectionsLeftOut, ["queue-intervals", "agent-intervals"])
    assert.deepStrictEqual(Object.keys(outputs.projectionTables as object), projections.map(generation))
    assert.notInclude(JSON.stringify(stack.captured().resources), "queue-intervals")
  })
})

describe("with the intervals of agents", () => {
  const stack = stackWith({ agentIntervals: true })

  it("has a table for them, which readers may read, and leaves out nothing", () => {
    const { projections: folded, outputs } = stack.captured()
    assert.deepStrictEqual(
      folded.map(({ name }) => name),
      [...projections.map(({ name }) => name), "agent-intervals"]
    )
    assert.deepStrictEqual(outputs.projectionsLeftOut, [])
    assert.property(outputs.projectionTables, "agent-intervals-v1")
    assert.include(JSON.stringify(stack.inputs("aws:iam/policy:Policy", "readers")), "agent-intervals-v1")
  })
})

describe("with an index by entity", () => {
  const stack = stackWith({ entityIndex: true, customerKey: true, alarms: "all" })
  const TABLE = "aws:dynamodb/table:Table"
  const entities = `${prefix}-entities`

  it("has a table for it under the stack's key, which leaves with the option", () => {
    assert.deepStrictEqual(stack.inputs(TABLE, "entities"), {
      attributes: [
        { name: "entity", type: "S" },
        { name: "at", type: "S" }
      ],
      billingMode: "PAY_PER_REQUEST",
      hashKey: "entity",
      name: entities,
      rangeKey: "at",
      serverSideEncryption: { enabled: true, kmsKeyArn: arn("kms", `key/${prefix}-key`) },
      tags
    })
    const { protect, retainOnDelete } = stack.resource(TABLE, "entities").options
    assert.deepStrictEqual([protect, retainOnDelete], [false, false])
    assert.strictEqual(stack.captured().outputs.entityIndexName, entities)
  })

  it("makes it before the event table, so that its age says what it has missed", () => {
    assert.include(stack.waitsFor(TABLE, "events"), "entities")
    assert.notInclude(stack.waitsFor(TABLE, "entities"), "events")
  })

  it("[P10] tells append alone where it is, and lets it add", () => {
    const named = resourcesOf(stack.captured(), "aws:lambda/function:Function").filter(({ inputs }) =>
      JSON.stringify(inputs.environment).includes(entities)
    )
    assert.deepStrictEqual(
      named.map(({ name }) => name),
      ["append"]
    )
    const granted = resourcesOf(stack.captured(), "aws:iam/rolePolicy:RolePolicy").flatMap(({ name, inputs }) =>
      policyOf(inputs.policy)
        .filter(({ Resource }) => Resource?.includes(arn("dynamodb", `table/${entities}`)))
        .map(({ Action, Resource }) => [name, Action, Resource])
    )
    assert.deepStrictEqual(granted, [
      ["append-policy", ["dynamodb:PartiQLInsert"], [arn("dynamodb", `table/${entities}`)]]
    ])
  })

  it("is wired as the stack declares it, and watched for throttles like the others", () => {
    assert.include(
      readWiring(stack.captured()).tables.map(({ name }) => name),
      entities
    )
    const alarms = resourcesOf(stack.captured(), "aws:cloudwatch/metricAlarm:MetricAlarm")
    assert.isTrue(alarms.some(({ inputs }) => JSON.stringify(inputs).includes(entities)))
  })
})

describe("with an index by entity at a peak of 50,000 events/s", () => {
  const stack = stackWith({ entityIndex: true, peakEventsPerSecond: 50_000, accountConcurrency: 1_000 })

  it("has the throughput that follows, and names the quota", () => {
    assert.deepStrictEqual(stack.inputs("aws:dynamodb/table:Table", "entities").warmThroughput, {
      writeUnitsPerSecond: 65_625,
      readUnitsPerSecond: 12_000
    })
    const { capacity, quotas } = stack.captured().outputs as Record<string, ReadonlyArray<string>>
    assert.include(capacity?.join("\n"), "index by entity: 65625 write units/s warm")
    assert.include(quotas?.join("\n"), "(entities)")
  })
})

describe("with values of one's own for what would be derived", () => {
  const stack = stackWith({ streamShards: 3, parallelizationFactor: 2, settleMaxConcurrency: 7 })

  it("takes them", () => {
    const mapping = "aws:lambda/eventSourceMapping:EventSourceMapping"
    assert.strictEqual(stack.inputs("aws:kinesis/stream:Stream", "stream").shardCount, 3)
    assert.strictEqual(stack.inputs(mapping, "append-mapping").parallelizationFactor, 2)
    assert.deepStrictEqual(stack.inputs(mapping, "project-mapping").scalingConfig, { maximumConcurrency: 7 })
  })
})

describe("with a customer key", () => {
  const stack = stackWith({ customerKey: true })
  const keyArn = arn("kms", `key/${prefix}-key`)

  it("turns it once a year, and lets it go after a month", () => {
    const { policy: _, ...key } = stack.inputs("aws:kms/key:Key", "key")
    assert.deepStrictEqual(key, {
      deletionWindowInDays: 30,
      description: "Genesys Cloud events at rest",
      enableKeyRotation: true,
      tags
    })
    assert.strictEqual(stack.inputs("aws:kms/alias:Alias", "key-alias").name, `alias/${prefix}`)
  })

  it("is kept when the option or the stack goes, for stored bodies are encrypted under it", () => {
    const key = only(stack.captured(), "aws:kms/key:Key", "key")
    assert.deepInclude(key.options, { protect: false, retainOnDelete: true })
  })

  it("lets the account administer it, EventBridge and alarms of the stack use it, and nobody else", () => {
    const [owner, ...services] = policyOf(stack.inputs("aws:kms/key:Key", "key").policy)
    assert.deepStrictEqual(owner?.Principal, { AWS: `arn:aws:iam::${account}:root` })
    assert.includeMembers([...(owner?.Action ?? [])], ["kms:PutKeyPolicy", "kms:CreateGrant", "kms:Decrypt"])
    for (const action of owner?.Action ?? []) assert.notInclude(action, "*")
    assert.deepStrictEqual(
      services.map(({ Principal, Action, Condition }) => ({ Principal, Action, Condition })),
      [
        // It names no source to KMS, so that a condition on one refuses everything.
        ["events", undefined],
        [
          "cloudwatch",
          {
            ArnLike: { "aws:SourceArn": arn("cloudwatch", `alarm:${prefix}-*`) },
            StringEquals: { "aws:SourceAccount": account }
          }
        ]
      ].map(([service, Condition]) => ({
        Principal: { Service: `${service}.amazonaws.com` },
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Condition
      }))
    )
  })

  it("encrypts everything that bodies rest in", () => {
    assert.strictEqual(stack.inputs("aws:kinesis/stream:Stream", "stream").kmsKeyId, keyArn)
    for (const name of ["events", ...projections.map(generation)])
      assert.deepStrictEqual(stack.inputs("aws:dynamodb/table:Table", name).serverSideEncryption, {
        enabled: true,
        kmsKeyArn: keyArn
      })
    for (const { inputs, name } of resourcesOf(stack.captured(), "aws:sqs/queue:Queue")) {
      // Ticks that redrive, reconcile, archive and audit were not told of: there is nothing in them.
      if (/^(redrive|reconcile|archive|audit)-dlq$/.test(name)) continue
      assert.strictEqual(inputs.kmsMasterKeyId, keyArn, name)
      assert.notProperty(inputs, "sqsManagedSseEnabled", name)
    }
    const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    for (const { inputs, name } of resourcesOf(stack.captured(), encryption))
      assert.deepStrictEqual(
        inputs.rules,
        [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
            bucketKeyEnabled: true
          }
        ],
        name
      )
    assert.strictEqual(stack.inputs("aws:sns/topic:Topic", "notices").kmsMasterKeyId, keyArn)
  })

  it("[P10] lets each role use it through the services that it calls, and for what it does there", () => {
    const keyUse = (name: string) =>
      stack
        .policy(name)
        .flatMap(({ Action, Resource, Condition }) =>
          Action.some((action) => action.startsWith("kms:")) ? [{ Action, Resource, Condition }] : []
        )
    const use = (Action: ReadonlyArray<string>, ...services: ReadonlyArray<string>) => [
      {
        Action,
        Resource: [keyArn],
        Condition: {
          StringEquals: { "kms:ViaService": services.map((service) => `${service}.${region}.amazonaws.com`) }
        }
      }
    ]
    assert.deepStrictEqual(keyUse("feed-policy"), use(["kms:GenerateDataKey"], "kinesis"))
    assert.deepStrictEqual(
      keyUse("append-policy"),
      use(["kms:Decrypt", "kms:GenerateDataKey"], "dynamodb", "kinesis", "s3", "sqs")
    )
    assert.deepStrictEqual(
      keyUse("project-policy"),
      use(["kms:Decrypt", "kms:GenerateDataKey"], "dynamodb", "s3", "sqs")
    )
    const readers = policyOf(stack.inputs("aws:iam/policy:Policy", "readers").policy).at(-1)
    const [expected] = use(["kms:Decrypt"], "dynamodb")
    assert.deepStrictEqual<unknown>(readers, { Effect: "Allow", ...expected })
  })

  it("can be wired on one machine", () => {
    assert.lengthOf(readWiring(stack.captured()).streams, 1)
  })
})

describe("with a second region", () => {
  const stack = stackWith({ secondRegion: "eu-west-1" })
  const copyArn = `arn:aws:events:eu-west-1:${account}:event-bus/${prefix}-copy-bus`
  const ruleArn = arn("events", `rule/${prefix}-bus/${prefix}-copy-rule`)

  it("copies the same events to a bus there, with retries and dead letters of its own", () => {
    assert.strictEqual(stack.inputs("aws:cloudwatch/eventBus:EventBus", "copy-bus").region, "eu-west-1")
    const rule = (name: string) => stack.inputs("aws:cloudwatch/eventRule:EventRule", name)
    assert.strictEqual(rule("copy-rule").eventPattern, rule("feed-rule").eventPattern)
    assert.strictEqual(rule("copy-rule").eventBusName, `${prefix}-bus`)
    assert.deepStrictEqual(stack.inputs("aws:cloudwatch/eventTarget:EventTarget", "copy-target"), {
      arn: copyArn,
      deadLetterConfig: { arn: arn("sqs", `${prefix}-copy-dlq`) },
      eventBusName: `${prefix}-bus`,
      retryPolicy: { maximumEventAgeInSeconds: 600, maximumRetryAttempts: 5 },
      roleArn: `arn:aws:iam::${account}:role/${prefix}-copy-role`,
      rule: `${prefix}-copy-rule`,
      targetId: "second-region"
    })
    assert.includeMembers(stack.waitsFor("aws:cloudwatch/eventTarget:EventTarget", "copy-target"), [
      "copy-policy",
      "copy-dlq-policy"
    ])
  })

  it("[P10] lets that rule alone put events there and dead letters here", () => {
    assert.deepStrictEqual(stack.policy("copy-policy"), [
      { Effect: "Allow", Action: ["events:PutEvents"], Resource: [copyArn] }
    ])
    const condition = { ArnEquals: { "aws:SourceArn": ruleArn }, StringEquals: { "aws:SourceAccount": account } }
    const [role] = policyOf(stack.inputs("aws:iam/role:Role", "copy-role").assumeRolePolicy)
    assert.deepStrictEqual(role?.Condition, condition)
    const [letters] = policyOf(stack.inputs("aws:sqs/queuePolicy:QueuePolicy", "copy-dlq-policy").policy)
    assert.deepStrictEqual(letters?.Condition, condition)
  })

  it("counts each event twice for EventBridge, and says where the copies are", () => {
    const { capacity, copyBusArn, copyDlqUrl } = stack.captured().outputs
    assert.include(String(capacity), "EventBridge: 250 target invocations/s")
    assert.strictEqual(copyBusArn, copyArn)
    assert.strictEqual(copyDlqUrl, `https://sqs.${region}.amazonaws.com/${account}/${prefix}-copy-dlq`)
  })

  it("can be wired on one machine, the first bus first", () => {
    const { buses } = readWiring(stack.captured())
    assert.deepStrictEqual(
      buses.map(({ name }) => name),
      [`${prefix}-bus`, `${prefix}-copy-bus`]
    )
  })
})

describe("a stack that takes the copies of another", () => {
  const first = stackWith({ genesysEventSource: partnerSource, secondRegion: "eu-west-1" })
  let second: Captured
  const inSecond = (type: string, name: string) => only(second, type, name).inputs
  beforeAll(async () => {
    second = await captureOnce("other", {
      "aws:region": "eu-west-1",
      existingBusArn: String(first.captured().outputs.copyBusArn),
      customEventSource: partnerSource,
      protect: true
    })
  })

  it("puts its rule on that bus and makes none, so that destroying it leaves the copies alone", () => {
    assert.lengthOf(resourcesOf(second, "aws:cloudwatch/eventBus:EventBus"), 0)
    assert.strictEqual(second.outputs.busArn, first.captured().outputs.copyBusArn)
    const rule = inSecond("aws:cloudwatch/eventRule:EventRule", "feed-rule")
    assert.strictEqual(
      rule.eventBusName,
      first.inputs("aws:cloudwatch/eventTarget:EventTarget", "copy-target").arn?.toString().split("/")[1]
    )
    // What the first stack lets through to its copy, this one takes from it.
    assert.strictEqual(rule.eventPattern, first.inputs("aws:cloudwatch/eventRule:EventRule", "copy-rule").eventPattern)
  })

  it("is told when the copies stop", () => {
    const { dimensions } = inSecond("aws:cloudwatch/metricAlarm:MetricAlarm", "source-silent")
    assert.deepStrictEqual(dimensions, {
      EventBusName: `${prefix}-copy-bus`,
      RuleName: "genesys-cloud-projections-other-feed-rule"
    })
  })

  it("can be wired on one machine", () => {
    assert.deepStrictEqual(readWiring(second).buses, [
      {
        name: `${prefix}-copy-bus`,
        arn: String(first.captured().outputs.copyBusArn),
        // Copies arrive in the name of the partner.
        eventSourceName: partnerSource
      }
    ])
  })
})

describe("with environments that are kept ready", () => {
  const stack = stackWith({
    provisionedConcurrency: 5,
    provisionedFrom: "07:30",
    timeZone: "Europe/Berlin",
    accountConcurrency: 1_000
  })
  const alias = arn("lambda", `function:${prefix}-append:live`)

  it("publishes versions, names the newest, and lets the mappings call it by that name", () => {
    for (const name of ["append", "project"]) {
      assert.isTrue(stack.inputs("aws:lambda/function:Function", name).publish)
      assert.deepStrictEqual(stack.inputs("aws:lambda/alias:Alias", `${name}-live`), {
        functionName: `${prefix}-${name}`,
        functionVersion: "1",
        name: "live"
      })
    }
    const mapping = stack.inputs("aws:lambda/eventSourceMapping:EventSourceMapping", "append-mapping")
    assert.strictEqual(mapping.functionName, alias)
    const called = readWiring(stack.captured()).mappings.map(({ functionName }) => functionName)
    assert.includeMembers(
      called,
      ["append", "project"].map((name) => arn("lambda", `function:${prefix}-${name}`))
    )
  })

  it("follows working hours in the time zone, with one at other times, one change after the other", () => {
    const type = "aws:appautoscaling/scheduledAction:ScheduledAction"
    const action = (name: string) => {
      const { schedule, timezone, scalableTargetAction, resourceId } = stack.inputs(type, name)
      return { schedule, timezone, scalableTargetAction, resourceId }
    }
    const resourceId = `function:${prefix}-project:live`
    assert.deepStrictEqual(action("project-live-morning"), {
      // Two, not five: the queue's mapping never runs more.
      scalableTargetAction: { minCapacity: 2, maxCapacity: 2 },
      schedule: "cron(30 7 ? * MON-FRI *)",
      timezone: "Europe/Berlin",
      resourceId
    })
    assert.deepStrictEqual(action("project-live-evening"), {
      scalableTargetAction: { minCapacity: 1, maxCapacity: 1 },
      schedule: "cron(0 17 ? * MON-FRI *)",
      timezone: "Europe/Berlin",
      resourceId
    })
    assert.include(stack.waitsFor(type, "project-live-evening"), "project-live-morning")
  })

  it("keeps no more environments of append ready than it has reserved, which AWS would refuse every morning", async () => {
    const type = "aws:appautoscaling/scheduledAction:ScheduledAction"
    const tight = await captureOnce("dev", {
      peakEventsPerSecond: 20_000,
      accountConcurrency: 150,
      provisionedConcurrency: 100
    })
    const mapping = only(tight, "aws:lambda/eventSourceMapping:EventSourceMapping", "append-mapping").inputs
    const { shardCount } = only(tight, "aws:kinesis/stream:Stream", "stream").inputs
    const reserved = only(tight, "aws:lambda/function:Function", "append").inputs.reservedConcurrentExecutions
    assert.isBelow(Number(reserved), Number(shardCount) * Number(mapping.parallelizationFactor))
    for (const name of ["append", "project"]) {
      const { reservedConcurrentExecutions } = only(tight, "aws:lambda/function:Function", name).inputs
      assert.deepStrictEqual(only(tight, type, `${name}-live-morning`).inputs.scalableTargetAction, {
        minCapacity: reservedConcurrentExecutions,
        maxCapacity: reservedConcurrentExecutions
      })
    }
  })

  it("leaves the number that the schedule moves alone", () => {
    const target = stack.resource("aws:appautoscaling/target:Target", "append-live-target")
    assert.sameMembers([...target.options.ignoreChanges], ["minCapacity", "maxCapacity"])
    assert.strictEqual(target.inputs.scalableDimension, "lambda:function:ProvisionedConcurrency")
  })
})

describe("in a VPC", () => {
  const place = {
    vpcId: "vpc-0123456789abcdef0",
    subnetIds: ["subnet-0000000000000000a", "subnet-0000000000000000b"],
    routeTableIds: ["rtb-0000000000000000a"]
  }
  const stack = stackWith(place)
  const sg = (name: string) => String(stack.resource("aws:ec2/securityGroup:SecurityGroup", name).outputs.id)

  it("runs every function in the subnets, behind one security group", () => {
    for (const { inputs } of resourcesOf(stack.captured(), "aws:lambda/function:Function"))
      assert.deepStrictEqual(inputs.vpcConfig, {
        subnetIds: place.subnetIds,
        securityGroupIds: [sg("network-functions")]
      })
  })

  it("has endpoints for what the functions call, and no others", () => {
    const endpoints = resourcesOf(stack.captured(), "aws:ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => inputs)
    const services = (type: string) =>
      endpoints
        .filter(({ vpcEndpointType }) => vpcEndpointType === type)
        .map(({ serviceName }) => String(serviceName).split(`com.amazonaws.${region}.`)[1])
    assert.sameMembers(services("Gateway"), ["dynamodb", "s3"])
    assert.sameMembers(services("Interface"), ["kinesis-streams", "sns", "sqs"])
    for (const endpoint of endpoints)
      if (endpoint.vpcEndpointType === "Gateway") assert.deepStrictEqual(endpoint.routeTableIds, place.routeTableIds)
      else {
        assert.deepStrictEqual(endpoint.subnetIds, place.subnetIds)
        assert.deepStrictEqual(endpoint.securityGroupIds, [sg("network-endpoints")])
        assert.isTrue(endpoint.privateDnsEnabled)
      }
  })

  it("lets nothing out but HTTPS to them, and nothing in but from the functions", () => {
    const ways = (type: string) =>
      resourcesOf(stack.captured(), type).map(({ inputs }) => {
        assert.deepStrictEqual([inputs.ipProtocol, inputs.fromPort, inputs.toPort], ["tcp", 443, 443])
        assert.notProperty(inputs, "cidrIpv4")
        return [inputs.securityGroupId, inputs.prefixListId ?? inputs.referencedSecurityGroupId]
      })
    assert.sameDeepMembers(ways("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"), [
      [sg("network-functions"), `pl-${prefix}-network-dynamodb`],
      [sg("network-functions"), `pl-${prefix}-network-s3`],
      [sg("network-functions"), sg("network-endpoints")]
    ])
    assert.sameDeepMembers(ways("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"), [
      [sg("network-endpoints"), sg("network-functions")]
    ])
  })

  it("[P10] lets Lambda, not the code, manage the interfaces of those subnets", () => {
    const ec2 = stack.policy("append-policy").filter(({ Action }) => Action.some((action) => action.startsWith("ec2:")))
    assert.deepStrictEqual(ec2, [
      {
        Effect: "Allow",
        Action: ["ec2:CreateNetworkInterface"],
        Resource: [
          arn("ec2", "network-interface/*"),
          arn("ec2", `security-group/${sg("network-functions")}`),
          ...place.subnetIds.map((id) => arn("ec2", `subnet/${id}`))
        ]
      },
      {
        Effect: "Allow",
        Action: ["ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"],
        Resource: [arn("ec2", "network-interface/*")]
      },
      { Effect: "Allow", Action: ["ec2:DeleteNetworkInterface"], Resource: [arn("ec2", "*/*")] },
      { Effect: "Allow", Action: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], Resource: ["*"] },
      {
        Effect: "Deny",
        Action: [
          "ec2:AssignPrivateIpAddresses",
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:UnassignPrivateIpAddresses"
        ],
        Resource: ["*"],
        Condition: { Null: { "lambda:SourceFunctionArn": "false" } }
      }
    ])
  })

  it("can be wired on one machine", () => {
    assert.isAbove(readWiring(stack.captured()).functions.length, 1)
  })
})

describe("in a VPC with a collector of traces", () => {
  const place = {
    vpcId: "vpc-0123456789abcdef0",
    subnetIds: ["subnet-0000000000000000a"],
    routeTableIds: ["rtb-0000000000000000a"]
  }
  const egress = async (otlpEndpoint: string) =>
    resourcesOf(
      await captureOnce("dev", { ...place, otlpEndpoint }),
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    )
      .filter(({ name }) => name === "network-to-collector")
      .map(({ inputs: { cidrIpv4, fromPort, toPort } }) => ({ cidrIpv4, fromPort, toPort }))

  it("lets spans out on its port", async () => {
    const on = (port: number) => [{ cidrIpv4: "0.0.0.0/0", fromPort: port, toPort: port }]
    assert.deepStrictEqual(await egress("http://collector.internal:4318"), on(4318))
    assert.deepStrictEqual(await egress("https://collector.internal/otlp"), on(443))
  })

  it("opens nothing for one in the function's own environment", async () => {
    assert.deepStrictEqual(await egress("http://localhost:4318"), [])
    assert.deepStrictEqual(await egress(""), [])
  })
})

describe("in a VPC that has its endpoints", () => {
  const stack = stackWith({
    vpcId: "vpc-0123456789abcdef0",
    subnetIds: ["subnet-0000000000000000a"],
    vpcEndpoints: false
  })

  it("makes none, and leaves the way out to the VPC", () => {
    assert.deepStrictEqual(stack.names("aws:ec2/vpcEndpoint"), [])
    assert.deepStrictEqual(stack.names("aws:vpc/"), ["network-to-anywhere"])
  })
})
