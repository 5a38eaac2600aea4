import * as pulumi from "@pulumi/pulumi"
import { Table, type Tags } from "./aws.ts"
import { RAISED_BY_TRAFFIC, type TableOptions, tableOptions } from "./table-options.ts"

export interface EntityTableArgs extends TableOptions {
  readonly tableName: string
  readonly tags: Tags
}

/**
 * The index by entity: `entity` is a projection's name and an id, `at` an arrival and an event id, and there is nothing else. A table and
 * no index on the event store, for an event is about several entities and only the folds know which.
 *
 * It is never protected nor retained: the event store holds all that it tells, and one that was fed for a while, left alone and fed again
 * would have a gap that nobody sees. What is made anew says by its age from when on it knows.
 */
export class EntityTable extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
  readonly table: pulumi.Resource

  constructor(name: string, args: EntityTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:EntityTable", name, {}, opts)
    const table = new Table(
      name,
      {
        name: args.tableName,
        billingMode: "PAY_PER_REQUEST",
        hashKey: "entity",
        rangeKey: "at",
        attributes: [
          { name: "entity", type: "S" },
          { name: "at", type: "S" }
        ],
        ...tableOptions(args),
        tags: args.tags
      },
      { parent: this, ignoreChanges: RAISED_BY_TRAFFIC }
    )
    this.table = table
    this.name = table.name
    this.arn = table.arn
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}
