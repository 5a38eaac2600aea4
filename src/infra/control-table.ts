import * as pulumi from "@pulumi/pulumi"
import { Table } from "./aws.ts"
import type { Tags } from "./stack.ts"

export interface ControlTableArgs {
  readonly tableName: string
  /** Deletion protection, point-in-time recovery, `protect` and `retainOnDelete`, as for the event store. */
  readonly protect: boolean
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
    this.name = table.name
    this.arn = table.arn
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}
