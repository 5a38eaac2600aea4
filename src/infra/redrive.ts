import type * as pulumi from "@pulumi/pulumi"
import type { Tags } from "./aws.ts"
import type { Bucket } from "./bucket.ts"
import type { ControlTable } from "./control-table.ts"
import { keyUse } from "./customer-key.ts"
import type { Feed } from "./feed.ts"
import { type Placement, placementOf } from "./lambda.ts"
import type { Notices } from "./notices.ts"
import { allow, type Statement } from "./policy.ts"
import type { SettleQueue } from "./settle-queue.ts"
import type { Stream } from "./stream.ts"
import { Ticked } from "./ticked.ts"

/** What redrive reads and writes. */
export interface RedriveResources {
  /** Has the rule's dead letters. */
  readonly feed: Feed
  readonly stream: Stream
  readonly settle: SettleQueue
  /** Holds the circuit breakers. */
  readonly control: ControlTable
  readonly quarantine: Bucket
  readonly notices: Notices
}

/** When a circuit breaker opens, waits and closes. */
export interface BreakerArgs {
  /** Failures in a row that open it. */
  readonly failures: number
  /** The share of failures within the window that opens it. */
  readonly failurePercent: number
  readonly windowSeconds: number
  /** Doubles with each probe that fails, up to the longest. */
  readonly coolDownSeconds: number
  readonly longestCoolDownSeconds: number
  /** Probes that must succeed before it closes. */
  readonly probes: number
}

export interface RedriveArgs extends RedriveResources, Omit<Placement, "schedule"> {
  /** ARN of the customer key of stream, queues, bucket and topic; absent: keys of AWS. */
  readonly kmsKey?: pulumi.Input<string>
  readonly code: pulumi.Input<pulumi.asset.Archive>
  /** Messages; a run may last no longer than `LONGEST_RUN_SECONDS` at this pace. */
  readonly perSecond: number
  readonly perRun: number
  /** How often one message is brought back before it is parked. */
  readonly maxAttempts: number
  readonly breaker: BreakerArgs
  readonly dlqRetentionDays: number
  readonly memoryMb: number
  readonly logRetentionDays: number
  readonly tags: Tags
}

/** A tick each minute, and a time-out of the same: a run that is cut off is gone when the next one begins. */
const TICK = "rate(1 minute)"
const TIMEOUT_SECONDS = 60

/** Seconds of such a run that are for turns; the rest is to end well. */
export const LONGEST_RUN_SECONDS = 40

/** A probe that was cut off with its run is given up a little later than that. */
const LEASE_SECONDS = TIMEOUT_SECONDS + 30

/** A share of failures says little of fewer calls than twice those that would open the breaker in a row. */
const CALLS_PER_FAILURE = 2

/** Brings dead letters back, minute by minute. */
export class Redrive extends Ticked {
  constructor(name: string, args: RedriveArgs, opts?: pulumi.ComponentResourceOptions) {
    const { breaker, code, memoryMb, logRetentionDays, dlqRetentionDays, tags } = args
    super(
      "Redrive",
      name,
      {
        description: "Dead letters back to where they belong",
        timeoutSeconds: TIMEOUT_SECONDS,
        environment: () => ({
          CONTROL_TABLE: args.control.name,
          NOTICES_TOPIC_ARN: args.notices.arn,
          QUARANTINE_BUCKET: args.quarantine.name,
          RULE_DLQ_URL: args.feed.dlqUrl,
          SETTLE_DLQ_URL: args.settle.dlqUrl,
          SETTLE_QUEUE_URL: args.settle.url,
          STREAM_NAME: args.stream.name,
          REDRIVE_PER_SECOND: String(args.perSecond),
          REDRIVE_PER_RUN: String(args.perRun),
          REDRIVE_MAX_ATTEMPTS: String(args.maxAttempts),
          BREAKER_FAILURES: String(breaker.failures),
          BREAKER_FAILURE_PERCENT: String(breaker.failurePercent),
          BREAKER_CALLS: String(breaker.failures * CALLS_PER_FAILURE),
          BREAKER_WINDOW_SECONDS: String(breaker.windowSeconds),
          BREAKER_COOL_DOWN_SECONDS: String(breaker.coolDownSeconds),
          BREAKER_LONGEST_COOL_DOWN_SECONDS: String(breaker.longestCoolDownSeconds),
          BREAKER_LEASE_SECONDS: String(LEASE_SECONDS),
          BREAKER_PROBES: String(breaker.probes)
        }),
        statements: [
          ...redriveStatements(args),
          ...keyUse(args.kmsKey, ["kms:Decrypt", "kms:GenerateDataKey"], ["kinesis", "s3", "sns", "sqs"])
        ],
        targetId: "redrive",
        schedules: { [`${name}-tick`]: { description: "When dead letters are brought back", expression: TICK } },
        calledAfter: name,
        // Where an account is too small to reserve any, runs are kept apart by their time-out alone; two ticks at once would only
        // double the pace for a minute, for the breakers and the queues are shared.
        ...placementOf(args),
        ...{ code, memoryMb, logRetentionDays, dlqRetentionDays, tags }
      },
      opts
    )
  }
}

/** The rights of redrive. It reads no store: what it hands over is judged where every other event is. */
export const redriveStatements = (on: RedriveResources): ReadonlyArray<Statement> => [
  allow(["dynamodb:GetItem", "dynamodb:PutItem"], on.control.arn),
  allow(["kinesis:PutRecords"], on.stream.arn),
  allow(["s3:PutObject"], on.quarantine.objects),
  allow(["sns:Publish"], on.notices.arn),
  allow(["sqs:DeleteMessage", "sqs:ReceiveMessage"], on.feed.dlqArn, on.settle.dlqArn),
  allow(["sqs:SendMessage"], on.settle.arn)
]
