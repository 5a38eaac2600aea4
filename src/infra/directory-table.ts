import * as pulumi from "@pulumi/pulumi"
import { DIRECTORY_INDEXES, LISTED } from "../domain/directory.ts"
import { Table, type Tags } from "./aws.ts"
import { RAISED_BY_TRAFFIC } from "./table-options.ts"

export interface DirectoryTableArgs {
  readonly tableName: string
  /** ARN of a customer key; absent: a key that AWS owns. */
  readonly kmsKey?: pulumi.Input<string>
  readonly tags: Tags
}

const keys = ["kind", "id", ...Object.values(DIRECTORY_INDEXES).map(({ key }) => key), LISTED]

/**
 * What the organisation calls its agents, queues, wrap-up codes, presences, divisions and teams, by `kind` and `id`; and an index each by
 * name, division and team. Every stack has one: it costs nothing while it is empty, and what may read it need not change when it is filled.
 *
 * It is never protected, retained nor backed up. A sweep of the Genesys Cloud API fills it again, and a backup would keep the name of
 * somebody for weeks after it was removed.
 */
export class DirectoryTable extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: DirectoryTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:DirectoryTable", name, {}, opts)
    const table = new Table(
      name,
      {
        name: args.tableName,
        billingMode: "PAY_PER_REQUEST",
        hashKey: "kind",
        rangeKey: "id",
        attributes: [...new Set(keys)].map((key) => ({ name: key, type: "S" })),
        globalSecondaryIndexes: Object.entries(DIRECTORY_INDEXES).map(([index, { key, holds }]) => ({
          name: index,
          hashKey: key,
          rangeKey: LISTED,
          projectionType: "INCLUDE",
          nonKeyAttributes: [...holds]
        })),
        ttl: { enabled: true, attributeName: "expiresAt" },
        ...(args.kmsKey === undefined ? {} : { serverSideEncryption: { enabled: true, kmsKeyArn: args.kmsKey } }),
        tags: args.tags
      },
      { parent: this, ignoreChanges: RAISED_BY_TRAFFIC }
    )
    this.name = table.name
    this.arn = table.arn
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}
