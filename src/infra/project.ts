import * as pulumi from "@pulumi/pulumi"
import type { StorageNeeds } from "../domain/projection.ts"
import { WATERMARK_KEY } from "../domain/watermark.ts"
import { EventSourceMapping, type Tags } from "./aws.ts"
import type { Bucket } from "./bucket.ts"
import type { ControlTable } from "./control-table.ts"
import { keyUse } from "./customer-key.ts"
import { Lambda, type Placement, placementOf } from "./lambda.ts"
import { allow, onlyItem, type Statement } from "./policy.ts"
import type { ProjectionTable } from "./projection-table.ts"
import { rowStatements } from "./row-statements.ts"
import type { SettleQueue } from "./settle-queue.ts"

/** What project reads and writes: the queue, and the tables by generation (`agents-v1`). */
export interface ProjectResources {
  readonly settle: SettleQueue
  readonly tables: Readonly<Record<string, ProjectionTable>>
  /** What their folds ask of them besides reading and writing rows by key. */
  readonly needs: StorageNeeds
  /** Tells which generations are retired, and holds the watermark. */
  readonly control: ControlTable
  /** Where updates are parked that no table can hold. */
  readonly quarantine: Bucket
}

export interface ProjectArgs extends ProjectResources, Placement {
  /** ARN of the customer key of what it reads and writes; absent: keys of AWS. */
  readonly kmsKey?: pulumi.Input<string>
  readonly code: pulumi.Input<pulumi.asset.Archive>
  readonly settleWindowSeconds: number
  /** Messages; above 10 the window must be at least a second. */
  readonly batchSize: number
  readonly batchWindowSeconds: number
  /** Invocations at once, at least 2. */
  readonly maxConcurrency: number
  readonly memoryMb: number
  readonly timeoutSeconds: number
  readonly logRetentionDays: number
  readonly tags: Tags
}

/** Settle queue to projection tables. */
export class Project extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
  readonly logGroup: pulumi.Output<string>

  constructor(name: string, args: ProjectArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:function:Project", name, {}, opts)
    const tableNames = Object.fromEntries(Object.entries(args.tables).map(([key, table]) => [key, table.name]))
    const fn = new Lambda(
      name,
      {
        description: "Settled updates from the queue into the projection tables",
        code: args.code,
        memoryMb: args.memoryMb,
        timeoutSeconds: args.timeoutSeconds,
        environment: {
          CONTROL_TABLE: args.control.name,
          PROJECTION_TABLES: pulumi.jsonStringify(tableNames),
          QUARANTINE_BUCKET: args.quarantine.name,
          SETTLE_WINDOW_SECONDS: String(args.settleWindowSeconds)
        },
        statements: [
          ...projectStatements(args),
          ...keyUse(args.kmsKey, ["kms:Decrypt", "kms:GenerateDataKey"], ["dynamodb", "s3", "sqs"])
        ],
        ...placementOf(args),
        logRetentionDays: args.logRetentionDays,
        tags: args.tags
      },
      { parent: this }
    )
    new EventSourceMapping(
      `${name}-mapping`,
      {
        eventSourceArn: args.settle.arn,
        functionName: fn.target,
        batchSize: args.batchSize,
        maximumBatchingWindowInSeconds: args.batchWindowSeconds,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: args.maxConcurrency },
        tags: args.tags
      },
      { parent: this, deleteBeforeReplace: true, dependsOn: [fn.rights] }
    )
    this.name = fn.name
    this.arn = fn.arn
    this.logGroup = fn.logGroup
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}

/** The rights of project and of the mapping that receives for it. */
export const projectStatements = ({
  settle,
  tables,
  needs,
  control,
  quarantine
}: ProjectResources): ReadonlyArray<Statement> => [
  ...rowStatements(tables, needs),
  allow(["dynamodb:GetItem"], control.arn),
  { ...allow(["dynamodb:UpdateItem"], control.arn), Condition: onlyItem(WATERMARK_KEY) },
  allow(["s3:PutObject"], quarantine.objects),
  allow(["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], settle.arn)
]
