import * as pulumi from "@pulumi/pulumi"
import { Queue, QueuePolicy, type Tags } from "./aws.ts"
import { queueEncryption } from "./dead-letters.ts"
import { tlsOnlyQueue } from "./policy.ts"

export interface SettleQueueArgs {
  /** Seconds that a received message stays hidden: at least six times the consumer's timeout and its batch window. */
  readonly visibilitySeconds: number
  /** Days that a message waits for project. */
  readonly retentionDays: number
  /** Receives before a message goes to the dead letters. */
  readonly maxReceives: number
  /** Days, counted from the first send: longer than `retentionDays`, or nothing would be left to look at. */
  readonly dlqRetentionDays: number
  /** ARN of a customer key; absent: SQS's own. */
  readonly kmsKey?: pulumi.Input<string>
  readonly tags: Tags
}

/** Deltas on their way from append to project, each message delayed until it is due. */
export class SettleQueue extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
  readonly dlqUrl: pulumi.Output<string>
  readonly dlqArn: pulumi.Output<string>

  constructor(name: string, args: SettleQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:SettleQueue", name, {}, opts)
    const dlq = new Queue(
      `${name}-dlq`,
      { messageRetentionSeconds: args.dlqRetentionDays * 86_400, ...queueEncryption(args.kmsKey), tags: args.tags },
      { parent: this }
    )
    const queue = new Queue(
      name,
      {
        visibilityTimeoutSeconds: args.visibilitySeconds,
        messageRetentionSeconds: args.retentionDays * 86_400,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: dlq.arn, maxReceiveCount: args.maxReceives }),
        ...queueEncryption(args.kmsKey),
        tags: args.tags
      },
      { parent: this }
    )
    for (const [logical, of] of [
      [name, queue],
      [`${name}-dlq`, dlq]
    ] as const)
      new QueuePolicy(`${logical}-policy`, { queueUrl: of.url, policy: tlsOnlyQueue(of.arn) }, { parent: this })
    this.url = queue.url
    this.arn = queue.arn
    this.dlqUrl = dlq.url
    this.dlqArn = dlq.arn
    this.registerOutputs({ url: this.url, arn: this.arn, dlqUrl: this.dlqUrl, dlqArn: this.dlqArn })
  }
}
