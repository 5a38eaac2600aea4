import * as pulumi from "@pulumi/pulumi"
import { DIRECTORY_INDEXES } from "../domain/directory.ts"
import { OPEN_INDEX } from "../domain/projection.ts"
import { readersKey } from "../domain/readers.ts"
import { WATERMARK_KEY } from "../domain/watermark.ts"
import { IamPolicy, type Tags } from "./aws.ts"
import type { ControlTable } from "./control-table.ts"
import { keyUse } from "./customer-key.ts"
import type { DirectoryTable } from "./directory-table.ts"
import { allow, document } from "./policy.ts"
import type { ProjectionTable } from "./projection-table.ts"

export interface ReadPolicyArgs {
  /** By generation. */
  readonly tables: Readonly<Record<string, ProjectionTable>>
  /** The generations whose tables have the index `open`. */
  readonly summarised: ReadonlyArray<string>
  readonly control: ControlTable
  readonly directory: DirectoryTable
  readonly kmsKey?: pulumi.Input<string>
  readonly tags: Tags
}

/**
 * What a service of yours may attach to its role to read the projections: by key, and one entity at a time; and of the control table
 * which generation to read and what has settled; and of the directory names by id, and pages of lists.
 */
export class ReadPolicy extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: ReadPolicyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:ReadPolicy", name, {}, opts)
    const tables = Object.values(args.tables).map(({ arn }) => arn)
    const indexes = args.summarised.map((one) => pulumi.interpolate`${args.tables[one]?.arn}/index/${OPEN_INDEX.name}`)
    const policy = new IamPolicy(
      name,
      {
        description: "Reads the projections of agents and queues",
        policy: document([
          // No scan: it reads everybody, and takes the throughput of those who ask for one.
          allow(["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"], ...tables),
          ...(indexes.length === 0 ? [] : [allow(["dynamodb:Query"], ...indexes)]),
          {
            ...allow(["dynamodb:BatchGetItem", "dynamodb:GetItem"], args.control.arn),
            Condition: {
              "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [readersKey("*"), WATERMARK_KEY] },
              Null: { "dynamodb:LeadingKeys": "false" }
            }
          },
          // By key and from the indexes alone: the table itself also holds who is gone.
          allow(["dynamodb:BatchGetItem", "dynamodb:GetItem"], args.directory.arn),
          allow(
            ["dynamodb:Query"],
            ...Object.keys(DIRECTORY_INDEXES).map((index) => pulumi.interpolate`${args.directory.arn}/index/${index}`)
          ),
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
