import * as pulumi from "@pulumi/pulumi"
import { keyUse } from "./customer-key.ts"
import { type DeliveryArgs, delivery } from "./delivery.ts"
import { allow } from "./policy.ts"

export interface FeedArgs extends DeliveryArgs {
  /** ARN of the Kinesis stream, which has the same customer key. */
  readonly stream: pulumi.Input<string>
}

/** From the bus to the stream: which events, in which order, and where those go that cannot be delivered. */
export class Feed extends pulumi.ComponentResource {
  readonly ruleName: pulumi.Output<string>
  readonly ruleArn: pulumi.Output<string>
  readonly dlqUrl: pulumi.Output<string>
  readonly dlqArn: pulumi.Output<string>

  constructor(name: string, args: FeedArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:ingest:Feed", name, {}, opts)
    const { kmsKey, stream } = args
    const to = {
      description: "Genesys Cloud events that are stored and folded",
      targetId: "stream",
      arn: stream,
      // Without a path the key is the event id, and events of one agent would have no order at all.
      kinesisTarget: { partitionKeyPath: "$.detail.topicName" },
      statements: [allow(["kinesis:PutRecord"], stream), ...keyUse(kmsKey, ["kms:GenerateDataKey"], ["kinesis"])]
    }
    const { rule, queue } = delivery(name, args, to, this)
    this.ruleName = rule.name
    this.ruleArn = rule.arn
    this.dlqUrl = queue.url
    this.dlqArn = queue.arn
    this.registerOutputs({ ruleName: this.ruleName, ruleArn: this.ruleArn, dlqUrl: this.dlqUrl, dlqArn: this.dlqArn })
  }
}
