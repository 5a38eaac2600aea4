import type {
  AsyncSettings,
  BusSettings,
  KeyAttribute,
  LocalIndexDefinition,
  PermissionSettings,
  PolicyDocument,
  QueueMappingSettings,
  QueueSettings,
  RuleSettings,
  ScheduleSettings,
  StreamMappingSettings,
  StreamSettings,
  TableDefinition,
  TargetSettings,
  TopicSettings
} from "aws-in-process"
import type { Captured, CapturedResource } from "./capture.ts"
import type { DeclaredFunction } from "./hosting.ts"
import type { MachineSettings } from "./machines.ts"

/** The stack as the engine's parts want it. */
export interface Wiring {
  readonly buses: ReadonlyArray<BusSettings>
  readonly rules: ReadonlyArray<RuleSettings>
  readonly schedules: ReadonlyArray<ScheduleSettings>
  /** Of rules with a pattern. */
  readonly targets: ReadonlyArray<TargetSettings>
  /** Of rules with a schedule. */
  readonly ticked: ReadonlyArray<TargetSettings>
  readonly streams: ReadonlyArray<StreamSettings>
  readonly queues: ReadonlyArray<QueueSettings>
  readonly tables: ReadonlyArray<TableDefinition>
  readonly buckets: ReadonlyArray<string>
  /** Those of the buckets that keep versions. */
  readonly versioned: ReadonlyArray<string>
  readonly topics: ReadonlyArray<TopicSettings>
  readonly functions: ReadonlyArray<DeclaredFunction>
  readonly permissions: ReadonlyArray<PermissionSettings>
  readonly asynchronous: ReadonlyArray<AsyncSettings>
  readonly mappings: ReadonlyArray<StreamMappingSettings | QueueMappingSettings>
  readonly machines: ReadonlyArray<MachineSettings>
  readonly policies: Readonly<Record<string, ReadonlyArray<PolicyDocument>>>
}

type Inputs = Readonly<Record<string, unknown>>

/** Resources that change nothing which a run on one machine could show, and why. */
const beyondThisMachine: ReadonlyMap<string, string> = new Map([
  ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "nobody else can reach the engine"],
  ["aws:s3/bucketPolicy:BucketPolicy", "it refuses plain HTTP, and there is no network"],
  [
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "encryption is transparent"
  ],
  ["aws:s3/bucketReplicationConfig:BucketReplicationConfig", "the other account is not on this machine"],
  ["aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "it expires after months"],
  ["aws:sns/topicPolicy:TopicPolicy", "it lets alarms publish and refuses plain HTTP, and there are neither"],
  ["aws:sns/topicSubscription:TopicSubscription", "no mail leaves this machine"],
  ["aws:cloudwatch/compositeAlarm:CompositeAlarm", "it joins alarms, and there are none"],
  ["aws:cloudwatch/metricAlarm:MetricAlarm", "metrics are written to the log here, and nobody adds them up"],
  ["aws:cloudwatch/dashboard:Dashboard", "the wallboard shows the same, and there is no console"],
  ["aws:kms/key:Key", "encryption is transparent"],
  ["aws:kms/alias:Alias", "nobody asks for the key by name"],
  ["aws:iam/policy:Policy", "it is for roles of other stacks"],
  ["aws:lambda/alias:Alias", "its mapping is led to the function, which has one version here"],
  ["aws:appautoscaling/target:Target", "environments start at once"],
  ["aws:appautoscaling/scheduledAction:ScheduledAction", "environments start at once"],
  ["aws:ec2/securityGroup:SecurityGroup", "there is no network"],
  ["aws:ec2/vpcEndpoint:VpcEndpoint", "there is no network"],
  ["aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "there is no network"],
  ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "there is no network"],
  ["aws:cloudwatch/logGroup:LogGroup", "lines are read as they come; the role's right to write them is checked"]
])

const text = (value: unknown): string => String(value)

interface IndexInputs {
  readonly name: string
  readonly hashKey?: string
  readonly rangeKey: string
  readonly projectionType: "ALL" | "KEYS_ONLY" | "INCLUDE"
  readonly nonKeyAttributes?: ReadonlyArray<string>
}

