import * as pulumi from "@pulumi/pulumi"
import { Table, type Tags } from "./aws.ts"
import { RAISED_BY_TRAFFIC, type TableOptions, tableOptions } from "./table-options.ts"

export interface EventTableArgs extends TableOptions {
  readonly tableName: string
  /** Deletion protection, point-in-time recovery, `protect` and `retainOnDelete`: each closes a hole that the others leave. */
  readonly protect: boolean
  /** Made before this table in a deployment that makes both: what is younger than this table has missed events. */
  readonly after?: pulumi.Resource
  /** What it deletes by is named while it is in use, not by the stack. */
  readonly windows: boolean
  /** The table that is used in the place of this one, which is made all the same. */
  readonly use?: string
  readonly tags: Tags
}

/** The immutable log: one item per event id, nothing else. No index, for it would double the cost of a write. */
export class EventTable extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: EventTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:EventTable", name, {}, opts)
    const table = new Table(
      name,
      {
        name: args.tableName,
        billingMode: "PAY_PER_REQUEST",
        hashKey: "id",
        attributes: [{ name: "id", type: "S" }],
        pointInTimeRecovery: { enabled: args.protect },
        deletionProtectionEnabled: args.protect,
        ...tableOptions(args),
        tags: args.tags
      },
      {
        parent: this,
        ignoreChanges: [...RAISED_BY_TRAFFIC, ...(args.windows ? ["ttl"] : [])],
        protect: args.protect,
        retainOnDelete: args.protect,
        ...(args.after === undefined ? {} : { dependsOn: [args.after] })
      }
    )
    const { use } = args
    this.name = use === undefined ? table.name : pulumi.output(use)
    this.arn = use === undefined ? table.arn : table.arn.apply((arn) => arn.replace(/\/[^/]*$/, `/${use}`))
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}
