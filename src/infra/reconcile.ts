import * as pulumi from "@pulumi/pulumi"
import { OPEN_INDEX } from "../domain/projection.ts"
import type { Tags } from "./aws.ts"
import type { ControlTable } from "./control-table.ts"
import { keyUse } from "./customer-key.ts"
import { type Placement, placementOf } from "./lambda.ts"
import { accountOf, allow, onlyItems, regionOf, type Statement } from "./policy.ts"
import type { Stream } from "./stream.ts"
import { Ticked } from "./ticked.ts"

interface TableRef {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
}

/** What reconcile reads and writes. */
export interface ReconcileResources {
  readonly stream: Stream
  /** Holds the checkpoint of a sweep, and says which generations readers use. */
  readonly control: ControlTable
  readonly directory: TableRef
  /** By generation. */
  readonly tables: Readonly<Record<string, TableRef>>
  /** Name or ARN of the secret with the OAuth client of Genesys Cloud. */
  readonly secret: string
}

export interface ReconcileArgs
  extends ReconcileResources,
    Omit<Placement, "schedule" | "network" | "reservedConcurrency"> {
  /** ARN of the customer key of stream and tables; absent: keys of AWS. */
  readonly kmsKey?: pulumi.Input<string>
  readonly code: pulumi.Input<pulumi.asset.Archive>
  /** The domain of the organisation's region. */
  readonly domain: string
  readonly requestsPerMinute: number
  /** When sweeps begin, as a rate or cron expression; empty: when somebody asks for one. */
  readonly begins: string
  /** What the directory keeps, and of which divisions; none: of all. */
  readonly holds: string
  readonly divisions: ReadonlyArray<string>
  readonly dlqRetentionDays: number
  readonly logRetentionDays: number
  readonly tags: Tags
}

/** How soon a sweep begins that somebody asked for, or goes on that an invocation could not end. It also sends how old the last whole one is. */
const TICK = "rate(1 minute)"

/** The longest that Lambda grants: most of the time goes by waiting for a turn at the API. */
const TIMEOUT_SECONDS = 900

/** MiB. A sweep waits nearly all of the time, and Lambda bills memory for waiting as well. */
const MEMORY_MB = 512

/**
 * Sweeps of the Genesys Cloud API. One runs at a time by the lease in the checkpoint, not by a reserved concurrency that others would lack.
 * Outside of any VPC: the API is in the internet, and the functions in a VPC have no
 * way there.
 */
export class Reconcile extends Ticked {
  constructor(name: string, args: ReconcileArgs, opts?: pulumi.ComponentResourceOptions) {
    const { begins, code, logRetentionDays, dlqRetentionDays, tags } = args
    const tableNames = Object.fromEntries(Object.entries(args.tables).map(([key, table]) => [key, table.name]))
    const [tick, start] = [`${name}-tick`, `${name}-start`]
    super(
      "Reconcile",
      name,
      {
        description: "What the Genesys Cloud API says, compared with the projections",
        memoryMb: MEMORY_MB,
        timeoutSeconds: TIMEOUT_SECONDS,
        environment: ({ [start]: rule }) => ({
          CONTROL_TABLE: args.control.name,
          DIRECTORY_HOLDS: args.holds,
          DIRECTORY_TABLE: args.directory.name,
          DIVISIONS: args.divisions.join(","),
          GENESYS_CLIENT: args.secret,
          GENESYS_DOMAIN: args.domain,
          PROJECTION_TABLES: pulumi.jsonStringify(tableNames),
          REQUESTS_PER_MINUTE: String(args.requestsPerMinute),
          STREAM_NAME: args.stream.name,
          ...(rule === undefined ? {} : { START_RULE: rule.name })
        }),
        statements: [
          ...reconcileStatements(args),
          ...keyUse(args.kmsKey, ["kms:Decrypt", "kms:GenerateDataKey"], ["dynamodb", "kinesis"])
        ],
        targetId: "reconcile",
        schedules: {
          [tick]: {
            description: "When a sweep goes on that has not ended, or begins that somebody wants",
            expression: TICK
          },
          ...(begins === "" ? {} : { [start]: { description: "When a sweep begins", expression: begins } })
        },
        ...placementOf(args),
        ...{ code, logRetentionDays, dlqRetentionDays, tags }
      },
      opts
    )
  }
}

/** The keys of the items of the control table that are the function's: the checkpoint, and what it keeps beside it. */
const OWN_ITEMS = ["reconcile", "reconcile/*"]

/** The ARN of a secret; of one that is given by its name all that have the name, for AWS ends the ARN in six letters of its own. */
const secretArn = (secret: string, beside: pulumi.Output<string>): pulumi.Input<string> =>
  secret.startsWith("arn:")
    ? secret
    : beside.apply((arn) => `arn:aws:secretsmanager:${regionOf(arn)}:${accountOf(arn)}:secret:${secret}-??????`)

/** Generations whose rows a sweep looks at. */
const COMPARED = /^(agents|queues)-v\d+$/

/** The rights of reconcile: it reads rows and writes none, for what it learns takes the way of every event. */
export const reconcileStatements = (on: ReconcileResources): ReadonlyArray<Statement> => {
  const rows = Object.entries(on.tables).flatMap(([name, { arn }]) => (COMPARED.test(name) ? [arn] : []))
  const { arn: directory } = on.directory
  return [
    ...(rows.length === 0
      ? []
      : [
          allow(["dynamodb:BatchGetItem"], ...rows),
          allow(["dynamodb:Query"], ...rows.map((arn) => pulumi.interpolate`${arn}/index/${OPEN_INDEX.name}`))
        ]),
    allow(["dynamodb:GetItem"], on.control.arn),
    { ...allow(["dynamodb:PutItem"], on.control.arn), Condition: onlyItems(OWN_ITEMS) },
    allow(
      ["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      directory
    ),
    allow(["dynamodb:Query"], pulumi.interpolate`${directory}/index/byName`),
    allow(["kinesis:PutRecords"], on.stream.arn),
    allow(["secretsmanager:GetSecretValue"], secretArn(on.secret, on.control.arn))
  ]
}