const indexOf = (
  { name, projectionType, nonKeyAttributes = [] }: IndexInputs,
  rangeKey: KeyAttribute
): LocalIndexDefinition => ({
  name,
  rangeKey,
  projection: projectionType === "INCLUDE" ? nonKeyAttributes : projectionType
})

const tableOf = ({ inputs, outputs }: CapturedResource, declared: ReadonlyArray<CapturedResource>): TableDefinition => {
  const types = new Map(
    (inputs.attributes as Array<{ name: string; type: "S" | "N" | "B" }>).map((a) => [a.name, a.type])
  )
  const key = (name: unknown) => ({ name: text(name), type: types.get(text(name)) ?? "S" })
  const ttl = inputs.ttl as { attributeName: string; enabled: boolean } | undefined
  const local = inputs.localSecondaryIndexes as ReadonlyArray<IndexInputs> | undefined
  const global = inputs.globalSecondaryIndexes as ReadonlyArray<IndexInputs> | undefined
  if (inputs.replicas !== undefined) throw new Error("not implemented by the local engine: table with replicas")
  if (inputs.streamEnabled === true && inputs.streamViewType !== "NEW_AND_OLD_IMAGES")
    throw new Error(`not implemented by the local engine: table with a stream of ${inputs.streamViewType}`)
  const items = declared.filter((item) => item.inputs.tableName === outputs.name)
  return {
    name: text(outputs.name),
    arn: text(outputs.arn),
    hashKey: key(inputs.hashKey),
    ...(items.length === 0 ? {} : { items: items.map((item) => JSON.parse(text(item.inputs.item))) }),
    ...(inputs.rangeKey === undefined ? {} : { rangeKey: key(inputs.rangeKey) }),
    ...(local === undefined ? {} : { localIndexes: local.map((index) => indexOf(index, key(index.rangeKey))) }),
    ...(global === undefined
      ? {}
      : {
          indexes: global.map((index) => ({ ...indexOf(index, key(index.rangeKey)), hashKey: key(index.hashKey) }))
        }),
    ...(ttl?.enabled ? { ttlAttribute: ttl.attributeName } : {}),
    ...(inputs.streamEnabled === true ? { streamArn: text(outputs.streamArn) } : {})
  }
}

/** The bus of a rule that is put on one which the stack does not make. Copies of a partner's events arrive there in the partner's name. */
const existingBus = ({ eventBusName: name, arn, eventPattern }: RuleSettings): BusSettings => {
  const [source = ""] = (JSON.parse(eventPattern) as { readonly source?: ReadonlyArray<string> }).source ?? []
  return {
    name,
    arn: `${arn.split(":").slice(0, 5).join(":")}:event-bus/${name}`,
    ...(source.startsWith("aws.partner/") ? { eventSourceName: source } : {})
  }
}

