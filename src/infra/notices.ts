import * as pulumi from "@pulumi/pulumi"
import { type Tags, Topic, TopicPolicy, TopicSubscription } from "./aws.ts"
import { noticesOf } from "./policy.ts"

export interface NoticesArgs {
  /** What the names of this stack's alarms begin with: only they may publish on behalf of CloudWatch. */
  readonly alarmPrefix: string
  /** Gets every notice, once its owner has confirmed the mail that AWS sends. Absent or empty: nobody is subscribed by the stack. */
  readonly email?: string
  /**
   * ARN of a customer key, whose policy must let `cloudwatch.amazonaws.com` use it (`kms:Decrypt`, `kms:GenerateDataKey*`). Absent:
   * SNS's own encryption, for alarms cannot use the key that AWS manages for SNS.
   */
  readonly kmsKey?: pulumi.Input<string>
  readonly protect: boolean
  readonly tags: Tags
}

/** Where alarms, and functions that have given something up, tell people. */
export class Notices extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: NoticesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:watch:Notices", name, {}, opts)
    const topic = new Topic(
      name,
      { ...(args.kmsKey === undefined ? {} : { kmsMasterKeyId: args.kmsKey }), tags: args.tags },
      // With the topic its confirmed subscriptions would go, and no alarm says that nobody hears it.
      { parent: this, protect: args.protect, retainOnDelete: args.protect }
    )
    new TopicPolicy(
      `${name}-policy`,
      { arn: topic.arn, policy: noticesOf(topic.arn, args.alarmPrefix) },
      { parent: this }
    )
    if (args.email)
      new TopicSubscription(
        `${name}-email`,
        { topic: topic.arn, protocol: "email", endpoint: args.email },
        { parent: this }
      )
    this.name = topic.name
    this.arn = topic.arn
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}
