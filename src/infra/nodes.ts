import type * as pulumi from "@pulumi/pulumi"
import * as aws from "./aws.ts"

/** The kinds of resources underneath, by the name that `transform` and `nodes.byKind` give them. */
export const kinds = {
  bucket: aws.S3Bucket,
  bucketEncryption: aws.BucketServerSideEncryptionConfiguration,
  bucketLifecycle: aws.BucketLifecycleConfiguration,
  bucketPolicy: aws.BucketPolicy,
  bucketPublicAccess: aws.BucketPublicAccessBlock,
  bucketReplication: aws.BucketReplicationConfig,
  bucketVersioning: aws.BucketVersioning,
  compositeAlarm: aws.CompositeAlarm,
  dashboard: aws.CloudWatchDashboard,
  eventBus: aws.EventBus,
  eventInvokeConfig: aws.FunctionEventInvokeConfig,
  eventRule: aws.EventRule,
  eventSourceMapping: aws.EventSourceMapping,
  eventTarget: aws.EventTarget,
  function: aws.LambdaFunction,
  functionAlias: aws.LambdaAlias,
  functionPermission: aws.LambdaPermission,
  key: aws.KmsKey,
  keyAlias: aws.KmsAlias,
  logGroup: aws.LogGroup,
  metricAlarm: aws.MetricAlarm,
  policy: aws.IamPolicy,
  queue: aws.Queue,
  queuePolicy: aws.QueuePolicy,
  role: aws.Role,
  rolePolicy: aws.RolePolicy,
  scalingAction: aws.ScheduledScaling,
  scalingTarget: aws.ScalingTarget,
  securityGroup: aws.SecurityGroup,
  securityGroupEgressRule: aws.SecurityGroupEgressRule,
  securityGroupIngressRule: aws.SecurityGroupIngressRule,
  stateMachine: aws.StateMachine,
  stream: aws.KinesisStream,
  table: aws.Table,
  tableItem: aws.TableItem,
  topic: aws.Topic,
  topicPolicy: aws.TopicPolicy,
  topicSubscription: aws.TopicSubscription,
  vpcEndpoint: aws.VpcEndpoint
} as const

/** The resource class of each kind. */
export type Kinds = typeof kinds
/** The name of a kind of resource: `table`, `queue`, `function`, ... */
export type Kind = keyof Kinds

/** The arguments of a kind of resource, as `@pulumi/aws` declares them. */
export type ArgsOf<K extends Kind> = NonNullable<ConstructorParameters<Kinds[K]>[1]>

/** By kind, and by the name that a resource has without the component's: `nodes.byKind.queue.settle`. */
export type NodesByKind = { readonly [K in Kind]: Readonly<Record<string, InstanceType<Kinds[K]>>> }

/** The resources underneath. Those that every stack has are named; `byKind` has all of them. */
export interface Nodes {
  /** Where events arrive; undefined with an `existingBusArn`. */
  readonly bus: aws.EventBus | undefined
  /** What lets events through from the bus to the stream. */
  readonly rule: aws.EventRule
  /** The buffer between the bus and append. */
  readonly stream: aws.KinesisStream
  /** The event store: one item for each event. */
  readonly eventTable: aws.Table
  /** What the stack remembers about its own running. */
  readonly controlTable: aws.Table
  /** The names of agents, queues, wrap-up codes, presences, divisions and teams. */
  readonly directoryTable: aws.Table
  /** By generation, such as `agents-v1`. */
  readonly projectionTables: Readonly<Record<string, aws.Table>>
  /** Bodies that are too large for an item of the event store. */
  readonly overflowBucket: aws.S3Bucket
  /** What could not be appended. */
  readonly quarantineBucket: aws.S3Bucket
  /** Batches of the stream that were given up. */
  readonly failuresBucket: aws.S3Bucket
  /** Exports of the event store for replays. */
  readonly exportsBucket: aws.S3Bucket
  /** Updates that wait until they are settled. */
  readonly settleQueue: aws.Queue
  /** From the stream into the event store. */
  readonly append: aws.LambdaFunction
  /** From the settle queue into the projection tables. */
  readonly project: aws.LambdaFunction
  /** Brings dead letters back. */
  readonly redrive: aws.LambdaFunction
  /** Folds the event store into a projection table. */
  readonly replay: aws.LambdaFunction
  /** Sweeps the Genesys Cloud API; absent without `genesysCredentialsSecret`. */
  readonly reconcile: aws.LambdaFunction | undefined
  /** Archives events; absent without `eventRetentionDays`. */
  readonly archive: aws.LambdaFunction | undefined
  /** Where it puts them. */
  readonly archiveBucket: aws.S3Bucket | undefined
  /** Compares rows with events; absent without `auditReadUnitsPerSecond`. */
  readonly audit: aws.LambdaFunction | undefined
  /** Runs replay over all segments of the event store. */
  readonly replayMachine: aws.StateMachine
  /** Where alarms and notices go. */
  readonly notices: aws.Topic
  /** What a service of yours attaches to its role to read projections. */
  readonly readPolicy: aws.IamPolicy
  /** All of them. */
  readonly byKind: NodesByKind
}

const kindOfClass: ReadonlyMap<unknown, Kind> = new Map(
  Object.entries(kinds).map(([kind, made]) => [made, kind as Kind])
)

/** The kind of a resource; undefined for components. */
export const kindOf = (resource: pulumi.Resource): Kind | undefined => kindOfClass.get(resource.constructor)

/** Collects resources as they are made. `generations` are those that have a table. */
export const makeNodes = (generations: ReadonlyArray<string>) => {
  const made = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, {}])) as {
    [K in Kind]: Record<string, InstanceType<Kinds[K]>>
  }
  const one = <K extends Kind>(kind: K, name: string): InstanceType<Kinds[K]> => {
    const found = made[kind][name]
    if (found === undefined) throw new Error(`the stack made no ${kind} ${name}`)
    return found
  }
  return {
    add: (kind: Kind, name: string, resource: pulumi.Resource): void => {
      Object.assign(made[kind], { [name]: resource })
    },
    all: (): Nodes => ({
      bus: made.eventBus.bus,
      rule: one("eventRule", "feed-rule"),
      stream: one("stream", "stream"),
      eventTable: one("table", "events"),
      controlTable: one("table", "control"),
      directoryTable: one("table", "directory"),
      projectionTables: Object.fromEntries(generations.map((name) => [name, one("table", name)])),
      overflowBucket: one("bucket", "overflow"),
      quarantineBucket: one("bucket", "quarantine"),
      failuresBucket: one("bucket", "failures"),
      exportsBucket: one("bucket", "exports"),
      settleQueue: one("queue", "settle"),
      append: one("function", "append"),
      project: one("function", "project"),
      redrive: one("function", "redrive"),
      replay: one("function", "replay"),
      reconcile: made.function.reconcile,
      archive: made.function.archive,
      archiveBucket: made.bucket.archive,
      audit: made.function.audit,
      replayMachine: one("stateMachine", "replay-machine"),
      notices: one("topic", "notices"),
      readPolicy: one("policy", "readers"),
      byKind: made
    })
  }
}
