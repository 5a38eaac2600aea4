import * as pulumi from "@pulumi/pulumi"
import { Table } from "./aws.ts"
import type { Tags } from "./stack.ts"
import { type TableOptions, tableOptions } from "./table-options.ts"

export interface ProjectionTableArgs extends TableOptions {
  /** Names the generation, so that a raised version is a new table beside the old one. */
  readonly tableName: string
  /** The partition key column, such as `agentId`. The sort key is `row`. */
  readonly key: string
  /**
   * Leave the table in AWS when it leaves the program: its readers may still be on it when the version is raised. It is not
   * protected otherwise, because a rebuild brings back every row.
   */
  readonly retain: boolean
  readonly tags: Tags
}

/** One generation of one projection. */
export class ProjectionTable extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: ProjectionTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:ProjectionTable", name, {}, opts)
    const table = new Table(
      name,
      {
        name: args.tableName,
        billingMode: "PAY_PER_REQUEST",
        hashKey: args.key,
        rangeKey: "row",
        attributes: [
          { name: args.key, type: "S" },
          { name: "row", type: "S" }
        ],
        ttl: { enabled: true, attributeName: "expiresAt" },
        ...tableOptions(args),
        tags: args.tags
      },
      { parent: this, retainOnDelete: args.retain }
    )
    this.name = table.name
    this.arn = table.arn
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}
