import type * as pulumi from "@pulumi/pulumi"
import { METRIC_NAMESPACE, type MeasuringFunction, type metricsOf } from "../domain/metrics.ts"

/** One series of CloudWatch, and how its points within a period are put together (`Sum`, `Maximum`, `p95`, ...). */
export interface Metric<Name = pulumi.Input<string>> {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, Name>>
  readonly stat: string
}

/** Functions that not every stack has: for credentials of Genesys Cloud, for a retention of events, and for an audit. */
type Optional = "reconcile" | "archive" | "audit"

/** One for each function. */
type ByFunction<A> = Readonly<Record<Exclude<MeasuringFunction, Optional>, A>> & {
  readonly [name in Optional]?: A
}

/** Physical names of what is watched: the values of dimensions. */
export interface Watched<Name = pulumi.Input<string>> {
  /** What its names begin with: the name that tells its metrics from those of every other stack of the account. */
  readonly stack: Name
  readonly bus: Name
  readonly rule: Name
  readonly stream: Name
  readonly ruleDlq: Name
  readonly settle: Name
  readonly settleDlq: Name
  /** Ticks that redrive was not told of. */
  readonly redriveDlq: Name
  /** ARN of the state machine that runs replays. */
  readonly replayMachine: Name
  /** UUID of the mapping from the stream to append. */
  readonly appendMapping: Name
  readonly functions: ByFunction<Name>
  readonly logGroups: ByFunction<Name>
  /** Ticks that reconcile was not told of; absent with the function. */
  readonly reconcileDlq?: Name
  /** Ticks that archive was not told of; absent with the function. */
  readonly archiveDlq?: Name
  /** Ticks that audit was not told of; absent with the function. */
  readonly auditDlq?: Name
  /** By logical name, such as `events` or `agents-v1`. */
  readonly tables: Readonly<Record<string, Name>>
  /** The rule that copies events to a bus in a second region, and the bus that it listens to. */
  readonly copy?: { readonly rule: Name; readonly bus: Name; readonly dlq: Name }
  /** The rule that copies the archive into a bucket of another account, and both buckets. */
  readonly archiveCopy?: { readonly source: Name; readonly destination: Name; readonly rule: Name }
}

/** What a function of the stack says about itself. */
export const own = <F extends MeasuringFunction, Name>(
  { stack }: Pick<Watched<Name>, "stack">,
  fn: F,
  name: (typeof metricsOf)[F][number],
  stat = "Sum"
): Metric<Name | string> => ({ namespace: METRIC_NAMESPACE, name, dimensions: { stack, function: fn }, stat })

const of =
  (namespace: string, dimension: string) =>
  <Name>(resource: Name, name: string, stat = "Sum"): Metric<Name> => ({
    namespace,
    name,
    dimensions: { [dimension]: resource },
    stat
  })

export const ofFunction = of("AWS/Lambda", "FunctionName")
export const ofMapping = of("AWS/Lambda", "EventSourceMappingUUID")
export const ofStream = of("AWS/Kinesis", "StreamName")
export const ofMachine = of("AWS/States", "StateMachineArn")
export const ofQueue = of("AWS/SQS", "QueueName")
export const ofTable = of("AWS/DynamoDB", "TableName")
export const ofLogGroup = of("AWS/Logs", "LogGroupName")

/** Rules of a bus that is not the account's default one are known by both names. */
export const ofRule = <Name>(
  { bus, rule }: { readonly bus: Name; readonly rule: Name },
  name: string,
  stat = "Sum"
): Metric<Name> => ({
  namespace: "AWS/Events",
  name,
  dimensions: { EventBusName: bus, RuleName: rule },
  stat
})

/** What S3 says of a rule by which it copies one bucket into another. */
export const ofReplication = <Name>(
  { source, destination, rule }: NonNullable<Watched<Name>["archiveCopy"]>,
  name: string,
  stat = "Sum"
): Metric<Name> => ({
  namespace: "AWS/S3",
  name,
  dimensions: { SourceBucket: source, DestinationBucket: destination, RuleId: rule },
  stat
})