/** Reads the captured resources of a stack. Throws on a type of resource that the engine knows nothing of. */
export const readWiring = ({ resources }: Captured): Wiring => {
  const custom = resources.filter((resource) => resource.custom)
  const handled = new Set<string>()
  const all = (type: string): ReadonlyArray<CapturedResource> => {
    handled.add(type)
    return custom.filter((resource) => resource.type === type)
  }
  const named = <A>(type: string): ReadonlyArray<A> =>
    all(type).map(({ inputs, outputs }) => ({ ...inputs, name: outputs.name, arn: outputs.arn }) as A)

  const roles = new Map(all("aws:iam/role:Role").map(({ outputs }) => [outputs.name, text(outputs.arn)]))
  const policies = new Map<string, Array<PolicyDocument>>()
  for (const { inputs } of all("aws:iam/rolePolicy:RolePolicy")) {
    const role = roles.get(inputs.role)
    if (role === undefined) throw new Error(`a policy names no role of this stack: ${inputs.role}`)
    policies.set(role, [...(policies.get(role) ?? []), JSON.parse(text(inputs.policy))])
  }
  const queuePolicies = new Map(
    all("aws:sqs/queuePolicy:QueuePolicy").map(({ inputs }) => [inputs.queueUrl, inputs.policy])
  )
  const logGroups = new Map(
    custom
      .filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup")
      .map(({ outputs }) => [outputs.name, text(outputs.arn)])
  )

  const functionArns = new Map(
    custom
      .filter(({ type }) => type === "aws:lambda/function:Function")
      .map(({ outputs }) => [outputs.name, outputs.arn])
  )
  const aliased = new Map(
    custom
      .filter(({ type }) => type === "aws:lambda/alias:Alias")
      .map(({ inputs, outputs }) => [outputs.arn, functionArns.get(inputs.functionName)])
  )

  const tableItems = all("aws:dynamodb/tableItem:TableItem")

  const rules = named<RuleSettings & ScheduleSettings>("aws:cloudwatch/eventRule:EventRule")
  const isSchedule = (rule: string) =>
    rules.some(({ name, scheduleExpression }) => name === rule && scheduleExpression !== undefined)
  const targets = all("aws:cloudwatch/eventTarget:EventTarget").map(({ inputs }) => inputs as unknown as TargetSettings)

  const buses = named<BusSettings>("aws:cloudwatch/eventBus:EventBus")
  const there = rules.flatMap((rule) =>
    isSchedule(rule.name) || buses.some(({ name }) => name === rule.eventBusName) ? [] : [existingBus(rule)]
  )
  const wiring: Wiring = {
    buses: [...new Map(there.map((bus) => [bus.name, bus])).values(), ...buses],
    rules: rules.filter(({ scheduleExpression }) => scheduleExpression === undefined),
    schedules: rules.filter(({ scheduleExpression }) => scheduleExpression !== undefined),
    targets: targets.filter(({ rule }) => !isSchedule(rule)),
    ticked: targets.filter(({ rule }) => isSchedule(rule)),
    streams: named("aws:kinesis/stream:Stream"),
    queues: all("aws:sqs/queue:Queue").map(({ inputs, outputs }) => {
      const { name, arn, url } = outputs
      const policy = queuePolicies.get(url)
      return { ...inputs, name, arn, url, ...(policy === undefined ? {} : { policy }) } as unknown as QueueSettings
    }),
    tables: all("aws:dynamodb/table:Table").map((table) => tableOf(table, tableItems)),
    buckets: all("aws:s3/bucket:Bucket").map(({ outputs }) => text(outputs.bucket)),
    versioned: all("aws:s3/bucketVersioning:BucketVersioning").map(({ inputs }) => text(inputs.bucket)),
    topics: named("aws:sns/topic:Topic"),
    functions: all("aws:lambda/function:Function").map(({ name, inputs, outputs }) => ({
      // Without the component's name, which a program may put before it.
      name: name.split("-").at(-1) ?? name,
      arn: text(outputs.arn),
      roleArn: text(inputs.role),
      timeoutSeconds: Number(inputs.timeout),
      memorySizeMb: Number(inputs.memorySize),
      ...(inputs.reservedConcurrentExecutions === undefined
        ? {}
        : { reservedConcurrency: Number(inputs.reservedConcurrentExecutions) }),
      environment: (inputs.environment as { variables: Readonly<Record<string, string>> }).variables,
      logGroupArn: logGroups.get((inputs.loggingConfig as Inputs).logGroup) ?? ""
    })),
    permissions: all("aws:lambda/permission:Permission").map(({ inputs }) => inputs as unknown as PermissionSettings),
    asynchronous: all("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").map(
      ({ inputs }) => inputs as unknown as AsyncSettings
    ),
    mappings: all("aws:lambda/eventSourceMapping:EventSourceMapping").map(
      ({ inputs: { functionName, ...inputs } }) =>
        ({ ...inputs, functionName: aliased.get(functionName) ?? functionName }) as unknown as
          | StreamMappingSettings
          | QueueMappingSettings
    ),
    machines: named("aws:sfn/stateMachine:StateMachine"),
    policies: Object.fromEntries(policies)
  }
  const unknown = custom.find(({ type }) => !handled.has(type) && !beyondThisMachine.has(type))
  if (unknown !== undefined) throw new Error(`not implemented by the local engine: ${unknown.type} (${unknown.name})`)
  return wiring
}
