import type * as pulumi from "@pulumi/pulumi"
import type { Tags } from "./aws.ts"
import type { Bucket } from "./bucket.ts"
import type { ControlTable } from "./control-table.ts"
import { keyUse } from "./customer-key.ts"
import type { EventTable } from "./event-table.ts"
import { type Placement, placementOf } from "./lambda.ts"
import { allow, onlyItems, type Statement } from "./policy.ts"
import { Ticked } from "./ticked.ts"

/** What the archiver reads and writes. */
export interface ArchiveResources {
  readonly events: EventTable
  /** Bodies that are too large for an item. */
  readonly overflow: Bucket
  readonly archive: Bucket
  /** Holds how far a pass over the table is. */
  readonly control: ControlTable
}

export interface ArchiverArgs extends ArchiveResources, Omit<Placement, "schedule" | "reservedConcurrency"> {
  /** ARN of the customer key of table and buckets; absent: keys of AWS. */
  readonly kmsKey?: pulumi.Input<string>
  readonly code: pulumi.Input<pulumi.asset.Archive>
  /** Days that events stay in the table at least. */
  readonly retentionDays: number
  readonly storageClass: string
  /** Parts of a pass, which several invocations work on at once. */
  readonly segments: number
  readonly dlqRetentionDays: number
  readonly logRetentionDays: number
  readonly tags: Tags
}

/** How soon a pass goes on. An invocation lasts three ticks at most, so that three work on a pass that is long. */
const TICK = "rate(5 minutes)"

const TIMEOUT_SECONDS = 900

/** MiB. What is held before it is written decides how many objects there are. */
const MEMORY_MB = 3_008

/** Copies events into the archive, compares it with the table, and lets a window leave that it has confirmed. */
export class Archiver extends Ticked {
  constructor(name: string, args: ArchiverArgs, opts?: pulumi.ComponentResourceOptions) {
    const { code, logRetentionDays, dlqRetentionDays, tags } = args
    super(
      "Archive",
      name,
      {
        description: "Events from the event table into the archive",
        memoryMb: MEMORY_MB,
        timeoutSeconds: TIMEOUT_SECONDS,
        environment: () => ({
          ARCHIVE_BUCKET: args.archive.name,
          ARCHIVE_CLASS: args.storageClass,
          ARCHIVE_SEGMENTS: String(args.segments),
          CONTROL_TABLE: args.control.name,
          EVENT_RETENTION_DAYS: String(args.retentionDays),
          EVENT_TABLE: args.events.name,
          OVERFLOW_BUCKET: args.overflow.name
        }),
        statements: [
          ...archiveStatements(args),
          ...keyUse(args.kmsKey, ["kms:Decrypt", "kms:GenerateDataKey"], ["dynamodb", "s3"])
        ],
        targetId: "archive",
        schedules: {
          [`${name}-tick`]: { description: "When events are archived, and leave the event table", expression: TICK }
        },
        ...placementOf(args),
        ...{ code, logRetentionDays, dlqRetentionDays, tags }
      },
      opts
    )
  }
}

/**
 * The rights of the archiver. It can name the one column by which the table deletes, and can delete or change no event itself, neither in
 * the table nor in the archive, whose versions stay.
 */
export const archiveStatements = (on: ArchiveResources): ReadonlyArray<Statement> => [
  allow(["dynamodb:Scan", "dynamodb:DescribeTimeToLive", "dynamodb:UpdateTimeToLive"], on.events.arn),
  {
    ...allow(["dynamodb:GetItem", "dynamodb:PutItem"], on.control.arn),
    Condition: onlyItems(["archive", "archive/*"])
  },
  allow(["s3:GetObject"], on.archive.objects, on.overflow.objects),
  allow(["s3:PutObject"], on.archive.objects),
  // Without it what is gone looks like what may not be read.
  allow(["s3:ListBucket"], on.archive.arn, on.overflow.arn)
]
