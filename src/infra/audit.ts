import * as pulumi from "@pulumi/pulumi"
import { OPEN_INDEX } from "../domain/projection.ts"
import type { Tags } from "./aws.ts"
import type { Bucket } from "./bucket.ts"
import type { ControlTable } from "./control-table.ts"
import { keyUse } from "./customer-key.ts"
import { type Placement, placementOf } from "./lambda.ts"
import { allow, onlyItem, type Statement } from "./policy.ts"
import { Ticked } from "./ticked.ts"

interface AuditedTable {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
}

/** What an audit reads. */
export interface AuditResources {
  readonly events: AuditedTable
  /** Bodies that are too large for an item of the event store. */
  readonly overflow: Bucket
  /** Holds the checkpoint, and says which generations readers use. */
  readonly control: ControlTable
  /** By generation. */
  readonly tables: Readonly<Record<string, AuditedTable>>
  /** Generations from whose rows registers of others follow, and those of which the row `state` is a summary. */
  readonly sources: ReadonlyArray<string>
  readonly summarised: ReadonlyArray<string>
  /** The index by entity, where there is one. */
  readonly entities?: AuditedTable
}

export interface AuditArgs extends AuditResources, Omit<Placement, "schedule" | "reservedConcurrency"> {
  /** ARN of the customer key of tables and bucket; absent: keys of AWS. */
  readonly kmsKey?: pulumi.Input<string>
  readonly code: pulumi.Input<pulumi.asset.Archive>
  readonly readUnitsPerSecond: number
  /** Days after which events leave the table; 0: never. */
  readonly retentionDays: number
  readonly settleWindowSeconds: number
  readonly skewBoundSeconds: number
  readonly dlqRetentionDays: number
  readonly logRetentionDays: number
  readonly tags: Tags
}

/** How often an audit goes on. What it may read adds up between two of them. */
const AUDIT_TICK = "rate(5 minutes)"

/** Shorter than the time between two ticks: two audits at once would read the same. */
const TIMEOUT_SECONDS = 240

/** MiB. It reads a few hundred items at a time. */
const MEMORY_MB = 512

/** Compares a sample of what is stored with the rows in use, tick by tick, and writes nothing but its checkpoint. */
export class Audit extends Ticked {
  constructor(name: string, args: AuditArgs, opts?: pulumi.ComponentResourceOptions) {
    const { code, logRetentionDays, dlqRetentionDays, tags } = args
    const tableNames = Object.fromEntries(Object.entries(args.tables).map(([key, table]) => [key, table.name]))
    super(
      "Audit",
      name,
      {
        description: "Whether rows are still what the events say",
        memoryMb: MEMORY_MB,
        timeoutSeconds: TIMEOUT_SECONDS,
        environment: () => ({
          AUDIT_READ_UNITS_PER_SECOND: String(args.readUnitsPerSecond),
          CONTROL_TABLE: args.control.name,
          EVENT_TABLE: args.events.name,
          EVENT_RETENTION_DAYS: String(args.retentionDays),
          OVERFLOW_BUCKET: args.overflow.name,
          PROJECTION_TABLES: pulumi.jsonStringify(tableNames),
          SETTLE_WINDOW_SECONDS: String(args.settleWindowSeconds),
          SKEW_BOUND_SECONDS: String(args.skewBoundSeconds),
          ...(args.entities && { ENTITY_TABLE: args.entities.name })
        }),
        statements: [...auditStatements(args), ...keyUse(args.kmsKey, ["kms:Decrypt"], ["dynamodb", "s3"])],
        targetId: "audit",
        schedules: { [`${name}-tick`]: { description: "When the audit goes on", expression: AUDIT_TICK } },
        calledAfter: name,
        ...placementOf(args),
        ...{ code, logRetentionDays, dlqRetentionDays, tags }
      },
      opts
    )
  }
}

/** The key of the item of the control table that holds the checkpoint. */
const CHECKPOINT = "audit"

/** The rights of audit: it reads all and writes no row, for mending is decided by people. */
export const auditStatements = (on: AuditResources): ReadonlyArray<Statement> => {
  const arnsOf = (generations: ReadonlyArray<string>) =>
    generations.flatMap((name) => {
      const table = on.tables[name]
      return table === undefined ? [] : [table.arn]
    })
  const [rows, sources, summarised] = [arnsOf(Object.keys(on.tables)), arnsOf(on.sources), arnsOf(on.summarised)]
  return [
    allow(
      ["dynamodb:BatchGetItem", "dynamodb:Scan"],
      on.events.arn,
      ...rows,
      ...(on.entities ? [on.entities.arn] : [])
    ),
    ...(sources.length === 0 ? [] : [allow(["dynamodb:Query"], ...sources)]),
    ...(summarised.length === 0
      ? []
      : [allow(["dynamodb:Query"], ...summarised.map((arn) => pulumi.interpolate`${arn}/index/${OPEN_INDEX.name}`))]),
    allow(["dynamodb:GetItem"], on.control.arn),
    { ...allow(["dynamodb:PutItem"], on.control.arn), Condition: onlyItem(CHECKPOINT) },
    allow(["s3:GetObject"], on.overflow.objects),
    // Without it a body that is gone looks like one that may not be read.
    allow(["s3:ListBucket"], on.overflow.arn)
  ]
}
