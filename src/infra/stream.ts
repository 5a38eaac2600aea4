import * as pulumi from "@pulumi/pulumi"
import { KinesisStream, type Tags } from "./aws.ts"

export interface StreamArgs {
  /** Each takes 1 MB/s and 1,000 records/s. */
  readonly shards: number
  /** 24 to 8760. What append has not read by then is gone. */
  readonly retentionHours: number
  /** ARN of a customer key; absent: the one that AWS manages for Kinesis. */
  readonly kmsKey?: pulumi.Input<string>
  readonly protect: boolean
  readonly tags: Tags
}

/** The buffer between the bus and append: it makes batches, keeps order per topic name, and waits out an outage. */
export class Stream extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: StreamArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:ingest:Stream", name, {}, opts)
    const stream = new KinesisStream(
      name,
      {
        streamModeDetails: { streamMode: "PROVISIONED" },
        shardCount: args.shards,
        retentionPeriod: args.retentionHours,
        // An event of 1 MiB, the most that a bus takes, is a little more with its envelope.
        maxRecordSizeInKib: 2_048,
        encryptionType: "KMS",
        kmsKeyId: args.kmsKey ?? "alias/aws/kinesis",
        tags: args.tags
      },
      { parent: this, protect: args.protect, retainOnDelete: args.protect }
    )
    this.name = stream.name
    this.arn = stream.arn
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}
