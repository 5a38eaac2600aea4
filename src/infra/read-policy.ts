import * as pulumi from "@pulumi/pulumi"
import { IamPolicy } from "./aws.ts"
import { keyUse } from "./customer-key.ts"
import { allow, document } from "./policy.ts"
import type { ProjectionTable } from "./projection-table.ts"
import type { Tags } from "./stack.ts"

export interface ReadPolicyArgs {
  readonly tables: ReadonlyArray<ProjectionTable>
  readonly kmsKey?: pulumi.Input<string>
  readonly tags: Tags
}

/** What a service of yours may attach to its role to read the projections: by key, and one entity at a time. */
export class ReadPolicy extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: ReadPolicyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:ReadPolicy", name, {}, opts)
    const policy = new IamPolicy(
      name,
      {
        description: "Reads the projections of agents and queues",
        policy: document([
          // No scan: it reads everybody, and takes the throughput of those who ask for one.
          allow(["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"], ...args.tables.map(({ arn }) => arn)),
          ...keyUse(args.kmsKey, ["kms:Decrypt"], ["dynamodb"])
        ]),
        tags: args.tags
      },
      { parent: this }
    )
    this.arn = policy.arn
    this.registerOutputs({ arn: this.arn })
  }
}
