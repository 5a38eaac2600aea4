import * as pulumi from "@pulumi/pulumi"
import { EventSourceMapping, type Tags } from "./aws.ts"
import type { Bucket } from "./bucket.ts"
import type { ControlTable } from "./control-table.ts"
import { keyUse } from "./customer-key.ts"
import type { EntityTable } from "./entity-table.ts"
import type { EventTable } from "./event-table.ts"
import { Lambda, type Placement, placementOf } from "./lambda.ts"
import { allow, type Statement } from "./policy.ts"
import type { SettleQueue } from "./settle-queue.ts"
import type { Stream } from "./stream.ts"

/** What append reads and writes. */
export interface AppendResources {
  readonly stream: Stream
  readonly events: EventTable
  /** The index by entity; absent: none is kept. */
  readonly entities?: EntityTable
  /** Event bodies over the item limit. */
  readonly overflow: Bucket
  readonly quarantine: Bucket
  /** Whole records of batches that were given up. */
  readonly failures: Bucket
  readonly settle: SettleQueue
  /** Which generations are retired. */
  readonly control: ControlTable
}

export interface AppendArgs extends AppendResources, Placement {
  /** ARN of the customer key of what it reads and writes; absent: keys of AWS. */
  readonly kmsKey?: pulumi.Input<string>
  readonly code: pulumi.Input<pulumi.asset.Archive>
  readonly settleWindowSeconds: number
  readonly skewBoundSeconds: number
  /** Records; above 10 the window must be at least a second. */
  readonly batchSize: number
  readonly batchWindowSeconds: number
  /** Batches of one shard in flight at once; order per key is kept. */
  readonly parallelizationFactor: number
  /** Days that events stay in the table; 0: for ever. */
  readonly retentionDays: number
  readonly retryAttempts: number
  readonly maxRecordAgeSeconds: number
  readonly memoryMb: number
  readonly timeoutSeconds: number
  readonly logRetentionDays: number
  readonly tags: Tags
}

/** Stream to event store and settle queue. */
export class Append extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
  /** UUID of the mapping from the stream, by which its metrics go. */
  readonly mapping: pulumi.Output<string>
  readonly logGroup: pulumi.Output<string>

  constructor(name: string, args: AppendArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:function:Append", name, {}, opts)
    const fn = new Lambda(
      name,
      {
        description: "Genesys Cloud events from the stream into the event store",
        code: args.code,
        memoryMb: args.memoryMb,
        timeoutSeconds: args.timeoutSeconds,
        environment: {
          CONTROL_TABLE: args.control.name,
          ...(args.retentionDays === 0
            ? {}
            : { EVENT_RETENTION_DAYS: String(args.retentionDays), EVENT_WINDOWS: "true" }),
          EVENT_TABLE: args.events.name,
          ...(args.entities === undefined ? {} : { ENTITY_TABLE: args.entities.name }),
          OVERFLOW_BUCKET: args.overflow.name,
          QUARANTINE_BUCKET: args.quarantine.name,
          SETTLE_QUEUE_URL: args.settle.url,
          SETTLE_WINDOW_SECONDS: String(args.settleWindowSeconds),
          SKEW_BOUND_SECONDS: String(args.skewBoundSeconds)
        },
        statements: [
          ...appendStatements(args),
          ...keyUse(args.kmsKey, ["kms:Decrypt", "kms:GenerateDataKey"], ["dynamodb", "kinesis", "s3", "sqs"])
        ],
        ...placementOf(args),
        logRetentionDays: args.logRetentionDays,
        tags: args.tags
      },
      { parent: this }
    )
    const mapping = new EventSourceMapping(
      `${name}-mapping`,
      {
        eventSourceArn: args.stream.arn,
        functionName: fn.target,
        // A replaced mapping has lost its place: from the beginning, because appending again is harmless and a gap is not.
        startingPosition: "TRIM_HORIZON",
        batchSize: args.batchSize,
        maximumBatchingWindowInSeconds: args.batchWindowSeconds,
        parallelizationFactor: args.parallelizationFactor,
        functionResponseTypes: ["ReportBatchItemFailures"],
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: args.retryAttempts,
        maximumRecordAgeInSeconds: args.maxRecordAgeSeconds,
        // Off by default, and the only count of records that were given up.
        metricsConfig: { metrics: ["EventCount"] },
        // S3, because queues and topics are told only where in the stream the records were, and the stream forgets.
        destinationConfig: { onFailure: { destinationArn: args.failures.arn } },
        tags: args.tags
      },
      // AWS allows one mapping per stream and function.
      { parent: this, deleteBeforeReplace: true, dependsOn: [fn.rights] }
    )
    this.name = fn.name
    this.arn = fn.arn
    this.mapping = mapping.uuid
    this.logGroup = fn.logGroup
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}

/**
 * The rights of append and of the mapping that reads for it. On the event table it can insert, which never overwrites, and read
 * the first copy of a duplicate; nothing else in the stack may write there. To the index by entity it can only add.
 */
export const appendStatements = (on: AppendResources): ReadonlyArray<Statement> => [
  allow(["dynamodb:PartiQLInsert", "dynamodb:BatchGetItem"], on.events.arn),
  ...(on.entities === undefined ? [] : [allow(["dynamodb:PartiQLInsert"], on.entities.arn)]),
  allow(["dynamodb:GetItem"], on.control.arn),
  allow(["s3:PutObject"], on.overflow.objects, on.quarantine.objects, on.failures.objects),
  allow(["s3:ListBucket"], on.failures.arn),
  allow(["sqs:SendMessage"], on.settle.arn),
  allow(
    [
      "kinesis:DescribeStream",
      "kinesis:DescribeStreamSummary",
      "kinesis:GetRecords",
      "kinesis:GetShardIterator",
      "kinesis:ListShards"
    ],
    on.stream.arn
  )
]
