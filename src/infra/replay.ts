import * as pulumi from "@pulumi/pulumi"
import type { StorageNeeds } from "../domain/projection.ts"
import { LogGroup, Role, RolePolicy, StateMachine, type Tags } from "./aws.ts"
import type { Bucket } from "./bucket.ts"
import type { ControlTable } from "./control-table.ts"
import { keyUse } from "./customer-key.ts"
import type { EventTable } from "./event-table.ts"
import { Lambda, type Placement, placementOf } from "./lambda.ts"
import { accountOf, allow, document, machineTrust, regionOf, type Statement } from "./policy.ts"
import type { ProjectionTable } from "./projection-table.ts"
import { replayDefinition } from "./replay-definition.ts"
import { rowStatements } from "./row-statements.ts"

/** What a replay reads and writes. */
export interface ReplayResources {
  readonly events: EventTable
  /** Bodies that are too large for an item. */
  readonly overflow: Bucket
  /** Exports of the event table, to be read instead of it. */
  readonly exports: Bucket
  /** Events that have left the table; absent where none do. */
  readonly archive?: Bucket
  /** Takes the events that a fold refuses, where they are parked. */
  readonly quarantine: Bucket
  /** Holds plans and checkpoints. */
  readonly control: ControlTable
  /** By generation. */
  readonly tables: Readonly<Record<string, ProjectionTable>>
  /** What their folds ask of them besides reading and writing rows by key. */
  readonly needs: StorageNeeds
}

export interface ReplayArgs extends ReplayResources, Omit<Placement, "schedule" | "reservedConcurrency"> {
  /** The name of the state machine. Given, because its role names it before it is there. */
  readonly machineName: string
  /** ARN of the customer key of tables and buckets; absent: keys of AWS. */
  readonly kmsKey?: pulumi.Input<string>
  readonly code: pulumi.Input<pulumi.asset.Archive>
  /** Functions that fold at once. */
  readonly concurrency: number
  /** Events that they may read, and rows that they may write, together. */
  readonly eventsPerSecond: number
  readonly rowsPerSecond: number
  readonly skewBoundSeconds: number
  readonly settleWindowSeconds: number
  readonly memoryMb: number
  readonly logRetentionDays: number
  readonly tags: Tags
}

/** As long as Lambda grants: fewer starts, and no more is done twice, for a segment has a checkpoint each minute. */
const TIMEOUT_SECONDS = 900

/** What a state machine needs to write its log. AWS lets nobody name what these touch. */
const DELIVER_LOGS = [
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:DescribeLogGroups",
  "logs:DescribeResourcePolicies",
  "logs:GetLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:UpdateLogDelivery"
]

/** Folds the event store into a generation, when it is told to. */
export class Replay extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
  readonly logGroup: pulumi.Output<string>
  readonly machineArn: pulumi.Output<string>

  constructor(name: string, args: ReplayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:function:Replay", name, {}, opts)
    const { concurrency, logRetentionDays, machineName, tags } = args
    const parent = { parent: this }
    const tableNames = Object.fromEntries(Object.entries(args.tables).map(([key, table]) => [key, table.name]))
    const fn = new Lambda(
      name,
      {
        description: "A segment of the event store into a generation",
        code: args.code,
        memoryMb: args.memoryMb,
        timeoutSeconds: TIMEOUT_SECONDS,
        environment: {
          ...(args.archive === undefined ? {} : { ARCHIVE_BUCKET: args.archive.name }),
          CONTROL_TABLE: args.control.name,
          EVENT_TABLE: args.events.name,
          EXPORTS_BUCKET: args.exports.name,
          OVERFLOW_BUCKET: args.overflow.name,
          PROJECTION_TABLES: pulumi.jsonStringify(tableNames),
          QUARANTINE_BUCKET: args.quarantine.name,
          REPLAY_CONCURRENCY: String(concurrency),
          REPLAY_EVENTS_PER_SECOND: String(args.eventsPerSecond),
          REPLAY_ROWS_PER_SECOND: String(args.rowsPerSecond),
          SETTLE_WINDOW_SECONDS: String(args.settleWindowSeconds),
          SKEW_BOUND_SECONDS: String(args.skewBoundSeconds)
        },
        statements: [
          ...replayStatements(args),
          ...keyUse(args.kmsKey, ["kms:Decrypt", "kms:GenerateDataKey"], ["dynamodb", "s3"])
        ],
        ...placementOf(args),
        logRetentionDays,
        tags
      },
      parent
    )
    const machine = fn.arn.apply((arn) => machineArn(arn, machineName))
    // A name of this form spares AWS a policy of the account that has no room for many.
    const logs = new LogGroup(
      `${name}-machine-logs`,
      { name: `/aws/vendedlogs/states/${machineName}`, retentionInDays: logRetentionDays, tags },
      parent
    )
    const role = new Role(`${name}-machine-role`, { assumeRolePolicy: machineTrust(machine), tags }, parent)
    const rights = new RolePolicy(
      `${name}-machine-policy`,
      { role: role.name, policy: document(machineStatements(fn.arn, machine)) },
      parent
    )
    const stateMachine = new StateMachine(
      `${name}-machine`,
      {
        name: machineName,
        type: "STANDARD",
        roleArn: role.arn,
        definition: pulumi.jsonStringify(
          fn.arn.apply((arn) => replayDefinition({ fn: arn, timeoutSeconds: TIMEOUT_SECONDS, concurrency }))
        ),
        // Not under the customer key: ids and numbers are in an execution, never an event.
        encryptionConfiguration: { type: "AWS_OWNED_KEY" },
        loggingConfiguration: {
          level: "ERROR",
          includeExecutionData: false,
          logDestination: pulumi.interpolate`${logs.arn}:*`
        },
        tags
      },
      // AWS checks the right to write the log when the machine is made.
      { parent: this, dependsOn: [rights] }
    )
    this.name = fn.name
    this.arn = fn.arn
    this.logGroup = fn.logGroup
    this.machineArn = stateMachine.arn
    this.registerOutputs({ name: this.name, arn: this.arn, machineArn: this.machineArn })
  }
}

const machineArn = (fn: string, name: string): string =>
  [...fn.split(":").slice(0, 2), "states", regionOf(fn), accountOf(fn), "stateMachine", name].join(":")

/** The rights of the function: it reads all events, and writes rows as project does. */
export const replayStatements = (on: ReplayResources): ReadonlyArray<Statement> => [
  allow(["dynamodb:Scan"], on.events.arn),
  allow(["dynamodb:GetItem", "dynamodb:PutItem"], on.control.arn),
  ...rowStatements(on.tables, on.needs),
  allow(["s3:GetObject"], on.overflow.objects, on.exports.objects, ...(on.archive ? [on.archive.objects] : [])),
  // Without it a body that is gone looks like one that may not be read.
  allow(["s3:ListBucket"], on.overflow.arn, ...(on.archive ? [on.archive.arn] : [])),
  allow(["s3:PutObject"], on.quarantine.objects)
]

/** The rights of the state machine: its function, the executions that its map is made of, and its log. */
const machineStatements = (fn: pulumi.Output<string>, machine: pulumi.Output<string>): ReadonlyArray<Statement> => [
  allow(["lambda:InvokeFunction"], fn),
  allow(["states:StartExecution"], machine),
  allow(
    ["states:DescribeExecution", "states:StopExecution"],
    machine.apply((arn) => `${arn.replace(":stateMachine:", ":execution:")}:*`)
  ),
  allow(DELIVER_LOGS, "*")
]
