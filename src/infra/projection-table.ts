import * as pulumi from "@pulumi/pulumi"
import { Table, type Tags } from "./aws.ts"
import { RAISED_BY_TRAFFIC, type TableOptions, tableOptions } from "./table-options.ts"
import { type Shaped, tableShape } from "./table-shape.ts"

export interface ProjectionTableArgs extends TableOptions {
  /** Names the generation, so that a raised version is a new table beside the old one. */
  readonly tableName: string
  /** What its keys and its index are made from. */
  readonly projection: Shaped
  /**
   * Leave the table in AWS when it leaves the program: its readers may still be on it when the version is raised. It is not
   * protected otherwise, because a rebuild brings back every row.
   */
  readonly retain: boolean
  /** The table exists in AWS already, outside of the stack: take it in, and make none. */
  readonly adopt: boolean
  /** Whether what changes in it can be read from a stream, with old and new images. */
  readonly stream: boolean
  readonly tags: Tags
}

/** One generation of one projection. */
export class ProjectionTable extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
  /** Empty without a stream. */
  readonly streamArn: pulumi.Output<string>

  constructor(name: string, args: ProjectionTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:ProjectionTable", name, {}, opts)
    const table = new Table(
      name,
      {
        name: args.tableName,
        billingMode: "PAY_PER_REQUEST",
        ...tableShape(args.projection),
        ...(args.stream ? { streamEnabled: true, streamViewType: "NEW_AND_OLD_IMAGES" } : {}),
        ttl: { enabled: true, attributeName: "expiresAt" },
        ...tableOptions(args),
        tags: args.tags
      },
      {
        parent: this,
        retainOnDelete: args.retain,
        ignoreChanges: RAISED_BY_TRAFFIC,
        ...(args.adopt ? { import: args.tableName } : {})
      }
    )
    this.name = table.name
    this.arn = table.arn
    this.streamArn = args.stream ? table.streamArn : pulumi.output("")
    this.registerOutputs({ name: this.name, arn: this.arn, streamArn: this.streamArn })
  }
}
