/** A resource as Pulumi knows it after it was made: what the program asked for, and what AWS added. */
export interface Resource {
  /** Pulumi's token, such as `aws:sqs/queue:Queue`. */
  readonly type: string
  /** The logical name. */
  readonly name: string
  readonly props: Readonly<Record<string, unknown>>
  readonly protect: boolean
}

/** What rules look at. */
export interface Stack {
  readonly resources: ReadonlyArray<Resource>
  /** Held to what a stack with data that nobody can make again must have. */
  readonly production: boolean
}

/** A resource that breaks a rule, and how. */
export interface Violation {
  readonly resource: Resource
  readonly problem: string
}

/** One thing that must hold of every stack. `check` returns what breaks it. */
export interface Rule {
  /** Unique, in words joined by hyphens. */
  readonly name: string
  /** What must hold, as one sentence. */
  readonly says: string
  readonly check: (stack: Stack) => ReadonlyArray<Violation>
}

/** Types by what they are here. Those of a kind that no rule knows fall under the rules of their kind of property only. */
export const types = {
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  incident: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  bucket: "aws:s3/bucket:Bucket",
  bucketAccess: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  bucketEncryption: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  bucketLifecycle: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  bucketPolicy: "aws:s3/bucketPolicy:BucketPolicy",
  bucketReplication: "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
  bus: "aws:cloudwatch/eventBus:EventBus",
  function: "aws:lambda/function:Function",
  key: "aws:kms/key:Key",
  logGroup: "aws:cloudwatch/logGroup:LogGroup",
  machine: "aws:sfn/stateMachine:StateMachine",
  mapping: "aws:lambda/eventSourceMapping:EventSourceMapping",
  permission: "aws:lambda/permission:Permission",
  queue: "aws:sqs/queue:Queue",
  queuePolicy: "aws:sqs/queuePolicy:QueuePolicy",
  role: "aws:iam/role:Role",
  stream: "aws:kinesis/stream:Stream",
  table: "aws:dynamodb/table:Table",
  target: "aws:cloudwatch/eventTarget:EventTarget",
  topic: "aws:sns/topic:Topic",
  topicPolicy: "aws:sns/topicPolicy:TopicPolicy"
} as const

export const ofType = ({ resources }: Stack, ...wanted: ReadonlyArray<string>): ReadonlyArray<Resource> =>
  resources.filter(({ type }) => wanted.includes(type))

/** A property as a record; empty where there is none. */
export const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

export const texts = (value: unknown): ReadonlyArray<string> =>
  [value].flat().filter((one): one is string => typeof one === "string")

/** Whether a property of text says anything: of what was not set AWS says the empty text, or nothing. */
export const isText = (value: unknown): value is string => typeof value === "string" && value !== ""

/** What a property of JSON text says; an empty record where it is absent. */
export const parsed = (json: unknown): Readonly<Record<string, unknown>> =>
  isText(json) ? record(JSON.parse(json)) : {}

export const whole = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value)

/** One violation for each resource about which there is something to say. */
export const each = (
  resources: ReadonlyArray<Resource>,
  problem: (resource: Resource) => string | false | undefined
): ReadonlyArray<Violation> =>
  resources.flatMap((resource) => {
    const found = problem(resource)
    return found ? [{ resource, problem: found }] : []
  })

/** The logical names of resources that a rule leaves out, without the name of their component, and why. */
export type Exceptions = Readonly<Record<string, string>>

const CONTROL = "control"

/**
 * The logical names that resources have in the components of a stack. A component puts its own name and a hyphen before them, or nothing; each
 * has one control table.
 */
export const namesIn = (stack: Stack, names: ReadonlyArray<string>): ReadonlySet<string> => {
  const prefixes = ofType(stack, types.table).flatMap(({ name }) =>
    name === CONTROL || name.endsWith(`-${CONTROL}`) ? [name.slice(0, -CONTROL.length)] : []
  )
  return new Set(prefixes.flatMap((prefix) => names.map((name) => prefix + name)))
}

export const without = (
  stack: Stack,
  resources: ReadonlyArray<Resource>,
  exceptions: Exceptions
): ReadonlyArray<Resource> => {
  const left = namesIn(stack, Object.keys(exceptions))
  return resources.filter(({ name }) => !left.has(name))
}
