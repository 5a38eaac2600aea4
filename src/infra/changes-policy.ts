import * as pulumi from "@pulumi/pulumi"
import { readersKey } from "../domain/readers.ts"
import { IamPolicy, type Tags } from "./aws.ts"
import type { ControlTable } from "./control-table.ts"
import { keyUse } from "./customer-key.ts"
import { allow, document } from "./policy.ts"
import type { ProjectionTable } from "./projection-table.ts"

export interface ChangesPolicyArgs {
  /** Those with a stream. */
  readonly tables: ReadonlyArray<ProjectionTable>
  readonly control: ControlTable
  readonly kmsKey?: pulumi.Input<string>
  readonly tags: Tags
}

/**
 * What a function of yours that is told of changes attaches to its role: to read the streams of the projection tables, and of the control
 * table which generation readers use. It reads no table.
 */
export class ChangesPolicy extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: ChangesPolicyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:ChangesPolicy", name, {}, opts)
    const policy = new IamPolicy(
      name,
      {
        description: "Reads what changes in the projections",
        policy: document([
          allow(
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            ...args.tables.map(({ streamArn }) => streamArn)
          ),
          // Lambda lists streams before it reads one of them. AWS lets nobody say which.
          allow(["dynamodb:ListStreams"], "*"),
          {
            ...allow(["dynamodb:GetItem"], args.control.arn),
            Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [readersKey("*")] } }
          },
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
