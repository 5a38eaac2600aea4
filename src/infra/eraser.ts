import * as pulumi from "@pulumi/pulumi"
import { OPEN_INDEX } from "../domain/projection.ts"
import { Role, RolePolicy, type Tags } from "./aws.ts"
import type { Bucket } from "./bucket.ts"
import type { ControlTable } from "./control-table.ts"
import { keyUse } from "./customer-key.ts"
import type { DirectoryTable } from "./directory-table.ts"
import type { EntityTable } from "./entity-table.ts"
import type { EventTable } from "./event-table.ts"
import type { Feed } from "./feed.ts"
import { allow, document, onlyItems, people, type Statement } from "./policy.ts"
import type { ProjectionTable } from "./projection-table.ts"
import type { SettleQueue } from "./settle-queue.ts"
import type { Stream } from "./stream.ts"

/** Everything that may name a person. */
export interface EraserResources {
  readonly events: EventTable
  readonly entities?: EntityTable
  readonly directory: DirectoryTable
  /** By generation. */
  readonly tables: Readonly<Record<string, ProjectionTable>>
  /** Generations whose row `state` is a summary, and those of which open rows are read by an index. */
  readonly needs: { readonly summarised: ReadonlyArray<string>; readonly indexed: ReadonlyArray<string> }
  readonly overflow: Bucket
  readonly quarantine: Bucket
  readonly failures: Bucket
  readonly exports: Bucket
  /** Events that have left the table; absent where none do. */
  readonly archive?: Bucket
  /** It says which generations are retired: nothing follows from their rows; and where the archiver is. */
  readonly control: ControlTable
  readonly feed: Feed
  readonly settle: SettleQueue
  readonly stream: Stream
}

export interface EraserArgs extends EraserResources {
  /** ARNs of the roles and users that may take the role. */
  readonly erasers: ReadonlyArray<string>
  readonly kmsKey?: pulumi.Input<string>
  readonly tags: Tags
}

/** The role of people who erase a person, which no service can take: `npx projections erase` does, for those who are named. */
export class Eraser extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: EraserArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:people:Eraser", name, {}, opts)
    const role = new Role(
      `${name}-role`,
      {
        assumeRolePolicy: people(args.erasers),
        description: "Erases a person, by npx projections erase",
        tags: args.tags
      },
      { parent: this }
    )
    new RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        policy: document([
          ...eraserStatements(args),
          ...keyUse(args.kmsKey, ["kms:Decrypt", "kms:GenerateDataKey"], ["dynamodb", "kinesis", "s3", "sqs"])
        ])
      },
      { parent: this }
    )
    this.arn = role.arn
    this.registerOutputs({ arn: this.arn })
  }
}

/** The rights of the eraser: the only ones in a stack to overwrite an event, and to delete a row, an entry, a body or what is held. */
export const eraserStatements = (on: EraserResources): ReadonlyArray<Statement> => {
  const tables = Object.values(on.tables).map(({ arn }) => arn)
  const arnsOf = (generations: ReadonlyArray<string>) => generations.flatMap((one) => on.tables[one]?.arn ?? [])
  const [summarised, indexed] = [arnsOf(on.needs.summarised), arnsOf(on.needs.indexed)]
  const archive = on.archive === undefined ? [] : [on.archive]
  const buckets = [on.overflow, on.quarantine, on.failures, on.exports, ...archive]
  return [
    allow(["dynamodb:DescribeTable", "dynamodb:Scan", "dynamodb:BatchGetItem", "dynamodb:PutItem"], on.events.arn),
    allow(
      [
        "dynamodb:DescribeTable",
        "dynamodb:Scan",
        "dynamodb:Query",
        "dynamodb:BatchGetItem",
        "dynamodb:PartiQLUpdate",
        "dynamodb:DeleteItem"
      ],
      ...tables
    ),
    ...(summarised.length === 0 ? [] : [allow(["dynamodb:UpdateItem"], ...summarised)]),
    ...(indexed.length === 0
      ? []
      : [allow(["dynamodb:Query"], ...indexed.map((arn) => pulumi.interpolate`${arn}/index/${OPEN_INDEX.name}`))]),
    ...(on.entities === undefined ? [] : [allow(["dynamodb:Query", "dynamodb:DeleteItem"], on.entities.arn)]),
    allow(["dynamodb:BatchGetItem", "dynamodb:DeleteItem"], on.directory.arn),
    allow(["dynamodb:Query"], pulumi.interpolate`${on.directory.arn}/index/byName`),
    allow(["dynamodb:GetItem"], on.control.arn),
    // It tells the archiver to read anew what it has not written yet.
    ...archive.map(() => ({
      ...allow(["dynamodb:PutItem"], on.control.arn),
      Condition: onlyItems(["archive/erasures"])
    })),
    allow(["s3:ListBucket"], ...buckets.map(({ arn }) => arn)),
    allow(["s3:ListBucketVersions"], ...buckets.map(({ arn }) => arn)),
    allow(["s3:DeleteObjectVersion"], ...buckets.map(({ objects }) => objects)),
    allow(
      ["s3:GetObject", "s3:PutObject"],
      ...[on.overflow, on.quarantine, on.failures, ...archive].map(({ objects }) => objects)
    ),
    // What objects of the archive were before they were written over.
    ...archive.map(({ objects }) => allow(["s3:GetObjectVersion"], objects)),
    // What it notes of a request until that is over.
    allow(["s3:DeleteObject"], pulumi.interpolate`${on.quarantine.arn}/erasures/*`),
    allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"], on.feed.dlqArn, on.settle.dlqArn),
    allow(["sqs:SendMessage"], on.settle.arn),
    allow(["kinesis:PutRecords"], on.stream.arn)
  ]
}
