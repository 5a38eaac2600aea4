import * as pulumi from "@pulumi/pulumi"
import { readersKey } from "../domain/readers.ts"
import { Table, TableItem, type Tags } from "./aws.ts"

export interface ControlTableArgs {
  readonly tableName: string
  /** Deletion protection, point-in-time recovery, `protect` and `retainOnDelete`, as for the event store. */
  readonly protect: boolean
  /** The generation that readers of each projection use until another is promoted, by the name of the projection. */
  readonly readers: ReadonlyMap<string, string>
  readonly tags: Tags
}

/** What the stack remembers about its own running: a handful of items by `key`, such as `breaker/stream`. No event is in it. */
export class ControlTable extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: ControlTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:ControlTable", name, {}, opts)
    const table = new Table(
      name,
      {
        name: args.tableName,
        billingMode: "PAY_PER_REQUEST",
        hashKey: "key",
        attributes: [{ name: "key", type: "S" }],
        pointInTimeRecovery: { enabled: args.protect },
        deletionProtectionEnabled: args.protect,
        tags: args.tags
      },
      { parent: this, protect: args.protect, retainOnDelete: args.protect }
    )
    for (const [projection, generation] of args.readers)
      new TableItem(
        `${name}-readers-${projection}`,
        { tableName: table.name, hashKey: "key", item: pointer(projection, generation) },
        // Whoever promotes a generation writes the item, and no deployment may take that back.
        { parent: this, ignoreChanges: ["item"] }
      )
    this.name = table.name
    this.arn = table.arn
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}

/** As the operator's command writes it: the value as JSON beside the number of its writes. */
const pointer = (projection: string, generation: string): string =>
  JSON.stringify({
    key: { S: readersKey(projection) },
    value: { S: JSON.stringify({ generation }) },
    version: { N: "1" }
  })
